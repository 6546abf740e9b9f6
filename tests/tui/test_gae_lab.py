"""The GAE lab: hand-worked tables, and its keys on its own screen."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tutor.course.types import Course
from tutor.experiments import ParameterError, find_lab
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.labs.gae import Lab
from tutor.tui.labs.gae_explain import explain
from tutor.tui.labs.gae_export import table_csv
from tutor.tui.labs.gae_session import GaeSession, example
from tutor.tui.screens.parameters import ParametersScreen

from .harness import LARGE, SMALL, screen_text


def session(**given: Any) -> GaeSession:
    return GaeSession(find_lab("gae").values(given))


def test_the_first_example_gives_the_advantage_of_1_8() -> None:
    """By hand: deltas .9, .1, .1, 1; backwards 1, 1, 1, 1.8; G - V = 2.1, 1.2, 1.1, 1."""
    table = session().table
    assert table.deltas == pytest.approx([0.9, 0.1, 0.1, 1.0])
    assert table.advantages == pytest.approx([1.8, 1.0, 1.0, 1.0])
    assert [g - v for g, v in zip(table.returns, table.values, strict=False)] == pytest.approx(
        [2.1, 1.2, 1.1, 1.0]
    )


def test_what_was_cut_off_counts_with_its_value() -> None:
    """The last delta is 0 + 2 - 1.3 = .7, so A_0 = .9 + .09 + .081 + .729 * .7."""
    table = session(rewards="0,0,0,0", values="0.2,1.1,1.2,1.3,2").table
    assert table.deltas[-1] == pytest.approx(0.7)
    assert table.advantages[0] == pytest.approx(0.9 + 0.09 + 0.081 + 0.729 * 0.7)
    assert table.returns[0] == pytest.approx(2.0)


def test_lambda_one_is_monte_carlo_and_zero_the_td_error() -> None:
    table = session(gamma=0.9, rewards="1,2", values="4,3,0").table
    assert table.advantages_at(0) == pytest.approx([1 + 0.9 * 3 - 4, 2 - 3])
    assert table.advantages_at(1) == pytest.approx([1 + 0.9 * 2 - 4, 2 - 3])
    assert table.advantages_at(0.5)[0] == pytest.approx(-0.3 + 0.45 * -1)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"rewards": "1, x"}, "'x' is no number"),
        ({"rewards": "1,,2"}, "'' is no number"),
        ({"rewards": "nan,0,0,0"}, "'nan' is no number"),
        ({"values": "1e9,0,0,0,0"}, "between -1000 and 1000"),
        ({"rewards": "1,2"}, "values are 5 and rewards 2"),
        ({"rewards": ",".join("1" * 9), "values": ",".join("1" * 10)}, "there may be 1 to 8"),
        ({"lambda": 1.5}, "lambda is '1.5'; it must be a number between 0 and 1"),
    ],
)
def test_what_makes_no_table_is_refused(given: dict[str, Any], said: str) -> None:
    with pytest.raises(ParameterError, match=said.replace("(", r"\(")):
        find_lab("gae").values(given)


def test_every_change_can_be_taken_back_and_a_state_brings_all_back() -> None:
    here = session()
    here.move(2)
    here.turn("value")
    for change in (here.change, here.move_lambda, here.change):
        assert change(1)
    again = GaeSession.from_state(here.to_state(), find_lab("gae").values({}))
    assert again.table == here.table
    assert (again.row, again.column) == (2, "value")
    assert again.table.values[2] == pytest.approx(1.4)
    assert [again.undo() for _ in range(4)] == [True, True, True, False]
    assert again.table == session().table


@pytest.mark.parametrize(
    "state", [None, {}, {"history": []}, {"table": 1, "start": 2, "history": [], "row": 0}]
)
def test_a_damaged_state_gives_a_new_table(state: object) -> None:
    assert GaeSession.from_state(state, find_lab("gae").values({})).table == session().table


@pytest.mark.parametrize(("lambda_", "truth"), [(0.9, "smaller"), (0.0, "larger")])
def test_what_another_lambda_makes_of_it(lambda_: float, truth: str) -> None:
    """.9 alone at lambda 0, 1.8 at .9, 2.1 at 1."""
    assert session(**{"lambda": lambda_}).truth() == truth


def test_the_last_step_knows_no_lambda() -> None:
    here = session()
    here.move(3)
    assert here.truth() == "same"


def test_the_explanation_names_the_weights_of_later_errors() -> None:
    texts = explain(session(), UNICODE)
    assert "weights 0.9, 0.81, 0.729" in texts[1]
    assert all(text.isascii() for text in explain(session(), ASCII))


def test_the_exported_table_can_be_read_back() -> None:
    rows = [line.split(",") for line in table_csv(session()).splitlines()]
    assert rows[0] == ["t", "reward", "value", "next_value", "delta", "advantage", "return"]
    assert [float(row[5]) for row in rows[1:]] == pytest.approx([1.8, 1.0, 1.0, 1.0])


@asynccontextmanager
async def lab(
    tmp_path: Path, size: tuple[int, int] = SMALL, symbols: str = "unicode", **given: Any
) -> AsyncIterator[tuple[Pilot[None], Lab]]:
    settings = Settings(motion=False, symbols=symbols)
    app = TutorApp(Course(tmp_path, "en", ()), open_store(tmp_path / "progress.db"), settings)
    async with app.run_test(size=size) as pilot:
        app.open_lab("gae", given or None)
        await pilot.pause()
        await pilot.pause()
        yield pilot, app.screen.query_one(Lab)
    app.close_store()


def shown(pilot: Pilot[None]) -> str:
    assert isinstance(pilot.app, TutorApp)
    return screen_text(pilot.app)


@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 18)])
async def test_it_is_whole(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size) as (pilot, _):
        screen = shown(pilot)
    for part in (
        "GAE by hand · γ 1 · λ 0.9",
        "nothing to come",
        "δ₀ = R₁ + γ V(S₁) − V(S₀)",
        "= 0 + 1 · 1.1 − 0.2 = 0.9",
        "Â₀ = δ₀ + γλ Â₁ = 0.9 + 1 · 0.9 · 1 = 1.8",
        "= 0.9 + 0.09 + 0.081 + 0.729 = 1.8",
        "λ = 0: Â₀ = δ₀ = 0.9",
        "λ = 1: Â₀ = G₀ − V(S₀) = 2.1",
    ):
        assert part in screen


async def test_in_ascii(tmp_path: Path) -> None:
    async with lab(tmp_path, symbols="ascii") as (pilot, _):
        screen = shown(pilot)
    assert screen.isascii()
    assert "A_0 = d_0 + g*lam A_1 = 0.9 + 1 * 0.9 * 1 = 1.8" in screen


async def test_the_keys(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, here):
        await pilot.press("left_square_bracket", "down", "right", "plus", "plus")
        assert here.session.table.lambda_ == pytest.approx(0.85)
        assert here.session.table.values[1] == pytest.approx(1.3)
        assert "▸ 1" in shown(pilot)
        assert "[1.3]" in shown(pilot)
        await pilot.press("u", "u", "u", "u")
        assert "Nothing to take back." in shown(pilot)
        await pilot.press("n")
        assert example(here.session) == (2, 4)
        assert "cut off: V stands in" in shown(pilot)
        await pilot.press("left", "up", "up")
        assert "No further." in shown(pilot)


async def test_a_prediction_hides_what_it_asks_about(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, here):
        await pilot.press("p")
        await pilot.pause()
        assert "λ becomes 0" in " ".join(screen_text(pilot.app).split())  # type: ignore[arg-type]
        await pilot.press("escape")
        await pilot.pause()
        assert here.session.table.lambda_ == pytest.approx(0.9)
        await pilot.press("p")
        await pilot.pause()
        await pilot.press("2", "enter")
        await pilot.pause()
        assert "Right: it gets smaller; Â₀ = 0.9 now." in shown(pilot)
        assert here.session.table.lambda_ == 0
        await pilot.press("u")
        assert here.session.table.lambda_ == pytest.approx(0.9)


async def test_what_does_not_fit_is_said_and_changes_nothing(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, here):
        before = here.session.table
        here.set_parameters({"rewards": "1, 2"})
        await pilot.pause()
        assert here.session.table == before
        assert "one value more" in screen_text(pilot.app)  # type: ignore[arg-type]
        await pilot.press("o", "end", *"1,2", "enter")
        assert isinstance(pilot.app.screen, ParametersScreen)
        assert "one value more" in " ".join(shown(pilot).split())
        assert here.session.table == before
