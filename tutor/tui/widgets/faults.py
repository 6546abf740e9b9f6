"""Why a lesson cannot be shown."""

from textual.content import Content

from tutor.tui.prose.look import Look, clean
from tutor.tui.prose.wrapping import wrap
from tutor.tui.widgets.prose import FlatText


class Faults(FlatText):
    """The faults of a lesson, line by line."""

    DEFAULT_CSS = "Faults { padding: 1 2; }"

    def __init__(self, faults: list[str]) -> None:
        super().__init__()
        self._faults = faults

    def lay_out(self, width: int, look: Look) -> list[Content]:  # noqa: ARG002
        lines = [Content.styled("This lesson cannot be opened.", "bold $error"), Content("")]
        for fault in self._faults:
            lines += wrap(clean(fault), [], width)
        return [*lines, Content(""), Content("esc goes back; the other lessons are not affected.")]
