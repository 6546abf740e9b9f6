"""Runs in this process, frame by frame as the test says: what `Worker` is to a lab, without a process."""

from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tutor.course.types import Course
from tutor.experiments import Frame, run
from tutor.experiments.running import live_changes
from tutor.experiments.worker_run import Run
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.labs.base import lab_class
from tutor.tui.labs.run_lab import RunLab

from .harness import SMALL, screen_text


class FakeRuns:
    """`more(n)` makes frames of a run that is not paused; steps are made at once.

    made: the frames, for experiments that would take too long.
    """

    def __init__(self, made: Callable[[], Iterator[Frame]] | None = None) -> None:
        self._made = made
        self.begun: list[tuple[str, Mapping[str, object], Sequence[int] | None]] = []
        self.speeds: list[float | None] = []
        self.closed = False
        self._frames: Iterator[Frame] = iter(())
        self._changed: Callable[[Run], None] = lambda _run: None
        self.current: Run | None = None

    def run(
        self,
        id: str,
        parameters: Mapping[str, object],
        seeds: Sequence[int] | None = None,
        *,
        changed: Callable[[Run], None],
        paused: bool = False,
        speed: float | None = None,
    ) -> Run:
        self.begun.append((id, dict(parameters), seeds))
        self._live = live_changes(id, parameters)
        self._frames = self._made() if self._made is not None else run(id, parameters, seeds, self._live)
        self._changed = changed
        self.current = Run(id, parameters, state="paused" if paused else "running")
        self.current._send = self._told
        self._make(1)
        return self.current

    def _told(self, command: str, *details: object) -> None:
        if command == "step":
            self._make(int(str(details[0])))
        elif command == "change":
            self._follow(*details)
        elif command == "speed":
            self.speeds.append(details[0])  # type: ignore[arg-type]

    def _follow(self, name: object, value: object) -> None:
        assert self.current is not None
        assert self._live is not None
        self.current.changes.append(self._live.add(str(name), float(str(value))))
        self._changed(self.current)

    def more(self, frames: int) -> None:
        assert self.current is not None
        if self.current.state == "running":
            self._make(frames)

    def _make(self, frames: int) -> None:
        assert self.current is not None
        made = list(islice(self._frames, frames))
        self.current.frames.extend(made)
        if len(made) < frames:
            self.current.state = "done"
        self._changed(self.current)

    def die(self, problem: str = "the process of this run died (signal 9); what it had done is kept") -> None:
        assert self.current is not None
        self.current.problem, self.current.state = problem, "dead"
        self._changed(self.current)

    def fail(self, problem: str, traceback: str = "") -> None:
        """traceback: of a mistake of the program."""
        assert self.current is not None
        self.current.problem, self.current.traceback, self.current.state = problem, traceback, "failed"
        self._changed(self.current)

    def close(self) -> None:
        if self.current is not None and not self.current.ended:
            self.current.state = "stopped"
        self._changed = lambda _run: None
        self.closed = True


@asynccontextmanager
async def run_lab(
    tmp_path: Path,
    id: str,
    parameters: dict[str, Any],
    runs: FakeRuns,
    size: tuple[int, int] = SMALL,
    symbols: str = "unicode",
) -> AsyncIterator[tuple[Pilot[None], RunLab, FakeRuns]]:
    """A lab of runs on its own screen, `runs` in place of its process."""
    settings = Settings(symbols=symbols)
    app = TutorApp(Course(tmp_path, "en", ()), open_store(tmp_path / "progress.db"), settings)
    kind = lab_class(id)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(kind, "worker", lambda: runs)
        async with app.run_test(size=size) as pilot:
            app.open_lab(id, parameters)
            await pilot.pause()
            await pilot.pause()
            view = app.screen.query_one(kind)
            assert isinstance(view, RunLab)
            yield pilot, view, runs
    app.close_store()


def shown(pilot: Pilot[None]) -> str:
    assert isinstance(pilot.app, TutorApp)
    return screen_text(pilot.app)


async def run_all(pilot: Pilot[None], view: RunLab, runs: FakeRuns) -> str:
    """Let it run to its end; what is shown then."""
    await pilot.press("r")
    view._plots_drawn_at = 0.0
    runs.more(10_000)
    await pilot.pause()
    return shown(pilot)
