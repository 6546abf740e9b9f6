"""Which widget asks which kind of question."""

from tutor.tui.lesson_state import Texts
from tutor.tui.question_state import QuestionState, is_typed
from tutor.tui.widgets.question import QuestionView
from tutor.tui.widgets.question_choice import ChoiceQuestion, MultipleQuestion, OrderQuestion
from tutor.tui.widgets.question_typed import TypedQuestion


def question_view(state: QuestionState, texts: Texts) -> QuestionView:
    """The widget for a question."""
    if is_typed(state.question):
        return TypedQuestion(state, texts)
    if state.question.kind == "multiple":
        return MultipleQuestion(state, texts)
    if state.question.kind == "order":
        return OrderQuestion(state, texts)
    return ChoiceQuestion(state, texts)
