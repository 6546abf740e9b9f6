"""The number a learner typed, in the ways people type numbers."""

import math
import re

from tutor.course.expressions import ExpressionError, evaluate

A_NUMBER = "a number or a sum, such as 3/4 + .5"
_CONSTANTS = {"e": repr(math.e), "pi": repr(math.pi), "π": repr(math.pi)}
_CONSTANT = re.compile(r"(?<![\w.])(?:e|pi|π)(?![\w.(])")
_SAME: dict[int | str, str] = {
    **dict.fromkeys("−–—‐‑‒﹣－", "-"),
    **dict.fromkeys("×·⋅∙∗•", "*"),
    **dict.fromkeys("÷∕⁄", "/"),
    **dict.fromkeys("\u00a0\u2007\u2009\u202f", " "),
    **{chr(0xFF10 + digit): str(digit) for digit in range(10)},
    "＋": "+",
    "％": "%",
    "^": "**",
}
_SIGNS = str.maketrans(_SAME)
_SUPERSCRIPT = re.compile("([⁺⁻]?[⁰¹²³⁴⁵⁶⁷⁸⁹]+)")
_SUPERSCRIPT_DIGITS = str.maketrans("⁺⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "+-0123456789")
_FUNCTION_CALL = re.compile(r"[A-Za-z]\s*\(")
_PERCENT = re.compile(r"(\d[\d.]*(?:[eE][-+]?\d+)?|\.\d+)\s*%")


def parse_number(text: str) -> float:
    """The finite number that `text` stands for: `-1/3`, `0.9^2*5`, `1e-3`, `0,5`, `−2 × 3`, `15%`, `sqrt(2)`, `2*pi`.

    A comma is a decimal sign unless a function is called, where it separates arguments.
    Raises ValueError with a message for the learner.
    """
    source = _SUPERSCRIPT.sub(
        lambda m: f"**({m[1].translate(_SUPERSCRIPT_DIGITS)})", text.strip().translate(_SIGNS)
    )
    if not source:
        raise ExpressionError(f"Type {A_NUMBER}.")
    if not _FUNCTION_CALL.search(source):
        if re.search(r"\d,\d+[.,]|\d\.\d+,", source):
            raise ExpressionError("Leave out the signs between thousands: type 1234.5 or 1234,5.")
        source = source.replace(",", ".")
    source = _PERCENT.sub(r"(\1/100)", _CONSTANT.sub(lambda m: _CONSTANTS[m[0]], source))
    if re.fullmatch(r"[-+]?\s*(nan|inf|infinity|∞)", source, re.IGNORECASE):
        raise ExpressionError("That is not a number one can compare; type a finite one, such as 0.25.")
    try:
        return evaluate(source)
    except ExpressionError as error:
        raise ExpressionError(f"This could not be read as a number: {error}.") from None
