"""The operators and functions of expressions: on finite floats, giving finite floats or an `ExpressionError`."""

import ast
import math
import operator
from collections.abc import Callable
from typing import Any

MAX_EXPONENT = 10_000.0


class ExpressionError(ValueError):
    """The expression cannot be read or has no value; the message says why and what would be right."""


BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: operator.add,
    ast.Sub: operator.sub,
    ast.Mult: operator.mul,
    ast.Div: operator.truediv,
}
UNARY: dict[type[ast.unaryop], Callable[[float], float]] = {ast.USub: operator.neg, ast.UAdd: operator.pos}
COMPARE: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Lt: operator.lt,
    ast.LtE: operator.le,
    ast.Gt: operator.gt,
    ast.GtE: operator.ge,
    ast.Eq: operator.eq,
    ast.NotEq: operator.ne,
}


def _clip(x: float, low: float, high: float) -> float:
    return min(max(x, low), high)


# name -> (function, fewest arguments, most arguments)
FUNCTIONS: dict[str, tuple[Callable[..., float], int, int]] = {
    "min": (lambda *values: min(values), 1, 50),
    "max": (lambda *values: max(values), 1, 50),
    "abs": (abs, 1, 1),
    "exp": (math.exp, 1, 1),
    "log": (math.log, 1, 1),
    "ln": (math.log, 1, 1),
    "log2": (math.log2, 1, 1),
    "sqrt": (math.sqrt, 1, 1),
    "clip": (_clip, 3, 3),
}


def number(constant: Any) -> float:
    """A number as written, as a float."""
    try:
        return finite(float(constant))
    except OverflowError:
        raise ExpressionError("a number is too large") from None


def binary(sign: ast.operator, a: float, b: float) -> float:
    """`a sign b`, powers included."""
    if isinstance(sign, ast.Pow):
        return _power(a, b)
    try:
        return finite(BINARY[type(sign)](a, b))
    except ZeroDivisionError:
        raise ExpressionError("a division by zero") from None


def _power(base: float, exponent: float) -> float:
    if abs(exponent) > MAX_EXPONENT:
        raise ExpressionError(f"the exponent {exponent:g} is too large; at most {MAX_EXPONENT:g} either way")
    if base < 0 and exponent != int(exponent):
        raise ExpressionError("a negative number has no such power; put the minus outside: -(8 ** 0.5)")
    try:
        return finite(base**exponent)
    except ZeroDivisionError:
        raise ExpressionError("zero to a negative power is a division by zero") from None
    except OverflowError:
        raise ExpressionError("the power is too large a number") from None


def apply(name: str, values: list[float]) -> float:
    """The function `name` of as many values as it takes."""
    try:
        return finite(float(FUNCTIONS[name][0](*values)))
    except OverflowError:
        raise ExpressionError(f"{name}({values[0]:g}) is too large a number") from None
    except ValueError:
        raise ExpressionError(f"{name}({values[0]:g}) does not exist") from None


def finite(value: float) -> float:
    """`value` itself; raises ExpressionError for an infinite one or none."""
    if not math.isfinite(value):
        raise ExpressionError("the value is not a finite number")
    return value
