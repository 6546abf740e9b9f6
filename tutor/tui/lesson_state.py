"""An open lesson: its steps, where the learner is, and everything that must outlive the widgets that show it."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from tutor.course.types import Block, Course, Lesson, LessonInfo, Prose, Question, Step
from tutor.progress import LessonProgress
from tutor.tui.prose.look import clean
from tutor.tui.question_state import QuestionState, question_state


class Texts:
    """Texts with their `{{ }}` replaced. Those that need a run wait in `pending`, and say so until it is done."""

    def __init__(self) -> None:
        self._ready: dict[str, str] = {}
        self.pending: set[str] = set()

    def expanded(self, source: str) -> str:
        if "{{" not in source:
            return source
        if source not in self._ready:
            from tutor.course import expand, needs_run

            if needs_run(source):
                from tutor.course.expansion import asks_own_run, fill

                if not asks_own_run(source):
                    self.pending.add(source)
                    if source in self._ready:  # a thread has done it in between
                        self.pending.discard(source)
                        return self._ready[source]
                return fill(source, lambda slot: _waiting(source, slot.start))
            self._ready[source] = expand(source)
        return self._ready[source]

    def prepare(self, step: Step) -> None:
        """Expand all texts of a step that can be at once; those that need a run are pending afterwards."""
        for source in step_texts(step):
            self.expanded(source)

    def compute(self, source: str) -> None:
        """Run what `source` needs; slow, and safe on any thread."""
        from tutor.course import expand

        self._ready[source] = expand(source)
        self.pending.discard(source)

    def tell(self, question: Question, metric: Callable[..., float] | None) -> None:
        """Expand what a question says of its own run, now that there is one. May make further runs: slow."""
        from tutor.course import expand
        from tutor.course.metrics import question_metrics

        ask = question_metrics(question, metric)
        for source in question_texts(question):
            if "{{" in source:
                self._ready[source] = expand(source, ask)
                self.pending.discard(source)


def _waiting(text: str, place: int) -> str:
    """What stands for a number that is being computed; a cell of a table has no room for more than a sign."""
    line = text[text.rfind("\n", 0, place) + 1 : place]
    return "…" if line.lstrip().startswith("|") else "(computing…)"


def step_texts(step: Step) -> Iterator[str]:
    """Every text of a step that may hold expressions."""
    yield step.title
    for block in step.blocks:
        if isinstance(block, Prose):
            yield block.text
        elif isinstance(block, Question):
            yield from question_texts(block)


def question_texts(question: Question) -> Iterator[str]:
    """Every text of a question that may hold expressions."""
    yield from (question.question, question.why, *question.hints, *question.items)
    for option in question.options:
        yield from (option.text, option.why)


@dataclass
class LessonState:
    """What is known about the open lesson.

    index: the step that is open. scroll: how far down each step was left. labs: states by block id. latex: whether
    formulas are shown as their source. runs: frames by the id of the block or question they belong to. seen: ids of
    the steps that were opened.
    """

    lesson: Lesson
    learner: str
    kept: LessonProgress
    index: int = 0
    scroll: dict[str, float] = field(default_factory=dict)
    labs: dict[str, Any] = field(default_factory=dict)
    latex: bool = False
    texts: "Texts" = field(default_factory=lambda: Texts())
    runs: dict[str, Any] = field(default_factory=dict)
    seen: set[str] = field(default_factory=set)
    _questions: dict[str, QuestionState] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.labs.update(self.kept.labs)
        self.seen.update(self.kept.steps_read)

    @property
    def info(self) -> LessonInfo:
        return self.lesson.info

    @property
    def steps(self) -> tuple[Step, ...]:
        return self.lesson.steps

    @property
    def step(self) -> Step:
        return self.steps[self.index]

    @property
    def is_last(self) -> bool:
        return self.index == len(self.steps) - 1

    def adopt(self, lesson: Lesson, kept: LessonProgress) -> bool:
        """Go on with the lesson as its file is now; whether the open step shows anything else than before.

        The place is kept, and so is what was done with questions and runs that are what they were.
        """
        before, was_last, old_blocks = self.step, self.is_last, _blocks(self.lesson)
        self.lesson, self.kept = lesson, kept
        blocks = _blocks(lesson)
        same = {name for name, block in blocks.items() if same_block(old_blocks.get(name), block)}
        self.runs = {name: frames for name, frames in self.runs.items() if name in same}
        self._questions = {name: state for name, state in self._questions.items() if name in same}
        self._renumber()
        if not self.go_to(before.id):
            self.index = min(self.index, len(lesson.steps) - 1)
        return was_last != self.is_last or not same_step(before, self.step)

    def _renumber(self) -> None:
        number = 0
        for step in self.steps:
            for question in step.questions:
                number += 1
                if state := self._questions.get(question.id):
                    state.question, state.step_id, state.number = question, step.id, number

    def go_to(self, step_id: str) -> bool:
        """Whether there is such a step; it is the open one then."""
        for index, step in enumerate(self.steps):
            if step.id == step_id:
                self.index = index
                return True
        return False

    def question(self, question_id: str) -> QuestionState:
        """A question's state, made from what was kept when it is first asked for."""
        if question_id not in self._questions:
            number = 0
            for step in self.steps:
                for question in step.questions:
                    number += 1
                    if question.id == question_id:
                        kept = self.kept.question(question_id)
                        state = question_state(question, step.id, number, self.info.id, self.learner, kept)
                        self._questions[question_id] = state
                        return state
            raise KeyError(question_id)
        return self._questions[question_id]

    def question_ids(self) -> list[str]:
        return [question.id for step in self.steps for question in step.questions]

    def is_open(self, question_id: str) -> bool:
        """Whether a question was never answered right (questions not yet looked at are judged by what was kept)."""
        state = self._questions.get(question_id)
        return not (state.ever_right if state else self.kept.question(question_id).right)

    def right_count(self) -> int:
        return sum(not self.is_open(question_id) for question_id in self.question_ids())

    def open_questions(self) -> list[tuple[int, list[int]]]:
        """(number of the step, numbers of its questions) of what was not answered right yet; all count from 1."""
        waiting: list[tuple[int, list[int]]] = []
        number = 0
        for index, step in enumerate(self.steps, 1):
            ids = [question.id for question in step.questions]
            numbers = [number + place for place, id in enumerate(ids, 1) if self.is_open(id)]
            number += len(ids)
            if numbers:
                waiting.append((index, numbers))
        return waiting

    def first_open_question(self) -> tuple[int, str] | None:
        """(index of the step from 0, id of the question) of the first that was not answered right yet."""
        return next(
            (
                (index, question.id)
                for index, step in enumerate(self.steps)
                for question in step.questions
                if self.is_open(question.id)
            ),
            None,
        )

    def touched_questions(self) -> list[QuestionState]:
        """The questions that have been on the screen."""
        return list(self._questions.values())

    def lab(self, block_id: str) -> Mapping[str, Any] | None:
        """A lab's last state, or None for one that was never touched."""
        state = self.labs.get(block_id)
        return state if isinstance(state, Mapping) else None


def _blocks(lesson: Lesson) -> dict[str, Block]:
    """Questions, labs and charts by their ids."""
    blocks = [block for step in lesson.steps for block in step.blocks]
    return {block.id: block for block in blocks if not isinstance(block, Prose)}


def same_block(one: Block | None, other: Block) -> bool:
    """Whether two blocks are the same, wherever in their files they stand."""
    return one is not None and replace(one, line=0) == replace(other, line=0)


def same_step(one: Step, other: Step) -> bool:
    """Whether two steps show the same, wherever in their files they stand."""
    if (one.title, len(one.blocks)) != (other.title, len(other.blocks)):
        return False
    return all(same_block(a, b) for a, b in zip(one.blocks, other.blocks, strict=True))


def lesson_title(info: LessonInfo) -> str:
    """`03 Returns and discounting`."""
    number = info.id.partition("-")[0]
    return clean(f"{number} {info.title}" if number.isdigit() else info.title)


def following_lesson(course: Course, info: LessonInfo) -> LessonInfo | None:
    """The next lesson of the course that can be opened."""
    ids = [lesson.id for lesson in course.lessons]
    after = ids.index(info.id) + 1 if info.id in ids else len(ids)
    return next((lesson for lesson in course.lessons[after:] if not lesson.fault), None)


def read_lesson(info: LessonInfo) -> tuple[Lesson | None, list[str]]:
    """The lesson, or None and the lines that say why there is none."""
    from tutor.course import LessonError, load_lesson

    try:
        lesson = load_lesson(info)
    except LessonError as error:
        return None, [str(finding) for finding in error.findings] or [str(error)]
    if not lesson.steps:
        return None, [f"{info.path.name}: there is nothing in this lesson yet"]
    return lesson, []
