"""Numbers that lessons and learners write: arithmetic over `ast`, and nothing else.

Allowed: numbers, `+ - * / **`, parentheses, `min max abs exp log ln log2 sqrt clip(x, low, high)` and `metric(…)`;
comparisons where the caller says so. Every value is a finite float, so no expression takes long or grows large.
"""

import ast
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache

from tutor.course.arithmetic import BINARY, COMPARE, FUNCTIONS, UNARY, apply, binary, finite, number
from tutor.course.arithmetic import ExpressionError as ExpressionError

MAX_LENGTH = 500  # characters
MAX_DEPTH = 40  # nested operations
MAX_PARENTHESES = 20

MetricSource = Callable[..., float]
"""Called as `metric(series, name, update)` or `metric(experiment, parameters, series, name, update)`."""


@dataclass(frozen=True)
class MetricCall:
    """One `metric(…)`. experiment is None for the short form, which means the run of the block it stands in."""

    experiment: str | None
    parameters: Mapping[str, float | str]
    series: str
    name: str
    update: int | str  # a number of updates, or "last"

    def value(self, source: MetricSource | None) -> float:
        """Asks `source`; raises ExpressionError whatever goes wrong there."""
        if source is None:
            raise ExpressionError("metric() needs a run, and there is none here")
        where = (self.series, self.name, self.update)
        try:
            if self.experiment is None:
                return finite(float(source(*where)))
            return finite(float(source(self.experiment, dict(self.parameters), *where)))
        except ExpressionError:
            raise
        except Exception as error:  # a run is other people's code: whatever it raises is said, not thrown
            reason = error.args[0] if isinstance(error, LookupError) and error.args else error
            raise ExpressionError(f"metric({self.series!r}, {self.name!r}) has no value: {reason}") from error


@dataclass(frozen=True)
class Expression:
    """An expression that was read and holds nothing but what is allowed."""

    source: str
    body: ast.expr
    metrics: tuple[MetricCall, ...]

    def value(self, metric: MetricSource | None = None) -> float:
        """The number; for a comparison 1.0 or 0.0. Raises ExpressionError when it has no finite value."""
        return finite(_value(self.body, metric))


def evaluate(source: str, metric: MetricSource | None = None) -> float:
    """The value of arithmetic, `0.25 / 0.15`; raises ExpressionError."""
    return compile_expression(source).value(metric)


def holds(source: str, metric: MetricSource | None = None) -> bool:
    """Whether a comparison such as `metric("episode", "episode/reward", 1) > 0` is true; raises ExpressionError."""
    return compile_expression(source, comparison=True).value(metric) != 0.0


@lru_cache(maxsize=512)
def compile_expression(source: str, comparison: bool = False) -> Expression:
    """Reads `source`; with `comparison` it must be one comparison (`a < b`, `a <= b < c`). Raises ExpressionError."""
    text = " ".join(source.split())
    _refuse_strange(text)
    try:
        body = ast.parse(text, mode="eval").body
    except SyntaxError:
        raise ExpressionError(
            f"{_short(text)} is not complete arithmetic; check operators and parentheses"
        ) from None
    except (ValueError, RecursionError, MemoryError):
        raise ExpressionError("the expression is too deep; write it in a simpler way") from None
    metrics = tuple(_check_comparison(body)) if comparison else tuple(_check(body, 0))
    return Expression(source, body, metrics)


# What may stand in an expression, token by token. It is looked at before Python's parser, which would otherwise
# accept, or warn of, much that is no arithmetic.
_TOKEN = re.compile(
    r"""\s+
    | (?: \d+ (?:\.\d*)? | \.\d+ ) (?:[eE][-+]?\d+)? (?![\w.])   # 1  .5  2.  1e-3
    | [A-Za-z]\w*
    | "[^"\\]*" | '[^'\\]*'   # "don't" is a word of the toy model
    | \*\* | [<>=!]= | [-+*/(){},:<>]""",
    re.VERBOSE | re.ASCII,
)


def _refuse_strange(text: str) -> None:
    if not text:
        raise ExpressionError("nothing is written; write a number, such as 0.25 or -1/3")
    if len(text) > MAX_LENGTH:
        raise ExpressionError(
            f"the expression is longer than {MAX_LENGTH} characters; write it in a shorter way"
        )
    place = depth = 0
    while place < len(text):
        token = _TOKEN.match(text, place)
        if token is None:
            raise ExpressionError(
                f"{_short(text[place:], 12)} is not understood; use numbers, + - * / ** and ( )"
            )
        depth += (token[0] == "(") - (token[0] == ")")
        if depth > MAX_PARENTHESES:
            raise ExpressionError(f"parentheses are nested more than {MAX_PARENTHESES} deep")
        place = token.end()


def _check_comparison(body: ast.expr) -> Iterator[MetricCall]:
    if not isinstance(body, ast.Compare):
        raise ExpressionError("a comparison is needed here, such as metric(…) > 0.5")
    if not all(type(sign) in COMPARE for sign in body.ops):
        raise ExpressionError("compare with < <= > >= == or !=")
    for side in (body.left, *body.comparators):
        yield from _check(side, 1)


def _check(node: ast.expr, depth: int) -> Iterator[MetricCall]:
    """The metrics asked for in `node`; raises ExpressionError at anything that is not allowed."""
    if depth > MAX_DEPTH:
        raise ExpressionError(f"the expression is nested more than {MAX_DEPTH} deep")
    match node:
        case ast.Constant(value=int() | float() as number) if not isinstance(number, bool):
            return
        case ast.BinOp(left=left, op=sign, right=right) if type(sign) in BINARY or isinstance(sign, ast.Pow):
            yield from _check(left, depth + 1)
            yield from _check(right, depth + 1)
        case ast.UnaryOp(op=sign, operand=operand) if type(sign) in UNARY:
            yield from _check(operand, depth + 1)
        case ast.Call(func=ast.Name(id="metric"), args=arguments, keywords=[]):
            yield _metric_call(arguments)
        case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]) if name in FUNCTIONS:
            _check_count(name, len(arguments))
            for argument in arguments:
                yield from _check(argument, depth + 1)
        case _:
            raise ExpressionError(_why_refused(node))


def _check_count(name: str, count: int) -> None:
    _, fewest, most = FUNCTIONS[name]
    if not fewest <= count <= most:
        wanted = (
            "one number"
            if most == 1
            else "clip(x, low, high)"
            if name == "clip"
            else "numbers, with commas between"
        )
        raise ExpressionError(f"{name}() has {count} numbers; it wants {wanted}")


def _why_refused(node: ast.expr) -> str:
    known = "known are " + ", ".join(FUNCTIONS)
    match node:
        case ast.Name(id=name):
            return f"{_short(name)} is not a number; write numbers, and " + known.replace(
                "known are ", "functions "
            )
        case ast.Call(func=ast.Name(id=name)):
            return f"the function {_short(name)} is not known; {known}"
        case ast.Call(func=ast.Constant()):
            return "a * is missing before a parenthesis: write 2*(3)"
        case ast.Compare() | ast.BoolOp():
            return "a comparison cannot stand here; write a number"
        case ast.Constant():
            return "text and true or false are no numbers; quoted names stand only in metric()"
        case ast.Tuple():
            return "a comma stands between two numbers; write one number"
    return "only numbers, + - * / **, parentheses and a few functions can be used; " + known


_METRIC_FORMS = (
    'metric("experiment", {"parameter": value}, "series", "name", update)'
    ' or, in a predict, metric("series", "name", update)'
)


def _metric_call(arguments: list[ast.expr]) -> MetricCall:
    experiment: str | None = None
    parameters: dict[str, float | str] = {}
    if len(arguments) == 5:
        experiment = _text(arguments[0], "the experiment")
        parameters = _parameters(arguments[1])
    elif len(arguments) != 3:
        raise ExpressionError(f"metric() has {len(arguments)} values; write {_METRIC_FORMS}")
    series, name, update = arguments[-3:]
    return MetricCall(
        experiment, parameters, _text(series, "the series"), _text(name, "the metric"), _update(update)
    )


def _text(node: ast.expr, what: str) -> str:
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return node.value
    raise ExpressionError(f"{what} in metric() must be a name in quotes; write {_METRIC_FORMS}")


def _update(node: ast.expr) -> int | str:
    match node:
        case ast.Constant(value="last"):
            return "last"
        case ast.Constant(value=int() as update) if not isinstance(update, bool) and update < 10**9:
            return update
    raise ExpressionError('the update in metric() must be a whole number from 0, or "last"')


def _parameters(node: ast.expr) -> dict[str, float | str]:
    if not isinstance(node, ast.Dict):
        raise ExpressionError('the parameters in metric() must be written {"gamma": 0.9}, or {} for none')
    found: dict[str, float | str] = {}
    for key, value in zip(node.keys, node.values, strict=True):
        if not isinstance(key, ast.Constant) or not isinstance(key.value, str):
            raise ExpressionError('a parameter in metric() must be a name in quotes: {"gamma": 0.9}')
        found[key.value] = _parameter_value(key.value, value)
    return found


def _parameter_value(name: str, node: ast.expr) -> float | str:
    match node:
        case ast.Constant(value=str() as text):
            return text
        case ast.Constant(value=int() as whole) if not isinstance(whole, bool) and whole < 10**15:
            return whole
    if list(_check(node, 1)):
        raise ExpressionError(f"the parameter {_short(name)} in metric() cannot be another metric")
    return finite(_value(node, None))


def _value(node: ast.expr, metric: MetricSource | None) -> float:
    """Computes what `_check` has let through."""
    match node:
        case ast.Constant(value=constant):
            return number(constant)
        case ast.UnaryOp(op=sign, operand=operand):
            return UNARY[type(sign)](_value(operand, metric))
        case ast.BinOp(left=left, op=sign, right=right):
            return binary(sign, _value(left, metric), _value(right, metric))
        case ast.Call(func=ast.Name(id="metric"), args=arguments):
            return _metric_call(arguments).value(metric)
        case ast.Call(func=ast.Name(id=name), args=arguments):
            return apply(name, [_value(argument, metric) for argument in arguments])
        case ast.Compare(left=left, ops=signs, comparators=others):
            values = [_value(side, metric) for side in (left, *others)]
            pairs = zip(signs, values, values[1:], strict=False)
            return float(all(COMPARE[type(sign)](a, b) for sign, a, b in pairs))
    raise ExpressionError(_why_refused(node))


def _short(text: str, limit: int = 40) -> str:
    return repr(text if len(text) <= limit else text[: limit - 1] + "…")
