"""What a learner has done with a question, apart from any widget: it outlives turning the page and resizing."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from tutor.course.types import Question, Verdict
from tutor.progress import QuestionProgress

LONGEST = 500  # characters of a typed answer
_NOT_TYPED = re.compile("[\x00-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff\ud800-\udfff]")

Response = int | str | frozenset[int] | tuple[int, ...]


def typed(text: str) -> str:
    """What was typed or pasted as an answer: one line, no control characters, at most 500 characters."""
    return _NOT_TYPED.sub("", re.sub(r"[\r\n\t]+", " ", text))[:LONGEST]


def is_typed(question: Question) -> bool:
    """Whether the answer is written (rather than chosen or ordered)."""
    return question.kind in ("numeric", "text") or (question.kind == "predict" and not question.options)


def needs_run(question: Question) -> bool:
    """Whether grading makes a run, which may take a while."""
    texts = (question.answer, question.why, *(option.why for option in question.options))
    return question.kind == "predict" or any("metric(" in text for text in texts)


def as_json(response: Response) -> int | str | list[int]:
    """A response as it is kept with the learner's progress."""
    if isinstance(response, frozenset):
        return sorted(response)
    return list(response) if isinstance(response, tuple) else response


def from_json(question: Question, raw: object) -> Response | None:
    """A kept response, or None when it does not fit the question (which may have changed since)."""
    if is_typed(question):
        return typed(raw) if isinstance(raw, str) else None
    count = len(question.items) if question.kind == "order" else len(question.options)
    if question.kind in ("choice", "predict"):
        return raw if type(raw) is int and 0 <= raw < count else None
    if not isinstance(raw, Sequence) or isinstance(raw, str):
        return None
    numbers = [item for item in raw if type(item) is int and 0 <= item < count]
    if len(numbers) != len(raw) or len(set(numbers)) != len(numbers):
        return None
    if question.kind == "multiple":
        return frozenset(numbers)
    return tuple(numbers) if len(numbers) == count else None


@dataclass
class QuestionState:
    """One question of the open lesson.

    number: from 1, within the lesson.
    shown: options (or items) as written, in the order they are shown in; cursor: a row of it; picked: the learner put
    it there, and only then is that option their answer. chosen, arrangement, text: the answer in the making, by kind.
    verdict: on `answered`, the last answer; None while there is none. ever_right: some answer was right.
    tried: options that were answered and wrong. given_up, solution: the learner asked for the answer, which is this.
    right_option: the option that a prediction's run decided for, once known, else -1.
    busy: what is going on, empty when nothing is. note: what could not be done. kept_draft: the draft on disk.
    to_run_again: answered in an earlier session, and what to say to it needs a run that has not been made yet;
    asked_before: the learner had asked for the answer then. put_off: it is kept that the answer was told after an
    attempt, by a run or because it was asked for.
    """

    question: Question
    step_id: str
    number: int
    shown: tuple[int, ...] = ()
    cursor: int = 0
    picked: bool = False
    chosen: set[int] = field(default_factory=set)
    arrangement: list[int] = field(default_factory=list)
    text: str = ""
    verdict: Verdict | None = None
    answered: Response | None = None
    tried: set[int] = field(default_factory=set)
    attempts: int = 0
    hints: int = 0
    ever_right: bool = False
    given_up: bool = False
    solution: str = ""
    right_option: int = -1
    busy: str = ""
    note: str = ""
    kept_draft: object = None
    to_run_again: bool = False
    asked_before: bool = False
    put_off: bool = False

    @property
    def finished(self) -> bool:
        """There is nothing left to find out: every reason may be read.

        The last answer was right, the learner asked for the answer, or the run has shown that a prediction was wrong.
        """
        return self.given_up or self.outcome_shown or (self.verdict is not None and self.verdict.right)

    @property
    def outcome_shown(self) -> bool:
        """A prediction was wrong, and what the run gave is told: nothing is left to guess."""
        wrong = self.verdict is not None and not self.verdict.right
        return wrong and self.question.kind == "predict" and not self.to_run_again

    @property
    def practising(self) -> bool:
        """It was right at some time, and the sheet that is seen now is not."""
        return self.ever_right and not (self.verdict is not None and self.verdict.right)

    def already_wrong(self, response: Response) -> bool:
        """Whether this very answer has been graded, was wrong, and nothing was done about it since."""
        if self.verdict is None or self.finished or self.to_run_again:
            return False
        return response == self.answered or (isinstance(response, int) and response in self.tried)

    @property
    def open(self) -> bool:
        """Never answered right, not given up, and no run has told the answer."""
        return not (self.ever_right or self.given_up or self.put_off)

    def response(self) -> Response | None:
        """The answer as it stands, or None when there is none yet."""
        kind = self.question.kind
        if is_typed(self.question):
            return self.text.strip() or None
        if kind == "multiple":
            return frozenset(self.chosen) or None
        if kind == "order":
            return tuple(self.arrangement)
        return self.shown[self.cursor] if self.shown and self.picked else None

    def take(self, response: Response) -> None:
        """Put an answer (kept or half-made) into the controls."""
        if isinstance(response, str):
            self.text = response
        elif isinstance(response, frozenset):
            self.chosen = set(response)
        elif isinstance(response, tuple):
            self.arrangement = list(response)
        elif response in self.shown:
            self.cursor, self.picked = self.shown.index(response), True

    def judge(self, response: Response, verdict: Verdict, right_option: int = -1) -> None:
        """An answer has been graded. right_option: see `give_up`."""
        self.show_verdict(response, verdict, right_option)
        self.attempts += 1
        self.ever_right = self.ever_right or verdict.right
        self.given_up = self.given_up and not verdict.right

    def show_verdict(self, response: Response, verdict: Verdict, right_option: int = -1) -> None:
        """What is said to an answer, of now or of an earlier session."""
        if verdict.right and isinstance(response, str):
            self.text = response  # not what was typed while it was being graded
        self.answered, self.verdict, self.right_option, self.to_run_again = (
            response,
            verdict,
            right_option,
            False,
        )
        if not verdict.right and isinstance(response, int):
            self.tried.add(response)

    def give_up(self, solution: str, right_option: int = -1) -> None:
        """The learner asked for the answer. right_option: what the run of a prediction decided, if it did."""
        self.given_up, self.verdict, self.solution, self.right_option = True, None, solution, right_option
        self.to_run_again, self.asked_before, self.note = False, False, ""

    def try_again(self) -> None:
        """A clean sheet; what was right once stays so."""
        self.verdict, self.answered, self.given_up, self.note = None, None, False, ""
        self.right_option, self.to_run_again, self.asked_before = -1, False, False
        self.chosen, self.tried, self.text, self.cursor, self.picked = set(), set(), "", 0, False
        self.arrangement = list(self.shown)

    def draft(self) -> object:
        """The answer in the making as JSON; None when there is nothing that the last answer does not say."""
        response = self.response()
        untouched = response is None or response == self.answered or self.finished
        if untouched or response == QuestionState.response(self._fresh()):
            return None
        return as_json(response) if response is not None else None

    def _fresh(self) -> "QuestionState":
        return QuestionState(
            self.question, self.step_id, self.number, self.shown, arrangement=list(self.shown)
        )


def question_state(
    question: Question, step_id: str, number: int, lesson_id: str, learner: str, kept: QuestionProgress
) -> QuestionState:
    """A question as the learner left it."""
    from tutor.course import presented, solution

    order = presented(question, learner, lesson_id)
    state = QuestionState(question, step_id, number, order, arrangement=list(order))
    state.hints = min(kept.hints, len(question.hints))
    state.ever_right, state.attempts = kept.right, kept.attempts
    _restore_answer(state, kept)
    if kept.skipped and kept.attempts:  # only after an attempt can the answer be asked for
        state.put_off = True
        if needs_run(question):
            state.to_run_again, state.asked_before = True, not kept.told
        else:
            state.give_up(solution(question))
    draft = from_json(question, kept.draft) if kept.draft is not None else None
    if draft is not None:
        state.take(draft)
        state.kept_draft = kept.draft
    return state


def _restore_answer(state: QuestionState, kept: QuestionProgress) -> None:
    response = from_json(state.question, kept.last_response) if kept.attempts else None
    if response is None:
        return
    state.take(response)
    if needs_run(state.question):
        word = "Right." if kept.right else "Not yet."
        state.answered, state.verdict, state.to_run_again = response, Verdict(kept.right, word), True
        return
    from tutor.course import grade

    verdict = grade(state.question, response)
    if verdict.counts:
        state.show_verdict(response, verdict)
