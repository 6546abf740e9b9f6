"""The YAML of `quiz`, `lab` and `chart` blocks, read strictly.

Every fault goes to the report. A block comes back whenever it can be shown and answered; None when it cannot.
"""

import re
from collections.abc import Callable
from dataclasses import replace

from tutor.course.expressions import ExpressionError, compile_expression, evaluate
from tutor.course.fields import Fields, Report
from tutor.course.outline import Part
from tutor.course.types import QUESTION_KINDS, ChartBlock, LabBlock, Option, Question, QuestionKind
from tutor.course.yamltree import YamlError, YamlMap, parse_yaml

COMMON_KEYS = ("id", "kind", "question", "hints", "why")
KIND_KEYS: dict[QuestionKind, tuple[str, ...]] = {
    "choice": ("options",),
    "multiple": ("options",),
    "numeric": ("answer", "tolerance"),
    "text": ("accept",),
    "order": ("items",),
    "predict": ("experiment", "set", "answer", "tolerance", "options"),
}
LAB_KEYS = ("name", "set")
CHART_KEYS = ("experiment", "set", "metric", "title", "series", "means")
_ID = re.compile(r"[^\W_][\w.-]*")


def block_fields(part: Part, report: Report) -> Fields | None:
    """The keys of a block, or None when its body is no YAML mapping."""
    if not part.closed:
        report.add(
            part.line, f"{part.kind}: the block is not closed; end it with a line of ``` like the first"
        )
    try:
        tree = parse_yaml(part.text, part.line + 1)
    except YamlError as fault:
        report.add(fault.line, f"{part.kind}: {fault}", fault.column)
        return None
    if not isinstance(tree, YamlMap):
        report.add(
            part.line, f"{part.kind}: the block holds no keys; write lines such as {_example(part.kind)}"
        )
        return None
    return Fields(tree, part.kind, part.line, report)


def _example(kind: str) -> str:
    return {"quiz": "'kind: choice'", "lab": "'name: gridworld'"}.get(kind, "'experiment: episode'")


def is_id(text: str) -> bool:
    """Whether `text` may be an id: letters, digits, `-`, `_` and `.`, at most 80."""
    return bool(_ID.fullmatch(text)) and len(text) <= 80


def read_lab(fields: Fields) -> LabBlock | None:
    """A `lab` block, its id still empty; None without a name."""
    fields.refuse_unknown(LAB_KEYS)
    name = fields.text("name", required=True)
    settings = fields.settings()
    if not name:
        return None
    return LabBlock("", name, settings, fields.line)


def read_chart(fields: Fields) -> ChartBlock | None:
    """A `chart` block, its id still empty; None without an experiment and a metric."""
    fields.refuse_unknown(CHART_KEYS)
    experiment = fields.text("experiment", required=True)
    metric = fields.text("metric", required=True)
    settings, title, series = fields.settings(), fields.text("title"), fields.texts("series")
    if not experiment or not metric:
        return None
    return ChartBlock("", experiment, settings, metric, fields.line, title, series, fields.flag("means"))


def read_question(fields: Fields, spare_id: str) -> Question | None:
    """A `quiz` block; `spare_id` is used when it names none. None when it could not be asked or answered."""
    kind = _kind(fields)
    if kind is None:
        fields.refuse_unknown(COMMON_KEYS + tuple(key for keys in KIND_KEYS.values() for key in keys))
        return None
    fields.what = f"quiz ({kind})"
    fields.refuse_unknown(COMMON_KEYS + KIND_KEYS[kind])
    given_id = fields.text("id", required=True)
    if given_id and not is_id(given_id):
        fields.wrong("id", f"the id {given_id[:40]!r} must be letters, digits and hyphens, such as worth-now")
    text = fields.text("question", required=True)
    answers = _READERS[kind](fields, kind)
    hints, why = fields.texts("hints"), fields.text("why")
    if not text or answers is None:
        return None
    return replace(answers, id=given_id or spare_id, question=text, line=fields.line, hints=hints, why=why)


def _kind(fields: Fields) -> QuestionKind | None:
    given = fields.text("kind", required=True)
    for kind in QUESTION_KINDS:
        if given == kind:
            return kind
    if given:
        fields.wrong("kind", f"unknown kind {given[:40]!r}; the kinds are {', '.join(QUESTION_KINDS)}")
    return None


def _blank(kind: QuestionKind) -> Question:
    return Question("", kind, "", 0)


def _choices(fields: Fields, kind: QuestionKind) -> Question | None:
    options = _options(fields, "correct")
    right = sum(option.correct for option in options)
    if options and right == 0:
        fields.wrong("options", "no option is right; add correct: true to the right one")
    if kind == "choice" and right > 1:
        fields.wrong("options", f"{right} options are right; a choice has one, kind: multiple has several")
    if right == len(options) > 1:
        fields.wrong("options", "every option is right; add one that is wrong")
    sound = right > 0 and all(option.text for option in options)
    return replace(_blank(kind), options=options) if sound else None


def _options(fields: Fields, decides: str) -> tuple[Option, ...]:
    """The options of a question; `decides` is the key that says which is right. What is missing in one is empty."""
    options = tuple(_option(entry, decides) for entry in fields.maps("options", "option"))
    if "options" in fields and len(options) < 2:
        fields.wrong("options", "a question needs at least two options; add one")
    texts = [option.text for option in options if option.text]
    for text in sorted({text for text in texts if texts.count(text) > 1}):
        fields.wrong("options", f"the option {text[:40]!r} stands here twice; keep one")
    return options


def _option(entry: Fields, decides: str) -> Option:
    entry.refuse_unknown(("text", decides, "why"))
    text = entry.text("text", required=True)
    why = entry.text("why", required=True)
    correct = decides == "correct" and entry.flag("correct")
    when = entry.expression("when", required=True, comparison=True) if decides == "when" else ""
    return Option(text, why, correct, when)


def _numeric(fields: Fields, kind: QuestionKind) -> Question | None:
    answer = fields.expression("answer", required=True)
    tolerance = read_tolerance(fields)
    if not answer or not _has_value(fields, answer):
        return None
    return replace(_blank(kind), answer=answer, tolerance=tolerance)


def _has_value(fields: Fields, answer: str) -> bool:
    """Whether an answer without metrics can be computed (with metrics only a run can tell)."""
    if compile_expression(answer).metrics:
        return True
    try:
        evaluate(answer)
    except ExpressionError as error:
        fields.wrong("answer", f"'answer' cannot be computed: {error}")
        return False
    return True


def read_tolerance(fields: Fields, required: bool = False) -> float:
    """How far from the answer is near enough; 0 when it is not given or wrong."""
    source = fields.expression("tolerance", required)
    if not source:
        return 0.0
    try:
        tolerance = evaluate(source)
    except ExpressionError as error:
        fields.wrong("tolerance", f"'tolerance' cannot be computed: {error}")
        return 0.0
    if tolerance < 0:
        fields.wrong("tolerance", f"'tolerance' is {tolerance:g}; it must be at least 0")
    return max(tolerance, 0.0)


def _text(fields: Fields, kind: QuestionKind) -> Question | None:
    accept = fields.texts("accept", required=True)
    return replace(_blank(kind), accept=accept) if accept else None


def _order(fields: Fields, kind: QuestionKind) -> Question | None:
    items = fields.texts("items", required=True)
    if "items" in fields and len(items) < 2:
        fields.wrong("items", "an order needs at least two items; add one")
    if len(set(items)) < len(items):
        fields.wrong("items", "two items are the same, so their order cannot be told; make them differ")
    return replace(_blank(kind), items=items) if len(set(items)) == len(items) >= 2 else None


def _predict(fields: Fields, kind: QuestionKind) -> Question | None:
    question = replace(
        _blank(kind), experiment=fields.text("experiment", required=True), set=fields.settings()
    )
    if "answer" in fields and "options" in fields:
        fields.wrong("options", "both 'answer' and 'options' are given; keep one")
    if "options" in fields:
        if "tolerance" in fields and "answer" not in fields:
            fields.wrong(
                "tolerance", "'tolerance' belongs to 'answer', and this question has options; leave it out"
            )
        question = replace(question, options=_options(fields, "when"))
    elif "answer" in fields:
        answer = fields.expression("answer")
        question = replace(question, answer=answer, tolerance=read_tolerance(fields, required=True))
    else:
        fields.wrong(
            "answer", "nothing decides it; add 'answer: metric(…)' with a tolerance, or 'options' with 'when'"
        )
    by_options = bool(question.options) and all(option.text and option.when for option in question.options)
    return question if question.experiment and (by_options or question.answer) else None


_READERS: dict[QuestionKind, Callable[[Fields, QuestionKind], Question | None]] = {
    "choice": _choices,
    "multiple": _choices,
    "numeric": _numeric,
    "text": _text,
    "order": _order,
    "predict": _predict,
}
