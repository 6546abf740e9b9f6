"""The gridworld lab through its keys, on its own screen and as a lesson embeds it."""

import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.pilot import Pilot
from textual.screen import Screen

from tutor.course.types import Course
from tutor.experiments import find_lab
from tutor.progress import open_store
from tutor.rl.environments.maps import GRIDS
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.labs.gridworld import Lab
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.reader import ReaderScreen, hung
from tutor.tui.screens.parameters import ParametersScreen
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.grid import GridPane
from tutor.tui.widgets.keybar import KeyBar

from .harness import LARGE, SMALL, screen_text

TO_THE_GOAL = ("up", "up", "right", "right", "right")
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE])


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
        app.open_lab("gridworld", given)
        await pilot.pause()
        await pilot.pause()
        yield pilot, app.screen.query_one(Lab)
    app.close_store()


def shown(pilot: Pilot[None]) -> str:
    assert isinstance(pilot.app, TutorApp)
    return screen_text(pilot.app)


def notices(pilot: Pilot[None]) -> str:
    return " ".join(notification.message for notification in pilot.app._notifications)


@SIZES
async def test_arrows_act_and_everything_is_on_the_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size, slip=0, gamma=0.5) as (pilot, _):
        await pilot.press("up", "up", "right")
        await pilot.pause()
        screen = shown(pilot)
    for words in (
        "Gridworld · russell-norvig · slip 0 · γ 0.5 · seed 0",
        "step 3",
        "S₂ = (0,0)   A₂ = right",
        "R₃ = −0.04   S₃ = (0,1)",
        "G₀ = −0.04 − 0.04γ − 0.04γ²",
        "= −0.07   γ = 0.5",
        "right goes → 1",
        "+1, −1 end the episode",
        "reward R per step",
        "return G₀ so far",
        "arrows go  r run  u undo  [ ] γ  0 new  o set  d draw  e why",
        "esc home  ? keys",
    ):
        assert words in screen


@SIZES
async def test_the_end_is_said_and_acting_after_it_does_nothing(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with lab(tmp_path, size, slip=0) as (pilot, view):
        await pilot.press(*TO_THE_GOAL)
        await pilot.pause()
        assert "The episode is over." in shown(pilot)
        assert "0 starts again  u undoes  s new seed" in shown(pilot)
        await pilot.press("up")
        await pilot.pause()
        assert "Nothing happens" in shown(pilot)
        assert view.session.t == 5


async def test_undo_reset_and_seed(tmp_path: Path) -> None:
    async with lab(tmp_path, slip=0, seed=3) as (pilot, view):
        await pilot.press("up", "up", "u")
        assert view.session.t == 1
        await pilot.press("0")
        assert view.session.t == 0
        await pilot.press("u")
        assert view.session.t == 1
        await pilot.press("u", "u")
        await pilot.pause()
        assert "Nothing to take back." in shown(pilot)
        await pilot.press("up", "s")
        assert (view.session.t, view.session.seed) == (0, 4)


async def test_gamma_answers_at_once(tmp_path: Path) -> None:
    async with lab(tmp_path, slip=0, gamma=0.99) as (pilot, view):
        await pilot.press("up", "up", "right_square_bracket")
        await pilot.pause()
        assert view.session.gamma == 1
        assert "= −0.08   γ = 1" in shown(pilot)
        assert view.query(ChartView).last().chart.series[0].y.tolist() == pytest.approx([0, -0.04, -0.08])
        for _ in range(20):
            await pilot.press("left_square_bracket")
        await pilot.pause()
        assert view.session.gamma == 0
        assert "= −0.04   γ = 0" in shown(pilot)


async def test_space_lets_the_policy_act(tmp_path: Path) -> None:
    async with lab(tmp_path, slip=0, policy="optimal") as (pilot, view):
        await pilot.press(*["space"] * 5)
        assert view.session.over
        assert view.session.frames[-1].reward == pytest.approx(0.96)


async def test_run_goes_to_the_end_at_once_where_nothing_may_move(tmp_path: Path) -> None:
    async with lab(tmp_path, slip=0, policy="optimal") as (pilot, view):
        await pilot.press("r")
        await pilot.pause()
        assert view.session.t == 5
        assert "moved as meant" in shown(pilot)
        assert "This cell pays +1. The episode is over." in shown(pilot)
        await pilot.press("r")
        await pilot.pause()
        assert "Nothing happens" in shown(pilot)


async def test_run_ticks_and_any_key_pauses(tmp_path: Path) -> None:
    settings = Settings(motion=True, symbols="unicode")
    async with lab(tmp_path, settings=settings, grid="rooms", speed=30) as (pilot, view):
        await pilot.press("r")
        assert view.running
        assert "random 30/s  step " in view.status()
        assert "seed 0" in view.title()
        view._tick()
        before = view.session.t
        assert before >= 2
        await pilot.press("minus", "minus", "plus")
        assert view.running
        assert view.session.parameters["speed"] == 20
        await pilot.press("r")
        await pilot.pause()
        assert not view.running
        assert "/s  step" not in shown(pilot)
        await pilot.press("r", "u")
        assert not view.running


async def test_a_run_ends_with_the_episode_and_its_plots_are_drawn(tmp_path: Path) -> None:
    settings = Settings(motion=True, symbols="unicode", plot_rate=1)
    async with lab(tmp_path, settings=settings, policy="optimal", slip=0, speed=1) as (pilot, view):
        await pilot.press("r")
        while view.running:
            view._tick()
        await pilot.pause()
        assert view.session.over
        assert len(view.query(ChartView).first().chart.series[0].y) == 5


async def test_without_an_optimal_policy_the_lab_says_so(tmp_path: Path) -> None:
    async with lab(tmp_path, policy="optimal", step_reward=0.1, gamma=1) as (pilot, view):
        await pilot.press("space")
        await pilot.pause()
        assert view.session.t == 0
        assert "No best policy here at gamma 1" in shown(pilot)
        await pilot.press("r", "e")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReaderScreen)


async def test_next_grid_goes_round_all_of_them(tmp_path: Path) -> None:
    grids = list(GRIDS)
    assert len(grids) == 7
    async with lab(tmp_path) as (pilot, view):
        for grid in (*grids[1:], grids[0]):
            await pilot.press("n")
            await pilot.pause()
            assert view.session.parameters["grid"] == grid
            assert str(grid) in shown(pilot)


async def test_explain_tells_what_happened_and_the_plots_in_words(tmp_path: Path) -> None:
    async with lab(tmp_path, LARGE, slip=0) as (pilot, _):
        await pilot.press(*TO_THE_GOAL, "e")
        await pilot.pause()
        screen = shown(pilot)
        assert "What happened" in screen
        assert "a terminal cell" in screen
        assert "The plot of the reward R per step" in screen
        await pilot.press("e")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, ReaderScreen)


async def test_the_code_that_runs(tmp_path: Path) -> None:
    async with lab(tmp_path, LARGE) as (pilot, _):
        await pilot.press("c")
        await pilot.pause()
        assert "def take_step(" in shown(pilot)
        await pilot.press("end", "down", "escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, ReaderScreen)


async def test_export_says_where_and_never_overwrites(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    async with lab(tmp_path, slip=0, gamma=0.5) as (pilot, _):
        await pilot.press("up", "up", "x")
        await pilot.pause()
        assert [path.name for path in folder.iterdir()] == ["rl-tutor-gridworld"]
        one = folder / "rl-tutor-gridworld"
        first = {path.name: path.read_bytes() for path in one.iterdir()}
        assert {Path(name).suffix for name in first} == {".csv", ".txt", ".svg"}
        rows = (one / "gridworld-russell-norvig-seed0-steps.csv").read_text().splitlines()
        assert rows[2] == "1,1,0,up,up,-0.04,0,0,0,0,-0.06"
        await pilot.press("x")
        await pilot.pause()
        two = folder / "rl-tutor-gridworld-2"
        assert {path.name for path in two.iterdir()} == set(first)
        assert all((one / name).read_bytes() == data for name, data in first.items())
        assert f"{len(first)} files in {two.name}" in screen_text(pilot.app)  # type: ignore[arg-type]


async def test_export_into_a_folder_that_is_gone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutor.paths.export_dir", lambda: tmp_path / "nowhere")
    async with lab(tmp_path) as (pilot, _):
        await pilot.press("x")
        await pilot.pause()
        assert "Nothing was written" in notices(pilot)


async def test_predict_hides_the_chances_until_the_answer(tmp_path: Path) -> None:
    async with lab(tmp_path, slip=0) as (pilot, view):
        await pilot.press("p", "up")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PredictScreen)
        assert view.session.t == 0
        answers = pilot.app.screen.answers
        assert answers[1:] == ("stays on (2,0), reward −0.04", "to (2,1), reward −0.04")
        await pilot.press("1", "enter")
        await pilot.pause()
        assert view.session.t == 1
        assert "As predicted, probability 1" in shown(pilot)
        await pilot.press("p", "right", "down", "enter")
        await pilot.pause()
        assert "You said" in shown(pilot) or "As predicted" in shown(pilot)


async def test_a_wrong_prediction_says_both_probabilities(tmp_path: Path) -> None:
    """From the start, `up` without slip leads to (1,0); (2,0) is what `left` or `down` would do."""
    async with lab(tmp_path, slip=0) as (pilot, view):
        await pilot.press("p", "up")
        await pilot.pause()
        assert isinstance(pilot.app.screen, PredictScreen)
        await pilot.press("2", "enter")
        await pilot.pause()
        said = " ".join("".join(text for text, _ in view._note).split())
        assert said == "You said (2,0), which had probability 0; it was (1,0), probability 1."
        assert "You said (2,0), which had probability 0;" in shown(pilot)
        assert "it was (1,0), probability 1." in shown(pilot)


async def test_at_the_end_there_is_nothing_to_predict(tmp_path: Path) -> None:
    async with lab(tmp_path, slip=0) as (pilot, _):
        await pilot.press(*TO_THE_GOAL, "p")
        await pilot.pause()
        assert "Nothing to predict: no step after the end." in shown(pilot)
        assert "0 starts again" in shown(pilot)


async def test_a_prediction_can_be_taken_back(tmp_path: Path) -> None:
    async with lab(tmp_path, slip=0) as (pilot, view):
        await pilot.press("p", "p", "up")
        assert view.session.t == 1
        await pilot.press("p", "up")
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert view.session.t == 1
        await pilot.press("up")
        assert view.session.t == 2


async def test_options_change_the_lab(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view):
        await pilot.press("up", "o")
        await pilot.pause()
        assert isinstance(pilot.app.screen, ParametersScreen)
        await pilot.press("down", "0", "enter")
        await pilot.pause()
        assert view.session.parameters["slip"] == 0
        assert "slip 0 " in shown(pilot)
        await pilot.press("o", "right", "enter")
        await pilot.pause()
        assert view.session.parameters["grid"] == "mouse"
        assert view.session.parameters["slip"] == pytest.approx(0.1)


async def test_a_click_beside_the_agent_moves_it(tmp_path: Path) -> None:
    async with lab(tmp_path, slip=0) as (pilot, view):
        cell = view.query_one(GridPane)
        await pilot.click(cell, offset=(6, 5))  # cell (1,0), above the start: columns 3 to 9, rows 4 to 6
        assert view.session.env.cells[view.session.state] == (1, 0)
        await pilot.click(cell, offset=(28, 2))  # far away: nothing
        await pilot.click(cell, offset=(0, 0))  # the numbers: nothing
        assert view.session.t == 1


async def test_esc_goes_back(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view):
        await pilot.press("up", "escape")
        await pilot.pause()
        assert not view.is_attached


@SIZES
@pytest.mark.parametrize("grid", sorted(GRIDS))
async def test_every_map_is_whole(tmp_path: Path, size: tuple[int, int], grid: str) -> None:
    async with lab(tmp_path, size, grid=grid) as (pilot, view):
        await pilot.press("right", "down")
        await pilot.pause()
        pane = view.query_one(GridPane)
        drawn = [pane.render_line(y).text for y in range(pane.size.height)]
        rows = [line for line in drawn[1:] if line[:3].strip().isdigit()]
        assert len(rows) == view.session.env.rows
        assert pane.size.width >= 2 * view.session.env.cols
        for chart in view.query(ChartView):
            assert chart.size.height >= 7
        assert "G₀ = " in shown(pilot)


@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_ascii_only_when_asked(tmp_path: Path, theme: str) -> None:
    settings = Settings(theme=theme, symbols="ascii", motion=False)
    async with lab(tmp_path, settings=settings) as (pilot, _):
        for keys in (["up", "right"], ["e"], ["escape"], ["o"], ["escape"], ["p", "up"], ["escape"], ["c"]):
            await pilot.press(*keys)
            await pilot.pause()
            assert shown(pilot).isascii()


async def test_theme_and_signs_change_under_an_open_lab(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view):
        await pilot.press("up")
        assert isinstance(pilot.app, TutorApp)
        before = view.query_one(GridPane)._cells
        pilot.app.change_settings(Settings(theme="light", symbols="ascii", motion=False))
        await pilot.pause()
        view.redraw()
        await pilot.pause()
        assert view.query_one(GridPane)._cells != before
        assert "G_0 = " in shown(pilot)


async def test_random_keys_never_raise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    keys = [key for binding in Lab.BINDINGS for key in binding.key.split(",")]  # type: ignore[union-attr]
    keys = [key for key in keys if key not in ("x", "r")] + [
        "escape",
        "enter",
        "1",
        "7",
        "z",
        "tab",
        "backspace",
    ]
    dice = random.Random(5)
    async with lab(tmp_path, grid="mouse") as (pilot, _):
        for _ in range(100):
            await pilot.press(dice.choice(keys))
            if len(pilot.app.screen_stack) == 1:
                pilot.app.open_lab("gridworld", None)  # type: ignore[attr-defined]
                await pilot.pause()


async def test_resizing_at_any_moment(tmp_path: Path) -> None:
    async with lab(tmp_path, grid="rooms") as (pilot, view):
        for size in ((40, 12), (120, 40), (60, 18), (300, 100), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.press("right")
            await pilot.pause()
        assert view.session.t == 5


class LessonLike(Screen[None]):
    """As a lesson page embeds the lab: 80 x 17 and a key bar."""

    AUTO_FOCUS = "Lab"

    def __init__(self, state: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.lab = Lab(find_lab("gridworld").values({"grid": "rooms"}), state, embedded=True)

    def compose(self) -> ComposeResult:
        yield self.lab
        yield KeyBar()


async def test_embedded_it_is_whole_at_80_by_17_and_shift_tab_leaves(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, _):
        screen = LessonLike()
        await pilot.app.push_screen(screen)
        await pilot.pause()
        assert screen.lab.size == (80, 17)
        await pilot.press("right", "down")
        await pilot.pause()
        text = shown(pilot)
        assert "Gridworld · rooms · slip 0.1" in text
        for words in ("step 2", " 12 ██", "G₀ = ", "reward R per step", "return G₀ so far", "down goes"):
            assert words in text
        assert screen.focused is screen.lab
        keys = next(strip for strip in text.splitlines() if "arrows go" in strip)
        for words in ("esc text", "arrows go  r run  u undo  [ ] γ  0 new  o set  d draw  e why", "? keys"):
            assert words in keys
        for key in ("shift+tab", "escape", "q", "b"):
            screen.lab.focus()
            await pilot.press(key)
            assert screen.focused is None
            assert screen.is_current
        assert screen.lab.session.t == 2


@pytest.mark.parametrize(("rows", "height"), [(24, 17), (30, 17), (36, 20), (40, 24), (60, 24)])
async def test_embedded_it_grows_on_a_tall_screen(tmp_path: Path, rows: int, height: int) -> None:
    async with lab(tmp_path, (90, rows)) as (pilot, _):
        screen = LessonLike()
        await pilot.app.push_screen(screen)
        await pilot.pause()
        assert screen.lab.size.height == height
        if height == 24:  # the plots stand one above the other
            first, second = (chart.region for chart in screen.lab.query(ChartView))
            assert first.bottom == second.y


async def test_a_narrow_screen_breaks_what_one_needs_to_read(tmp_path: Path) -> None:
    async with lab(tmp_path, (60, 18), slip=0) as (pilot, view):
        await pilot.pause()
        assert "seed 0" in shown(pilot)
        assert "(row" not in shown(pilot)
        await pilot.press(*TO_THE_GOAL)
        await pilot.pause()
        for words in ("This cell pays +1.", "The episode is over.", "0 again  u undo  s new seed"):
            assert words in shown(pilot)
        assert view.query(ChartView).last().styles.margin.left == 2  # plots side by side do not touch


@pytest.mark.parametrize("size", [(60, 18), SMALL, LARGE, (50, 12)])
@pytest.mark.parametrize("key", ["e", "c"])
async def test_how_to_close_a_page_stays_in_sight(tmp_path: Path, size: tuple[int, int], key: str) -> None:
    async with lab(tmp_path, size, slip=0) as (pilot, _):
        await pilot.press(*TO_THE_GOAL, key)
        await pilot.pause()
        assert "esc closes this" in shown(pilot)
        for _ in range(9):
            await pilot.press("space")
            await pilot.pause()
        assert "esc closes this" in shown(pilot)
        scroll = pilot.app.screen.query_one(VerticalScroll)
        assert scroll.scroll_offset.y == scroll.max_scroll_y
        assert scroll.max_scroll_y > 0 or size == LARGE
        await pilot.press("home", "pagedown", "pageup")
        assert scroll.scroll_offset.y == 0
        await pilot.press("enter")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, ReaderScreen)


@pytest.mark.parametrize("width", [20, 40, 76])
def test_a_long_line_of_a_program_hangs(width: int) -> None:
    line = "        return StepFrame(t, state, action, moved, reward, next_state, terminated, truncated)"
    pieces = [piece.plain for piece in hung(Content(line), width)]
    assert all(len(piece) <= width for piece in pieces)
    indent = " " * min(12, width // 2)
    assert all(piece.startswith(indent) and piece[len(indent)] != " " for piece in pieces[1:])
    assert "".join("".join(pieces).split()) == "".join(line.split())


async def test_a_state_brings_the_lab_back(tmp_path: Path) -> None:
    async with lab(tmp_path, grid="rooms", slip=0) as (pilot, view):
        await pilot.press("right", "down", "right", "u")
        again = LessonLike(view.lab_state())
        await pilot.app.push_screen(again)
        await pilot.pause()
        assert again.lab.session.frames == view.session.frames
        assert again.lab.session.parameters == view.session.parameters
