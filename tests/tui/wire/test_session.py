"""The proof: after every event of random sessions, stock and sent output show the same in every cell."""

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.tui.wire.session import DifferenceError, Watch, course_folder, use, watched_app
from tutor.tui.wire.shown import Shown

EVENTS = 125  # in each of the four: 500 in all


@pytest.mark.parametrize(
    ("seed", "environment"),
    [
        (1, {"TERM": "xterm-256color"}),
        (2, {"TERM": "xterm-256color", "COLORTERM": "truecolor"}),
        (3, {"TERM": "xterm-256color", "NO_COLOR": "1"}),
        (4, {"TERM": "xterm-16color"}),
    ],
)
def test_what_was_sent_shows_what_textual_would_have_shown(seed: int, environment: dict[str, str]) -> None:
    """A process each: Textual's styles remember the codes of the colours that they were first drawn in."""
    kept = {name: value for name, value in os.environ.items() if name not in ("COLORTERM", "NO_COLOR")}
    command = [sys.executable, "-m", "tests.tui.wire.session", str(EVENTS), str(seed)]
    done = subprocess.run(command, capture_output=True, text=True, env={**kept, **environment})
    assert done.returncode == 0, done.stderr
    numbers = re.findall(r"([\d,]+) frames|own ([\d,]+)|sent ([\d,]+)", done.stdout)
    frames, whole, sent = (int("".join(groups).replace(",", "")) for groups in numbers)
    assert frames > EVENTS / 2
    assert 0 < sent < whole / 2


async def test_the_comparison_finds_what_is_not_sent(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """One cell that is forgotten now and then is seen."""
    whole = Shown._run

    def run(self: Shown, y: int, start: int, end: int, *rest: object, **words: bool) -> None:
        if (y, start) != (1, 1):
            whole(self, y, start, end, *rest, **words)  # type: ignore[arg-type]

    monkeypatch.setattr(Shown, "_run", run)
    with pytest.raises(DifferenceError):
        await use(watched_app(course_folder(tmp_path / "course")), 40, 1)


def test_the_emulators_are_told_of_every_byte(tmp_path: Path) -> None:
    app = watched_app(course_folder(tmp_path / "course"))
    watch = Watch(app, (20, 2))
    app.stock, app.sent = ["\x1b[1;1Habc"], ["\x1b[1;1Habd"]
    with pytest.raises(DifferenceError, match="row 0, column 2"):
        watch.compare("nothing")
    app.close_store()
