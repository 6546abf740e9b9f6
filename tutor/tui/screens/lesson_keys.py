"""The keys of a lesson, as long as the text has them."""

from textual.binding import Binding, BindingType

KEYS: list[BindingType] = [
    Binding("space", "on", "on", tooltip="a page further down, then the next step"),
    Binding("right", "turn(1)", "next step", show=False),
    Binding("b,left", "turn(-1)", "back", tooltip="the step before"),
    Binding("tab", "next_part(1)", "question", tooltip="into the next question or lab"),
    Binding("shift+tab", "next_part(-1)", "the one before", show=False, tooltip="into the one before"),
    Binding("enter", "enter", "into the question", show=False, tooltip="into the question or lab in sight"),
    Binding("h", "hint", "hint", tooltip="the next hint"),
    Binding("v", "give_up", "show the answer", show=False, tooltip="show the answer of a question you tried"),
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
