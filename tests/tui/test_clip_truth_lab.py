"""The lab on what the clip holds: its lines and keys; the frames are made up, the process is not there."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tutor.experiments import find_lab
from tutor.experiments.explain import explain, rules_for
from tutor.tui.labs.clip_truth import Lab
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.run_lab import RunLab
from tutor.tui.widgets.chart import ChartView

from .fake_runs import FakeRuns, run_all, run_lab, shown
from .harness import LARGE, SMALL
from .made_frames import clip_frames

STEPS = 6
NO_TORCH = "training the toy language model needs torch, which is not installed: pip install torch==2.13.0"


def lab(
    tmp_path: Path, size: tuple[int, int] = SMALL, symbols: str = "unicode"
) -> AbstractAsyncContextManager[tuple[Pilot[None], RunLab, FakeRuns]]:
    return run_lab(tmp_path, "clip-truth", {"steps": STEPS}, FakeRuns(clip_frames), size, symbols)


def words(pilot: Pilot[None]) -> str:
    return " ".join(shown(pilot).split())


@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 18)], ids=["80x24", "120x40", "60x18"])
async def test_both_runs_have_their_numbers(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size) as (pilot, view, runs):
        screen = await run_all(pilot, view, runs)
        assert "…" not in screen, screen
        rows = {line.split()[0]: line.split() for line in screen.splitlines() if line.startswith(" clipped ")}
        rows |= {
            line.split()[0]: line.split() for line in screen.splitlines() if line.startswith(" unclipped ")
        }
        assert {"■", "1.800", "0", "−.0625", ".2500"} <= set(rows["clipped"])
        assert {"2.200", ".1250", "−.0625", ".2500"} <= set(rows["unclipped"])
        assert "own gradient 0" in words(pilot)
        chart = view.query(ChartView).first().chart
        assert [series.name for series in chart.series] == ["clipped", "unclipped"]
        assert (chart.shades[0].low, chart.shades[0].high) == (0.8, 1.2)


async def test_in_ascii_with_its_explanation(tmp_path: Path) -> None:
    async with lab(tmp_path, symbols="ascii") as (pilot, view, runs):
        assert (await run_all(pilot, view, runs)).isascii()
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReaderScreen)
        assert shown(pilot).isascii()
        assert "The clip does not hold the ratio" in words(pilot)


async def test_a_step_is_told_from_where_it_began(tmp_path: Path) -> None:
    """Step 2 began at 1.2, the edge, where it still pushes; step 3 at 1.4."""
    async with lab(tmp_path) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        await pilot.press("home", "right", "right")
        await pilot.pause()
        assert "From 1.2 it pushed up: own +.125, others −.0625, momentum +.25" in words(pilot)
        await pilot.press("right")
        await pilot.pause()
        assert "From 1.4, above 1.2: ■ clipped, its own gradient 0." in words(pilot)
        await pilot.press("home")
        await pilot.pause()
        assert "8 times in the batch, A 2.5: pushed up." in words(pilot)


async def test_another_token_and_view_need_no_new_run(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        begun, titles = len(runs.begun), set()
        for _ in range(3):
            view._plots_drawn_at = 0.0
            await pilot.press("v")
            await pilot.pause()
            titles.add(view.query(ChartView).last().chart.title)
        assert len(titles) == 3
        for name in ("cloudy", "sunny", "cloudy"):
            view._plots_drawn_at = 0.0
            await pilot.press("down")
            await pilot.pause()
            assert f'"{name}"' in shown(pilot)
            assert view.query(ChartView).first().chart.title == f'ratio of "{name}"'
        assert "pushed down" in words(pilot)
        assert len(runs.begun) == begun


async def test_the_verdict_is_computed(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, runs):
        assert '"sunny" past 1.2 at step 2, up to 1.8 (2.2 without)' in await run_all(pilot, view, runs)


@pytest.mark.parametrize(("key", "right"), [("2", True), ("1", False)])
async def test_predicting_whether_it_passes(tmp_path: Path, key: str, right: bool) -> None:
    async with lab(tmp_path) as (pilot, _view, runs):
        await pilot.press("p")
        await pilot.pause()
        await pilot.press(key, "enter")
        runs.more(10_000)
        await pilot.pause()
        assert ("As predicted" in shown(pilot)) == right


async def test_a_clip_that_is_never_reached_is_seen_as_that(tmp_path: Path) -> None:
    """With epsilon 1 the made-up ratio of 1.8 stays inside."""
    async with lab(tmp_path) as (pilot, view, runs):
        assert isinstance(view, Lab)
        view.session.parameters["epsilon"] = 1.0
        await run_all(pilot, view, runs)
        assert view.verdict() == 0
        assert '"sunny" never passed 2.' in shown(pilot)


async def test_without_torch_it_says_what_to_install(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, _view, runs):
        runs.fail(NO_TORCH)
        await pilot.pause()
        assert NO_TORCH in words(pilot)


async def test_its_examples_go_round(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, _):
        for preset in [*find_lab("clip-truth").presets[1:], find_lab("clip-truth").presets[0]]:
            await pilot.press("n")
            assert preset.items() <= view.session.parameters.items()


def test_the_rules_say_what_the_made_up_run_shows() -> None:
    """Passed 1.2 at step 2; steps 3 to 6 began above it: four of them, each with −1/16 and 1/4."""
    found = {
        finding.rule: finding.sentence
        for finding in explain(tuple(clip_frames()), rules_for("clip-truth"), parameters={"epsilon": 0.2})
    }
    assert "it passes 1.2 at step 2 and reaches 1.8 at step 6" in found["passes-the-edge"]
    assert "In the 4 steps that began above the range" in found["what-moves-it"]
    assert "log pi by −0.25, Adam's momentum by 1 (" in found["what-moves-it"]
    assert "ends at 2.2, with it at 1.8" in found["clip-slows"]
    assert "far-from-linear" not in found
