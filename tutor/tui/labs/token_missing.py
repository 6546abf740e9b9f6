"""What a lab shows when the toy model cannot be read: what is wrong, and the command that makes it anew."""

from textual.content import Content
from textual.widgets import Static

from tutor.toy_llm.checkpoint import REBUILD, CheckpointError


class NoModel(Static):
    """Two lines instead of the lab."""

    DEFAULT_CSS = "NoModel { height: 1fr; padding: 1 2; }"

    def __init__(self, error: CheckpointError) -> None:
        lines = [
            Content(f"The toy model cannot be read: {error.reason}.").stylize("$error"),
            Content(""),
            Content.assemble("Leave the tutor with ctrl+q and make it anew with:  ", (REBUILD, "bold")),
            Content(f"(file: {error.path})").stylize("$muted"),
        ]
        super().__init__(Content("\n").join(lines), markup=False)
