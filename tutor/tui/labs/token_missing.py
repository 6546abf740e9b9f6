"""What a lab shows when the toy model cannot be read: what is wrong, and the command that makes it anew."""

from textual.content import Content
from textual.widgets import Static

from tutor.toy_llm.checkpoint import CheckpointError


class NoModel(Static):
    """A few lines instead of the lab, the command first: of a lab in a lesson perhaps only the first lines are seen."""

    DEFAULT_CSS = "NoModel { height: 1fr; padding: 0 2; }"

    def __init__(self, error: CheckpointError) -> None:
        lines = [
            Content.assemble("No model: press ctrl+q, run  ", (error.command, "bold")),
            Content(""),
            Content(f"The toy model cannot be read: {error.reason}.").stylize("$error"),
            Content(f"(file: {error.path})").stylize("$muted"),
        ]
        super().__init__(Content("\n").join(lines), markup=False)
