"""What gives a question away: a hint that contains the answer, a right option that can be told by its length."""

import re
from collections.abc import Sequence

from tutor.course.expansion import expand
from tutor.course.expressions import ExpressionError, compile_expression, evaluate
from tutor.course.grading import fold
from tutor.course.loading import ReadBlock
from tutor.course.nearness import near
from tutor.course.types import Question
from tutor.course.yamltree import YamlList, YamlScalar

UNLIKELY = 0.05  # chance that fair options are right as often as that when they are the longest
FEWEST_QUESTIONS = 3  # fewer prove nothing
_NUMBER = re.compile(r"(?<![\w.])[-−]?(?:\d+(?:[.,]\d+)?|\.\d+)(?:[eE][-+]?\d+)?(?:\s?\\?%)?(?![\w])")
# A number beside one of these is a part of a calculation, an index or a power, and no result.
_OPERATOR_BEFORE = re.compile(r"(?:[-+*/×·÷^_−({\[<>≤≥]|\*\*|\\(?:cdot|times|gamma|frac)|[a-z]\))\s*$")
_OPERATOR_AFTER = re.compile(r"\s*(?:[-+*/×·÷^−({\[]|\\(?:cdot|times)|[.,]\d)")


def check_hints(block: ReadBlock) -> None:
    """Reports hints that contain the number or the words that are asked for, unless the question has them too."""
    question = block.question
    node = block.fields.node.entries.get("hints")
    if question is None or not isinstance(node, YamlList):
        return
    for number, item in enumerate(node.items, 1):
        told = _told(question, item.text) if isinstance(item, YamlScalar) else ""
        if told:
            message = f"hint {number} contains the answer ({told[:40]}); say how to find it instead"
            block.fields.report.add(item.line, f"{block.fields.what}: {message}", item.column)


def _told(question: Question, hint: str) -> str:
    """The part of a hint that is the answer; "" when there is none, or when it needs a run to know."""
    if question.kind == "text":
        asked = _words(question.question)
        return next((a for a in question.accept if (w := _words(a)) in _words(hint) and w not in asked), "")
    if question.kind != "numeric" or compile_expression(question.answer).metrics or _makes_runs(hint):
        return ""
    try:
        answer = evaluate(question.answer)
    except ExpressionError:
        return ""
    given = {value for _, value in _results(expand(question.question, _no_run))}
    return next(
        (
            text
            for text, value in _results(expand(hint, _no_run))
            if value not in given and near(value, answer, question.tolerance)
        ),
        "",
    )


def _makes_runs(text: str) -> bool:
    return "metric(" in text


def _no_run(*_: object) -> float:
    raise ExpressionError("a run decides")


def _words(text: str) -> str:
    """Text to look for whole words in."""
    words = re.findall(r"[\w+*/=<>-]+", fold(text))
    return f" {' '.join(words)} "


def _results(text: str) -> list[tuple[str, float]]:
    """The numbers of a text that stand for themselves, as written and as values."""
    found = []
    for match in _NUMBER.finditer(text):
        before, after = text[: match.start()], text[match.end() :]
        if not _OPERATOR_BEFORE.search(before) and not _OPERATOR_AFTER.match(after):
            found.append((match[0], _value(match[0])))
    return found


def _value(written: str) -> float:
    number = written.replace("−", "-").replace(",", ".").rstrip("\\% ")
    return float(number) / (100 if written.endswith("%") else 1)


def check_lengths(blocks: Sequence[ReadBlock]) -> None:
    """Reports once a lesson in which who always takes the longest option is right too often for chance."""
    asked = [block for block in blocks if block.question and block.question.kind in ("choice", "multiple")]
    longest = [(block, right) for block in asked if (right := _longest_is_right(block.question)) is not None]
    told = [block for block, right in longest if right]
    if len(told) < FEWEST_QUESTIONS:
        return
    chances = [_share_right(block.question) for block, _ in longest]
    if len(told) < len(longest) and _at_least(len(told), chances) >= UNLIKELY:
        return
    message = (
        f"in {len(told)} of {len(longest)} questions of this lesson the longest option is right "
        f"(by chance it would be {sum(chances):.1f}); shorten right options or lengthen wrong ones"
    )
    told[0].fields.wrong("options", message)


def _longest_is_right(question: Question | None) -> bool | None:
    """Whether the one longest option is right; None when several are equally long."""
    options = question.options if question else ()
    lengths = [len(" ".join(option.text.split())) for option in options]
    if lengths.count(max(lengths)) > 1:
        return None
    return options[lengths.index(max(lengths))].correct


def _share_right(question: Question | None) -> float:
    options = question.options if question else ()
    return sum(option.correct for option in options) / max(1, len(options))


def _at_least(wanted: int, chances: Sequence[float]) -> float:
    """The probability of `wanted` or more successes in independent trials of these chances."""
    exactly = [1.0]
    for chance in chances:
        exactly = [
            (exactly[k] if k < len(exactly) else 0.0) * (1 - chance) + (exactly[k - 1] * chance if k else 0.0)
            for k in range(len(exactly) + 1)
        ]
    return sum(exactly[wanted:])
