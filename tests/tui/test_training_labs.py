"""The labs stability, clip-fraction and tightrope: numbers by hand, and their keys; runs are made in this process."""

from contextlib import AbstractAsyncContextManager
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from tutor.experiments import Frame, find_lab
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.run_lab import RunLab
from tutor.tui.labs.stability import THREE
from tutor.tui.labs.stability_words import falls_of, returns_of
from tutor.tui.widgets.chart import ChartView

from .fake_runs import FakeRuns, run_all, run_lab, shown
from .harness import LARGE, SMALL

RETURN, CLIPPED = "objective/return", "policy/clipfrac_avg"
SHORT = {"seeds": 2, "updates": 12, "envs": 2, "steps": 16, "epochs": 3}
GIVEN: dict[str, dict[str, Any]] = {
    "stability": SHORT,
    "clip-fraction": SHORT,
    "tightrope": {"update": 1, "longest": 6, "envs": 2, "steps": 32},
}
EACH = pytest.mark.parametrize("id", list(GIVEN))


def lab(
    tmp_path: Path, id: str, size: tuple[int, int] = SMALL, symbols: str = "unicode"
) -> AbstractAsyncContextManager[tuple[Pilot[None], RunLab, FakeRuns]]:
    return run_lab(tmp_path, id, GIVEN[id], FakeRuns(), size, symbols)


@EACH
@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 18)], ids=["80x24", "120x40", "60x18"])
async def test_every_series_and_every_number_has_its_place(
    tmp_path: Path, id: str, size: tuple[int, int]
) -> None:
    async with lab(tmp_path, id, size) as (pilot, view, runs):
        screen = await run_all(pilot, view, runs)
        assert view.session.state == "done", view.session.problem
        rows = [line.strip().split("  ")[0] for line in screen.replace("│", "").splitlines()]
        for name in view.experiment.series:
            assert name in rows or (name == "trpo-no-line-search" and "trpo no search" in rows), rows
        head = screen.splitlines()[0]
        assert "…" not in head
        assert view.query(ChartView).first().chart.has_data


@EACH
async def test_in_ascii_with_its_explanation(tmp_path: Path, id: str) -> None:
    async with lab(tmp_path, id, symbols="ascii") as (pilot, view, runs):
        assert (await run_all(pilot, view, runs)).isascii()
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReaderScreen)
        assert shown(pilot).isascii()
        assert ", threshold" in " ".join(shown(pilot).split())  # a rule, with what it compares


@EACH
async def test_its_examples_go_round_and_keep_the_seeds(tmp_path: Path, id: str) -> None:
    async with lab(tmp_path, id) as (pilot, view, _):
        for preset in [*find_lab(id).presets[1:], find_lab(id).presets[0]]:
            await pilot.press("n")
            assert preset.items() <= view.session.parameters.items()
            assert view.session.parameters["seeds"] == GIVEN[id].get("seeds", 1)


def of(view: RunLab, series: str, values: list[list[float]], metric: str = RETURN) -> list[Frame]:
    """Frames of a series, one an update, with the metric's value for each seed."""
    return [Frame(series, update, {metric: np.array(row)}) for update, row in enumerate(values)]


async def test_worst_falls_by_hand(tmp_path: Path) -> None:
    """Seed 0 goes 0, 2, 1, 3, -1: it falls by 4. Seed 1 only rises."""
    async with lab(tmp_path, "stability") as (_, view, _runs):
        view.session._empty()
        for frame in of(view, "ppo", [[0, 0], [2, 1], [1, 2], [3, 3], [-1, 4]]):
            view.session._held.hold(frame)
        assert falls_of(view.session, "ppo").tolist() == [4, 0]
        view.session.look(-1)
        assert returns_of(view.session, "ppo")[0] == [0, 1, 2, 3]
        assert falls_of(view.session, "ppo").tolist() == [1, 0]


async def test_which_three_are_drawn(tmp_path: Path) -> None:
    async with lab(tmp_path, "stability") as (pilot, view, runs):
        await run_all(pilot, view, runs)
        begun, seen = len(runs.begun), []
        for _ in THREE:
            view._plots_drawn_at = 0.0
            await pilot.press("v")
            await pilot.pause()
            seen.append(tuple(s.name for s in view.query(ChartView).first().chart.series))
        assert len(set(seen)) == len(THREE)
        assert {name for three in seen for name in three} == set(view.experiment.series)
        assert len(runs.begun) == begun


@pytest.mark.parametrize(
    ("first", "by", "said"), [("trpo-no-line-search", 1.0, 2), ("log-prob", 0.5, 4), ("ppo", 0.1, 3)]
)
async def test_who_falls_first(tmp_path: Path, first: str, by: float, said: int) -> None:
    """`unclipped` falls by 3, but later; .1 is no fall."""
    async with lab(tmp_path, "stability") as (_, view, _runs):
        view.session._empty()
        for name in view.experiment.series:
            fall, late = (by if name == first else 0.0), (3.0 if name == "unclipped" else 0.0)
            for frame in of(view, name, [[1, 1], [1 - fall, 1 - fall], [1, 1 - 2 * late]]):
                view.session._held.hold(frame)
        assert view.verdict() == said


@pytest.mark.parametrize(
    ("plain", "bonus", "said"), [(0.1, 0.4, 0), (0.4, 0.1, 1), (0.1, 0.1, 2), (0.4, 0.4, 3)]
)
async def test_whether_the_clip_fraction_has_fallen(
    tmp_path: Path, plain: float, bonus: float, said: int
) -> None:
    """From .2 in the first fifth to the given share of it in the last; `e` says the same of the same frames."""
    async with lab(tmp_path, "clip-fraction") as (_, view, _runs):
        view.session._empty()
        for name, left in (("ppo", plain), ("ppo-entropy", bonus)):
            for frame in of(view, name, [[0.2]] * 5 + [[0.2 * left]] * 5, CLIPPED):
                view.session._held.hold(frame)
        assert view.verdict() == said
        dies = next(f.sentence for f in view.findings() if f.rule == "becomes-rarer").split(
            "Clipping goes on"
        )[0]
        assert ("ppo, from" in dies, "ppo-entropy, from" in dies) == (said in (0, 2), said in (1, 2))


@pytest.mark.parametrize(
    ("returns", "said"),
    [
        ([0, 1, 0, 0, 0, 0, 0], 0),
        ([0, 1, 2, 1, 0, 0, 0], 1),
        ([0, 1, 2, 3, 4, 5, 0], 2),
        ([0, 1, 2, 3, 4, 5, 6], 3),
    ],
)
async def test_where_the_truth_turns(tmp_path: Path, returns: list[float], said: int) -> None:
    async with lab(tmp_path, "tightrope") as (_, view, _runs):
        view.session._empty()
        for frame in of(view, "true", [[value] for value in returns]):
            view.session._held.hold(frame)
        assert view.verdict() == said


async def test_the_balance_on_the_rope_is_told(tmp_path: Path) -> None:
    async with lab(tmp_path, "tightrope") as (pilot, view, _runs):
        view.session._empty()
        for name, values in (("true", [[0.3], [0.5], [-0.25]]), ("surrogate", [[0.3], [0.6], [0.9]])):
            for frame in of(view, name, values):
                view.session._held.hold(frame)
        view.changed([])
        await pilot.pause()
        screen = shown(pilot)
        assert "2 steps of delta: promised 0.9, true −0.25" in screen
        assert "best so far 0.5 at 1; worse here than where it began, 0.3" in screen


async def test_predicting_runs_and_judges(tmp_path: Path) -> None:
    async with lab(tmp_path, "clip-fraction") as (pilot, view, runs):
        await pilot.press("p")
        await pilot.pause()
        assert "the clip fraction of the last fifth" in " ".join(shown(pilot).split())
        await pilot.press("3", "enter")
        view._plots_drawn_at = 0.0
        runs.more(10_000)
        await pilot.pause()
        screen = shown(pilot)
        assert ("As predicted: in both." in screen) == (view.verdict() == 2)
        assert ("As predicted" in screen) != ("You said: in both." in screen)
