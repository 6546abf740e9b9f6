"""The keys of a lesson, as long as the text has them."""

from textual.binding import Binding, BindingType

from tutor.tui.lesson_state import LessonState
from tutor.tui.widgets.lesson_page import LessonPage

KEYS: list[BindingType] = [
    Binding("space", "on", "on", tooltip="a page further down, then the next step"),
    Binding("right", "turn(1)", "next step", show=False),
    Binding("b,left", "turn(-1)", "back", tooltip="the step before"),
    Binding("tab", "go_in('question')", "question", tooltip="into the next question"),
    Binding("tab", "go_in('lab')", "lab", tooltip="into the next lab"),
    Binding("tab", "go_in('chart')", "chart", tooltip="into the next chart"),
    Binding("shift+tab", "part_before", "the one before", show=False, tooltip="into the one before"),
    Binding("enter", "open_question", "open question", tooltip="to the first question still open"),
    Binding("enter", "enter", "into the question", show=False, tooltip="into the question or lab in sight"),
    Binding("h", "hint", "hint", tooltip="the next hint"),
    Binding("v", "give_up", "show", show=False, tooltip="show the answer of a question you tried"),
    Binding("m", "latex", "LaTeX", tooltip="formulas as LaTeX source, and back"),
    Binding("escape,q", "back", "leave the lesson", show=False, tooltip="to the text; from the text Home"),
    Binding("up,k", "scroll(-1)", "a line up", show=False),
    Binding("down,j", "scroll(1)", "a line down", show=False),
    Binding("pageup", "page(-1)", "a page up", show=False),
    Binding("pagedown", "page(1)", "a page down", show=False),
    Binding("home", "scroll(-100000)", "to the top", show=False),
    Binding("end", "scroll(100000)", "to the end", show=False),
    Binding("ctrl+c,super+c", "screen.copy_text", "copy what is selected", show=False),
]


def acts(state: LessonState, page: LessonPage, action: str, parameters: tuple[object, ...]) -> bool:
    """Whether an action of the lesson can do anything now."""
    if action in ("hint", "give_up"):
        return page.question_for(action) is not None
    if action == "go_in":
        return (page.next_kind(),) == parameters
    if action == "part_before":
        return page.next_part(-1) is not None
    if action == "enter":
        return page.screen.focused is None
    if action == "open_question":
        return state.is_last and page.screen.focused is None and state.first_open_question() is not None
    if action == "turn":
        return state.index > 0 or parameters != (-1,)
    return True
