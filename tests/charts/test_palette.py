import itertools

import pytest

from tutor.charts.palette import QUANTITIES, Quantity, Theme, colour, ink, mix, rgb, variant


def luminance(hexadecimal: str) -> float:
    """Relative luminance, WCAG 2.2."""
    linear = [
        c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4
        for c in (v / 255 for v in rgb(hexadecimal))
    ]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def contrast(first: str, second: str) -> float:
    dark, light = sorted((luminance(first), luminance(second)))
    return (light + 0.05) / (dark + 0.05)


GROUNDS: tuple[tuple[Theme, str], ...] = (("dark", "#111111"), ("light", "#ffffff"))


def test_contrast_of_black_on_white_is_21() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize(("theme", "ground"), GROUNDS)
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_every_colour_can_be_read(quantity: Quantity, theme: Theme, ground: str) -> None:
    assert contrast(colour(quantity, theme), ground) >= 4.5
    assert all(contrast(variant(quantity, theme, index), ground) >= 4.5 for index in range(3))


@pytest.mark.parametrize(("theme", "ground"), GROUNDS)
def test_labels_can_be_read(theme: Theme, ground: str) -> None:
    assert ink("ground", theme) == ground
    assert contrast(ink("text", theme), ground) >= 7
    assert contrast(ink("muted", theme), ground) >= 4.5


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_no_two_quantities_share_a_colour(theme: Theme) -> None:
    distances = [
        sum(abs(a - b) for a, b in zip(rgb(colour(one, theme)), rgb(colour(other, theme)), strict=True))
        for one, other in itertools.combinations(QUANTITIES, 2)
    ]
    assert min(distances) >= 40


def test_mix() -> None:
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#ffffff", 1) == "#ffffff"
    assert mix("#000000", "#c86400", 0.5) == "#643200"
