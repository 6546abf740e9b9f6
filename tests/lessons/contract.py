"""What every lesson keeps to, and what its own tests need.

A test file of lessons names them in IDS, subclasses `Contract` as `TestLessons` to say what they are to give, and adds
what is true of them alone.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from functools import cache
from typing import ClassVar

import pytest

from tests.lessons.walk import ascii_throughout, walk_through
from tests.tui.harness import shipped_course
from tutor.course import LabBlock, Lesson, Question, decided, evaluate, grade, load_lesson
from tutor.course.metrics import question_metrics
from tutor.experiments import find_lab


@cache
def load(id: str) -> Lesson:
    """A lesson of the shipped course."""
    return load_lesson(shipped_course().info(id))


def labs(id: str, name: str = "") -> list[LabBlock]:
    """The lab blocks of a lesson, in their order; with `name` those of that lab."""
    blocks = [block for step in load(id).steps for block in step.blocks if isinstance(block, LabBlock)]
    return [block for block in blocks if name in ("", block.name)]


def questions_of(ids: Sequence[str]) -> dict[str, Question]:
    """Every question by its id. Raises AssertionError where two share one: their answers would be kept as one."""
    found = list(_questions(ids))
    assert max(Counter(question.id for question in found).values()) == 1
    return {question.id: question for question in found}


def _questions(ids: Sequence[str]) -> Iterator[Question]:
    return (question for id in ids for step in load(id).steps for question in step.questions)


class Contract:
    """numbers: question -> the answer worked out by hand (near: how near it must be). happens: prediction -> the text
    of the option that the run decides for. measured: prediction without options -> the number by hand. mistakes,
    rounded: (question, answer) that must not be, must be, taken for right. labs: lesson -> its labs in order.
    requires: lesson -> what it requires. least: (questions, kinds, predictions) of each lesson at least."""

    ids: ClassVar[tuple[str, ...]]
    numbers: ClassVar[Mapping[str, float]]
    near: ClassVar[float] = 1e-6
    happens: ClassVar[Mapping[str, str]]
    measured: ClassVar[Mapping[str, float]] = {}
    mistakes: ClassVar[Sequence[tuple[str, str]]]
    rounded: ClassVar[Sequence[tuple[str, str]]]
    labs: ClassVar[Mapping[str, Sequence[str]]]
    requires: ClassVar[Mapping[str, tuple[str, ...]]]
    least: ClassVar[tuple[int, int, int]] = (8, 4, 1)
    steps: ClassVar[range] = range(6, 13)

    def test_enough_questions_of_enough_kinds(self) -> None:
        for id in self.ids:
            kinds = Counter(question.kind for question in _questions([id]))
            has = (kinds.total(), len(kinds), kinds["predict"])
            assert all(number >= least for number, least in zip(has, self.least, strict=True)), (id, kinds)
            assert len(load(id).steps) in self.steps, id

    def test_every_numeric_answer_is_the_hand_worked_one(self, questions: dict[str, Question]) -> None:
        numeric = {id: evaluate(q.answer) for id, q in questions.items() if q.kind == "numeric"}
        assert numeric == pytest.approx(self.numbers, rel=self.near)

    def test_a_usual_mistake_is_not_taken_for_right(
        self, questions: dict[str, Question], mistake: tuple[str, str]
    ) -> None:
        id, answer = mistake
        assert not grade(questions[id], answer).right

    def test_a_rounded_answer_is_right(
        self, questions: dict[str, Question], rounding: tuple[str, str]
    ) -> None:
        id, answer = rounding
        assert grade(questions[id], answer).right

    def test_every_prediction_with_options_has_been_worked_out(self, questions: dict[str, Question]) -> None:
        assert {q.id for q in questions.values() if q.kind == "predict" and q.options} == self.happens.keys()

    def test_predictions_end_as_the_text_says(self, lesson_id: str) -> None:
        predictions = [q for q in _questions([lesson_id]) if q.kind == "predict" and q.options]
        came = {q.id: q.options[decided(q, question_metrics(q, None))].text for q in predictions}
        assert came == {id: self.happens[id] for id in came}

    def test_measured_numbers_are_those_worked_out_by_hand(self, questions: dict[str, Question]) -> None:
        guessed = [q for q in questions.values() if q.kind == "predict" and not q.options]
        measured = {q.id: evaluate(q.answer, question_metrics(q, None)) for q in guessed}
        assert measured == pytest.approx(self.measured, rel=2e-3)

    def test_labs_of_each_lesson(self) -> None:
        assert {id: [lab.name for lab in labs(id)] for id in self.ids} == self.labs
        for id in self.ids:
            for lab in labs(id):
                find_lab(lab.name).values(lab.set)

    def test_no_step_has_two_labs(self) -> None:
        for step in (step for id in self.ids for step in load(id).steps):
            assert sum(isinstance(block, LabBlock) for block in step.blocks) <= 1, step.title

    def test_requires(self) -> None:
        assert {id: load(id).info.requires for id in self.ids} == self.requires

    async def test_a_lesson_is_done_with_keys_alone(self, lesson_id: str) -> None:
        await walk_through(lesson_id)

    async def test_every_step_is_ascii_where_that_is_asked(self, lesson_id: str) -> None:
        await ascii_throughout(lesson_id)
