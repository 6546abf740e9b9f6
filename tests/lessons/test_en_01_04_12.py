"""The answers of lessons 01, 04 and 12, against numbers worked out by hand or by another road than the lesson's own."""

import numpy as np
import pytest

from tests.lessons.contract import Contract, labs
from tutor.course import (
    Question,
    grade,
)
from tutor.experiments import Frame, cached_frames, find_lab
from tutor.rl.surrogate import clip_is_active, clipped_surrogate, clipped_surrogate_gradient
from tutor.toy_llm import verifier
from tutor.toy_llm.checkpoint import load_model
from tutor.toy_llm.corpus import WEATHER, WEATHER_PROMPT
from tutor.toy_llm.episodes import answer, first_state, take_token
from tutor.toy_llm.inference import Reader
from tutor.toy_llm.sampling import RESPONSE_LIMIT
from tutor.toy_llm.shape import SHAPE
from tutor.toy_llm.tokenizer import WORDS, encode, token_of
from tutor.tui.labs.ppo_inside_session import PpoInsideSession

IDS = ("01-reasoning-models", "04-llm-as-agent", "12-ppo-clip")
PROMPT = "How much is 2 + 2 ?"


class TestLessons(Contract):
    ids = IDS
    # By hand.
    numbers = {
        "now-and-then": 3.2,
        "no-slip": 1,
        "wrong-sum": -0.9,
        "reward-of-four": 0,
        "discounted-start": 0.54036,
        "two-tokens": 11025,
        "ratio-understand": 1.875,
        "unclipped": 3.375,
        "clipped-understand": 2.16,
        "bad-and-rarer": -1.2,
        "slope-of-good": 1.8,
        "batch-mean": 0.4875,
        "clip-fraction": 0.5,
        "whole-loss": 0.4975,
        "four-rounds": 0.165888,
    }
    happens = {
        "half-right": "About a half",
        "colder": "It falls",
        "wrong-start": "5, what its own words lead to",
        "good-but-rarer": "0.5",
        "bad-and-likelier": "−1.6",
        "one-epoch-only": "None at all",
    }
    mistakes = [
        ("no-slip", "0.965"),  # the probability of the choice instead of what follows it
        ("wrong-sum", "-1"),  # not discounted
        ("wrong-sum", "-0.81"),  # one power too many
        ("reward-of-four", "1"),  # return for reward
        ("discounted-start", "0.51"),  # one power too many
        ("discounted-start", "0.57"),  # one power too few
        ("two-tokens", "210"),  # a product for a power
        ("ratio-understand", "0.533"),  # upside down
        ("ratio-understand", "0.07"),  # a difference
        ("unclipped", "2.16"),  # clipped already
        ("clipped-understand", "3.375"),  # not clipped
        ("clipped-understand", "1.2"),  # the advantage forgotten
        ("bad-and-rarer", "-0.6"),  # of two negative numbers the wrong one
        ("slope-of-good", "0"),  # taken for a flat case
        ("slope-of-good", "0.9"),  # the value for the slope
        ("batch-mean", "0.5"),  # -0.6 for the last token
        ("batch-mean", "0.5875"),  # r A for the second and third
        ("clip-fraction", "0.75"),  # every ratio outside the range
        ("whole-loss", "1.4725"),  # the objective added
        ("whole-loss", "0.5275"),  # the entropy added
        ("whole-loss", "0.5125"),  # the entropy forgotten
        ("four-rounds", "0.138"),  # three rounds
        ("four-rounds", "0.384"),  # a product for a power
    ]
    rounded = [
        ("ratio-understand", "1.88"),
        ("unclipped", "3.38"),
        ("discounted-start", "54%"),
        ("batch-mean", "0.49"),
        ("whole-loss", "0.5"),
        ("four-rounds", "0.17"),
        ("clip-fraction", "50%"),
        ("two-tokens", "105^2"),
    ]
    labs = {
        "01-reasoning-models": ["tour"],
        "04-llm-as-agent": ["token"] * 3,
        "12-ppo-clip": ["clip", "clip", "ppo-inside", "clip-truth"],
    }
    requires = {
        "01-reasoning-models": (),
        "04-llm-as-agent": ("02-agent-environment", "03-returns-and-discounting"),
        "12-ppo-clip": ("04-llm-as-agent", "11-actor-critic-and-gae"),
    }


@pytest.mark.parametrize("word", ["action", "an action", "Actions"])
def test_the_word_of_both_halves_is_action(questions: dict[str, Question], word: str) -> None:
    assert grade(questions["one-word"], word).right
    assert not grade(questions["one-word"], "state").right


# What lessons 01 and 04 say of the toy model


def test_sizes_of_the_toy_model() -> None:
    assert round(sum(int(np.prod(shape)) for shape in SHAPE.weights().values()), -3) == 64_000
    assert len(WORDS) + 1 == 105, "what can be chosen: every word, and the end"
    assert len(encode("Start with 2 . Then add 2 . Answer : 4 .")) + 1 == 13
    assert RESPONSE_LIMIT == 16


def test_the_order_of_the_weathers_is_as_the_text_gives_it() -> None:
    pi = {frame.series: chance(frame) for frame in weather(1)}
    assert pi["cloudy"] > pi["rainy"] > pi["sunny"] > max(pi["windy"], pi["cold"])


def test_temperature_leaves_few_weathers_or_all_eight_and_never_changes_their_order() -> None:
    assert 1 <= sum(chance(frame) > 0.02 for frame in weather(0.1)) <= 3
    warm, hot = (sorted(weather(temperature), key=chance, reverse=True)[:8] for temperature in (1, 3))
    assert [frame.series for frame in hot] == [frame.series for frame in warm]
    assert {frame.series for frame in hot} == set(WEATHER)


def weather(temperature: float) -> tuple[Frame, ...]:
    return cached_frames("next-token", {"prompt": WEATHER_PROMPT, "temperature": temperature})


def chance(frame: Frame) -> float:
    return float(frame.metrics["policy/probability"].mean())


def test_four_is_the_likeliest_answer() -> None:
    frames = cached_frames("next-token", {"prompt": PROMPT, "text": "Start with 2 . Then add 2 . Answer :"})
    assert max(frames, key=chance).series == "4"


def test_wrong_steps_with_the_right_end_are_paid() -> None:
    assert verifier.score(PROMPT, "Start with 3 . Then add 2 . Answer : 4 .") == 1
    assert verifier.score("The weather today is", "sunny .") is None


def test_two_seeds_of_the_first_token_lab_end_differently() -> None:
    first, *_ = labs("04-llm-as-agent")
    assert first.set["prompt"] == PROMPT
    seed = int(str(first.set["seed"]))
    rewards = [ending(np.random.default_rng(seed + n)) for n in range(3)]
    assert rewards[0] == 1, "the first answer should be right"
    assert -1 in rewards


def ending(rng: np.random.Generator, words: tuple[str, ...] = ()) -> float:
    """The last reward of an answer that begins with some forced words."""
    reader = Reader(load_model())
    if not words:
        return list(answer(reader, PROMPT, rng))[-1].reward
    state, forced = first_state(PROMPT), list(words)
    while True:
        frame = take_token(reader, state, rng, token_of(forced.pop(0)) if forced else None)
        if frame.ended:
            return frame.reward
        state = frame.next_state


def test_forcing_a_three_costs_the_reward_and_a_two_brings_it_back() -> None:
    lab = labs("04-llm-as-agent")[-1]
    seed = int(str(lab.set["seed"]))
    assert ending(np.random.default_rng(seed), ("Start", "with", "3")) == -1
    assert ending(np.random.default_rng(seed), ("Start", "with", "2")) == 1


# Lesson 12


def test_flat_cases_are_those_where_the_clip_is_active(questions: dict[str, Question]) -> None:
    cases = {"r = 1.5, A = 2": (1.5, 2.0), "r = 0.5, A = 2": (0.5, 2.0), "r = 0.7, A = −1": (0.7, -1.0)}
    cases |= {"r = 1.5, A = −1": (1.5, -1.0), "r = 1.1, A = 0.3": (1.1, 0.3)}
    options = {option.text: option.correct for option in questions["flat-cases"].options}
    assert options == {text: bool(clip_is_active(r, A, 0.2)) for text, (r, A) in cases.items()}


def test_the_batch_and_the_slope_agree_with_the_engine() -> None:
    r, A = np.array([1.1, 1.5, 0.7, 1.3]), np.array([2, 1, -1, -0.5])
    assert clipped_surrogate(r, A, 0.2).mean() == pytest.approx(0.4875)
    assert clip_is_active(r, A, 0.2).mean() == 0.5
    assert clipped_surrogate_gradient(0.5, 1.8, 0.2) == 1.8


def test_inside_the_update_of_the_lesson() -> None:
    """Samples 0 and 9 go up in (0,0): up becomes rarer, and it is the bad one of the two that is clipped at the end."""
    lab = PpoInsideSession(find_lab("ppo-inside").values(labs("12-ppo-clip", "ppo-inside")[0].set))
    samples, up, corner = lab.samples, 0, lab.env.state_at(0, 0)
    there = [i for i in range(len(samples)) if samples.state[i] == corner]
    pairs = {i: (int(samples.action[i]), float(samples.weight[i])) for i in there}
    assert pairs[0][0] == pairs[9][0] == up
    assert pairs[0][1] == pytest.approx(1.235, abs=1e-3)
    assert pairs[9][1] < 0
    better = [action for action, weight in pairs.values() if weight > pairs[0][1]]
    assert sorted(better) == [1, 3, 3], "right once, left twice"
    clipped = [int(lab.now.clipped.sum())]
    for _ in range(4):
        lab.step()
        clipped.append(int(lab.now.clipped.sum()))
    assert clipped[:3] == [0, 0, 0]
    assert clipped[3] > 0
    assert lab.now.ratio[[0, 9]] == pytest.approx(0.756, abs=5e-4)
    assert lab.now.clipped[[0, 9]].tolist() == [False, True]
