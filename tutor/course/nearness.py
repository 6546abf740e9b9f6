"""How near a number is to the answer, what is said about it, and numbers as text."""

import math

CLOSE = 0.05  # of the answer: a miss by less is told to be one


def near(value: float, answer: float, tolerance: float) -> bool:
    """Whether `value` is right: inclusive, and forgiving about the last binary digits of both."""
    return abs(value - answer) <= tolerance + 1e-9 * max(abs(answer), tolerance) + 1e-12


def miss(value: float, answer: float, tolerance: float) -> str:
    """What helps somebody who missed, without giving the answer away; "" when nothing does."""
    if answer != 0.0 and near(-value, answer, tolerance):
        return "Right size; look at the sign."
    if near(value, answer, CLOSE * abs(answer)):
        asked = f"not within ±{number_text(tolerance)}" if tolerance else "the exact number is asked for"
        return f"Near, but {asked}."
    return ""


def within(tolerance: float) -> str:
    """The tolerance as a sentence."""
    if tolerance == 0:
        return "The exact number is asked for."
    return f"Tolerance ±{number_text(tolerance)}."


def number_text(value: float, tolerance: float = 0.0) -> str:
    """A number for people: three significant digits or what the tolerance needs, whole numbers whole, a real minus."""
    if value == int(value) and abs(value) < 1e15:
        return f"{int(value)}".replace("-", "−")
    needed = math.ceil(math.log10(abs(value) / tolerance)) if tolerance and abs(value) > tolerance else 0
    whole = math.floor(math.log10(abs(value))) + 2 if 1 <= abs(value) < 1e6 else 0
    return f"{value:.{min(15, max(3, needed, whole))}g}".replace("-", "−")
