"""What a learner exported who has no files on this machine: as text, to be copied from the screen."""

from collections.abc import Sequence
from pathlib import Path

from textual import events
from textual.content import Content
from textual.widgets import Static

from tutor.tui.labs.reader import CLOSING, ReaderScreen

SHOWN = (".csv", ".txt", ".json")  # the others are pictures
MOST_LINES = 400  # of one file
MOST_COPIED = 74_000  # bytes: terminals take some 100,000 of their base64
MOST_KEYS = 9


class ExportedScreen(ReaderScreen):
    """Every text among the files, one after another; the number of one copies it."""

    def __init__(self, written: Sequence[Path]) -> None:
        self.texts = [path for path in written if path.suffix in SHOWN]
        numbers = "1" if len(self.texts) == 1 else f"1 to {min(len(self.texts), MOST_KEYS)}"
        self.closing = f"{numbers} copies a text   {CLOSING}" if self.texts else CLOSING
        super().__init__("Exported", _page(written, self.texts, numbers), spaced=False, wide=True)

    def on_key(self, event: events.Key) -> None:
        character = event.character or ""
        if character.isascii() and character.isdecimal() and 1 <= int(character) <= len(self.texts):
            event.stop()
            self.query_one("#closing", Static).update(self._copied(self.texts[int(character) - 1]))

    def _copied(self, path: Path) -> str:
        """What is said to the wish to copy."""
        try:
            text = path.read_text(encoding="utf-8")
        except OSError as error:
            return f"{path.name} cannot be read: {error.strerror}"
        if len(text.encode()) > MOST_COPIED:
            return f"{path.name} is too long for that: ask your teacher for it."
        self.app.copy_to_clipboard(text)
        return f"{path.name}: copied."


def _page(written: Sequence[Path], texts: Sequence[Path], numbers: str) -> list[Content]:
    """What lies where and how it is copied; then the texts."""
    folder = written[0].parent.name if written else ""
    files = "1 file" if len(written) == 1 else f"{len(written)} files"
    pictures = [path.name for path in written if path.suffix not in SHOWN]
    lines = [Content(f"A copy is with your teacher: {files} in your folder {folder}.")]
    if texts:
        lines.append(Content(f"{numbers} copies a text, if your terminal lets programs copy;"))
        lines.append(Content("else select it with the mouse, mostly with shift held."))
    if pictures:
        lines.append(Content(f"Pictures are with your teacher alone: {', '.join(pictures)}"))
    for number, path in enumerate(texts, 1):
        key = f"{number}  " if number <= MOST_KEYS else ""
        lines += [Content(""), Content.styled(f"{key}{path.name}", "bold"), *_lines(path)]
    return lines


def _lines(path: Path) -> list[Content]:
    with path.open(encoding="utf-8") as stream:
        lines = [line.rstrip("\n") for _, line in zip(range(MOST_LINES), stream, strict=False)]
        rest = sum(1 for _ in stream)
    if rest:
        lines.append(f"and {rest} lines more, in your teacher's copy")
    empty = len(lines) <= 1 if path.suffix == ".csv" else not any(lines)
    note = (
        [Content.styled("empty: nothing has been done yet that it would tell of", "$muted")] if empty else []
    )
    return [*(Content(line) for line in lines), *note]
