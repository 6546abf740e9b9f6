"""The answers of lessons 10, 11 and 13, against numbers worked out by hand or by another road than the lesson's own."""

import math
import re

import numpy as np
import pytest

from tests.lessons.contract import Contract, labs
from tutor.experiments import cached_frames, find_lab, run
from tutor.paths import lessons_dir
from tutor.rl.returns import gae_advantages
from tutor.rl.surrogate import kl_divergence
from tutor.tui.labs.policy_gradient_session import PolicyGradientSession

IDS = ("10-policy-gradient", "11-actor-critic-and-gae", "13-ppo-in-practice")
REWARDS, VALUES = [0, 0, 0, 2.3], [0.2, 1.1, 1.2, 1.3, 0]  # the four pieces of lesson 11


class TestLessons(Contract):
    ids = IDS
    # By hand.
    numbers = {
        "dial-at-one": 3.46212,  # 2 + 2 * 0.731059
        "score-of-y": -1.46212,
        "mean-of-the-score": 0,
        "baseline-of-two": 0.25,
        "best-of-two-doors": 0.25,
        "two-slips": 0.2,  # 0.8 - 0.6
        "critic-off-by-one": -0.1,
        "half-lambda": 1.1,
        "gae-with-gamma": -0.75,  # -0.3 - 0.45
        "deaf-to-lambda": 3,
        "taken-for-an-end": 0.1233,  # backwards: -1.07, -0.863, 0.1233
        "normalised-by-hand": 1,
        "end-of-the-drawing": 150,
        "natural-step": 0.471405,  # sqrt(2) / 3
        "first-weights": 1.386294,
        "loss-of-a-bias": 8,
    }
    near = 1e-5
    happens = {
        "all-pay-four-more": "Clearly more",
        "baseline-on-the-grid": "Shorter by more than 3 %; there is less noise in it",
        "where-it-turns": "Far less than at the start",
        "three-methods": "More than both",
        "lambda-in-rooms": "0.95",
        "ppo-or-trpo": "Neither's; they are within 0.05",
        "without-line-search": "Below 0.4",
        "more-damping": "Above 0.6",
        "kl-of-ppo": "More than 0.03",
        "clipping-at-the-end": "Less than 2 %",
        "clipping-with-entropy": "2 to 10 %",
        "no-clip": "Below 0.2",
        "ppo-at-a-tenth": "More than 0.1 lower",
    }
    mistakes = [
        ("dial-at-one", "3"),  # the score taken for nothing
        ("dial-at-one", "2.54"),  # the arms exchanged
        ("score-of-y", "1.46"),  # the sign
        ("score-of-y", "-0.731"),  # the payment forgotten
        ("score-of-y", "0.54"),  # 1 - pi(X) for pi(X)
        ("baseline-of-two", "0.5"),  # the mean, or the deviation
        ("baseline-of-two", "2.25"),  # as without
        ("best-of-two-doors", "0.5"),  # the probability for J
        ("best-of-two-doors", "1"),
        ("two-slips", "1"),  # without the slip
        ("two-slips", "2.2"),  # the value of the start not taken away
        ("critic-off-by-one", "0.9"),
        ("critic-off-by-one", "0"),
        ("half-lambda", "1.5"),  # no fading between the later ones
        ("half-lambda", "0.9"),  # lambda 0
        ("half-lambda", "2.1"),  # lambda 1
        ("gae-with-gamma", "-0.8"),  # gamma forgotten on the way back
        ("gae-with-gamma", "-1.2"),  # lambda forgotten on the way back
        ("taken-for-an-end", "1.8"),
        ("taken-for-an-end", "0.9"),
        ("normalised-by-hand", "2"),  # not less the mean
        ("end-of-the-drawing", "0.15"),
        ("natural-step", "0.28"),  # the step at 0.5
        ("natural-step", "0.22"),  # 2 delta / F, without the root
        ("first-weights", "0.25"),
        ("first-weights", "2"),  # bits
        ("loss-of-a-bias", "16"),  # not halved
        ("loss-of-a-bias", "4"),  # the error itself
    ]
    rounded = [
        ("dial-at-one", "3.46"),
        ("score-of-y", "-1.46"),
        ("taken-for-an-end", "0.12"),
        ("natural-step", "0.47"),
        ("first-weights", "1.39"),
        ("name-of-the-difference", "The advantage"),
        ("name-of-delta", "td error"),
    ]
    labs = {
        "10-policy-gradient": ["policy-gradient", "tightrope"],
        "11-actor-critic-and-gae": ["gae", "policy-gradient"],
        "13-ppo-in-practice": ["stability", "clinic"],
    }
    requires = {
        "10-policy-gradient": ("05-policies", "08-monte-carlo-and-td"),
        "11-actor-critic-and-gae": ("10-policy-gradient",),
        "13-ppo-in-practice": ("12-ppo-clip",),
    }
    least = (12, 5, 2)
    steps = range(8, 13)


# What lesson 10 works out by hand


def softmax(scores: list[float]) -> np.ndarray:
    weights = np.exp(scores)
    return np.asarray(weights / weights.sum())


def moments(probabilities: list[float], products: list[float]) -> tuple[float, float]:
    mean = float(np.dot(probabilities, products))
    return mean, float(np.dot(probabilities, (np.array(products) - mean) ** 2))


@pytest.mark.parametrize(
    ("p", "paid", "baseline", "mean", "variance"),
    [
        (0.5, (4, 2), 0, 0.5, 2.25),
        (0.5, (4, 2), 3, 0.5, 0),
        (0.5, (4, 2), 2, 0.5, 0.25),
        (0.5, (4, 2), 100, 0.5, 48.5**2),
        (0.7, (10, 0), 0, 2.1, 1.89),
        (0.7, (10, 0), 7, 2.1, 3.36),
        (0.7, (10, 0), 3, 2.1, 0),
    ],
)
def test_means_and_variances_of_the_gradient(
    p: float, paid: tuple[float, float], baseline: float, mean: float, variance: float
) -> None:
    products = [(paid[0] - baseline) * (1 - p), (paid[1] - baseline) * -p]
    assert moments([p, 1 - p], products) == pytest.approx((mean, variance))


def test_v_wins_where_all_arms_share_a_hundred() -> None:
    products = [110 * 0.3, 100 * -0.7]
    assert moments([0.7, 0.3], products)[1] > 600 * 3.36


def test_the_slope_is_that_of_j() -> None:
    """Finite differences: 0.5 at theta 0 in the first table, 0.393 at theta 1 in a reason."""

    def J(theta: float) -> float:
        return float(softmax([theta, 0]) @ [4, 2])

    for theta, slope in ((0, 0.5), (1, 0.3932)):
        assert (J(theta + 1e-5) - J(theta - 1e-5)) / 2e-5 == pytest.approx(slope, abs=1e-4)


def test_the_step_of_three_actions() -> None:
    new = softmax([math.log(0.5) - 0.1, math.log(0.3) + 0.14, math.log(0.2) - 0.04])
    assert new == pytest.approx([0.457, 0.349, 0.194], abs=5e-4)


@pytest.mark.parametrize(("alpha", "J"), [(0.1, 0.1609), (15, 0.2498), (60, 0.0123), (200, 0)])
def test_two_doors(alpha: float, J: float) -> None:
    p = softmax([math.log(0.2 / 0.8) + alpha * 0.096, 0])[0]
    assert p * (1 - p) == pytest.approx(J, abs=5e-5)


def test_a_baseline_takes_away_what_all_arms_share() -> None:
    def regret(mean: int) -> float:
        given = {"method": "gradient", "mean": mean, "steps": 500, "seeds": 100}
        return float(cached_frames("bandit", given)[-1].metrics["bandit/regret"].mean())

    assert regret(4) == pytest.approx(regret(0))


def test_the_surrogate_goes_on_rising_where_the_truth_falls() -> None:
    says = {
        (f.series, f.update): float(f.metrics["objective/return"].mean())
        for f in cached_frames("tightrope", {"grid": "rooms", "update": 20, "seeds": 20})
    }
    promised = [says["surrogate", u] for u in (0, 1, 2, 3, 5, 8)]
    assert promised == sorted(promised)
    truth = [says["true", u] for u in range(13)]
    assert 1 <= int(np.argmax(truth)) <= 4
    assert truth[12] < truth[0]


def updated(**given: object) -> PolicyGradientSession:
    """The lab of lesson 10 after its first update."""
    lab = PolicyGradientSession(find_lab("policy-gradient").values({**labs(IDS[0])[0].set, **given}))
    lab.step()
    return lab


def test_the_first_episode_of_the_lab_blames_early_moves_and_praises_late_ones() -> None:
    lab = updated()
    G = lab.returns
    assert lab.known.samples.reward[-1] == pytest.approx(0.96), "it ends in the +1"
    assert G[0] < 0 < G[-1]
    assert np.all(np.diff(G) > 0), "there is one step where they become positive"


def test_the_first_update_with_a_baseline_is_that_without() -> None:
    plain, compared = updated(), updated(method="baseline")
    assert np.array_equal(plain.policy, compared.policy)
    plain.step()
    compared.step()
    assert not np.array_equal(plain.policy, compared.policy)


def test_in_the_first_episode_of_the_actor_critic_delta_is_the_reward() -> None:
    lab = PolicyGradientSession(find_lab("policy-gradient").values(labs(IDS[1], "policy-gradient")[0].set))
    lab.step()
    assert lab.known.samples.delta == pytest.approx(lab.known.samples.reward)
    lab.step()
    assert lab.known.samples.delta != pytest.approx(lab.known.samples.reward)


# What lesson 11 works out by hand


@pytest.mark.parametrize(
    ("lambda_", "advantages"),
    [(0, [0.9, 0.1, 0.1, 1]), (0.9, [1.8, 1, 1, 1]), (1, [2.1, 1.2, 1.1, 1])],
)
def test_the_four_pieces(lambda_: float, advantages: list[float]) -> None:
    assert gae_advantages(REWARDS, 1.0, VALUES, lambda_) == pytest.approx(advantages)


def test_the_four_pieces_cut_off() -> None:
    cut = gae_advantages([0, 0, 0, 0], 1.0, [*VALUES[:4], 2.0], 0.9)
    assert cut[0] == pytest.approx(1.5813)
    assert cut[3] == pytest.approx(0.7)


def test_lambda_between_its_ends_is_best_on_both_grids() -> None:
    for grid, update in (("russell-norvig", 10), ("rooms", 20)):
        J = {}
        for lambda_ in (0, 0.5, 0.8, 0.95, 1):
            given = {"grid": grid, "lambda": lambda_, "steps": 0, "updates": 20, "seeds": 20}
            frames = {f.update: f for f in cached_frames("actor-critic", given)}
            J[lambda_] = float(frames[update].metrics["objective/return"].mean())
        assert max(J, key=lambda each: J[each]) in (0.8, 0.95)


# What lesson 13 says of its runs

ROW = r"\| `([\w-]+)` \| ([\d.]+) \(([\d.]+)\) \| ([\d.]+) \| ([\d.]+) \(([\d.]+)\) \| ([\d.]+) \|"


def falls_on_the_page() -> dict[tuple[str, str], tuple[float, ...]]:
    """(deepest fall, mean fall, J at the end), by grid and algorithm, of the table of four grids as it is printed."""
    page = (lessons_dir() / "en" / f"{IDS[2]}.md").read_text(encoding="utf-8")
    return {
        (grid, algorithm): tuple(map(float, numbers))
        for grid, *row in re.findall(ROW, page)
        for algorithm, numbers in (("ppo", row[:3]), ("trpo", row[3:]))
    }


FALLS = falls_on_the_page()


def returns(experiment: str, given: dict[str, object]) -> np.ndarray:
    """J of each update in which it was computed, and each seed."""
    frames = cached_frames(experiment, given)
    return np.array([f.metrics["objective/return"] for f in frames if "objective/return" in f.metrics])


@pytest.mark.parametrize(("grid", "algorithm"), FALLS)
def test_the_falls_of_the_table(grid: str, algorithm: str) -> None:
    J = returns(algorithm, {"grid": grid, "seeds": 20})
    falls = (np.maximum.accumulate(J) - J).max(axis=0)
    assert len(J) == 81, "of every update"
    assert (falls.max(), falls.mean(), J[-1].mean()) == pytest.approx(FALLS[grid, algorithm], abs=0.0051)
    assert (J.max(axis=0) - J[-1]).max() < 0.1, "every fall is made good"
    if (grid, algorithm) == ("mouse", "ppo"):
        assert (J[-1] < 1).sum() == 3, "seeds that settle for the small cheese"


def test_what_is_said_of_the_table() -> None:
    grids = list(dict.fromkeys(grid for grid, _ in FALLS))
    assert len(grids) == 4
    deeper = [grid for grid in grids if FALLS[grid, "ppo"][0] > FALLS[grid, "trpo"][0]]
    assert deeper == ["russell-norvig", "mouse", "rooms"], "on three of four the deepest is PPO's"
    assert FALLS["mouse", "trpo"][1] > FALLS["mouse", "ppo"][1]
    assert FALLS["rooms", "ppo"][1] > FALLS["rooms", "trpo"][1]


def test_a_fall_and_its_leap_of_the_kl_are_in_the_same_update() -> None:
    given = {"grid": "russell-norvig", "delta": 0.03, "line_search": False, "seeds": 20}
    frames = cached_frames("trpo", given)
    J = returns("trpo", given)
    kl = np.array([f.metrics["policy/kl"] for f in frames if f.update])
    falls = J[:-1] - J[1:] > 0.3
    assert falls.sum() > 20
    assert (kl[falls] > 0.03).mean() > 0.9


@pytest.mark.parametrize("first", range(0, 160, 20))
def test_early_v_already_shortens_the_gradient(first: int) -> None:
    """What lesson 10 asks holds of any twenty seeds; what it calls unsettled does not."""
    frames = list(run("reinforce", {"updates": 20}, range(first, first + 20)))
    last = {(f.series, f.update): f.metrics for f in frames}
    norms = [float(last[series, 2]["policy/gradient_norm"].mean()) for series in ("baseline", "reinforce")]
    assert norms[0] < 0.97 * norms[1]
    if first == 80:
        J = [float(last[series, 20]["objective/return"].mean()) for series in ("baseline", "reinforce")]
        assert pytest.approx([0.42, 0.48], abs=0.005) == J


def test_the_worst_case_inside_the_range() -> None:
    """Whatever the probabilities, ratios from 0.8 to 1.2 leave the KL at most at that of (0.5, 0.5) and (0.6, 0.4)."""
    rng = np.random.default_rng(0)
    worst = float(kl_divergence([0.5, 0.5], [0.6, 0.4]))
    assert worst == pytest.approx(0.0204, abs=5e-5)
    for _ in range(2000):
        old = rng.dirichlet(np.ones(rng.integers(2, 6)))
        ratio = rng.uniform(0.8, 1.2, len(old))
        new = old * ratio / (old @ ratio)
        if np.all(np.abs(new / old - 1) <= 0.2):
            assert kl_divergence(old, new) <= worst


def test_ppo_steps_as_far_as_trpo_on_average_but_has_no_bound() -> None:
    frames = cached_frames("ppo", {"grid": "russell-norvig", "seeds": 20})
    kl = np.array([f.metrics["policy/kl"] for f in frames if f.update])
    assert kl.max() == pytest.approx(0.13, abs=0.005)
    assert 0.005 < kl.mean() < 0.01
    bound = cached_frames("trpo", {"grid": "russell-norvig", "seeds": 20})
    assert max(float(f.metrics["policy/kl"].max()) for f in bound if f.update) <= 0.01


def test_at_a_long_step_ppo_leaves_a_seed_all_but_at_the_walls() -> None:
    given = {"grid": "rooms", "updates": 40, "learning_rate": 0.1, "seeds": 20}
    J = returns("ppo", given)[-1]
    assert -1 < J.min() < -0.8  # walking into walls for ever is -1
    assert J.max() > 0.55
