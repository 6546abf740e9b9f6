"""The answers of lessons 14 to 16, against numbers worked out by hand, and what they say of the toy model's runs.

What five seeds are needed for stands in README's table and is made again by `python -m tests.benchmarks.rlhf`; here a
run or two must lie where the lessons say.
"""

import math
import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.benchmarks.rlhf import CONTROLLERS, elsewhere
from tests.lessons.contract import Contract
from tutor.paths import lessons_dir
from tutor.rl.surrogate import AdaptiveKLController, clipped_surrogate, kl_divergence, kl_k1, kl_k2, kl_k3
from tutor.toy_llm.checkpoint import read, read_reward_model, shipped_path
from tutor.toy_llm.gpt import GPT, load_arrays
from tutor.toy_llm.pairs import Said, gold, label
from tutor.toy_llm.preferences import sample_pairs
from tutor.toy_llm.quality import quality
from tutor.toy_llm.reward_model import accuracy, margins_of, scores_of
from tutor.toy_llm.scorer import Scorer, scorer_of
from tutor.toy_llm.tasks import Politeness, Sums
from tutor.toy_llm.token_rewards import group_advantages, token_rewards
from tutor.toy_llm.torch_setup import one_thread
from tutor.toy_llm.training import Training
from tutor.toy_llm.training_frames import TrainingConfig, TrainingFrame

IDS = ("14-rlhf", "15-kl-control", "16-reasoning-with-rl")
PROMPT = "I don't like your answer"


class TestLessons(Contract):
    ids = IDS
    # By hand.
    numbers = {
        "loss-of-a-token": 2.525729,
        "even-scores": 0.731059,
        "neutral-against-rude": 0.832018,
        "later-token": 0.618557,  # below the range: not clipped
        "rude-token": -0.88,  # 0.8 * -1.1
        "two-ratios": 0.75,
        "return-of-three": 0.794535,  # 1.2 - log(2.25) / 2
        "tilt-by-one": 0.231969,  # 0.271828 / 1.171828
        "nats-of-a-factor": 2.995732,
        "one-step-of-beta": 0.475,
        "k3-of-a-token": 0.193147,
        "mean-of-the-verifier": -0.02,
        "value-of-a-step": 0.5,
        "puct-next": 0.87,
        "best-of-two": 8.146980,  # 10 (1 - 0.185302)
        "two-of-four": 0.866025,
        "silent-groups": 0.783743,
        "dpo-by-hand": 0.313262,
    }
    near = 1e-5
    happens = {
        "frozen-actor-kl": "0",
        "three-updates-of-understand": "Above 0.138",
        "three-free-updates": "More than 2",
        "three-priced-updates": "0.5 to 2",
        "k2-after-three": "Much more",
        "colder-sum": "Above 0.9",
        "greedy-before": "All of them",
    }
    measured = {"first-loss": math.log(2), "first-beta": 0.752}
    mistakes = [
        ("loss-of-a-token", "-2.53"),  # the sign
        ("loss-of-a-token", "1.1"),  # another logarithm
        ("even-scores", "0.5"),
        ("even-scores", "0.78"),  # 1.4 / 1.8
        ("neutral-against-rude", "0.6"),  # the 4 forgotten
        ("later-token", "0.8"),  # clipped where it is not
        ("rude-token", "-0.66"),  # the larger of the two
        ("two-ratios", "3"),
        ("return-of-three", "1.2"),  # nothing paid
        ("return-of-three", "0.39"),  # beta forgotten
        ("tilt-by-one", "0.1"),
        ("tilt-by-one", "0.27"),  # not divided
        ("nats-of-a-factor", "1.3"),  # the logarithm to base 10
        ("one-step-of-beta", "0.45"),  # cut off where it need not be
        ("one-step-of-beta", "0.525"),  # the wrong way
        ("k3-of-a-token", "0.693"),
        ("k3-of-a-token", "0.307"),  # the ratio upside down
        ("mean-of-the-verifier", "0.49"),
        ("value-of-a-step", "0.75"),
        ("puct-next", "0.72"),  # with the old Q
        ("best-of-two", "1.6"),
        ("two-of-four", "1"),  # n below
        ("silent-groups", "0.97"),
        ("dpo-by-hand", "0.69"),
        ("dpo-by-hand", "0.73"),  # sigma of it, not the loss
        ("first-beta", "0.8"),
        ("first-beta", "0.4"),  # not cut off
        ("first-loss", "0.5"),
    ]
    rounded = [
        ("loss-of-a-token", "2.53"),
        ("even-scores", "73%"),
        ("later-token", "0.62"),
        ("return-of-three", "0.79"),
        ("tilt-by-one", "0.23"),
        ("nats-of-a-factor", "3.0"),
        ("k3-of-a-token", "0.193"),
        ("best-of-two", "8.1"),
        ("two-of-four", "0.87"),
        ("silent-groups", "0.78"),
        ("dpo-by-hand", "0.31"),
        ("name-of-the-frozen-copy", "The reference model"),
        ("name-of-hacking", "reward-hacking"),
    ]
    labs = {
        "14-rlhf": ["rlhf", "rlhf", "ppo-inside-tokens", "rlhf"],
        "15-kl-control": ["kl"],
        "16-reasoning-with-rl": ["verifier"],
    }
    requires = {
        "14-rlhf": ("12-ppo-clip",),
        "15-kl-control": ("14-rlhf",),
        "16-reasoning-with-rl": ("15-kl-control",),
    }
    least = (14, 5, 2)
    steps = range(8, 13)


@cache
def page(id: str) -> str:
    return (lessons_dir() / "en" / f"{id}.md").read_text(encoding="utf-8")


@cache
def shipped() -> GPT:
    one_thread()
    model = GPT()
    load_arrays(model, read(shipped_path()).items())
    return model


@cache
def reward_model() -> Scorer:
    return scorer_of(read_reward_model()).requires_grad_(False)


def sums(temperature: float) -> float:
    """The share of the hundred sums that the shipped model has right, four answers to each."""
    task = Sums(0, np.random.default_rng(0))
    return task.accuracy(shipped(), task.trained * 4, torch.Generator().manual_seed(0), temperature)


@cache
def trained(controller: str) -> tuple[GPT, tuple[TrainingFrame, ...]]:
    """The actor after sixty updates with seed 0, and all frames of the run."""
    one_thread()
    config = TrainingConfig(controller=controller, beta=dict(CONTROLLERS)[controller])  # type: ignore[arg-type]
    run = Training(read(shipped_path()), Politeness(reward_model()), config, 0)
    frames = tuple(run.frames())
    return run.actor, frames


def curve(controller: str, metric: str) -> np.ndarray:
    return np.array([frame.metrics[metric] for frame in trained(controller)[1]])


# Lesson 14


@pytest.mark.parametrize(
    ("old", "new", "advantage", "ratio", "objective"),
    [
        (0.08, 0.15, 1.8, 1.875, 2.16),
        (0.96, 0.97, 1, 1.010417, 1.010417),
        (0.97, 0.6, 1, 0.618557, 0.618557),
        (0.15, 0.09, -1.1, 0.6, -0.88),
    ],
)
def test_the_tokens_of_the_example(
    old: float, new: float, advantage: float, ratio: float, objective: float
) -> None:
    assert new / old == pytest.approx(ratio, abs=1e-6)
    assert clipped_surrogate(ratio, advantage, 0.2) == pytest.approx(objective, abs=1e-6)


def test_a_perfect_judge_predicts_three_quarters_and_the_shipped_one_about_seven_tenths() -> None:
    pairs = sample_pairs(shipped(), 2000, 1)
    differences = np.array([abs(gold(pair.first) - gold(pair.second)) for pair in pairs])
    assert (1 / (1 + np.exp(-4 * differences))).mean() == pytest.approx(0.75, abs=0.015)
    assert (differences == 0).mean() == pytest.approx(0.355, abs=0.03)
    picks = label(pairs, np.random.default_rng(2))
    assert accuracy(margins_of(reward_model(), picks)) == pytest.approx(0.69, abs=0.03)


# Lesson 15


def test_hacked_answers_score_more_than_the_whole_sentence() -> None:
    """The first table: proxy and truth as printed; the same sentence unbroken is better, and scores less."""
    rows = re.findall(r"\| ([A-Z][^|]+?) \| (I [^|]+?) \| ([\d.]+) \| (−?\d) \|", page(IDS[1]))
    assert len(rows) == 3
    for prompt, answer, proxy, truth in rows:
        whole = "I am sorry , let me improve the answer ."
        broken, unbroken = scores_of(reward_model(), [prompt] * 2, [Said(answer), Said(whole)]).tolist()
        assert broken == pytest.approx(float(proxy), abs=0.006)
        assert broken > unbroken
        assert quality(answer) == number(truth) < quality(whole)
        assert f"{unbroken:.2f}" in page(IDS[1])


def test_the_answers_of_the_free_run() -> None:
    """The second table of answers: to the complaints that they were given to."""
    asked = [
        "This makes no sense",
        PROMPT,
        "Your answer is not clear",
        "This makes no sense",
        "This does not help me",
        "Can you do better ?",
    ]
    rows = re.findall(r"\| \d+ \| ([A-Z][^|]+?) \| ([−\d.]+) \| (−?\d) \| [\d.]+ \|", page(IDS[1]))
    assert len(rows) == len(asked)
    scores = scores_of(reward_model(), asked, [Said(answer) for answer, *_ in rows]).tolist()
    for score, (answer, proxy, truth) in zip(scores, rows, strict=True):
        assert score == pytest.approx(number(proxy), abs=0.006)
        assert quality(answer) == number(truth)


def number(printed: str) -> float:
    return float(printed.replace("−", "-"))


def test_the_three_tokens_of_the_price() -> None:
    log_ratio = torch.tensor([[2, 0.75, 1.5]]).log()
    rewards = token_rewards(torch.tensor([1.2]), log_ratio, torch.ones(1, 3, dtype=torch.bool), 0.5)
    assert rewards[0].tolist() == pytest.approx([-0.347, 0.144, 0.997], abs=5e-4)


@pytest.mark.parametrize(
    ("beta", "polite", "nats"),
    [(5, 0.119, 0.002), (0.5, 0.451, 0.408), (0.2, 0.943, 1.957), (0.05, 1, 2.303)],
)
def test_no_policy_beats_the_tilted_reference(beta: float, polite: float, nats: float) -> None:
    shares = np.linspace(0.0001, 0.9999, 9999)
    kl = kl_divergence(np.stack([1 - shares, shares], -1), np.broadcast_to([0.9, 0.1], (len(shares), 2)))
    best = int(np.argmax(shares - beta * kl))
    assert shares[best] == pytest.approx(polite, abs=6e-4)
    assert kl[best] == pytest.approx(nats, abs=3e-3)


def test_four_batches_of_the_thermostat() -> None:
    controller = AdaptiveKLController(0.8, 1.5, 0.3)
    assert [controller.update(kl) for kl in (3.0, 1.6, 1.5, 0.9)] == pytest.approx(
        [0.848, 0.86496, 0.86496, 0.81306], abs=1e-4
    )


@pytest.mark.parametrize(
    ("policy", "reference", "means"),
    [([0.6, 0.4], [0.9, 0.1], (0.311, 0.434, 0.311)), ([0.999, 0.001], [0.5, 0.5], (0.685, 0.259, 0.685))],
)
def test_means_of_the_three_estimates(
    policy: list[float], reference: list[float], means: tuple[float, float, float]
) -> None:
    logs = np.log(policy), np.log(reference)
    found = [float(np.dot(policy, k(*logs))) for k in (kl_k1, kl_k2, kl_k3)]
    assert found == pytest.approx(means, abs=6e-4)
    exact = float(kl_divergence(policy, reference))
    assert (found[0], found[2]) == pytest.approx((exact, exact))


def test_what_a_batch_of_64_says() -> None:
    assert 0.935 < 0.999**64 < 0.945
    k3 = kl_k3(np.log([0.999, 0.001]), np.log([0.5, 0.5]))
    assert k3 == pytest.approx([0.193, 492.8], abs=0.05)
    assert k3[0] < 0.685 / 3
    assert (63 * k3[0] + k3[1]) / 64 == pytest.approx(7.9, abs=0.05)


def test_a_run_without_a_price_ends_as_the_lesson_says() -> None:
    kl, truth, proxy = (curve("none", f"objective/{name}") for name in ("kl", "gold", "scores"))
    assert truth[0] == pytest.approx(0.15, abs=0.15)
    assert kl[-10:].mean() > 15
    assert truth[-10:].mean() < -0.9
    assert proxy[-10:].mean() > 1.6
    unique, understand = curve("none", "objective/unique"), curve("none", "policy/probability")
    assert unique[-10:].mean() < 0.45
    assert understand[:9].max() > 0.5
    assert understand[33:].max() < 0.01


def test_the_estimates_lie_as_the_lesson_says() -> None:
    def over(controller: str, name: str) -> np.ndarray:
        return np.asarray(
            curve(controller, f"objective/kl_{name}")[10:] / curve(controller, "objective/kl")[10:]
        )

    assert over("none", "k1")[-10:].mean() == pytest.approx(1, abs=0.05)
    assert over("fixed", "k1")[-10:].mean() == pytest.approx(1, abs=0.1)
    assert 2.5 < over("none", "k2")[-10:].mean() < 4.2
    assert 0.7 < np.median(over("none", "k3")) < 0.95
    assert 0.45 < np.median(over("fixed", "k3")) < 0.75
    assert over("fixed", "k3").max() > 2


def test_the_table_of_prices_is_that_of_readme() -> None:
    readme = (Path(__file__).parents[2] / "README.md").read_text(encoding="utf-8")
    for printed in ("18.0 to 31.8", "2.5 to 2.8", "1.5 to 1.8"):
        assert printed in page(IDS[1])
        assert printed in readme
    rows = {"0.80 to 0.87": ".80 to .87", "0.67 to 0.73": ".67 to .73", "0.04 to 0.08": ".04 to .08"}
    for printed, there in rows.items():
        assert printed in page(IDS[1])
        assert there in readme


def test_the_other_tasks_are_forgotten() -> None:
    before, free = elsewhere(shipped()), elsewhere(trained("none")[0])
    assert before["sums, sampled"] == pytest.approx(0.46, abs=0.01)
    assert (before["sums, greedy"], before["weather"]) == (1, pytest.approx(0.98, abs=0.006))
    assert max(free.values()) < 0.05
    priced: Mapping[str, float] = elsewhere(trained("fixed")[0])
    assert priced["sums, sampled"] < 0.25, "a price paid on complaints does not keep sums"


# Lesson 16


@pytest.mark.parametrize(("Q", "prior", "n", "together"), [(0.5, 0.6, 12, 0.679), (0.4, 0.4, 3, 0.787)])
def test_where_the_search_looks_next(Q: float, prior: float, n: int, together: float) -> None:
    assert Q + prior * math.sqrt(15) / (1 + n) == pytest.approx(together, abs=5e-4)


@pytest.mark.parametrize(
    ("rewards", "advantages"),
    [
        ([1, -1, -1, -1], [1.5, -0.5, -0.5, -0.5]),
        ([1, 1, -1, -1], [0.866, 0.866, -0.866, -0.866]),
        ([1, 1, 1, 1], [0, 0, 0, 0]),
        ([-1, -1, -1, -1], [0, 0, 0, 0]),
    ],
)
def test_groups_of_four(rewards: list[float], advantages: list[float]) -> None:
    found = group_advantages(torch.tensor(rewards, dtype=torch.float64), 4)
    assert found.tolist() == pytest.approx(advantages, abs=5e-4)


def test_dpo_gives_back_the_scores_that_its_policy_was_made_from() -> None:
    """The optimum at a price beta: beta log(pi* / ref) differs between two answers as their scores do."""
    reference, scores, beta = np.array([0.7, 0.2, 0.1]), np.array([0.3, -1.0, 2.0]), 0.4
    best = reference * np.exp(scores / beta)
    best /= best.sum()
    implied = beta * np.log(best / reference)
    assert np.diff(implied) == pytest.approx(np.diff(scores))


def test_the_dpo_loss_of_the_table() -> None:
    margin = 0.1 * ((-10 - -12) - (-7 - -4))
    assert -math.log(1 / (1 + math.exp(-margin))) == pytest.approx(0.474, abs=5e-4)


def test_what_the_model_can_do_before_any_training() -> None:
    assert 0.44 <= sums(1) <= 0.52
    assert sums(0.3) == pytest.approx(0.99, abs=0.011)
    assert sums(0) == 1
    task = Sums(0, np.random.default_rng(0))
    tries = [
        task.best_of(shipped(), task.trained[::4], 8, torch.Generator().manual_seed(k)) for k in range(4)
    ]
    assert min(tries) >= 0.92
    assert np.mean(tries) >= 0.97
