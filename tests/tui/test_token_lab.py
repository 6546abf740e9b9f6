"""The token lab and the tour: their sessions by hand, and through their keys."""

import json
import random
import re
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import Screen

from tutor.course.types import Course
from tutor.experiments import find_lab
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.toy_llm.checkpoint import load_model
from tutor.toy_llm.inference import ToyModel
from tutor.toy_llm.sampling import RESPONSE_LIMIT
from tutor.toy_llm.tokenizer import EOS, encode, token_of
from tutor.tui.app import TutorApp
from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.labs import token_words as words
from tutor.tui.labs.base import LabView, lab_class
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.token_base import ModelLab
from tutor.tui.labs.token_explain import explain
from tutor.tui.labs.token_export import tokens_csv
from tutor.tui.labs.token_options import TokenOptions, finished, offered
from tutor.tui.labs.token_session import TokenSession, resolve_parameters
from tutor.tui.labs.tour_session import TourSession
from tutor.tui.widgets.chart import ChartView
from tutor.tui.widgets.keybar import KeyBar

from .harness import LARGE, SMALL, make_app, screen_text, shipped_course

RIGHT = "Start with 2 . Then add 2 . Answer : 4 ."
WRONG = RIGHT.replace("4", "5")
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE])
LABS = pytest.mark.parametrize("lab_id", ["token", "tour"])


@cache
def model() -> ToyModel:
    return load_model()


def session(**given: object) -> TokenSession:
    return TokenSession(resolve_parameters(given), model())


def said(text: str, **given: object) -> TokenSession:
    """A session into whose mouth a whole answer was put."""
    talk = session(**given)
    for token in (*encode(text), EOS):
        talk.force(token)
    return talk


# The session


@pytest.mark.parametrize(("text", "reward"), [(RIGHT, 1.0), (WRONG, -1.0), ("I see .", -1.0)])
def test_the_reward_comes_last_and_with_gamma_one_every_tokens_return_is_the_same(
    text: str, reward: float
) -> None:
    talk = said(text)
    n = len(text.split()) + 1
    assert [frame.reward for frame in talk.frames] == [0.0] * (n - 1) + [reward]
    assert talk.returns == [0.0] * (n - 1) + [reward]
    assert talk.token_returns() == [reward] * n


def test_returns_by_hand_when_it_fades() -> None:
    talk = said("Answer : 4 .", gamma=0.5)  # 5 tokens with the end: R_5 = 1
    assert talk.episode_return == 0.5**4
    assert talk.token_returns() == [0.0625, 0.125, 0.25, 0.5, 1]
    talk.set_gamma(0)
    assert (talk.episode_return, talk.token_returns()) == (0, [0, 0, 0, 0, 1])


def test_a_prompt_without_a_verifier_pays_nothing() -> None:
    talk = said("sunny .", prompt="The weather today is")
    assert talk.asked is None
    assert talk.over
    assert talk.token_returns() == [0, 0, 0]


def test_undo_and_the_same_key_give_the_same_token_another_branches() -> None:
    talk = session(prompt="I don't like your answer", temperature=3, seed=4)
    for _ in range(5):
        talk.sample()
    five = talk.frames[-1]
    talk.undo()
    assert talk.sample() == five
    talk.undo()
    other = next(token for token in talk.ranking() if token not in (five.action, EOS))
    forced = talk.force(other)
    assert forced is not None
    assert forced.rng_state == five.rng_state
    assert talk.forced == [False] * 4 + [True]
    assert not session().undo()


def test_dice_do_not_depend_on_what_was_forced() -> None:
    """One draw a token, forced or not: after two tokens the dice are those of the seed's third."""
    sampled, forced = session(seed=9), session(seed=9)
    sampled.sample()
    sampled.sample()
    forced.force(token_of("I"))
    forced.force(token_of("see"))
    one, two = sampled.sample(), forced.sample()
    assert one is not None
    assert two is not None
    assert one.rng_state == two.rng_state


def test_after_the_end_nothing_happens() -> None:
    talk = said("I see .")
    assert talk.over
    assert talk.sample() is None
    assert talk.force(EOS) is None
    assert talk.t == 4
    assert talk.policy() == pytest.approx(session(text="I see .").policy())  # what the end was chosen from


def test_at_most_sixteen_tokens_and_the_cut_is_no_end() -> None:
    talk = session()
    for _ in range(RESPONSE_LIMIT):
        talk.force(token_of("So"))
    assert talk.last is not None
    assert (talk.last.truncated, talk.last.terminated, talk.last.reward) == (True, False, -1)
    assert talk.sample() is None


def test_temperature_answers_at_once_and_leaves_the_answer() -> None:
    talk = session(prompt="The weather today is")
    pi = talk.policy()
    talk.set_parameters({"temperature": 0.5})
    assert talk.policy() == pytest.approx(pi**2 / (pi**2).sum())
    talk.sample()
    talk.set_parameters({"temperature": 2.0})
    assert talk.t == 1
    assert talk.temperatures == [0.5]


def test_the_text_begins_the_answer_and_may_be_taken_back() -> None:
    talk = session(prompt="I don't like your answer", text="I understand")
    assert (talk.t, talk.forced) == (2, [True, True])
    talk.sample()
    talk.reset()
    assert talk.t == 2
    assert talk.undo()


STEPS = st.lists(st.one_of(st.none(), st.integers(EOS, 107)), max_size=18)


@given(steps=STEPS, seed=st.integers(0, 999_999), temperature=st.sampled_from([0.1, 1.0, 2.5]))
@settings(max_examples=25, deadline=None)
def test_the_state_brings_back_exactly_the_same(
    steps: list[int | None], seed: int, temperature: float
) -> None:
    talk = session(seed=seed, temperature=temperature, gamma=0.9)
    for step in steps:
        if step is None:
            talk.sample()
        else:
            talk.force(step)
    again = TokenSession.from_state(json.loads(json.dumps(talk.to_state())), {}, model())
    assert again.frames == talk.frames
    assert (again.returns, again.forced, again.parameters) == (talk.returns, talk.forced, talk.parameters)
    assert again.sample() == talk.sample()


def test_what_was_left_in_the_tour_comes_back_in_both() -> None:
    tour = TourSession(find_lab("tour").values({}), model())
    for _ in range(3):
        tour.step()
    state, words, seed = tour.to_state(), tour.answer.tokens, tour.seed
    tour.reseed()
    tour.set_parameters({"prompt": "The weather today is", "speed": 9})
    assert tour.undo()
    assert tour.undo()
    assert (tour.to_state()["steps"], tour.answer.tokens, tour.seed) == (state["steps"], words, seed)
    assert tour.parameters["speed"] == 9
    assert tour.step()
    assert [tour.undo() for _ in range(5)] == [True] * 4 + [False]


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        [],
        {},
        {"steps": []},
        {"parameters": {}, "steps": 3},
        {"parameters": {}, "steps": [3]},
        {"parameters": {}, "steps": [["bananas", True, 1]]},
        {"parameters": {}, "steps": [[["I"], True, 1]]},
        {"parameters": {}, "steps": [["<bos>", True, 1]]},
        {"parameters": {}, "steps": [["I", True, -1]]},
        {"parameters": {}, "steps": [["I", True, "warm"]]},
        {"parameters": {}, "steps": [["<eos>", True, 1], ["I", True, 1]]},
        {"parameters": {}, "steps": [["I", True, 1]] * 17},
        {"parameters": {"prompt": "bananas"}, "steps": []},
        {"parameters": {"colour": "red"}, "steps": []},
        {"parameters": [1], "steps": []},
    ],
)
def test_a_damaged_state_gives_a_new_lab(damaged: object) -> None:
    made = TokenSession.from_state(damaged, resolve_parameters({"seed": 3}), model())
    assert (made.seed, made.t) == (3, 0)


def test_both_agents_of_the_tour_step_and_go_back_together() -> None:
    tour = TourSession(find_lab("tour").values({}), model())
    while tour.step():
        pass
    shorter, longer = sorted((tour.world.t, tour.answer.t))
    assert (tour.t, shorter < longer) == (longer, True)
    for back in range(longer - 1, -1, -1):
        tour.undo()
        assert (tour.world.t, tour.answer.t) == (min(back, tour.world.t), min(back, tour.answer.t))
        assert max(tour.world.t, tour.answer.t) == back
    assert not tour.undo()
    tour.step()
    again = TourSession.from_state(json.loads(json.dumps(tour.to_state())), {}, model())
    assert (again.world.frames, again.answer.frames) == (tour.world.frames, tour.answer.frames)


@pytest.mark.parametrize(
    "damaged", [None, {}, {"steps": "1"}, {"parameters": {}, "steps": -1}, {"parameters": {}, "steps": 999}]
)
def test_a_damaged_tour_begins_anew(damaged: object) -> None:
    assert TourSession.from_state(damaged, find_lab("tour").values({}), model()).t == 0


def test_the_entropy_is_bounded_by_that_of_all_actions() -> None:
    """log 105 = 4.65 nats, and no temperature gets above it."""
    talk = session(temperature=3)
    assert "4.65: all alike" in " ".join(explain(talk, UNICODE))
    assert len(talk.ranking()) == 105


# The words


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.155, ".155"),
        (1, "1"),
        (0, "0"),
        (0.99996, ">.999"),
        (0.0005, ".001"),
        (4.2e-6, "4e-6"),
        (0.5, ".500"),
    ],
)
def test_probabilities_are_short(value: float, text: str) -> None:
    assert words.probability(value) == text


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII])
@given(
    width=st.integers(20, 120), height=st.integers(1, 4), seed=st.integers(0, 50), steps=st.integers(0, 16)
)
@settings(max_examples=30, deadline=None)
def test_nothing_is_wider_than_its_place(glyphs: Any, width: int, height: int, seed: int, steps: int) -> None:
    talk = session(prompt="I understand " * 11, temperature=3, seed=seed)
    for _ in range(steps):
        talk.sample()
    state = words.state_lines(talk, width, height, glyphs)
    bars = words.policy_lines(talk, 0, max(34, width), 8, glyphs)
    assert len(state) <= height
    for line in state:
        assert sum(len(text) for text, _ in line) <= width
    for line in bars:
        assert sum(len(text) for text, _ in line) <= max(34, width)
    assert len(bars) == 8


def test_the_shown_probabilities_and_the_rest_make_one() -> None:
    talk = session(prompt="The weather today is")
    rows = ["".join(text for text, _ in line) for line in words.policy_lines(talk, 0, 40, 9, UNICODE)]
    assert sum(float(row.split()[-1]) for row in rows[1:]) == pytest.approx(1, abs=0.005)
    assert rows[-1].startswith("  98 other tokens")


def test_offered_words_and_words_that_are_still_being_typed() -> None:
    assert offered("The wea") == ["weather"]
    assert offered("The weather") == []
    assert offered("The weather ") == []
    assert "understand" in offered("undrstand")
    assert finished("bananas wea") == "bananas"
    assert finished("bananas zzz") == "bananas zzz"


# The labs on the screen


@asynccontextmanager
async def lab(
    tmp_path: Path,
    size: tuple[int, int] = SMALL,
    settings: Settings | None = None,
    lab_id: str = "token",
    **given: Any,
) -> AsyncIterator[tuple[Pilot[None], Any]]:
    """The lab on its own screen."""
    app = TutorApp(
        Course(tmp_path, "en", ()),
        open_store(tmp_path / "progress.db"),
        settings or Settings(motion=False, symbols="unicode"),
    )
    async with app.run_test(size=size) as pilot:
        app.open_lab(lab_id, given)
        await pilot.pause()
        await pilot.pause()
        yield pilot, app.screen.query_one(LabView)
    app.close_store()


def shown(pilot: Pilot[None]) -> str:
    assert isinstance(pilot.app, TutorApp)
    return screen_text(pilot.app)


@SIZES
async def test_space_samples_and_everything_is_on_the_screen(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size) as (pilot, view):
        await pilot.press("space", "space")
        await pilot.pause()
        screen = shown(pilot)
        assert view.session.t == 2
    for text in (
        "Token agent · temperature 1 · γ 1 · seed 0",
        "step 2",
        "S₂ = How much is 2 + 2 ? ▸ Start with",
        "next action",
        "π(A|S₂)",
        "A₁ = with   π > .999   sampled",
        "R₂ = 0   the verifier speaks at the end",
        "G₀ = 0 + 0γ",
        "γ = 1",
        "other tokens",
        "reward R per step",
        "return G₀ so far",
        "space r sample",
    ):
        assert text in screen
    rows = re.findall(r"^ [▸ ] \S+ +(?:[▇▏]+ +)?[>.\de-]+(?: |$)", screen, re.M)
    assert len(rows) >= 6


@SIZES
async def test_arrows_and_enter_force_a_token(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size, prompt="The weather today is") as (pilot, view):
        third = view.session.ranking()[2]
        await pilot.press("down", "down", "enter")
        await pilot.pause()
        assert view.session.frames[0].action == third
        assert "forced" in shown(pilot)
        assert view.cursor == 0
        await pilot.press("end")
        await pilot.pause()
        assert view.cursor == len(view.session.ranking()) - 1
        assert f"▸ {words.shown(view.session.ranking()[-1])} " in shown(pilot)
        await pilot.press("pageup", "up", "home", "up")
        assert view.cursor == 0


@SIZES
async def test_a_right_answer_pays_and_every_token_returns_it(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size, text=RIGHT) as (pilot, view):
        await pilot.press("enter")
        await pilot.pause()
        screen = shown(pilot)
        assert view.session.over
        for text in (
            "A₁₂ = end",
            "R₁₃ = +1   the verifier speaks",
            "Over: 2 + 2 = 4, right.",
            "G₀ = … = G₁₂ = +1: every token's return",
            "0 starts again  u undoes  s new seed",
            "Answer : 4 . end",
        ):
            assert text in screen
        await pilot.press("space", "enter")
        await pilot.pause()
        assert "Nothing happens" in shown(pilot)
        assert view.session.t == 13
        await pilot.press("u")
        await pilot.pause()
        assert "step 12" in shown(pilot)


async def test_a_wrong_answer_and_one_cut_off_are_said(tmp_path: Path) -> None:
    async with lab(tmp_path, text=WRONG) as (pilot, _):
        await pilot.press("enter")
        await pilot.pause()
        assert "Over: 2 + 2 = 4, not 5." in shown(pilot)
        assert "R₁₃ = −1" in shown(pilot)
    async with lab(tmp_path, LARGE, text="So " * 15) as (pilot, view):
        view.session.force(token_of("So"))
        view.redraw()
        await pilot.pause()
        assert "Cut off at 16 tokens: no answer to 2 + 2" in shown(pilot)
        await pilot.press("e")
        await pilot.pause()
        assert "(truncated)" in shown(pilot)


@pytest.mark.parametrize("prompt", ["The weather today is", "I don't like your answer"])
async def test_without_a_verifier_it_says_who_would_judge(tmp_path: Path, prompt: str) -> None:
    async with lab(tmp_path, prompt=prompt) as (pilot, _):
        assert "No verifier: a reward model would judge." in shown(pilot)
        await pilot.press("r")
        await pilot.pause()
        assert "Over: a reward model would judge here." in shown(pilot)
        assert "no verifier for this prompt" in shown(pilot)


@SIZES
@pytest.mark.parametrize("prompt", ["how much is 2+2", "what is 2 + 2 ?", "2+2"])
async def test_a_sum_as_people_type_it_has_a_verifier(
    tmp_path: Path, prompt: str, size: tuple[int, int]
) -> None:
    async with lab(tmp_path, size, prompt=prompt, text=RIGHT) as (pilot, view):
        assert view.session.prompt == "How much is 2 + 2 ?"
        await pilot.press("enter")
        await pilot.pause()
        assert "Over: 2 + 2 = 4, right." in shown(pilot)


@pytest.mark.parametrize("size", [SMALL, LARGE, (60, 18)])
async def test_what_only_looks_like_a_sum_is_told_how_to_write_one(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with lab(tmp_path, size, prompt="2 + 2 + 2") as (pilot, view):
        assert "The verifier reads only a + b." in shown(pilot)
        assert "write `How much is 2 + 2 ?`" in " ".join(explain(view.session, UNICODE))


async def test_temperature_is_live_and_the_cursor_stays_on_its_token(tmp_path: Path) -> None:
    async with lab(tmp_path, prompt="The weather today is") as (pilot, view):
        await pilot.press("down", "down")
        token, before = view.session.ranking()[view.cursor], view.session.policy()
        await pilot.press("left_square_bracket")
        await pilot.pause()
        assert view.session.temperature == 0.9
        assert "temperature 0.9" in shown(pilot)
        assert view.session.ranking()[view.cursor] == token
        assert view.session.policy().max() > before.max()
        for _ in range(20):
            await pilot.press("left_square_bracket")
        assert view.session.temperature == 0.1
        for _ in range(20):
            await pilot.press("right_square_bracket")
        assert view.session.temperature == 3


async def test_undo_reset_seed_and_the_next_prompt(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view):
        await pilot.press("space", "space", "u")
        assert view.session.t == 1
        answer = view.session.tokens
        await pilot.press("0", "u")
        assert view.session.tokens == answer  # the one that 0 threw away
        await pilot.press("u", "u")
        await pilot.pause()
        assert "Nothing to take back." in shown(pilot)
        await pilot.press("space", "s")
        assert (view.session.t, view.session.seed) == (0, 1)
        await pilot.press("n", "u", "u")
        assert (view.session.tokens, view.session.seed) == (answer, 0)
        await pilot.press("s")
        for prompt in ("The weather today is", "I don't like your answer", "How much is 2 + 2 ?"):
            await pilot.press("n")
            await pilot.pause()
            assert f"S₀ = {prompt} ▸" in shown(pilot)


async def test_run_at_once_and_at_speed(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view):
        await pilot.press("r")
        await pilot.pause()
        assert view.session.over
        assert len(view.query(ChartView).first().chart.series[0].y) == view.session.t
        await pilot.press("r")
        await pilot.pause()
        assert "Nothing happens" in shown(pilot)
    moving = Settings(motion=True, symbols="unicode", plot_rate=1)
    async with lab(tmp_path, settings=moving, speed=1) as (pilot, view):
        await pilot.press("r", "plus", "plus", "minus")
        assert view.running
        assert "2/s  step 1" in view.status()
        view._tick()
        await pilot.press("r")
        assert (view.running, view.session.t) == (False, 2)
        await pilot.press("r")
        while view.running:
            view._tick()
        assert view.session.over
        assert len(view.query(ChartView).first().chart.series[0].y) == view.session.t
        await pilot.press("0", "r", "u")
        assert not view.running


async def test_a_prompt_of_ones_own_and_its_unknown_words(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view):
        await pilot.press("o")
        await pilot.pause()
        assert isinstance(pilot.app.screen, TokenOptions)
        assert "It knows" in shown(pilot)
        assert "understand" in shown(pilot)
        await pilot.press(*"Bananas", "space", *"wea")
        await pilot.pause()
        assert "prompt: the toy model does not know 'Bananas'" in shown(pilot)
        assert "It knows weather" in shown(pilot)
        await pilot.press("right", "enter")  # takes `weather`, then is refused
        await pilot.pause()
        assert pilot.app.screen.texts["prompt"] == "Bananas weather "
        await pilot.press(*"How", "space", *"much", "space", *"is", "space", *"3+4?", "enter")
        await pilot.pause()
        assert view.session.prompt == "How much is 3 + 4 ?"
        assert view.session.asked == (3, 4)
        assert "S₀ = How much is 3 + 4 ? ▸" in shown(pilot)
        await pilot.press("o", "down", "down", "2", "enter")
        await pilot.pause()
        assert view.session.temperature == 2
        await pilot.press("n")
        assert view.session.prompt == "How much is 2 + 2 ?"


@pytest.mark.parametrize("size", [(60, 18), (50, 15)])
async def test_the_known_words_are_on_a_low_screen_too(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size) as (pilot, _):
        await pilot.press("o")
        await pilot.pause()
        text = " ".join(shown(pilot).split())
        for part in ("It knows 0 to 21", "understand", "sorry let Thank", "prompt", "esc cancels"):
            assert part in text
        await pilot.press("down", "down")
        await pilot.pause()
        assert "temperature" in shown(pilot)
        assert "It knows" not in shown(pilot)


@SIZES
async def test_explain_and_code(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size, text=RIGHT) as (pilot, _):
        await pilot.press("enter", "e")
        await pilot.pause()
        assert "A₁₂ = end was forced" in shown(pilot)
        assert "The plot of the reward R per step" in shown(pilot) or size == SMALL
        await pilot.press("e", *["u"] * 13, "e")
        await pilot.pause()
        assert "The plot of" not in shown(pilot)
        await pilot.press("e", "c")
        await pilot.pause()
        assert "def take_token(" in shown(pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(pilot.app.screen, ReaderScreen)


async def test_export_never_overwrites(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    async with lab(tmp_path, text=RIGHT) as (pilot, view):
        await pilot.press("enter", "x")
        await pilot.pause()
        one = folder / "rl-tutor-token"
        assert {path.suffix for path in one.iterdir()} == {".csv", ".txt", ".svg"}
        assert (one / "token-seed0-tokens.csv").read_text() == tokens_csv(view.session)
        await pilot.press("0", "x")
        await pilot.pause()
        assert (one / "token-seed0-tokens.csv").read_text() != tokens_csv(view.session)
        assert (folder / "rl-tutor-token-2" / "token-seed0-tokens.csv").exists()
        monkeypatch.setattr("tutor.paths.export_dir", lambda: tmp_path / "nowhere")
        await pilot.press("x")
        await pilot.pause()
        assert any("Nothing was written" in note.message for note in pilot.app._notifications)


def test_the_explanation_says_what_each_token_returns() -> None:
    text = " ".join(explain(said(RIGHT), UNICODE))
    assert "The verifier reads the number after `Answer :`, 4; that is right: R₁₃ = +1." in text
    assert "with γ = 1 every token has the same return, +1," in text
    fading = " ".join(explain(said("Answer : 5 .", gamma=0.5), UNICODE))
    assert "but 2 + 2 = 4: R₅ = −1." in fading
    assert "the return of the last token is −1, that of the first −0.0625" in fading


def test_the_csv_says_every_token() -> None:
    rows = tokens_csv(said("Answer : 4 .", gamma=0.5)).splitlines()
    assert rows[0].startswith("t,state,action,forced,temperature,log_probability,reward,")
    assert rows[1].startswith("0,<bos> How much is 2 + 2 ? <bot>,Answer,1,1.0,-")
    assert rows[5].endswith(",1.0,1,0,0.0625,1.0")


@SIZES
async def test_the_tour_shows_the_same_words_for_both(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lab(tmp_path, size, lab_id="tour") as (pilot, view):
        assert "S₀ = (2,0), its cell" in shown(pilot)
        await pilot.press("space", "space", "u")
        await pilot.pause()
        screen = shown(pilot)
        assert (view.session.world.t, view.session.answer.t) == (1, 1)
        for word in (
            "state    S₀ =",
            "policy   π(",
            "action   A₀ =",
            "reward   R₁ =",
            "state    S₁ =",
            "return   G₀ =",
        ):
            assert screen.count(word) == 2
        await pilot.press("r")
        await pilot.pause()
        assert "Over: this cell pays +1." in shown(pilot)
        assert "Over: 2 + 2 = 4, right." in shown(pilot)
        await pilot.press("space")
        await pilot.pause()
        assert "Both are over" in shown(pilot)
        await pilot.press("left_square_bracket")
        assert view.session.answer.gamma == view.session.world.gamma == 0.99
        await pilot.press("e")
        await pilot.pause()
        assert "State S: what the agent knows" in shown(pilot)
        await pilot.press("escape", "n", "s", "0", "c")
        await pilot.pause()
        assert "def take_step(" in shown(pilot)


@LABS
@pytest.mark.parametrize("theme", ["dark", "light"])
async def test_ascii_only_when_asked(tmp_path: Path, theme: str, lab_id: str) -> None:
    settings = Settings(theme=theme, symbols="ascii", motion=False)
    async with lab(tmp_path, settings=settings, lab_id=lab_id) as (pilot, _):
        assert shown(pilot).isascii()
        for keys in (["space"], ["r"], ["e"], ["escape"], ["o"], ["z", "z"], ["escape"], ["n", "r"], ["c"]):
            await pilot.press(*keys)
            await pilot.pause()
            assert shown(pilot).isascii(), keys


@LABS
async def test_random_keys_never_raise(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lab_id: str) -> None:
    monkeypatch.chdir(tmp_path)
    keys = [key for binding in lab_class(lab_id).BINDINGS for key in binding.key.split(",")]  # type: ignore[union-attr]
    keys = [key for key in keys if key not in ("x", "r")]
    keys += ["escape", "enter", "7", "z", "tab", "backspace", "space", "space"]
    dice = random.Random(6)
    async with lab(tmp_path, lab_id=lab_id) as (pilot, _):
        for _ in range(60):
            await pilot.press(dice.choice(keys))
            if len(pilot.app.screen_stack) == 1:
                pilot.app.open_lab(lab_id, None)  # type: ignore[attr-defined]
                await pilot.pause()


@LABS
async def test_resizing_and_another_theme_at_any_moment(tmp_path: Path, lab_id: str) -> None:
    async with lab(tmp_path, lab_id=lab_id) as (pilot, view):
        for size in ((40, 12), (120, 40), (60, 18), (300, 100), (20, 5), (80, 24)):
            await pilot.resize_terminal(*size)
            await pilot.press("space")
            await pilot.pause()
        assert view.session.t == 6
        pilot.app.change_settings(Settings(theme="light", symbols="ascii", motion=False))  # type: ignore[attr-defined]
        await pilot.pause()
        assert "S_6 = " in shown(pilot)


class LessonLike(Screen[None]):
    """As a lesson page embeds the lab: 80 x 17 and a key bar."""

    AUTO_FOCUS = "LabView"

    def __init__(self, lab_id: str, state: Mapping[str, Any] | None = None) -> None:
        super().__init__()
        self.lab = lab_class(lab_id)(find_lab(lab_id).values({}), state, embedded=True)

    def compose(self) -> ComposeResult:
        yield self.lab
        yield KeyBar()


@LABS
async def test_embedded_it_is_whole_at_80_by_17_and_shift_tab_leaves(tmp_path: Path, lab_id: str) -> None:
    async with lab(tmp_path) as (pilot, _):
        screen = LessonLike(lab_id)
        await pilot.app.push_screen(screen)
        await pilot.pause()
        assert screen.lab.size == (80, 17)
        await pilot.press("space", "space")
        await pilot.pause()
        text = "\n".join(shown(pilot).splitlines()[:17])
        common = ("γ 1 · seed", "step 2", "S₂ = How much is 2 + 2 ? ▸ Start with", "other tokens", "G₀ = ")
        own = (
            ("reward R per step", "return G₀ so far")
            if lab_id == "token"
            else ("A gridworld", "A language model")
        )
        for part in (*common, *own):
            assert part in text
        if lab_id == "token":
            assert len(re.findall(r"^ [▸ ] \S+ +(?:[▇▏]+ +)?[>.\de-]+(?: |$)", text, re.M)) >= 6
        await pilot.press("shift+tab")
        assert screen.focused is None


@LABS
async def test_the_lab_is_found_as_it_was_left(tmp_path: Path, lab_id: str) -> None:
    async with lab(tmp_path, lab_id=lab_id) as (pilot, view):
        await pilot.press("space", "space", "space", "u", "escape")
        await pilot.pause()
        kept = view.lab_state()
        pilot.app.open_lab(lab_id)  # type: ignore[attr-defined]
        await pilot.pause()
        again = pilot.app.screen.query_one(ModelLab)
        assert again.lab_state() == kept
        assert again.session.t == 2


@LABS
@pytest.mark.parametrize("damage", ["missing", "truncated"])
async def test_without_its_model_the_lab_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, lab_id: str, damage: str
) -> None:
    path = tmp_path / "model"
    if damage == "truncated":
        from tutor.toy_llm.checkpoint import shipped_path

        path.write_bytes(shipped_path().read_bytes()[:1000])
    monkeypatch.setattr("tutor.toy_llm.checkpoint.shipped_path", lambda: path)
    async with lab(tmp_path, lab_id=lab_id) as (pilot, _):
        assert "The toy model cannot be read: " in shown(pilot)
        assert "rl-tutor toy-llm build" in shown(pilot)
        await pilot.press(
            "space", "enter", "u", "r", "n", "o", "e", "c", "x", "0", "s", "left_square_bracket", "t"
        )
        pilot.app.change_settings(Settings(theme="light", motion=False))  # type: ignore[attr-defined]
        await pilot.pause()
        assert "The toy model cannot be read: " in shown(pilot)
        screen = LessonLike(lab_id, {"kept": 1})
        await pilot.app.push_screen(screen)
        await pilot.pause()
        assert "The toy model cannot be read: " in shown(pilot)
        assert screen.lab.lab_state() == {"kept": 1}


async def test_the_tour_exports_the_steps_of_both(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tutor.paths.export_dir", lambda: tmp_path)
    async with lab(tmp_path, lab_id="tour") as (pilot, view):
        await pilot.press("space", "space", "x")
        await pilot.pause()
        folder = tmp_path / "rl-tutor-tour"
        rows = {path.name: path.read_text().splitlines() for path in folder.iterdir()}
        assert sorted(rows) == ["tour-seed1-gridworld.csv", "tour-seed1-tokens.csv"]
        assert rows["tour-seed1-tokens.csv"] == tokens_csv(view.session.answer).splitlines()
        assert [row.split(",")[0] for row in rows["tour-seed1-gridworld.csv"]] == ["t", "0", "1"]


@SIZES
async def test_in_a_lesson_the_command_is_seen_where_the_lab_begins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    """The first step of the lesson about it, as it opens: only the lab's first lines are above the fold."""
    monkeypatch.setattr("tutor.toy_llm.checkpoint.shipped_path", lambda: tmp_path / "none")
    app = make_app(shipped_course())
    async with app.run_test(size=size) as pilot:
        app.open_lesson("04-llm-as-agent")
        await pilot.pause()
        await pilot.pause()
        assert "No model: press ctrl+q, run  rl-tutor toy-llm build" in screen_text(app)
    app.close_store()


def test_stepping_tokens_never_imports_torch() -> None:
    code = (
        "import sys; from tutor.tui.labs.token import Lab; from tutor.tui.labs.tour import Lab as Tour; "
        "from tutor.tui.labs.token_session import TokenSession, resolve_parameters as r; "
        "from tutor.tui.labs import token_pages, token_export, token_options; "
        "from tutor.toy_llm.checkpoint import load_model; s = TokenSession(r({}), load_model()); "
        "s.sample(); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_every_probability_is_finite_at_the_coldest() -> None:
    assert np.isfinite(session(temperature=0.1).policy()).all()
