"""The lab inside PPO over tokens: identities, formulas that come out, keys. A real run, made in this process."""

import ast
import math
import re
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import numpy as np
import pytest
from textual.pilot import Pilot

pytest.importorskip("torch")

from tutor.experiments import Frame, run
from tutor.experiments.recordings import read_recording, recorded_named
from tutor.rl.returns import gae_advantages
from tutor.toy_llm.training_frames import Inside
from tutor.tui.glyphs import ASCII, UNICODE, Glyphs
from tutor.tui.labs.ppo_inside_tokens import Lab
from tutor.tui.labs.ppo_inside_tokens_batch import TokenTable
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.run_lab import RunLab

from .fake_runs import FakeRuns, run_lab, shown
from .harness import LARGE, SMALL

GIVEN = {"controller": "fixed", "beta": 0.05, "batch": 8, "epochs": 3, "learning_rate": 0.003, "inside": True}
BARE = ("old", "ref", "value", "next_value", "new", "now")  # measured: there is nothing to work out
SUMMED = ("kl",)  # over words that are not shown
NO_TORCH = "training the toy language model needs torch, which is not installed: pip install torch==2.13.0"


@pytest.fixture(scope="module")
def frames() -> Sequence[Frame]:
    return list(run("rlhf", {**GIVEN, "updates": 3}))


@pytest.fixture(scope="module")
def inside(frames: Sequence[Frame]) -> Inside:
    found = frames[-1].detail.inside
    assert isinstance(found, Inside)
    return found


def tables(inside: Inside, epoch: int = 0, glyphs: Glyphs = UNICODE) -> list[TokenTable]:
    return [TokenTable(inside, answer, epoch, glyphs) for answer in range(len(inside.batch.prompts))]


def test_rewards_add_up_to_the_score_less_the_price_of_kl(inside: Inside) -> None:
    for answer, table in enumerate(tables(inside)):
        expected = inside.batch.score[answer] - inside.beta * table.numbers["k1"].sum()
        assert table.numbers["reward"].sum() == pytest.approx(expected, abs=1e-5)


def test_advantages_are_those_of_gae(inside: Inside) -> None:
    for table in tables(inside):
        n, numbers = len(table), table.numbers
        assert numbers["next_value"] == pytest.approx([*numbers["value"][1:], 0])
        values = np.append(numbers["value"], 0)[:, None]
        discounts = np.append(np.ones(n - 1), 0)[:, None]
        expected = gae_advantages(numbers["reward"][:, None], discounts, values, inside.config.lambda_)[:, 0]
        assert numbers["advantage"] == pytest.approx(expected, abs=1e-5)
        assert numbers["returns"] == pytest.approx(numbers["advantage"] + numbers["value"], abs=1e-5)


def test_new_is_old_before_the_first_epoch_and_not_after_the_last(inside: Inside) -> None:
    for table in tables(inside):
        assert table.numbers["ratio"] == pytest.approx(np.ones(len(table)), abs=1e-5)
        assert table.numbers["objective"] == pytest.approx(table.numbers["weight"], abs=1e-4)
        assert not any(table.clipped)
    last = tables(inside, len(inside.epochs) - 1)
    assert any(any(table.clipped) for table in last)
    assert max(float(np.abs(table.numbers["ratio"] - 1).max()) for table in last) > 0.2


def test_the_value_loss_is_that_of_the_update(inside: Inside) -> None:
    """Before the first epoch V is V_old, and the loss is half the squared error: that of the advantage."""
    for table in tables(inside):
        assert table.numbers["loss"] == pytest.approx(0.5 * table.numbers["advantage"] ** 2, abs=1e-5)


def worth(text: str) -> float:
    """What a formula with numbers in it comes to, as its text stands on the screen."""
    text = text.replace("−", "-").replace("·", "*").replace("²", "**2").replace("^2", "**2")
    text = re.sub(r"log (\.?\d[\d.e-]*)", r"log(\1)", text)
    names: dict[str, Callable[..., float]] = {
        "log": math.log,
        "min": min,
        "max": max,
        "clip": lambda value, low, high: min(max(value, low), high),
    }

    def of(node: ast.expr) -> float:
        match node:
            case ast.Constant(value=float() | int() as value):
                return float(value)
            case ast.UnaryOp(op=ast.USub(), operand=operand):
                return -of(operand)
            case ast.BinOp(left=left, op=op, right=right):
                a, b = of(left), of(right)
                match op:
                    case ast.Add():
                        return a + b
                    case ast.Sub():
                        return a - b
                    case ast.Mult():
                        return a * b
                    case ast.Div():
                        return a / b
                    case ast.Pow():
                        return float(a**b)
            case ast.Call(func=ast.Name(id=name), args=args):
                return names[name](*map(of, args))
        raise ValueError(text)

    return of(ast.parse(text.strip(), mode="eval").body)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("recorded", [False, True], ids=["run", "recorded"])
def test_every_formula_comes_out_as_the_number_in_the_table(
    inside: Inside, glyphs: Glyphs, recorded: bool
) -> None:
    """Four digits are shown of each number, so the result may be off by a few units of the fourth."""
    if recorded:
        inside = read_recording(recorded_named("ppo-inside-tokens")).frames[6].detail.inside  # type: ignore[attr-defined]
    checked = set()
    for epoch in (0, len(inside.epochs) - 1):
        for table in tables(inside, epoch, glyphs)[:8]:
            for place, column in enumerate(table.columns):
                for row in range(len(table)):
                    lines = ["".join(text for text, _ in line) for line in table.formula(row, place, 78)]
                    _, *work, result = next(line for line in reversed(lines) if " = " in line).split(" = ")
                    number = float(table.numbers[column.name][row])
                    assert worth(result) == pytest.approx(number, rel=1e-3, abs=1e-4), lines
                    if (
                        column.name not in (*BARE, *SUMMED)
                        and work
                        and not work[0].startswith(("δ", "delta"))
                    ):
                        assert worth(work[-1]) == pytest.approx(number, rel=4e-3, abs=4e-3), lines
                        checked.add(column.name)
                    assert glyphs is UNICODE or "".join(lines).isascii()
    assert checked == {column.name for column in table.columns} - {*BARE, *SUMMED}


# The lab


def lab(
    tmp_path: Path, frames: Sequence[Frame], size: tuple[int, int] = SMALL, symbols: str = "unicode"
) -> AbstractAsyncContextManager[tuple[Pilot[None], RunLab, FakeRuns]]:
    runs = FakeRuns(lambda: iter(frames))
    return run_lab(tmp_path, "ppo-inside-tokens", {"update": 2}, runs, size, symbols)


@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 18)], ids=["80x24", "120x40", "60x18"])
@pytest.mark.parametrize("symbols", ["unicode", "ascii"])
async def test_the_update_is_opened_token_by_token(
    tmp_path: Path, frames: Sequence[Frame], size: tuple[int, int], symbols: str
) -> None:
    async with lab(tmp_path, frames, size, symbols) as (pilot, view, runs):
        assert isinstance(view, Lab)
        assert runs.begun[-1][1]["inside"] is True
        assert runs.begun[-1][1]["controller"] == "fixed"
        assert view.session.shown == 2
        screen = shown(pilot)
        assert "answer 1/8" in screen
        table = view.table
        assert table is not None
        assert table.words[0] in screen
        for key in "123456789":
            await pilot.press(key)
            await pilot.pause()
            assert symbols == "unicode" or shown(pilot).isascii()
            assert (
                f"[{('rollout', 'KL', 'reward', 'values', 'delta', 'GAE', 'ratio', 'clip', 'critic')[int(key) - 1]}]"
                in shown(pilot)
            )


async def test_epochs_go_on_to_the_next_update_and_back(tmp_path: Path, frames: Sequence[Frame]) -> None:
    async with lab(tmp_path, frames) as (pilot, view, _):
        assert isinstance(view, Lab)
        for _ in range(3):
            await pilot.press("space")
        assert (view.session.shown, view.session.epoch) == (2, 3)
        await pilot.press("space")
        await pilot.pause()
        view.draw()
        assert (view.session.shown, view.session.epoch) == (3, 0)
        await pilot.press("u")
        assert (view.session.shown, view.session.epoch) == (2, 3)
        for _ in range(10):
            await pilot.press("u")
        await pilot.pause()
        assert (view.session.shown, view.session.epoch) == (1, 0)
        assert "That is the first update" in shown(pilot)


async def test_answers_tokens_and_clipped_ones(tmp_path: Path, frames: Sequence[Frame]) -> None:
    async with lab(tmp_path, frames) as (pilot, view, _):
        assert isinstance(view, Lab)
        await pilot.press("pageup")
        assert view.session.answer == 7
        await pilot.press("pagedown", "end")
        assert view.table is not None
        assert view.session.row == len(view.table) - 1
        await pilot.press("k")
        assert "No token is clipped now" in shown(pilot)
        await pilot.press("space", "space", "space", "k")
        assert view.table is not None
        assert view.table.clipped[view.session.row]


async def test_predicting_explaining_and_the_plots(tmp_path: Path, frames: Sequence[Frame]) -> None:
    async with lab(tmp_path, frames) as (pilot, view, _):
        assert isinstance(view, Lab)
        await pilot.press("p")
        await pilot.pause()
        await pilot.press("2", "enter")
        await pilot.pause()
        table = view.table
        assert table is not None
        assert view.session.epoch == 1
        assert ("As predicted" in shown(pilot)) != table.clipped[view.session.row]
        await pilot.press("v")
        await pilot.pause()
        assert "clip fraction" in shown(pilot)
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        assert isinstance(pilot.app.screen, ReaderScreen)
        assert "its rewards add up to" in " ".join(shown(pilot).split())


async def test_its_place_is_kept(tmp_path: Path, frames: Sequence[Frame]) -> None:
    async with lab(tmp_path, frames) as (pilot, view, _):
        assert isinstance(view, Lab)
        await pilot.press("space", "down", "down", "pagedown", "7")
        state = view.lab_state()
        fresh = Lab(view.parameters, state)
        assert fresh.session.to_state()["place"] | {"update": 2} == state["place"]
        assert fresh.session.to_state()["frames"] == 3
        for damaged in ({"place": 3}, {**state, "place": {"row": "x", "column": 7, "epoch": -1}}):
            assert Lab(view.parameters, damaged).session.row == 0


async def test_the_export_has_every_number(
    tmp_path: Path, frames: Sequence[Frame], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    async with lab(tmp_path, frames) as (pilot, view, _):
        assert isinstance(view, Lab)
        await pilot.press("x")
        await pilot.app.workers.wait_for_complete()
        (path,) = tmp_path.glob("**/*tokens.csv")
        inside = view.session.inside
        assert inside is not None
        lines = path.read_text().splitlines()
        assert len(lines) == 1 + int(inside.batch.mask.sum()) * len(inside.epochs)


async def test_without_torch_it_says_what_to_install(tmp_path: Path) -> None:
    async with lab(tmp_path, ()) as (pilot, _view, runs):
        runs.fail(NO_TORCH)
        await pilot.pause()
        assert NO_TORCH in " ".join(shown(pilot).split())


async def test_0_goes_back_to_the_first_update_before_its_first_epoch(
    tmp_path: Path, frames: Sequence[Frame]
) -> None:
    async with lab(tmp_path, frames) as (pilot, view, _):
        assert isinstance(view, Lab)
        for _ in range(2):
            await pilot.press("space", "0")
            await pilot.pause()
            assert "answer 1/8" in shown(pilot)
            assert (view.session.shown, view.session.epoch) == (1, 0)
