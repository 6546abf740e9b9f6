"""The training labs without torch: the recorded run in place of the process, all keys but those of another run."""

from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tutor.experiments import Frame
from tutor.experiments.entries.clinic import CASES, ON_A_GRID
from tutor.experiments.recordings import RecordingError, read_recording, recorded_of, run_or_recorded
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.run_lab import RunLab

from .fake_runs import FakeRuns, run_all, run_lab, shown
from .harness import LARGE, SMALL

NARROW = (60, 18)
INSTALL = "pip install torch==2.13.0"
REFUSED = f"another run needs torch: {INSTALL}"
EACH = pytest.mark.parametrize(
    ("id", "experiment"), [("kl", "kl-control"), ("verifier", "rlvr"), ("rlhf", "sft")]
)


def frames_of(experiment: str) -> Iterator[Frame]:
    recorded = recorded_of(experiment)
    assert recorded is not None
    return iter(read_recording(recorded).frames)


@pytest.fixture(autouse=True)
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutor.tui.labs.run_choice.torch_missing", lambda: True)


@asynccontextmanager
async def lab(
    tmp_path: Path, id: str, experiment: str, size: tuple[int, int] = SMALL, **given: object
) -> AsyncIterator[tuple[Pilot[None], RunLab, FakeRuns]]:
    async with run_lab(tmp_path, id, given, FakeRuns(partial(frames_of, experiment)), size) as opened:
        pilot, view, _ = opened
        view.focus()
        await pilot.pause()
        yield opened


@EACH
@pytest.mark.parametrize("size", [SMALL, LARGE, NARROW], ids=["80x24", "120x40", "60x18"])
async def test_it_says_that_it_is_recorded_and_what_to_install(
    tmp_path: Path, id: str, experiment: str, size: tuple[int, int]
) -> None:
    async with lab(tmp_path, id, experiment, size) as (pilot, _view, _runs):
        title, *rest = shown(pilot).splitlines()
        told = next(line for line in rest if INSTALL in line)
        assert "recorded" in title
        assert "ecorded" in told
        assert "…" not in title + told


@EACH
async def test_it_is_played_looked_back_on_and_begun_again(tmp_path: Path, id: str, experiment: str) -> None:
    async with lab(tmp_path, id, experiment) as (pilot, view, runs):
        await pilot.press("space", "space")
        assert view.session.reached == 2
        await run_all(pilot, view, runs)
        assert view.session.state == "done"
        assert view.session.frames == list(frames_of(experiment))
        await pilot.press("left", "left")
        assert view.session.shown == view.session.reached - 2
        await pilot.press("0")
        assert (view.session.reached, view.session.problem) == (0, "")


@EACH
async def test_another_run_is_refused_and_nothing_is_lost(tmp_path: Path, id: str, experiment: str) -> None:
    async with lab(tmp_path, id, experiment) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        begun, before = len(runs.begun), dict(view.session.parameters)
        for key in ("s", "right_square_bracket" if id != "rlhf" else "s", "f" if id == "kl" else "s"):
            await pilot.press(key)
            assert REFUSED in shown(pilot), key
        view.set_parameters(
            {**view.present_values(), "learning_rate": 0.01, "sft_updates": 100}
            if id == "rlhf"
            else {**view.present_values(), "learning_rate": 0.01}
        )
        await pilot.pause()
        assert REFUSED in shown(pilot)
        assert (len(runs.begun), view.session.parameters, view.session.state) == (begun, before, "done")
        await pilot.press("plus")  # the speed is the lab's own
        assert REFUSED not in shown(pilot)


@EACH
async def test_at_another_runs_parameters_0_brings_the_recorded_one(
    tmp_path: Path, id: str, experiment: str
) -> None:
    async with lab(tmp_path, id, experiment, seed=7) as (pilot, view, runs):
        await pilot.press("0")
        assert recorded_of(experiment).seeds[0] == view.session.parameters["seed"]  # type: ignore[union-attr]
        assert tuple(runs.begun[-1][2] or ()) == recorded_of(experiment).seeds  # type: ignore[union-attr]


async def test_it_is_explained_with_its_command_and_versions(tmp_path: Path) -> None:
    async with lab(tmp_path, "kl", "kl-control") as (pilot, view, runs):
        await run_all(pilot, view, runs)
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReaderScreen)
        text = " ".join(shown(pilot).split())
        assert "This is the recorded run: rl-tutor run kl-control (seed 0), made by rl-tutor" in text
        assert "Reward hacking" in text


async def test_export_writes_its_frames(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with lab(tmp_path, "kl", "kl-control") as (pilot, view, runs):
        await run_all(pilot, view, runs)
        await pilot.press("x")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
    rows = next(tmp_path.rglob("*frames*.csv")).read_text(encoding="utf-8").splitlines()
    assert len(rows) == 1 + 3 * 61


async def test_predicted_before_it_is_played(tmp_path: Path) -> None:
    """A run that was seen cannot be predicted: 0 first."""
    async with lab(tmp_path, "kl", "kl-control") as (pilot, view, runs):
        await pilot.press("p")
        await pilot.pause()
        await pilot.press("2", "enter")
        view._plots_drawn_at = 0.0
        runs.more(10_000)
        await pilot.pause()
        assert "As predicted: fixed." in shown(pilot)
        await pilot.press("p")
        await pilot.pause()
        assert f"{REFUSED}; 0, then p" in shown(pilot)
        assert view.session.state == "done"


async def test_the_stages_of_rlhf_follow_each_other_and_show_the_models(tmp_path: Path) -> None:
    made = [*frames_of("rlhf")]
    async with lab(tmp_path, "rlhf", "rlhf", LARGE, stage="ppo") as (pilot, view, runs):
        await run_all(pilot, view, runs)
        assert view.session.frames == made
        await pilot.press("m")
        await pilot.pause()
        screen = shown(pilot)
        assert "reward model" in screen
        assert "R=" in screen
        assert "nan" not in screen
        await pilot.press("left_square_bracket", "n")
        assert REFUSED in shown(pilot) or view.session.state != "failed"


async def test_a_damaged_recording_is_one_line_in_the_lab(tmp_path: Path) -> None:
    async with lab(tmp_path, "kl", "kl-control") as (pilot, _view, runs):
        runs.fail(str(RecordingError(f"the recorded run x is damaged: {INSTALL}")))
        await pilot.pause()
        assert f"the recorded run x is damaged: {INSTALL}" in " ".join(shown(pilot).split())


async def test_clip_truth_shows_its_recorded_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where x writes
    async with lab(tmp_path, "clip-truth", "clip-truth") as (pilot, view, runs):
        assert f"{INSTALL}. Recorded: rl-tutor run clip-truth" in shown(pilot)
        await pilot.press("p")
        await pilot.pause()
        await pilot.press("2", "enter")
        view._plots_drawn_at = 0.0
        runs.more(1000)
        await pilot.pause()
        assert "As predicted" in shown(pilot)
        for key in ("down", "v", "left", "e", "escape", "x"):
            await pilot.press(key)
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
        await pilot.press("right_square_bracket")
        assert REFUSED in shown(pilot)


@asynccontextmanager
async def clinic(tmp_path: Path, **given: object) -> AsyncIterator[tuple[Pilot[None], RunLab, FakeRuns]]:
    """Its recorded cases, and its grids as they run without torch."""
    runs = FakeRuns()
    async with run_lab(tmp_path, "clinic", given, runs) as opened:
        pilot, view, _ = opened
        view.focus()
        await pilot.pause()
        yield opened


@pytest.fixture
def played(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the process of a run does without torch."""
    monkeypatch.setattr("tutor.experiments.recordings.torch_missing", lambda: True)
    monkeypatch.setattr("tests.tui.fake_runs.run", run_or_recorded)


async def test_every_case_of_the_clinic_is_there(tmp_path: Path, played: None) -> None:
    async with clinic(tmp_path) as (pilot, view, runs):
        for case in range(1, CASES + 1):
            assert view.session.parameters["case"] == case
            assert ("recorded" in shown(pilot).splitlines()[0]) == (case not in ON_A_GRID), case
            await pilot.press("r")
            runs.more(3)
            await pilot.pause()
            assert view.session.problem == ""
            assert view.session.reached >= 3
            await pilot.press("right_square_bracket")
            await pilot.pause()


async def test_the_clinics_fault_is_named_and_the_mended_run_comes(tmp_path: Path, played: None) -> None:
    async with clinic(tmp_path, case=3) as (pilot, view, runs):
        assert f"{INSTALL}. Recorded: rl-tutor run clinic --case 3" in shown(pilot)
        await run_all(pilot, view, runs)
        assert "answers 1 to 4 of 4" in shown(pilot)
        await pilot.press("v")
        assert runs.current is not None
        runs.current._send("step", 1)  # the mended run goes on behind it
        await pilot.pause()
        await pilot.press("v")
        runs.more(1000)
        await pilot.pause()
        assert {frame.series for frame in view.session.frames} == {"broken", "mended"}


async def test_another_seed_of_a_grid_runs_and_the_next_case_is_recorded_again(
    tmp_path: Path, played: None
) -> None:
    async with clinic(tmp_path, case=5) as (pilot, view, _):
        await pilot.press("s")
        assert view.session.parameters["seed"] == 1
        await pilot.press("right_square_bracket")
        assert (view.session.parameters["case"], view.session.parameters["seed"]) == (6, 0)
        await pilot.press("s")
        assert REFUSED in shown(pilot)


async def test_the_next_example_of_rlhf_is_recorded_and_goes_round(tmp_path: Path) -> None:
    async with lab(tmp_path, "rlhf", "sft") as (pilot, view, _):
        stages = []
        for _ in range(4):
            stages.append(view.session.parameters["stage"])
            await pilot.press("n")
            await pilot.pause()
            assert REFUSED not in shown(pilot)
        assert stages == ["sft", "reward-model", "ppo", "sft"]


async def test_where_no_other_example_is_recorded_that_is_said(tmp_path: Path) -> None:
    async with lab(tmp_path, "kl", "kl-control") as (pilot, view, runs):
        before, begun = dict(view.session.parameters), len(runs.begun)
        await pilot.press("n")
        await pilot.pause()
        assert REFUSED in shown(pilot)
        assert (view.session.parameters, len(runs.begun)) == (before, begun)
