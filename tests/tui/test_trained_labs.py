"""The labs that train the language model: their keys and lines; the frames are made up, the process is not there."""

from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.pilot import Pilot

from tutor import paths
from tutor.experiments import Frame, find_lab, run
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.run_lab import FAILED
from tutor.tui.labs.trained import TrainedLab
from tutor.tui.widgets.chart import ChartView

from .fake_runs import FakeRuns, run_all, run_lab, shown
from .harness import LARGE, SMALL
from .made_frames import UPDATES, kl_frames, sums_frames

MADE: dict[str, Callable[[], Iterator[Frame]]] = {"kl": kl_frames, "verifier": sums_frames}
EACH = pytest.mark.parametrize("id", list(MADE))
NO_TORCH = "training the toy language model needs torch, which is not installed: pip install torch==2.13.0"


@asynccontextmanager
async def lab(
    tmp_path: Path, id: str, size: tuple[int, int] = SMALL, symbols: str = "unicode"
) -> AsyncIterator[tuple[Pilot[None], TrainedLab, FakeRuns]]:
    opened = run_lab(tmp_path, id, {"updates": UPDATES}, FakeRuns(MADE[id]), size, symbols)
    async with opened as (pilot, view, runs):
        assert isinstance(view, TrainedLab)
        yield pilot, view, runs


def charts(view: TrainedLab) -> dict[str, tuple[str, ...]]:
    """By title, the curves of the plots that are shown."""
    views = [chart for chart in view.query(ChartView) if chart.display]
    return {view.chart.title: tuple(s.name for s in view.chart.series) for view in views}


@EACH
@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 18)], ids=["80x24", "120x40", "60x18"])
async def test_every_run_has_its_numbers_and_answers(tmp_path: Path, id: str, size: tuple[int, int]) -> None:
    async with lab(tmp_path, id, size) as (pilot, view, runs):
        screen = await run_all(pilot, view, runs)
        assert view.session.state == "done", view.session.problem
        assert "…" not in screen, screen
        for name in view.experiment.series:
            assert f"{name} {UPDATES} said 1" in screen
        assert view.query(ChartView).first().chart.has_data
        assert view._note  # the verdict


@EACH
async def test_in_ascii_with_its_explanation(tmp_path: Path, id: str) -> None:
    async with lab(tmp_path, id, symbols="ascii") as (pilot, view, runs):
        assert (await run_all(pilot, view, runs)).isascii()
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReaderScreen)
        assert shown(pilot).isascii()
        assert ", threshold" in " ".join(shown(pilot).split())


@EACH
async def test_answers_are_those_of_the_update_that_is_looked_at(tmp_path: Path, id: str) -> None:
    async with lab(tmp_path, id) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        await pilot.press("pageup", "left")
        first = view.experiment.series[0]
        assert f"{first} {UPDATES - 11} said 1" in shown(pilot)
        await pilot.press("a")
        assert f"{first} {UPDATES - 11} said 2" in shown(pilot)


@EACH
async def test_views_and_runs_go_round_without_a_new_run(tmp_path: Path, id: str) -> None:
    async with lab(tmp_path, id) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        begun, views = len(runs.begun), next(p for p in find_lab(id).parameters if p.name == "view").choices
        seen = []
        for _ in views:
            view._plots_drawn_at = 0.0
            await pilot.press("v")
            await pilot.pause()
            seen.append(tuple(charts(view))[1])
        assert len(set(seen)) == len(views)
        for name in (*view.experiment.series[1:], view.experiment.series[0]):
            await pilot.press("down")
            assert view.session.parameters["run"] == name
        assert len(runs.begun) == begun


@EACH
async def test_the_whole_screen_of_one_plot_has_every_view(tmp_path: Path, id: str) -> None:
    async with lab(tmp_path, id, (60, 18)) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        view._plots_drawn_at = 0.0
        before = charts(view)
        await pilot.press("v")
        await pilot.pause()
        assert len(before) == 1
        assert charts(view) != before


@EACH
async def test_without_torch_it_says_what_to_install(tmp_path: Path, id: str) -> None:
    async with lab(tmp_path, id) as (pilot, _view, runs):
        runs.fail(NO_TORCH)
        await pilot.pause()
        assert NO_TORCH in " ".join(shown(pilot).split())


@EACH
async def test_a_failure_is_no_divergence_and_nothing_is_asked_of_it(tmp_path: Path, id: str) -> None:
    async with lab(tmp_path, id) as (pilot, view, runs):
        runs.fail("RuntimeError: shapes differ")
        for key in ("r", "p", "space"):
            await pilot.press(key)
            await pilot.pause()
            assert view._note == FAILED
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReaderScreen)
        first, *others = [paragraph.plain for paragraph in pilot.app.screen.paragraphs]
        assert first.startswith("The run failed: RuntimeError: shapes differ.")
        assert not [text for text in others if "Rule " in text]


@pytest.mark.mistakes
@EACH
async def test_a_mistake_of_the_program_is_written_into_the_log_once(tmp_path: Path, id: str) -> None:
    async with lab(tmp_path, id) as (pilot, _view, runs):
        runs.fail(
            "RuntimeError: shapes differ", "Traceback, line 7 of stream.py\nRuntimeError: shapes differ\n"
        )
        for key in ("left", "right"):
            await pilot.press(key)
        await pilot.pause()
        assert paths.log_file().read_text().count("line 7 of stream.py") == 1
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        told = " ".join(pilot.app.screen.paragraphs[0].plain.split())  # type: ignore[attr-defined]
        assert f"It is a mistake of the program, not yours. The details are in {paths.log_file()}." in told
        await pilot.press("escape", "0")
        runs.fail("learning_rate is too large")  # no mistake of the program
        await pilot.pause()
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert "mistake" not in pilot.app.screen.paragraphs[0].plain  # type: ignore[attr-defined]


@EACH
async def test_its_examples_go_round(tmp_path: Path, id: str) -> None:
    async with lab(tmp_path, id) as (pilot, view, _):
        for preset in [*find_lab(id).presets[1:], find_lab(id).presets[0]]:
            await pilot.press("n")
            assert preset.items() <= view.session.parameters.items()


async def test_the_verdict_on_kl_is_computed(tmp_path: Path) -> None:
    """In the last fifth `none` has a truth below 0; `fixed` and `adaptive` stand still."""
    async with lab(tmp_path, "kl") as (pilot, view, runs):
        screen = await run_all(pilot, view, runs)
        assert '"none" hacks the reward. Truth at KL: fixed 0.8 at 3, adaptive 0.6 at 1.5.' in screen
        assert "100%" in next(line for line in screen.splitlines() if line.strip().startswith("adaptive"))
        band = view.query(ChartView).first().chart.shades[0]
        assert (band.low, band.high) == pytest.approx((1.0, 2.0))


@pytest.mark.parametrize(("key", "right"), [("2", True), ("1", False)])
async def test_predicting_the_best_truth(tmp_path: Path, key: str, right: bool) -> None:
    async with lab(tmp_path, "kl") as (pilot, view, runs):
        await pilot.press("p")
        await pilot.pause()
        assert "highest true reward" in " ".join(shown(pilot).split())
        await pilot.press(key, "enter")
        view._plots_drawn_at = 0.0
        runs.more(10_000)
        await pilot.pause()
        assert ("As predicted: fixed." in shown(pilot)) == right
        assert ("It was: fixed." in shown(pilot)) != right


async def test_the_fair_comparison_begins_another_run(tmp_path: Path) -> None:
    async with lab(tmp_path, "kl") as (pilot, _view, runs):
        await pilot.press("f")
        assert runs.begun[-1][1]["fair"] is True
        assert "target: fixed's KL" in shown(pilot)


async def test_the_verdict_on_sums_is_computed(tmp_path: Path) -> None:
    """Means of 5. `ppo` gains .05 an update up to 10: .85, .9, .95, 1, 1 of 7 to 11 have the mean .94, so it is 12.
    `grpo` gains .024 up to 20: 18 to 22 have the mean .966, 17 to 21 the mean .951, 16 to 20 the mean .932."""
    async with lab(tmp_path, "verifier") as (pilot, view, runs):
        screen = await run_all(pilot, view, runs)
        assert "95% reached by ppo at 12 and grpo at 21. Sharpened: best of 8 had it before." in screen
        assert view.verdict() == 0
        title = screen.partition("\n")[0]  # whole, beside what the run is doing
        assert "20 held out" in title
        assert "seed 0" in title
        assert "+1  ppo 30 said 1" in screen


async def test_without_sums_held_out_there_is_no_column_for_them(tmp_path: Path) -> None:
    async with lab(tmp_path, "verifier") as (pilot, view, _):
        assert "held out" in view._panes.plain
        await pilot.press("n")
        await pilot.pause()
        assert "no sums held out" in shown(pilot)
        assert "held out" not in view._panes.plain


def test_without_torch_in_the_process_a_run_fails_with_one_line(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutor.experiments.llm_training.find_spec", lambda _name: None)
    for id in ("kl-control", "rlvr"):
        with pytest.raises(ValueError, match="pip install torch") as failure:
            next(run(id, {}))
        assert str(failure.value) == NO_TORCH


@EACH
async def test_the_title_follows_the_width(tmp_path: Path, id: str) -> None:
    async with lab(tmp_path, id) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        await pilot.press("left")
        name = find_lab(id).title
        assert name in shown(pilot).splitlines()[0]
        await pilot.resize_terminal(60, 18)
        await pilot.pause()
        head = shown(pilot).splitlines()[0]
        assert name not in head
        assert "…" not in head
