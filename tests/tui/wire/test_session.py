"""The proof: after every event of random sessions, stock and sent output show the same in every cell."""

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
async def test_what_was_sent_shows_what_textual_would_have_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, seed: int, environment: dict[str, str]
) -> None:
    for name in ("TERM", "COLORTERM", "NO_COLOR"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    app = watched_app(course_folder(tmp_path / "course"))
    watch = await use(app, EVENTS, seed)
    assert app._difference is not None  # it did not give up
    assert app.frames > EVENTS / 2
    assert 0 < watch.bytes[1] < watch.bytes[0] / 2


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
