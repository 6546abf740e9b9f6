"""`{{ expression | format }}` in a text, replaced by its value before Markdown is parsed."""

import re
from bisect import bisect_right
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from tutor.course.expressions import Expression, ExpressionError, MetricSource, compile_expression

_SLOT = re.compile(r"\{\{((?:(?!\{\{)[^\n]|\n(?![ \t]*\n)){1,600}?)\}\}")
_FORMAT = re.compile(r"(\+?)(,?)(?:\.(\d{1,2})([feg%])|(d))", re.ASCII)
_LINE = re.compile(r"[^\n]*(?:\n|\Z)")
_FENCE = re.compile(r"[ \t>]*(?:[-*+][ \t]+|\d+[.)][ \t]+)?(`{3,}|~{3,})")
FORMATS = ".2f .3e .4g d .1%, and + or , before them"


@dataclass(frozen=True)
class Slot:
    """One `{{ … }}`: where it stands in the text, its expression and its format."""

    start: int
    end: int
    source: str
    format: str

    def expression(self) -> Expression:
        """Raises ExpressionError when it cannot be read."""
        return compile_expression(self.source)

    def filled(self, metric: MetricSource | None = None) -> str:
        """The number in its format; raises ExpressionError."""
        check_format(self.format)
        return format_number(self.expression().value(metric), self.format)


def slots(text: str) -> Iterator[Slot]:
    """Every `{{ … }}` outside of code spans and fenced code."""
    if "{{" not in text:
        return
    code = code_ranges(text)
    starts = [start for start, _ in code]
    for match in _SLOT.finditer(text):
        before = bisect_right(starts, match.start()) - 1
        if before >= 0 and match.start() < code[before][1]:
            continue
        source, bar, form = match[1].rpartition("|")
        yield Slot(match.start(), match.end(), (source if bar else form).strip(), form.strip() if bar else "")


def fill(text: str, value: Callable[[Slot], str]) -> str:
    """`text` with every slot replaced by what `value` says."""
    pieces, place = [], 0
    for slot in slots(text):
        pieces += [text[place : slot.start], value(slot)]
        place = slot.end
    return "".join((*pieces, text[place:]))


def expand(text: str, run_metrics: MetricSource | None = None) -> str:
    """`text` with its numbers in place. Never raises: what has no value is shown as it was written, with a note.

    run_metrics is asked for `metric(…)`; without it, runs are made here and now (see `needs_run`).
    """
    if "{{" not in text:
        return text
    return fill(text, lambda slot: _shown(text, slot, run_metrics))


def _shown(text: str, slot: Slot, metric: MetricSource | None) -> str:
    try:
        if metric is None and slot.expression().metrics:
            from tutor.course.metrics import run_metric

            metric = run_metric
        return slot.filled(metric)
    except ExpressionError as error:
        written = text[slot.start : slot.end]
        if not written[2].isspace():
            return written  # LaTeX: x^{{a}}
        note = " ".join(f"{written} (not computed: {error})".split()).replace("`", "'")
        return f"`{note}`"


def needs_run(text: str) -> bool:
    """Whether `expand(text)` would run an experiment."""
    for slot in slots(text):
        try:
            if slot.expression().metrics:
                return True
        except ExpressionError:
            continue
    return False


def asks_own_run(text: str) -> bool:
    """Whether something in `text` is asked of a question's own run: `metric("series", "name", update)`."""
    for slot in slots(text):
        try:
            if any(call.experiment is None for call in slot.expression().metrics):
                return True
        except ExpressionError:
            continue
    return False


def check_format(form: str) -> None:
    """Raises ExpressionError when `form` is none of the formats."""
    match = _FORMAT.fullmatch(form)
    if form and (match is None or int(match[3] or 0) > 15):
        raise ExpressionError(f"the format {form[:20]!r} is not known; formats are {FORMATS}")


def format_number(value: float, form: str = "") -> str:
    """`value` in a format that `check_format` allows; without one, six significant digits."""
    if form.endswith("d"):
        if abs(value - round(value)) > 1e-9 * max(1.0, abs(value)):
            raise ExpressionError(f"{value:g} is not a whole number; use a format such as .2f")
        return f"{round(value):{form}}"
    text = f"{value:{form or '.6g'}}"
    zero = not any(digit in text.split("e")[0] for digit in "123456789")
    return text.replace("-", "", 1) if zero and text.startswith("-") else text


def code_ranges(text: str) -> list[tuple[int, int]]:
    """Where fenced code and code spans stand, in order."""
    ranges: list[tuple[int, int]] = []
    fence, fence_start, paragraph = "", 0, 0
    for line in _LINE.finditer(text):
        mark = _FENCE.match(line[0])
        if fence:
            if mark and mark[1].startswith(fence) and not line[0][mark.end() :].strip():
                ranges.append((fence_start, line.end()))
                fence, paragraph = "", line.end()
        elif mark and "`" not in line[0][mark.end() :]:
            ranges += _spans(text, paragraph, line.start())
            fence, fence_start = mark[1], line.start()
        elif not line[0].strip():
            ranges += _spans(text, paragraph, line.start())
            paragraph = line.end()
    return [*ranges, (fence_start, len(text))] if fence else ranges + _spans(text, paragraph, len(text))


def _spans(text: str, start: int, end: int) -> list[tuple[int, int]]:
    """Code spans of one paragraph: a run of backticks up to the next run of the same length."""
    runs = [match.span() for match in re.compile(r"`+").finditer(text, start, end)]
    last = {stop - begin: number for number, (begin, stop) in enumerate(runs)}
    found, number = [], 0
    while number < len(runs):
        begin, stop = runs[number]
        closing = number
        if last[stop - begin] > number:
            closing = next(n for n in range(number + 1, len(runs)) if runs[n][1] - runs[n][0] == stop - begin)
            found.append((begin, runs[closing][1]))
        number = closing + 1
    return found
