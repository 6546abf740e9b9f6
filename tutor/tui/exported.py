"""What a learner exported who has no files on this machine: as text, to be copied from the screen."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from tutor.tui.labs.reader import ReaderScreen

SHOWN = (".csv", ".txt", ".json")  # the others are pictures
MOST_LINES = 400  # of one file


def exported_texts(written: Sequence[Path]) -> "ReaderScreen":
    """Every text among the files, one after another."""
    from tutor.tui.labs.reader import ReaderScreen

    lines = [Content("A copy is with your teacher. The texts, to copy from here:")]
    for path in written:
        if path.suffix in SHOWN:
            lines += [Content(""), Content.styled(path.name, "bold"), *_lines(path)]
    return ReaderScreen("Exported", lines, spaced=False, wide=True)


def _lines(path: Path) -> list[Content]:
    with path.open(encoding="utf-8") as stream:
        lines = [line.rstrip("\n") for _, line in zip(range(MOST_LINES), stream, strict=False)]
        rest = sum(1 for _ in stream)
    if rest:
        lines.append(f"and {rest} lines more, in your teacher's copy")
    return [Content(line) for line in lines]
