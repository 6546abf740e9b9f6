"""Keeps half-made answers and labs: now and then while they change, and whenever a step is left."""

from tutor.tui.labs.base import LabView
from tutor.tui.lesson_state import LessonState
from tutor.tui.recorder import Recorder


class Keeper:
    """One for an open lesson."""

    def __init__(self, state: LessonState, recorder: Recorder) -> None:
        self._state = state
        self._recorder = recorder
        self._touched: dict[str, LabView] = {}  # by block id

    def touch(self, lab: LabView) -> None:
        """A lab has changed; its state is asked for when it is kept, not at every key."""
        self._touched[lab.block_id] = lab

    def keep(self) -> None:
        """Put what has changed on disk, without waiting for it."""
        state, lesson = self._state, self._state.info.id
        for block_id, lab in self._touched.items():
            state.labs[block_id] = lab.lab_state()
            self._recorder.post("lab", lesson, state.step.id, lab=block_id, state=state.labs[block_id])
        self._touched = {}
        for question in state.touched_questions():
            draft = question.draft()
            if draft != question.kept_draft:
                question.kept_draft = draft
                self._recorder.post("draft", lesson, question.step_id, question.question.id, response=draft)
