"""The RLHF lab: its stages, the politeness example by hand, the rater; the frames are made up, no process is there."""

import asyncio
import math
from collections.abc import AsyncIterator, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from textual.pilot import Pilot

from tutor.experiments import Frame, ParameterError, find_lab, run
from tutor.experiments.entries.llm_training import LOSS
from tutor.experiments.worker import Worker
from tutor.toy_llm.rater import asked_pairs, features
from tutor.toy_llm.tokenizer import EOS, encode
from tutor.toy_llm.training_frames import (
    Answer,
    Inside,
    RewardModelFrame,
    ScoredPair,
    StageFrame,
    TokenBatch,
    TokenEpoch,
    TrainingConfig,
    TrainingFrame,
)
from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.rlhf import Lab
from tutor.tui.labs.rlhf_models import HEIGHT, WIDTH, drawn
from tutor.tui.labs.rlhf_rating import Picks, RatingScreen
from tutor.tui.labs.rlhf_session import Stages
from tutor.tui.labs.rlhf_watched import Watched, said, watched
from tutor.tui.labs.rlhf_words import example
from tutor.tui.labs.trained import torch_worker
from tutor.tui.screens.home import HomeScreen
from tutor.tui.screens.lab import LabScreen
from tutor.tui.widgets.chart import ChartView

from .fake_runs import FakeRuns, run_all, run_lab, shown
from .harness import LARGE, SMALL, make_app, write_course

SFT, UPDATES = 50, 12
FEW = {"sft_updates": SFT, "updates": UPDATES}
PROMPT, SAID = "I don't like your answer", "I understand , how can I fix it ?"


def inside() -> Inside:
    """One answer of the article: pi from .08 to .15 in two steps, A 1.8, score 2.3, KL .5 at a price of .8."""
    tokens = np.array([[*encode(SAID), EOS]])
    zero = np.zeros(tokens.shape)
    ratio, weight, reward = np.ones(tokens.shape), zero.copy(), zero.copy()
    ratio[0, 1], weight[0, 1] = 0.15 / 0.08, 1.8
    kl = zero.copy()
    kl[0, 1], reward[0, 1], reward[0, -1] = 0.5, -0.8 * 0.5, 2.3
    batch = TokenBatch(
        tokens, tokens > 0, zero, zero, kl, kl, reward, zero, zero, zero, zero, zero, weight, (PROMPT,),
        np.array([2.3]), np.array([1.0]),
    )  # fmt: skip
    epochs = [
        TokenEpoch(n, zero, r, r > 1.2, r * weight, zero, 0.0, 0.0, 0.0)
        for n, r in enumerate((zero + 1, ratio))
    ]
    return Inside(batch, tuple(epochs), 0.8, (0.08, 0.1, 0.15), TrainingConfig())


def sft_frames() -> Iterator[Frame]:
    for update in range(SFT + 1):
        metrics, answers = {"loss/sft": 4.0 - update / 20}, ()
        if update % 25 == 0:
            metrics |= {"loss/sft_held_out": 4.1 - update / 20, "policy/probability": update / 1000}
            answers = tuple((f"prompt {n}", f"sft {update} said {n}") for n in (1, 2, 3))
        yield frame("sft", update, metrics, StageFrame(update, metrics, answers))


def reward_frames() -> Iterator[Frame]:
    for update in range(31):
        right = 0.5 + update / 200
        numbers = dict(zip(LOSS.values(), (0.6, right, 0.6, right), strict=True))
        pairs = tuple(ScoredPair(f"asked {n}", f"good {n}", f"bad {n}", update / 10, 0.0) for n in (1, 2))
        yield frame("reward-model", update, numbers, RewardModelFrame(update, 0.6, right, 0.6, right, pairs))


def ppo_frames() -> Iterator[Frame]:
    for update in range(UPDATES + 1):
        numbers = {
            "objective/kl": 1.5, "objective/kl_k1": 1.5, "objective/scores": update / 10,
            "objective/gold": -update / 20, "objective/entropy": 0.5, "objective/unique": 0.5, "beta": 0.8,
            "policy/probability": 0.05 + 0.01 * update,
        }  # fmt: skip
        answers = tuple(Answer(f"prompt {n}", f"ppo {update} said {n}", 1.0, 0.5, 1.5, True) for n in (1, 2))
        detail = TrainingFrame(update, numbers, answers, inside() if update else None)
        yield frame("rlhf", update, numbers, detail)


def frame(series: str, update: int, numbers: Mapping[str, float], detail: Any) -> Frame:
    return Frame(series, update, {name: np.array([value]) for name, value in numbers.items()}, detail)


MADE = {"sft": sft_frames, "reward-model": reward_frames, "rlhf": ppo_frames}


class StageRuns(FakeRuns):
    """Makes the frames of the experiment that is asked for."""

    def run(self, id: str, parameters: Mapping[str, object], *given: Any, **more: Any) -> Any:
        self._made = MADE[id]
        if self.current is not None and not self.current.ended:
            self.current.state = "stopped"  # as the worker does
        return super().run(id, parameters, *given, **more)


@asynccontextmanager
async def lab(
    tmp_path: Path, stage: str = "sft", size: tuple[int, int] = SMALL, symbols: str = "unicode", **more: Any
) -> AsyncIterator[tuple[Pilot[None], Lab, StageRuns]]:
    given = {"stage": stage, **FEW, **more}
    async with run_lab(tmp_path, "rlhf", given, StageRuns(), size, symbols) as (pilot, view, runs):
        assert isinstance(view, Lab)
        assert isinstance(runs, StageRuns)
        yield pilot, view, runs


def plots(view: Lab) -> list[str]:
    return [chart.chart.title for chart in view.query(ChartView) if chart.display]


# The article's numbers


def test_the_politeness_example_by_hand() -> None:
    token = said(inside())
    assert token is not None
    assert (token.asked, token.count) == (True, 1)
    assert (token.ratio, token.advantage) == pytest.approx((1.875, 1.8))
    assert (token.unclipped, token.clipped, token.objective) == pytest.approx((3.375, 2.16, 2.16))


def test_the_two_ratios_are_told_apart() -> None:
    runs = StageRuns()
    stages = Stages(
        find_lab("rlhf"), find_lab("rlhf").values({"stage": "ppo", **FEW}), lambda: runs, lambda: None
    )
    session = stages.now
    session.open()
    session.take()
    session.step()
    session.take()
    found = watched(session)
    assert found is not None
    assert found.over_run == pytest.approx(0.06 / 0.05)
    assert found.in_update == pytest.approx((1, 1.25, 1.875))


def test_the_drawing_has_the_numbers_on_its_arrows() -> None:
    lines = ["".join(text for text, _ in line) for line in drawn(inside(), 0, UNICODE)]
    assert (len(lines), {len(line) for line in lines}) == (HEIGHT, {WIDTH})
    text = "\n".join(lines)
    assert "R=2.3−0.8·0.5=1.9" in text
    for part in (
        PROMPT,
        SAID,
        "score 2.3",
        "KL 0.5",
        "β 0.8",
        "reward model",
        "reference",
        "critic",
        "actor",
    ):
        assert part in text
    assert "".join(text for line in drawn(inside(), 0, ASCII) for text, _ in line).isascii()


# Through its keys


@pytest.mark.parametrize("stage", ["sft", "reward-model", "ppo"])
@pytest.mark.parametrize("symbols", ["unicode", "ascii"])
@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 18)], ids=["80x24", "120x40", "60x18"])
async def test_every_stage_runs_and_shows_its_numbers(
    tmp_path: Path, stage: str, size: tuple[int, int], symbols: str
) -> None:
    async with lab(tmp_path, stage, size, symbols) as (pilot, view, runs):
        screen = await run_all(pilot, view, runs)
        assert view.session.state == "done", view.session.problem
        assert "…" not in screen
        assert symbols == "unicode" or screen.isascii()
        expected = {"sft": "sft 50 said 1", "reward-model": "good 1", "ppo": "ppo 12 said 1"}
        assert expected[stage] in screen
        assert view.query(ChartView).first().chart.has_data
        for key in ("e", "p", "y", "c"):
            await pilot.press(key)
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
            assert symbols == "unicode" or shown(pilot).isascii(), key
            await pilot.press("escape")


async def test_r_leads_through_all_three(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, runs):
        assert "Stage 1 is done" in await run_all(pilot, view, runs)
        assert "Stage 2 is done" in await run_all(pilot, view, runs)
        screen = await run_all(pilot, view, runs)
        assert "✓1 SFT 50/50" in screen
        assert "✓2 reward model 30/30" in screen
        assert "▸3 PPO 12/12" in screen
        begun = [(id, dict(values)) for id, values, _ in runs.begun]
        assert [id for id, _ in begun] == ["sft", "reward-model", "rlhf"]
        assert begun[0][1] == {"updates": SFT}
        assert begun[2][1]["inside"] is True
        await pilot.press("left_square_bracket", "left_square_bracket")
        assert "sft 50 said 1" in shown(pilot)  # its frames are still there
        assert len(runs.begun) == 3


async def test_samples_of_any_update(tmp_path: Path) -> None:
    async with lab(tmp_path, "ppo", (60, 18)) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        await pilot.press("left", "left", "down")
        assert "ppo 10 said 2" in shown(pilot)


async def test_the_inside_of_an_update_and_the_models(tmp_path: Path) -> None:
    async with lab(tmp_path, "ppo", view="inside") as (pilot, view, runs):
        screen = await run_all(pilot, view, runs)
        assert "pi / pi_old inside update 12" in plots(view)[0]
        assert "π/π_old 0.15/0.08 = 1.88" in screen
        assert "π/π_ref 0.17/0.05 = 3.4" in screen
        assert "clip(r)A 2.16" in screen
        await pilot.press("m")
        await pilot.pause()
        assert "R=2.3−0.8·0.5=1.9" in shown(pilot)
        assert not any(chart.parent.display for chart in view.query(ChartView) if chart.parent)


@pytest.mark.parametrize("key", ["escape", "q"])
async def test_the_way_out_closes_the_picture_of_the_models_first(tmp_path: Path, key: str) -> None:
    async with lab(tmp_path, "ppo") as (pilot, view, _runs):
        there = pilot.app.screen
        assert isinstance(there, LabScreen)
        await pilot.press("m")
        await pilot.pause()
        assert "reward model" in shown(pilot)
        assert "esc back" in shown(pilot)
        assert not any(chart.parent.display for chart in view.query(ChartView) if chart.parent)
        await pilot.press(key)
        await pilot.pause()
        assert pilot.app.screen is there
        assert any(chart.parent.display for chart in view.query(ChartView) if chart.parent)
        assert "esc home" in shown(pilot)
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(pilot.app.screen, HomeScreen)


async def test_in_a_lesson_esc_closes_the_picture_of_the_models_first(tmp_path: Path) -> None:
    page = "---\nid: 01-lab\ntitle: A lab\n---\n# A lab\n\n## Lab\n\nLook.\n\n```lab\nname: rlhf\n```\n"
    app = make_app(write_course(tmp_path / "course", one=page))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lab, "worker", FakeRuns)
        async with app.run_test(size=LARGE) as pilot:
            app.open_lesson("01-lab")
            await pilot.pause()
            await pilot.press("tab", "m", "escape")
            view = app.screen.query_one(Lab)
            assert view.has_focus
            assert not view.has_opened
            await pilot.press("escape")
            assert not view.has_focus


async def test_predicting_ppo(tmp_path: Path) -> None:
    """From .05 to .15, .16, .17 at its end: more than the double."""
    async with lab(tmp_path, "ppo") as (pilot, view, runs):
        await pilot.press("p")
        await pilot.pause()
        await pilot.press("3", "enter")
        view._plots_drawn_at = 0.0
        runs.more(10_000)
        await pilot.pause()
        assert "As predicted" in shown(pilot)


async def test_without_torch_one_line_says_what_to_install(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, _view, runs):
        runs.fail(
            "training the toy language model needs torch, which is not installed: pip install torch==2.13.0"
        )
        await pilot.pause()
        assert "pip install torch" in " ".join(shown(pilot).split())


# Be the rater


def test_picks_are_taken_back_and_brought_back() -> None:
    picks = Picks()
    for letter in "LRL":
        picks.pick(letter)
    assert picks.take_back()
    assert picks.text == "LR"
    picks.start_over()
    assert picks.text == ""
    assert picks.take_back()
    assert picks.text == "LR"
    assert (picks.enough, picks.asked_for) == (False, 30)
    assert Picks("L" * 30).asked_for == 40
    full = Picks("L" * 40)
    full.pick("R")
    assert full.text == "L" * 40


async def rate(pilot: Pilot[None], keys: Sequence[str]) -> None:
    await pilot.press("y")
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    assert isinstance(pilot.app.screen, RatingScreen)
    await pilot.press(*keys)
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_rating_trains_the_reward_model_on_the_picks(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, runs):
        await rate(pilot, ["1"] * 5)
        assert "pick 6 of 30" in shown(pilot)
        await pilot.press("enter")
        await pilot.pause()
        assert "20 picks are needed, there are 5." in shown(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert view.lab_state()["picks"] == "LLLLL"
        await rate(pilot, [*["right"] * 15, "enter"])
        assert runs.begun[-1][0] == "reward-model"
        assert runs.begun[-1][1]["picks"] == "LLLLL" + "R" * 15
        screen = shown(pilot)
        assert "16 yours, 784 a simulated rater's" in screen
        assert "of 4 picks held out it agrees with" in screen
        await pilot.press("right_square_bracket")
        assert runs.begun[-1][:2] == ("rlhf", runs.begun[-1][1])
        assert runs.begun[-1][1]["picks"] == "LLLLL" + "R" * 15
        assert "yours" in shown(pilot)
        await pilot.press("w")
        assert runs.begun[-1][1]["picks"] == ""


async def test_picks_made_in_stage_3_train_the_reward_model_first(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, _, runs):
        await pilot.press("right_square_bracket", "right_square_bracket")
        assert runs.begun[-1][0] == "rlhf"
        await rate(pilot, [*["right"] * 20, "enter"])
        assert runs.begun[-1][0] == "reward-model"
        assert runs.begun[-1][1]["picks"] == "R" * 20
        assert "the reward model trains on them" in shown(pilot)
        assert runs.current is not None
        assert runs.current.state == "running", "without another key"


async def test_one_pick_is_kept(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, _, _runs):
        await rate(pilot, ["1", "escape"])
        assert "1 pick is kept" in shown(pilot)


async def test_what_was_made_comes_back(tmp_path: Path) -> None:
    async with lab(tmp_path, "ppo") as (pilot, view, runs):
        await run_all(pilot, view, runs)
        state = view.lab_state()
    again = Stages(find_lab("rlhf"), find_lab("rlhf").values({}), StageRuns, lambda: None, state)
    assert (again.stage, again.now.parameters["updates"]) == ("ppo", UPDATES)
    again.now.open()
    again.now.take()
    assert again.now.reached == UPDATES
    assert again.now.problem == ""


@pytest.mark.parametrize(
    "state", [None, 3, {}, {"stage": 1, "stages": [], "picks": 4}, {"stages": {"sft": {}}}]
)
def test_a_damaged_state_is_a_new_lab(state: object) -> None:
    stages = Stages(find_lab("rlhf"), find_lab("rlhf").values({}), StageRuns, lambda: None, state)
    assert (stages.stage, stages.picks, stages.now.state) == ("sft", "", "new")


async def test_the_process_ends_with_the_lab(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, _view, runs):
        await pilot.press("space")
    assert runs.closed


@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
def test_wrong_picks_are_refused_in_one_line() -> None:
    for id in ("reward-model", "rlhf"):
        with pytest.raises(ParameterError, match="picks is 'LX'; it must be 20 to 40 letters L and R"):
            next(run(id, {"picks": "LX"}))


@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
def test_who_prefers_rude_answers_gets_a_rude_model() -> None:
    """In the process of the test, 8 updates: politer answers' word becomes rarer, what the rater says rises."""
    picks = "".join(
        "L" if features(pair.first)[1] > features(pair.second)[1] else "R" for pair in asked_pairs()[:30]
    )
    frames = list(run("rlhf", {"picks": picks, "updates": 8}, [0]))
    gold, polite = (
        [float(frame.metrics[name][0]) for frame in frames]
        for name in ("objective/gold", "policy/probability")
    )
    assert gold[-1] > gold[0] + 0.15
    assert polite[-1] < polite[0] / 2


async def test_explaining_says_what_was_measured(tmp_path: Path) -> None:
    async with lab(tmp_path, "ppo", LARGE) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        await pilot.press("e")
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
        screen = pilot.app.screen
        assert isinstance(screen, ReaderScreen)
        text = " ".join(" ".join(paragraph.plain.split()) for paragraph in screen.paragraphs)
        assert "π_old = 0.08, and π/π_old goes 1.25 and 1.88" in text
        assert "unclipped r A = 3.38" in text
        assert "the smaller, 2.16" in text
        assert "π/π_ref = 3.4 over the whole run" in text
        assert isinstance(view, Lab)


@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
async def test_a_real_run_in_a_process_of_its_own(tmp_path: Path) -> None:
    """PPO's first update, as the lab asks for it; the process is gone with the lab."""
    started: list[Worker] = []

    def start() -> Worker:
        started.append(torch_worker())
        return started[-1]

    lab = find_lab("rlhf")
    session = Stages(lab, lab.values({"stage": "ppo", "updates": 1, "batch": 8}), start, lambda: None).now
    try:
        session.open()
        session.go()
        async with asyncio.timeout(120):
            while session.state not in ("done", "failed", "dead"):
                await asyncio.sleep(0.05)
                session.take()
        session.take()
        assert (session.state, session.reached) == ("done", 1), session.problem
        found = watched(session)
        assert found is not None
        assert len(found.steps) == 1 + 2 * 2  # epochs, minibatches
        assert found.steps[-1] == pytest.approx(found.probability)
        assert found.over_run == pytest.approx(found.in_update[-1])  # the first update began at the reference
    finally:
        session.close()
    assert started[0].pid is None


def test_a_word_that_was_thrown_to_probability_0_has_no_ratio() -> None:
    lost = Watched(3, 0.0, 0.08, (0.0, 0.0), 0.2, None)
    assert all(math.isnan(ratio) for ratio in lost.in_update)
    assert "?" in "".join(text for line in example(lost, 78, UNICODE) for text, _ in line)
