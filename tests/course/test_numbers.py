"""Numbers as people type them."""

import pytest

from tutor.course import parse_number


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("-1/3", -1 / 3),
        ("0.9^2*5", 4.05),
        ("1e-3", 0.001),
        ("1E3", 1000),
        ("0,5", 0.5),
        (",5", 0.5),
        ("-0,25 / 2", -0.125),
        ("1,5e3", 1500),
        (" 2 ", 2),
        ("−1/3", -1 / 3),
        ("–2", -2),
        ("2 × 3", 6),
        ("2·3", 6),
        ("6 ÷ 4", 1.5),
        ("3⁄4", 0.75),
        ("15%", 0.15),
        ("12,5 %", 0.125),
        ("-15%", -0.15),
        ("10/5%", 200),
        ("0.9²", 0.81),
        ("10⁻³", 0.001),
        ("max(1,2)", 2),
        ("clip(1.67, 0.8, 1.2)", 1.2),
        ("sqrt(2)^2", 2),
        ("e/(e+1)", 0.731058578630005),
        ("2*pi", 6.283185307179586),
        ("e^-1", 0.36787944117144233),
        ("exp(1) - e", 0),
        ("１２", 12),
        ("(1,5)", 1.5),
        ("1\u00a0+\u202f1", 2),
    ],
)
def test_understood(text: str, value: float) -> None:
    assert parse_number(text) == pytest.approx(value, rel=1e-12)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "Type a number"),
        ("   ", "Type a number"),
        ("nan", "not a number"),
        ("inf", "not a number"),
        ("-Infinity", "not a number"),
        ("∞", "not a number"),
        ("about a third", "could not be read"),
        ("gamma", "'gamma' is not a number"),
        ("1,234.5", "between thousands"),
        ("1.234,5", "between thousands"),
        ("1,2,3", "between thousands"),
        ("1/0", "division by zero"),
        ("10^400", "too large"),
        ("9^9^9", "the exponent"),
        ("1 2", "could not be read"),
        ("½", "could not be read"),
        ('metric("a", "b", 0)', "could not be read"),
        ("1 < 2", "could not be read"),
    ],
)
def test_refused_with_a_message_for_the_learner(text: str, words: str) -> None:
    with pytest.raises(ValueError, match=r"\.$") as caught:
        parse_number(text)
    assert words in str(caught.value)
    assert str(caught.value)[0].isupper()
