import itertools

import numpy as np
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


# What is left of linear RGB for two kinds of colour-blind eyes (Viénot, Brettel and Mollon 1999), and for others.
EYES = {
    "most": np.eye(3),
    "protanope": np.array([[0.112382, 0.887618, 0], [0.112382, 0.887618, 0], [0.004004, -0.004004, 1]]),
    "deuteranope": np.array([[0.292750, 0.707250, 0], [0.292750, 0.707250, 0], [-0.022336, 0.022336, 1]]),
}
XYZ = np.array(
    [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750], [0.0193339, 0.1191920, 0.9503041]]
)


def lab(hexadecimal: str, eyes: str) -> np.ndarray:
    """CIE L*a*b* (D65) of the colour as these eyes see it."""
    v = np.array(rgb(hexadecimal)) / 255
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    x, y, z = np.cbrt(XYZ @ EYES[eyes] @ linear / np.array([0.95047, 1, 1.08883]))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


def test_lab_of_white_and_of_red() -> None:
    assert lab("#ffffff", "most") == pytest.approx([100, 0, 0], abs=0.02)
    assert lab("#ff0000", "most") == pytest.approx([53.24, 80.09, 67.20], abs=0.02)


@pytest.mark.parametrize("eyes", EYES)
@pytest.mark.parametrize("theme", ["dark", "light"])
@pytest.mark.parametrize("quantity", QUANTITIES)
def test_three_curves_of_one_quantity_are_told_apart_by_their_colours(
    quantity: Quantity, theme: Theme, eyes: str
) -> None:
    """A distance of 20 in L*a*b* is far beyond what is just noticed (2.3), as thin lines need it."""
    seen = [lab(variant(quantity, theme, index), eyes) for index in range(3)]
    for one, other in itertools.combinations(seen, 2):
        assert np.linalg.norm(one - other) >= 20


def test_mix() -> None:
    assert mix("#000000", "#ffffff", 0) == "#000000"
    assert mix("#000000", "#ffffff", 1) == "#ffffff"
    assert mix("#000000", "#c86400", 0.5) == "#643200"
