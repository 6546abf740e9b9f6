"""Judging answers. What a learner sends may be anything: it is graded or asked for again, never an error."""

import hashlib
import math
import re
import unicodedata
from collections.abc import Callable
from difflib import SequenceMatcher

from tutor.course.expansion import expand
from tutor.course.expressions import ExpressionError, compile_expression, evaluate
from tutor.course.metrics import question_metrics
from tutor.course.nearness import miss, near, number_text, within
from tutor.course.numbers import A_NUMBER, parse_number
from tutor.course.source import clean
from tutor.course.types import Option, Question, Verdict

Response = int | str | frozenset[int] | tuple[int, ...]
MAX_RESPONSE = 500  # characters of a typed answer that are looked at


def grade(question: Question, response: object, metric: Callable[..., float] | None = None) -> Verdict:
    """What to say to `response`.

    response: choice int, multiple frozenset[int], numeric str, text str, order tuple[int, ...], predict str (a number)
    or int (an option); numbers count options and items as they are written, from 0.
    metric: `metric(series, name, update)` of the run a predict is about; without it the experiment is run here.
    A verdict whose `counts` is false judges nothing: the answer could not be read and should be asked for again.
    """
    ask = question_metrics(question, metric)
    try:
        return _GRADERS[question.kind](question, response, ask)
    except _UnreadableError as error:
        return Verdict(False, str(error), counts=False)
    except ExpressionError as error:
        return Verdict(False, f"The lesson's answer cannot be computed: {error}", counts=False)


class _UnreadableError(Exception):
    """The response is no answer to this kind of question; the message asks for one."""


Ask = Callable[..., float]


def _choice(question: Question, response: object, ask: Ask) -> Verdict:
    chosen = _option(question, response)
    why = _with_why(question, chosen.why, chosen.correct)
    return Verdict(chosen.correct, _yes_or_no(chosen.correct), expand(why, ask), solution(question, ask))


def _with_why(question: Question, reason: str, right: bool) -> str:
    """The reason of an answer, and, once it is right, what the question itself has to say."""
    return f"{reason} {question.why}".strip() if right else reason


def _option(question: Question, response: object) -> Option:
    if type(response) is not int or not 0 <= response < len(question.options):
        raise _UnreadableError("Choose one of the options.")
    return question.options[response]


def _multiple(question: Question, response: object, ask: Ask) -> Verdict:
    chosen = _chosen(question, response)
    right = {index for index, option in enumerate(question.options) if option.correct}
    hits, missing = len(chosen & right), len(right - chosen)
    if chosen == right:
        reasons = [question.options[index].why for index in sorted(right)]
        why = _with_why(question, " ".join(reasons), True)
        return Verdict(True, "Right: these and no others.", expand(why, ask), solution(question, ask))
    verb = "is" if hits == 1 else "are"
    counted = (
        f"{hits} of the {len(chosen)} you chose {verb} right"
        if len(chosen) > 1
        else ("It is right" if hits else "It is not right")
    )
    wanted = (
        "none is missing"
        if not missing
        else "one more is missing"
        if missing == 1
        else f"{missing} more are missing"
    )
    # One reason at a time: all of them would say which of the others are right.
    why = next((question.options[index].why for index in sorted(chosen - right)), "")
    return Verdict(False, f"Not yet. {counted}; {wanted}.", expand(why, ask), solution(question, ask))


def _chosen(question: Question, response: object) -> frozenset[int]:
    if not isinstance(response, (frozenset, set)) or not response:
        raise _UnreadableError("Choose at least one of the options.")
    if not all(type(index) is int and 0 <= index < len(question.options) for index in response):
        raise _UnreadableError("Choose among the options.")
    return frozenset(response)


def _numeric(question: Question, response: object, ask: Ask) -> Verdict:
    value, read = _number(response, question.tolerance)
    answer = evaluate(question.answer, ask)
    right = near(value, answer, question.tolerance)
    if not right and near(_thousands(response), answer, question.tolerance):
        raise _UnreadableError(
            f"The comma was read as a point: {number_text(value)}. For thousands write none."
        )
    parts = (
        _yes_or_no(right),
        f"{read}." if read else "",
        "" if right else miss(value, answer, question.tolerance),
    )
    message = " ".join(part for part in parts if part)
    return Verdict(right, message, expand(question.why, ask) if right else "", solution(question, ask))


def _number(response: object, tolerance: float) -> tuple[float, str]:
    """The number, and how it was understood where that is not literally what was typed."""
    if not isinstance(response, str):
        raise _UnreadableError(f"Type {A_NUMBER}.")
    try:
        value = parse_number(response)
    except ValueError as error:
        raise _UnreadableError(str(error)) from None
    typed = " ".join(clean(response).split())
    if re.fullmatch(r"[-+−]?(\d+\.?\d*|\.\d+)", typed, re.ASCII):
        return value, ""
    return value, f"{typed[:60]} = {number_text(value, tolerance)}".replace("-", "−")


def _thousands(response: object) -> float:
    """What `1,000` would be with its comma as a thousands sign; NaN for anything else."""
    typed = clean(str(response)).strip()
    return (
        float(typed.replace(",", "")) if re.fullmatch(r"-?[1-9]\d{0,2},\d{3}", typed, re.ASCII) else math.nan
    )


def _text(question: Question, response: object, ask: Ask) -> Verdict:
    given = fold(response[:MAX_RESPONSE]) if isinstance(response, str) else ""
    if not given:
        raise _UnreadableError("Type a word or two.")
    accepted = [fold(expand(answer, ask)) for answer in question.accept]
    if given in accepted:
        return Verdict(True, "Right.", expand(question.why, ask), solution(question, ask))
    ratios = [SequenceMatcher(None, given, answer).ratio() for answer in accepted if len(answer) > 3]
    message = "Not yet, but very near: look at the spelling." if max(ratios, default=0) >= 0.8 else "Not yet."
    return Verdict(False, message, "", solution(question, ask))


_QUOTES = dict.fromkeys("‘’‚‛′´`", "'") | dict.fromkeys("“”„‟″«»", '"')
_DASHES = dict.fromkeys("‐‑‒–—―−﹣－", "-")
_INVISIBLE = dict.fromkeys("\u00ad\u200b\u200c\u200d\u2060\ufeff", "")
_SAME = str.maketrans({**_QUOTES, **_DASHES, **_INVISIBLE})


def fold(text: str) -> str:
    """`text` as it is compared: case, spaces, Unicode forms, kinds of quotes and dashes do not matter.

    Neither do quotes around it, a full stop after it, or a hyphen instead of a space between words.
    """
    folded = unicodedata.normalize(
        "NFKC", unicodedata.normalize("NFKC", text.translate(_SAME)).casefold()
    ).translate(_SAME)
    folded = re.sub(r"(?<=[^\W\d])\s*-\s*(?=[^\W\d])", " ", folded)
    folded = " ".join(clean(folded).split())
    return folded.rstrip(".!;").strip("'\" ").rstrip(".!;")


def _order(question: Question, response: object, ask: Ask) -> Verdict:
    wanted = tuple(range(len(question.items)))
    if not isinstance(response, (tuple, list)) or tuple(sorted(response, key=str)) != tuple(
        sorted(wanted, key=str)
    ):
        raise _UnreadableError("Put every item in its place.")
    placed = sum(a == b for a, b in zip(response, wanted, strict=True))
    right = placed == len(wanted)
    message = "Right: every item is in its place." if right else f"Not yet. {_placed(placed, len(wanted))}"
    return Verdict(right, message, expand(question.why, ask) if right else "", solution(question, ask))


def _placed(placed: int, count: int) -> str:
    if placed == 0:
        return "No item is in its place."
    return f"{placed} of {count} {'is' if placed == 1 else 'are'} in the right place."


def _predict(question: Question, response: object, ask: Ask) -> Verdict:
    if question.options:
        chosen = _option(question, response)
        happened = question.options[decided(question, ask)]
        right = chosen is happened
        outcome = " ".join(expand(happened.text, ask).split()).rstrip(".")
        message = _yes_or_no(right) if right else f'Computed now, the answer is different: "{outcome}".'
        why = _with_why(question, chosen.why, True)  # the run has told it: its numbers, too
        return Verdict(right, message, expand(why, ask), solution(question, ask))
    value, read = _number(response, question.tolerance)
    answer = compile_expression(question.answer).value(ask)
    right = near(value, answer, question.tolerance)
    given = read or number_text(value, question.tolerance)
    run = f"The run gave {number_text(answer, question.tolerance)}; you said {given}."
    message = f"{'Right.' if right else 'It came otherwise.'} {run} {within(question.tolerance)}"
    return Verdict(right, message, expand(question.why, ask), solution(question, ask))


def decided(question: Question, metric: Callable[..., float]) -> int:
    """The option of a predict that the run chose; raises ExpressionError unless exactly one `when` holds."""
    held = [
        index
        for index, option in enumerate(question.options)
        if compile_expression(option.when, comparison=True).value(metric) != 0.0
    ]
    if len(held) != 1:
        raise ExpressionError(f"{len(held)} of the options' 'when' hold in this run; exactly one must")
    return held[0]


def solution(question: Question, metric: Callable[..., float] | None = None) -> str:
    """The right answer and why, as Markdown; "" when it cannot be computed."""
    ask = question_metrics(question, metric)
    try:
        answer = _SOLUTIONS[question.kind](question, ask)
    except ExpressionError:
        return ""
    return "\n\n".join(part for part in (expand(answer, ask), expand(question.why, ask)) if part)


def _right_options(question: Question, _: Ask) -> str:
    right = [option for option in question.options if option.correct]
    if len(right) == 1:
        return f"{right[0].text}\n\n{right[0].why}".strip()
    return "\n".join(f"- {option.text} {option.why}".rstrip() for option in right)


def _right_number(question: Question, ask: Ask) -> str:
    return number_text(evaluate(question.answer, ask), question.tolerance)


def _right_prediction(question: Question, ask: Ask) -> str:
    if not question.options:
        return _right_number(question, ask)
    happened = question.options[decided(question, ask)]
    return f"{happened.text}\n\n{happened.why}".strip()


def _right_order(question: Question, _: Ask) -> str:
    return "\n".join(f"{number}. {item}" for number, item in enumerate(question.items, 1))


def _yes_or_no(right: bool) -> str:
    return "Right." if right else "Not yet."


_GRADERS: dict[str, Callable[[Question, object, Ask], Verdict]] = {
    "choice": _choice,
    "multiple": _multiple,
    "numeric": _numeric,
    "text": _text,
    "order": _order,
    "predict": _predict,
}
_SOLUTIONS: dict[str, Callable[[Question, Ask], str]] = {
    "choice": _right_options,
    "multiple": _right_options,
    "numeric": _right_number,
    "text": lambda question, _: question.accept[0],
    "order": _right_order,
    "predict": _right_prediction,
}


def shuffled(n: int, learner: str, question_id: str, *, never_sorted: bool = False) -> tuple[int, ...]:
    """0 … n-1 in an order that belongs to learner and question, the same at every visit and on every machine.

    never_sorted: not 0 … n-1 itself (for `order` questions, see `presented`); not for options, where it would give
    away that the first as written is never first.
    """
    for attempt in range(1000):
        key = "\x1f".join((learner, question_id, str(attempt)))
        ranks = [
            hashlib.sha256(f"{key}\x1f{index}".encode("utf-8", "replace")).digest() for index in range(n)
        ]
        order = tuple(sorted(range(n), key=ranks.__getitem__))
        if not never_sorted or n < 2 or order != tuple(range(n)):
            return order
    return tuple(reversed(range(n)))


def presented(question: Question, learner: str, lesson_id: str = "") -> tuple[int, ...]:
    """The order in which a learner sees the options or items: indexes into them as written.

    Items to be put in order never stand in the right order already.
    """
    count = len(question.items) if question.kind == "order" else len(question.options)
    return shuffled(count, learner, f"{lesson_id}/{question.id}", never_sorted=question.kind == "order")
