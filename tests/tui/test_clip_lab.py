"""The clip lab through its keys, on its own screen and as a lesson embeds it."""

import json
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from tutor.course.types import Course
from tutor.experiments import find_lab
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.labs import clip_model, clip_truth
from tutor.tui.labs.clip import Lab
from tutor.tui.labs.clip_session import PUSHES, Point
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.screens.parameters import ParametersScreen
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.keybar import KeyBar

from .fake_runs import FakeRuns
from .harness import LARGE, SMALL, screen_text
from .made_frames import clip_frames

SIZES = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])


def values(**given: object) -> dict[str, Any]:
    return find_lab("clip").values(given)


@asynccontextmanager
async def lab(
    tmp_path: Path, size: tuple[int, int] = SMALL, settings: Settings | None = None, **given: Any
) -> AsyncIterator[tuple[Pilot[None], Lab]]:
    """The lab on its own screen."""
    app = TutorApp(
        Course(tmp_path, "en", ()),
        open_store(tmp_path / "progress.db"),
        settings or Settings(motion=False, symbols="unicode"),
    )
    async with app.run_test(size=size) as pilot:
        app.open_lab("clip", given or None)
        await pilot.pause()
        await pilot.pause()
        yield pilot, app.screen.query_one(Lab)
    app.close_store()


def shown(pilot: Pilot[None]) -> str:
    assert isinstance(pilot.app, TutorApp)
    return screen_text(pilot.app)


@SIZES
async def test_it_begins_with_the_articles_example_and_is_whole(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with lab(tmp_path, size) as (pilot, _):
        screen = shown(pilot)
    for part in (
        'Clip lab · "sunny" .15 → .25',
        "example 1 of 5: n",
        "objective, A = +1, ε = 0.2 (maximise)",
        "= .25 / .15 = 1.667",
        "rA = 1.667 · 1 = 1.667",
        "clip(r, 0.8, 1.2) = 1.2",
        "clip(r)A = 1.2 · 1 = 1.2",
        "L = min(1.667, 1.2) = 1.2",
        "∂L/∂r = 0   no more push",
        "maximise L (loss = −L = −1.2)",
        "1−ε",
        "1+ε",
        "ratio r",
        "▸ (1+ε)A   flat",
        "already likelier by more than ε: no more push.",
        "The policy may still move",
        "arrows r, A",
        "? keys",
    ):
        assert part in screen, part
    assert "…" not in screen.replace("1−ε…1+ε", "")


@SIZES
async def test_keys_move_ratio_advantage_and_epsilon(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size, ratio=1) as (pilot, view):
        await pilot.press("right", "right", "left", "up", "up", "down", "right_square_bracket")
        await pilot.pause()
        point = view.session.point
        assert (point.ratio, point.advantage, point.epsilon) == (1.05, 1.1, 0.25)
        assert "rA = 1.05 · 1.1 = 1.155" in shown(pilot)
        assert "Clip lab · r 1.05" in shown(pilot)
        await pilot.press("left_square_bracket", "left_square_bracket", "f")
        await pilot.pause()
        assert (view.session.point.advantage, view.session.point.epsilon) == (-1.1, 0.15)
        assert "push ↓" in shown(pilot)


async def test_at_the_end_of_a_key_it_is_said(tmp_path: Path) -> None:
    async with lab(tmp_path, ratio=2.95) as (pilot, view):
        await pilot.press("right", "right")
        await pilot.pause()
        assert view.session.point.ratio == 3
        assert "o takes any ratio" in shown(pilot)
        await pilot.press("u", "u")
        await pilot.pause()
        assert "Nothing to take back." in shown(pilot)


async def test_undo_and_reset(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view):
        begun = view.session.point
        await pilot.press("right", "up", "u")
        assert (view.session.point.ratio, view.session.point.advantage) == (1.7, 1)
        await pilot.press("0")
        await pilot.pause()
        assert view.session.point == begun
        assert "example 1 of 5" in shown(pilot)


@SIZES
async def test_next_example_goes_round(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size) as (pilot, _):
        for number in (2, 3, 4, 5, 1):
            await pilot.press("n")
            await pilot.pause()
            assert f"example {number} of 5" in shown(pilot)
            assert "…" not in shown(pilot).replace("1−ε…1+ε", "")


async def test_no_advantage_no_push(tmp_path: Path) -> None:
    async with lab(tmp_path, advantage=0.1) as (pilot, view):
        await pilot.press("down")
        await pilot.pause()
        assert view.session.point.push == "flat"
        assert "Exactly average" in shown(pilot)
        assert "∂L/∂r = 0   no push" in shown(pilot)
        assert "▸" not in shown(pilot)
        await pilot.press("f")
        await pilot.pause()
        assert "A = 0 has no other sign." in shown(pilot)


async def test_options_take_probabilities_and_refuse_what_is_none(tmp_path: Path) -> None:
    async with lab(tmp_path, ratio=1) as (pilot, view):
        await pilot.press("o", "down", "down", "down", *".08", "down", *".15", "enter")
        await pilot.pause()
        assert view.session.point.ratio == pytest.approx(1.875)
        assert "= .15 / .08 = 1.875" in shown(pilot)
        await pilot.press("o", "down", "down", *"0", "enter")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ParametersScreen)
        assert "epsilon is '0'; it must be a number between 0.001 and 0.999" in shown(pilot)
        await pilot.press("escape", "o", *"20", "enter")
        await pilot.pause()
        assert (view.session.point.ratio, view.session.point.old) == (20, 0)
        assert "only r counts" in shown(pilot)
        await pilot.press("o", "down", "down", "down", *"1e-6", "down", "1", "enter")
        await pilot.pause()
        assert view.session.point.ratio == 20
        assert isinstance(pilot.app.screen, ParametersScreen)
        assert "at most 1000" in shown(pilot)


@SIZES
async def test_half_a_sample_and_contradictions_are_said(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size, token="sunny") as (pilot, view):  # noqa: S106
        assert 'Clip lab · "sunny" r 1' in shown(pilot)
        assert "Without a prompt the token is a name only: no model to ask. o sets one." in shown(pilot)
        await pilot.press("o", *"2", "down", "down", "down", *".2", "down", *".3", "enter")
        await pilot.pause()
        assert view.session.point.ratio == 1
        assert isinstance(pilot.app.screen, ParametersScreen)
        assert "leave one of the three out" in " ".join(shown(pilot).split())
        await pilot.press("escape", "o", *["down"] * 5, *"The", "space", *"weather", "enter")
        await pilot.pause()
        assert "Without a prompt" not in shown(pilot)


async def test_a_missing_model_is_said_with_the_command(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutor.toy_llm.checkpoint.shipped_path", lambda: tmp_path / "none")
    async with lab(tmp_path) as (pilot, _):
        await pilot.press("t")
        await pilot.pause()
        assert any("rl-tutor toy-llm build" in n.message for n in pilot.app._notifications)


@SIZES
async def test_predict_hides_the_answer_until_it_is_given(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size) as (pilot, view):
        begun = view.session.point
        await pilot.press("p")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PredictScreen)
        assert view.title() == "Clip lab · predict"
        assert "min(" not in view._panes.plain
        assert "push" not in view._panes.plain
        assert "L = ?" in view._panes.plain
        assert len(view.query_one(ChartView).chart.series) == 2
        right = PUSHES.index(view.session.point.push) + 1
        await pilot.press(str(right), "enter")
        await pilot.pause()
        assert "Right: " in shown(pilot)
        assert "L = min(" in shown(pilot)
        assert "1 of 1 predicted" in shown(pilot)
        await pilot.press("p")
        await pilot.pause()
        wrong = next(i for i, push in enumerate(PUSHES) if push != view.session.point.push) + 1
        await pilot.press(str(wrong), "enter")
        await pilot.pause()
        assert "You said" in shown(pilot)
        assert "1 of 2 predicted" in shown(pilot)
        await pilot.press("u", "u")
        assert view.session.point == begun


async def test_a_prediction_can_be_taken_back(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view):
        begun = view.session.point
        await pilot.press("p", "escape")
        await pilot.pause()
        assert view.session.point == begun
        assert (view.session.asked, view.session.history) == (0, [])
        assert "L = min(" in shown(pilot)


async def test_explain_code_and_back(tmp_path: Path) -> None:
    async with lab(tmp_path, LARGE) as (pilot, view):
        await pilot.press("e")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReaderScreen)
        assert "What the numbers say" in shown(pilot)
        assert "The plot in words" in shown(pilot)
        await pilot.press("e", "c")
        await pilot.pause()
        assert "def clipped_surrogate(" in shown(pilot)
        await pilot.press("c", "escape")
        await pilot.pause()
        assert not view.is_attached


async def test_export_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    async with lab(tmp_path) as (pilot, _):
        await pilot.press("x", "x")
        await pilot.pause()
        one, two = folder / "rl-tutor-clip", folder / "rl-tutor-clip-2"
        assert sorted(folder.iterdir()) == [one, two]
        names = ["clip-objective.csv", "clip-objective.svg", "clip-objective.txt", "clip-points.csv"]
        assert [sorted(path.name for path in each.iterdir()) for each in (one, two)] == [names, names]
        assert f"4 files in {two.name}" in screen_text(pilot.app)  # type: ignore[arg-type]
        monkeypatch.setattr("tutor.paths.export_dir", lambda: tmp_path / "nowhere")
        await pilot.press("x")
        await pilot.pause()
        assert any("Nothing was written" in n.message for n in pilot.app._notifications)


async def test_the_old_probability_from_the_model(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clip_model, "offers", lambda point: bool(point.token))
    monkeypatch.setattr(clip_model, "probability", lambda _point: 0.2)
    async with lab(tmp_path) as (pilot, view):
        await pilot.press("t")
        await pilot.pause()
        assert (view.session.point.old, view.session.point.new) == (0.2, 0.25)
        assert 'The toy model gives "sunny" .2' in shown(pilot)

        def unknown(_point: Point) -> float:
            raise ValueError("the model does not know foggy")

        monkeypatch.setattr(clip_model, "probability", unknown)
        await pilot.press("t")
        await pilot.pause()
        assert any("does not know foggy" in n.message for n in pilot.app._notifications)
        monkeypatch.setattr(clip_model, "offers", lambda _point: False)
        await pilot.press("t")
        assert view.session.point.old == 0.2


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_ascii_only_when_asked(tmp_path: Path, theme: str) -> None:
    settings = Settings(theme=theme, symbols="ascii", motion=False)
    async with lab(tmp_path, settings=settings) as (pilot, _):
        assert "1-eps" in shown(pilot)
        for keys in (
            ["n"],
            ["n", "f"],
            ["e"],
            ["escape"],
            ["o"],
            ["escape"],
            ["p"],
            ["1", "enter"],
            ["c"],
            ["c"],
            ["f1"],
        ):
            await pilot.press(*keys)
            await pilot.pause()
            assert shown(pilot).isascii(), keys


async def test_theme_and_signs_change_under_an_open_lab(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, _):
        assert isinstance(pilot.app, TutorApp)
        pilot.app.change_settings(Settings(theme="light", symbols="ascii", motion=False))
        await pilot.pause()
        assert "dL/dr = 0" in shown(pilot)
        assert shown(pilot).isascii()


async def test_an_unchanged_plot_is_not_drawn_again(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view):
        plot = view.query_one(ChartView)
        drawn = plot.draws
        await pilot.press("u", "0", "u")
        await pilot.pause()
        assert plot.draws == drawn
        await pilot.press("right")
        await pilot.pause()
        assert plot.draws == drawn + 1


async def test_random_keys_never_raise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    keys = [key for binding in Lab.BINDINGS for key in binding.key.split(",")]  # type: ignore[union-attr]
    keys = [key for key in keys if key not in ("x", "w")] + [
        "escape",
        "enter",
        "1",
        "7",
        ".",
        "z",
        "tab",
        "backspace",
        "q",
    ]
    dice = random.Random(3)
    async with lab(tmp_path) as (pilot, _):
        for _ in range(80):
            await pilot.press(dice.choice(keys))
            if len(pilot.app.screen_stack) == 1:
                pilot.app.open_lab("clip", None)  # type: ignore[attr-defined]
                await pilot.pause()


async def test_resizing_at_any_moment(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view):
        for size in ((40, 12), (120, 40), (50, 8), (300, 100), (20, 5), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.press("right")
            await pilot.pause()
        assert view.session.point.ratio == pytest.approx(1.95)
        assert "L = min(1.95, 1.2) = 1.2" in shown(pilot)


class LessonLike(Screen[None]):
    """As a lesson page embeds the lab: 80 x 17 and a key bar."""

    AUTO_FOCUS = "Lab"

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.lab = Lab(values(**find_lab("clip").presets[1]), state, embedded=True)

    def compose(self) -> ComposeResult:
        yield self.lab
        yield KeyBar()


async def test_embedded_it_is_whole_at_80_by_17_and_shift_tab_leaves(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, _):
        screen = LessonLike()
        await pilot.app.push_screen(screen)
        await pilot.pause()
        assert screen.lab.size == (80, 17)
        text = shown(pilot)
        for part in (
            'Clip lab · "understand" .08 → .15',
            "example 2 of 5: n",
            "L = min(3.375, 2.16) = 2.16",
            "maximise L (loss = −L = −2.16)",
            "▸ (1+ε)A   flat",
            "The policy may still move",
            "ratio r",
        ):
            assert part in text, part
        await pilot.press("shift+tab")
        assert screen.focused is None


async def test_a_state_brings_the_lab_back(tmp_path: Path) -> None:
    async with lab(tmp_path, ratio=1.3) as (pilot, view):
        await pilot.press("right", "up", "f", "u")
        again = LessonLike(json.loads(json.dumps(view.lab_state())))
        await pilot.app.push_screen(again)
        await pilot.pause()
        assert again.lab.session.to_state() == view.session.to_state()
        assert again.lab.session.point.ratio == pytest.approx(1.35)


async def test_w_opens_what_the_clip_holds_with_this_epsilon(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clip_truth.Lab, "worker", lambda: FakeRuns(clip_frames))
    async with lab(tmp_path, epsilon=0.3) as (pilot, _):
        await pilot.press("w")
        await pilot.pause()
        await pilot.pause()
        assert pilot.app.screen.query_one(clip_truth.Lab).session.parameters["epsilon"] == 0.3
        await pilot.press("escape")
        await pilot.pause()
        assert pilot.app.screen.query_one(Lab)
