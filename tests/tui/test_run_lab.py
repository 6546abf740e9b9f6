"""A lab of runs through its keys: with runs made in this process, and with a process of its own."""

import asyncio
import json
import os
import signal
import time
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from tutor.course.types import Course
from tutor.experiments import LabDescription, find_experiment
from tutor.experiments.entries.shared import RUN_SPEED, SEED
from tutor.experiments.worker import Worker
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.labs.lab_keys import key, main
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.run_curves import Plot
from tutor.tui.labs.run_lab import RunLab, run_keys
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.keybar import KeyBar

from .fake_runs import FakeRuns
from .harness import LARGE, SMALL, screen_text

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])
PATIENCE = 30.0  # seconds until a test gives up on a process
EPISODE = find_experiment("episode")
DESCRIPTION = LabDescription(
    "walking",
    "Walking",
    "A policy walks.",
    (*EPISODE.parameters, SEED, RUN_SPEED),
    "gamma",
    ({"grid": "cliff", "steps": 60}, {"grid": "mouse"}),
)


class Walk(RunLab):
    """A random walk as a run."""

    lab_id = "walking"
    experiment_id = "episode"
    length = "steps"
    plots = (Plot("objective/episode_return", "return so far"), Plot("episode/reward", "reward"))
    BINDINGS = run_keys(*main("main", "gamma", "gamma down or up"), key("predict"), unit="update")
    description = DESCRIPTION  # type: ignore[assignment]

    def question(self) -> tuple[str, tuple[str, ...]]:
        return "Does it end within the steps?", ("yes", "no")

    def verdict(self) -> int:
        return int(self.session.reached == int(self.session.parameters["steps"]))


class Page(Screen[None]):
    """The lab alone on a screen, or as a lesson embeds it; with the bottom line."""

    AUTO_FOCUS = "RunLab"

    def __init__(self, lab: RunLab) -> None:
        super().__init__()
        self.lab = lab

    def compose(self) -> ComposeResult:
        yield self.lab
        yield KeyBar()


class Desk:
    """A lab on a screen, and the runs it started."""

    def __init__(self, pilot: Pilot[None], tmp_path: Path) -> None:
        self.pilot = pilot
        self.runs: list[FakeRuns] = []
        self.tmp_path = tmp_path
        self.lab: Walk

    async def open(
        self,
        state: Mapping[str, Any] | None = None,
        *,
        embedded: bool = False,
        real: bool = False,
        **given: Any,
    ) -> Walk:
        values = DESCRIPTION.values({**DESCRIPTION.presets[0], **given})

        class Here(Walk):
            worker = Worker if real else self._start

        self.lab = Here(values, state, embedded=embedded)
        await self.pilot.app.push_screen(Page(self.lab))
        await self.pilot.pause()
        return self.lab

    def _start(self) -> FakeRuns:
        self.runs.append(FakeRuns())
        return self.runs[-1]

    async def press(self, *keys: str) -> str:
        """The last key's plots are drawn now, however short ago the last were."""
        await self.pilot.press(*keys[:-1])
        self.lab._plots_drawn_at = 0.0
        await self.pilot.press(*keys[-1:])
        await self.pilot.pause()
        return self.screen

    async def more(self, frames: int) -> str:
        """Frames come; they are drawn now, however short ago the last were."""
        self.lab._plots_drawn_at = 0.0
        self.runs[-1].more(frames)
        await self.pilot.pause()
        return self.screen

    @property
    def screen(self) -> str:
        assert isinstance(self.pilot.app, TutorApp)
        return screen_text(self.pilot.app)

    async def until(self, holds: Any) -> None:
        end = time.monotonic() + PATIENCE
        while not holds():
            assert time.monotonic() < end
            await asyncio.sleep(0.01)
        await self.pilot.pause()


@asynccontextmanager
async def desk(
    tmp_path: Path, size: tuple[int, int] = SMALL, settings: Settings | None = None
) -> AsyncIterator[Desk]:
    app = TutorApp(
        Course(tmp_path, "en", ()),
        open_store(tmp_path / "progress.db"),
        settings or Settings(symbols="unicode"),
    )
    async with app.run_test(size=size) as pilot:
        yield Desk(pilot, tmp_path)
    app.close_store()


@SIZES
async def test_opened_it_shows_the_beginning_and_what_to_do(tmp_path: Path, size: tuple[int, int]) -> None:
    async with desk(tmp_path, size) as at:
        lab = await at.open()
        assert lab.status() == "update 0 of 60  paused"
        assert lab.title() == "Walking · seed 0"
        for part in ("return so far", "reward", "episode", "r run  space step", "e why", "[ ] gamma"):
            assert part in at.screen


@SIZES
async def test_space_makes_one_update_and_r_runs_until_the_end(tmp_path: Path, size: tuple[int, int]) -> None:
    async with desk(tmp_path, size) as at:
        lab = await at.open()
        await at.press("space", "space")
        assert lab.status() == "update 2 of 60  paused"
        await at.press("r")
        assert lab.session.state == "running"
        await at.more(10)
        assert "update 12 of 60" in lab.status()
        assert lab.query(ChartView).first().chart.series[0].x.tolist() == list(range(13))
        await at.press("r")
        assert lab.status() == "update 12 of 60  paused"
        await at.press("r")
        await at.more(1000)
        assert lab.status() == "update 60 of 60  done"
        assert "The run is over: 0 runs it again" in await at.press("r")
        assert "The run is over" in await at.press("space")
        await at.press("0")
        assert lab.status() == "update 0 of 60  paused"


async def test_a_run_that_was_stepped_to_its_last_update_is_over(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open()
        await at.press("r")
        await at.more(59)
        await at.press("r", "space")
        assert lab.session.reached == 60
        await at.more(1)  # a process that may go on finds nothing left to make
        assert lab.status() == "update 60 of 60  done"


async def test_looking_back_marks_the_plots_and_shows_that_updates_numbers(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open()
        await at.press("space", "space", "space", "u")
        assert lab.status() == "at update 2 of 3  paused"
        assert [mark.x for mark in lab.query(ChartView).first().chart.marks] == [2]
        assert "−2" in lab._panes.plain
        await at.press("right")
        assert lab.status() == "update 3 of 60  paused"
        assert "−3" in lab._panes.plain
        await at.press("home")
        assert lab.session.shown == 0
        assert "That is the beginning." in await at.press("left")
        await at.press("end")
        assert lab.session.cursor is None


async def test_the_main_parameter_is_live(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open(gamma=0.5)
        await at.press("space", "space", "space")
        assert "−1.75" in lab._panes.plain  # -1 - .5 - .25
        screen = await at.press("left_square_bracket")
        assert lab.session.parameters["gamma"] == pytest.approx(0.49)
        assert "gamma 0.49" in screen
        assert "run anew" not in screen  # it has come: nothing is left to tell
        assert "−1.73" in lab._panes.plain  # -1 - .49 - .2401
        assert lab.status() == "update 3 of 60  paused"


async def test_speed_goes_up_to_as_fast_as_it_can(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open()
        await at.press("r", "minus")
        assert lab.session.parameters["speed"] == 100
        assert "speed: 50 updates a second" in await at.press("minus")
        await at.press("plus", "plus", "plus")
        assert lab.session.parameters["speed"] == 0
        assert at.runs[0].speeds[-1] is None
        assert lab.session.state == "running"


async def test_other_dice_and_the_next_example(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open(seeds=3)
        await at.press("space", "s")
        assert lab.title() == "Walking · seeds 3-5"
        assert lab.session.reached == 0
        await at.press("n")
        assert lab.session.parameters["grid"] == "mouse"
        await at.press("n")
        assert lab.session.parameters["grid"] == "cliff"


async def test_options_are_those_of_the_experiment_and_refuse_what_is_out_of_range(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open()
        screen = await at.press("o")
        for name in ("grid", "policy", "steps", "seeds", "speed"):
            assert name in screen
        rows = [parameter.name for parameter in DESCRIPTION.parameters]
        screen = await at.press(*["down"] * rows.index("steps"), *"1000000000", "enter")
        assert "it must be a whole number between 1 and 2000" in screen
        await at.press(*"30", "enter")
        assert lab.status() == "update 0 of 30  paused"


async def test_the_worker_dies_and_r_starts_again(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open(embedded=True)
        await at.press("r")
        await at.more(8)
        at.runs[0].die()
        await at.pilot.pause()
        assert "the worker has died: r starts again" in at.screen
        assert "the process of this run died (signal 9)" in at.screen
        await at.press("r")
        assert lab.session.state == "running"
        assert lab.session.reached == 8
        assert "died" not in at.screen


async def test_a_run_that_fails_says_why_and_explains_it(tmp_path: Path) -> None:
    async with desk(tmp_path, LARGE) as at:
        lab = await at.open()
        await at.press("r")
        await at.more(3)
        at.runs[0].fail("episode diverged after 3 updates: its values left every bound; try a smaller alpha")
        await at.pilot.pause()
        assert lab.status() == "failed after update 3"
        assert "diverged after 3 updates" in at.screen
        await at.press("e")
        await at.until(lambda: isinstance(at.pilot.app.screen, ReaderScreen))
        assert "The run failed: episode diverged after 3 updates" in at.screen


async def test_explain_says_what_the_rules_see_and_the_plots_in_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # The walker itself looks for no better policy.
    monkeypatch.setattr("tutor.experiments.summary.optimum_of", lambda *_of: -13.0)
    async with desk(tmp_path, LARGE) as at:
        await at.open()
        await at.press("e")
        await at.until(lambda: isinstance(at.pilot.app.screen, ReaderScreen))
        assert "No rule sees anything yet" in at.screen
        await at.press("escape", "r")
        await at.more(50)
        await at.press("e")
        await at.until(lambda: isinstance(at.pilot.app.screen, ReaderScreen))
        assert "What the curves say, up to update 50" in at.screen
        assert "Short of the optimum, −13: episode ends" in at.screen
        assert "threshold 0.1: distance to the optimum" in at.screen
        assert "The plot of return so far" in at.screen


async def test_predict_then_run_and_be_told(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open(steps=20)
        await at.press("p")
        assert isinstance(at.pilot.app.screen, PredictScreen)
        assert lab.session.reached == 0
        await at.press("2")  # points; enter answers
        assert lab.session.reached == 0
        assert "You said: no. It runs to see." in await at.press("enter")
        screen = await at.more(100)
        assert "As predicted: no." in screen
        bottom = screen.splitlines()[-1]
        assert " run " not in bottom  # nothing is left to run, which r says
        assert " step " not in bottom
        assert "The run is over" in await at.press("r")
        await at.press("p")
        screen = await at.press("1", "enter")
        assert lab.session.parameters["seed"] == 1
        screen = await at.more(100)
        assert "You said: yes. It was: no." in screen
        await at.press("p", "escape")
        assert lab.session.state == "done"


async def test_export_writes_frames_plots_and_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutor.paths.export_dir", lambda: tmp_path)
    async with desk(tmp_path) as at:
        await at.open()
        await at.press("space", "space", "x")
        folder = tmp_path / "rl-tutor-walking"
        await at.until(lambda: "8 files in" in screen_text(at.pilot.app))  # type: ignore[arg-type]
        rows = (folder / "walking-seed0-frames.csv").read_text().splitlines()
        assert rows[0] == "series,seed,update,episode/reward,objective/episode_return"
        assert [row.split(",")[2] for row in rows[1:]] == ["0", "1", "2"]
        command = (folder / "walking-seed0-explanation.txt").read_text().splitlines()[0]
        assert command == "rl-tutor run episode --grid cliff --steps 60"
        monkeypatch.setattr("tutor.paths.export_dir", lambda: tmp_path / "nowhere")
        await at.press("x")
        await at.until(lambda: any("Nothing was written" in n.message for n in at.pilot.app._notifications))


async def test_code_shows_what_runs(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        await at.open()
        assert "The code that runs" in await at.press("c")


# In a lesson


async def test_embedded_it_is_whole_at_80_by_17(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open(embedded=True, seeds=4)
        await at.press("space")
        assert lab.size == (80, 17)
        text = "\n".join(at.screen.splitlines()[:17])
        for part in ("Walking · seeds 0-3", "update 1 of 60  paused", "return so far", "episode", "−1"):
            assert part in text
        assert lab.query(ChartView).first().size.height >= 8


async def test_leaving_it_ends_the_process_and_coming_back_goes_on(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open(embedded=True)
        await at.press("space", "space", "space", "escape")
        assert at.runs[0].closed
        assert at.pilot.app.screen.focused is None
        assert "update 3 of 60  r goes on" in at.screen
        lab.focus()
        await at.pilot.pause()
        await at.press("space")
        assert lab.status() == "update 4 of 60  paused"
        assert len(at.runs) == 2


async def test_no_process_is_started_for_a_new_lab_that_nobody_has_entered(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        page = Page(Walk(DESCRIPTION.values({}), embedded=True))
        page.AUTO_FOCUS = ""  # type: ignore[misc]
        page.lab.__class__.worker = at._start
        await at.pilot.app.push_screen(page)
        await at.pilot.pause()
        assert at.runs == []
        assert "r runs" in at.screen


async def test_the_state_brings_it_back(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open(gamma=0.8, seed=3)
        await at.press("r")
        await at.more(20)
        await at.press("r", "u")
        kept = json.loads(json.dumps(lab.lab_state()))
        values = [float(f.metrics["objective/episode_return"][0]) for f in lab.session.frames]
        again = await at.open(kept, embedded=True)
        await at.pilot.pause()
        assert again.status() == "update 20 of 60  paused"
        assert [float(f.metrics["objective/episode_return"][0]) for f in again.session.frames] == values
        assert again.lab_state() == kept


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_ascii_only_when_asked(tmp_path: Path, theme: str) -> None:
    async with desk(tmp_path, settings=Settings(theme=theme, symbols="ascii")) as at:
        await at.open(seeds=3)
        for keys in (["space"], ["u"], ["p", "1", "enter"], ["r"], ["c"], ["escape"], ["f1"]):
            assert (await at.press(*keys)).isascii(), keys
        await at.press("escape")
        await at.more(100)
        await at.press("e")
        await at.until(lambda: isinstance(at.pilot.app.screen, ReaderScreen))
        assert at.screen.isascii()


async def test_resizing_at_any_moment(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open(embedded=True)
        for size in ((40, 12), (120, 40), (50, 8), (300, 100), (20, 5), (80, 24)):
            await at.pilot.resize_terminal(*size)
            await at.press("space")
        assert lab.session.reached == 6


async def test_plots_are_drawn_at_most_at_the_rate_of_the_settings(tmp_path: Path) -> None:
    async with desk(tmp_path, settings=Settings(plot_rate=1)) as at:
        lab = await at.open(grid="rooms", steps=2000)
        await at.press("r")
        plot = lab.query(ChartView).first()
        lab._draw_now()
        await at.pilot.pause()
        drawn = plot.draws
        for _ in range(20):
            at.runs[0].more(1)
            await at.pilot.pause()
        await at.pilot.press("left", "left", "end")
        assert lab.session.reached == 20
        assert plot.draws <= drawn + 1
        await at.press("r")
        assert plot.chart.series[0].x[-1] == 20


# With a process


async def test_a_real_process_runs_steps_dies_and_is_ended(tmp_path: Path) -> None:
    async with desk(tmp_path) as at:
        lab = await at.open(real=True, grid="rooms", steps=2000, speed=50)
        await at.until(lambda: lab.session.state == "paused")
        worker = lab.session._runs
        assert isinstance(worker, Worker)
        await at.press("space", "space")
        await at.until(lambda: lab.session.reached == 2)
        await at.press("r")
        await at.until(lambda: lab.session.reached > 5)
        first = worker.pid
        assert first is not None
        os.kill(first, signal.SIGKILL)
        await at.until(lambda: lab.session.state == "dead")
        assert "the worker has died: r starts again" in lab.status()
        before = [frame.update for frame in lab.session.frames]
        await at.press("r")
        await at.until(lambda: lab.session.reached > before[-1])
        assert lab.session.problem == ""
        assert [frame.update for frame in lab.session.frames][: len(before)] == before
        second = worker.pid
        assert second not in (None, first)
        await at.pilot.app.pop_screen()
        await at.pilot.pause()
        assert worker.pid is None
        with pytest.raises(ProcessLookupError):
            os.kill(second or 0, 0)
