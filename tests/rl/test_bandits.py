"""Bandit methods: one pull by hand, the seed axis, and the published figures of the 10-armed testbed."""

import math
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.rl.bandit_methods import EpsilonGreedy, GradientBandit, UpperConfidenceBound
from tutor.rl.bandits import begin, play, pull, throw
from tutor.rl.environments.bandit import Bandit, BanditError

METHODS = {
    "epsilon-greedy": EpsilonGreedy(),
    "constant step size": EpsilonGreedy(0.1, step_size=0.1),
    "optimistic": EpsilonGreedy(0.0, step_size=0.1, initial=5.0),
    "ucb": UpperConfidenceBound(),
    "gradient": GradientBandit(),
    "gradient without baseline": GradientBandit(0.4, baseline=False),
}
every_method = pytest.mark.parametrize("method", METHODS.values(), ids=METHODS.keys())


def generators(seeds):
    return [np.random.default_rng(seed) for seed in seeds]


def on_testbed(method, seeds, steps=120, detail="full", **bandit):
    rngs = generators(seeds)
    return list(play(Bandit.draw(rngs, **bandit), method, rngs, steps, detail))


def forced(method, arms, rewards, means=(0.0, 0.0)):
    """Frames of one seed pulling `arms` and being paid `rewards`: the dice are set to bring just that."""
    bandit = Bandit(np.array([means]))
    frames = [begin(bandit, method)]
    for arm, reward in zip(arms, rewards, strict=True):
        z = reward - means[arm]
        # Box-Muller backwards: cos(2 pi u2) is 1 or -1.
        dice = np.array([[0.0, -math.expm1(-z * z / 2), 0.0 if z >= 0 else 0.5]])
        frame = pull(bandit, method, frames[-1], dice, np.array([arm]))
        assert frame.rewards[0] == pytest.approx(reward)
        frames.append(frame)
    return frames


class TestByHand:
    def test_the_sample_average(self):
        """Rewards 1, 2, 6 of one arm: 1, then 1 + (2 - 1) / 2, then 1.5 + (6 - 1.5) / 3."""
        frames = forced(EpsilonGreedy(), [0, 0, 0], [1, 2, 6])
        assert [frame.estimates[0, 0] for frame in frames] == pytest.approx([0, 1, 1.5, 3])
        assert [frame.step_sizes[0] for frame in frames[1:]] == pytest.approx([1, 1 / 2, 1 / 3])
        assert frames[-1].counts.tolist() == [[3, 0]]

    def test_a_constant_step_size_forgets(self):
        """Sutton & Barto, equation 2.6 with alpha = .5 and Q_1 = 4: 4, 2.5, 2.25, 4.125."""
        frames = forced(EpsilonGreedy(step_size=0.5, initial=4.0), [1, 1, 1], [1, 2, 6])
        assert [frame.estimates[0, 1] for frame in frames] == pytest.approx([4, 2.5, 2.25, 4.125])

    def test_epsilon_greedy_probabilities(self):
        policy = EpsilonGreedy(0.2).policy(np.array([[1.0, 3.0, 3.0, 0.0]]))
        assert policy[0] == pytest.approx([0.05, 0.45, 0.45, 0.05])

    def test_upper_confidence_bounds(self):
        """After pulls of arms 0, 0, 1 the fourth pull compares Q + 2 sqrt(ln 4 / N)."""
        frames = forced(UpperConfidenceBound(2.0), [0, 0, 1], [1, 2, 1])
        scores = UpperConfidenceBound(2.0).scores(frames[-1])
        assert scores[0] == pytest.approx(
            [1.5 + 2 * math.sqrt(math.log(4) / 2), 1 + 2 * math.sqrt(math.log(4))]
        )
        assert UpperConfidenceBound(2.0).policy(scores).tolist() == [[0, 1]]

    def test_arms_never_pulled_come_first_and_are_equally_likely(self):
        (*_, last) = forced(UpperConfidenceBound(), [1], [100.0], means=(0.0, 100.0, 0.0))
        scores = UpperConfidenceBound().scores(last)
        assert UpperConfidenceBound().policy(scores).tolist() == [[0.5, 0, 0.5]]

    def test_a_gradient_step(self):
        """Two arms, H = 0, pi = .5 each. Pull 1 pays 1: the baseline is that reward itself, nothing moves.
        Pull 2 (arm 1) pays 3: (3 - 1) times .1 times (1[a] - .5) is -.1 and +.1."""
        frames = forced(GradientBandit(0.1), [0, 1], [1, 3])
        assert frames[1].estimates.tolist() == [[0, 0]]
        assert frames[2].estimates[0] == pytest.approx([-0.1, 0.1])
        assert frames[2].baseline[0] == pytest.approx(2)
        policy = GradientBandit(0.1).policy(frames[2].estimates)
        assert policy[0] == pytest.approx([1 / (1 + math.exp(0.2)), 1 / (1 + math.exp(-0.2))])

    def test_a_gradient_step_without_baseline(self):
        frames = forced(GradientBandit(0.1, baseline=False), [0, 1], [1, 3])
        assert frames[1].estimates[0] == pytest.approx([0.05, -0.05])
        pi = 1 / (1 + math.exp(-0.1))  # of arm 0, where H differs by .1
        assert frames[2].estimates[0] == pytest.approx([0.05 - 0.3 * pi, -0.05 + 0.3 * pi])

    def test_regret_counts_what_the_arm_pays_less_on_average(self):
        frames = forced(EpsilonGreedy(), [0, 1, 0], [2, 1, 0], means=(1.0, 3.0))
        assert [frame.regret[0] for frame in frames] == [0, 2, 2, 4]
        assert [frame.optimal[0] for frame in frames[1:]] == [0, 1, 0]


class TestIdentities:
    @given(st.lists(st.floats(-100, 100), min_size=1, max_size=20))
    def test_the_sample_average_is_the_mean(self, rewards):
        values = np.array([0.0])
        frame = begin(Bandit(np.array([[0.0]])), EpsilonGreedy())
        for reward in rewards:
            values, _ = EpsilonGreedy().learn(frame, np.array([0]), np.array([reward]))
            frame = replace(frame, t=frame.t + 1, estimates=values, counts=frame.counts + 1)
        assert values[0, 0] == pytest.approx(np.mean(rewards), abs=1e-9)

    @given(st.integers(0, 2**32 - 1), st.booleans())
    def test_the_gradient_step_points_along_the_gradient_of_the_expected_reward(self, seed, baseline):
        """Its expectation over arms is alpha dE[R]/dH, by finite differences, with or without the baseline."""
        rng = np.random.default_rng(seed)
        H, means, method = rng.normal(size=(1, 4)), rng.normal(size=4), GradientBandit(0.5, baseline)
        frame = replace(begin(Bandit(means[None]), method), t=3, estimates=H, baseline=np.array([0.7]))
        pi = method.policy(H)[0]
        steps = [method.learn(frame, np.array([a]), means[a : a + 1])[0][0] - H[0] for a in range(4)]
        expected = sum(p * step for p, step in zip(pi, steps, strict=True))
        differences = [
            (method.policy(H + shift)[0] @ means - method.policy(H - shift)[0] @ means) / 2e-6
            for shift in np.eye(4) * 1e-6
        ]
        assert expected == pytest.approx(0.5 * np.array(differences), abs=1e-8)

    @every_method
    def test_policies_are_probabilities_and_the_frame_hangs_together(self, method):
        frames = on_testbed(method, range(5), steps=60)
        for before, after in pairwise(frames):
            assert after.policy.sum(axis=1) == pytest.approx(1)
            assert (after.policy[np.arange(5), after.actions] > 0).all()
            assert after.counts.sum() == 5 * after.t
            assert np.array_equal(after.scores, method.scores(before))
            moved = (after.estimates != before.estimates).sum(axis=1)
            assert (moved <= (1 if not isinstance(method, GradientBandit) else 10)).all()
            assert (after.regret >= before.regret).all()

    def test_preferences_always_sum_to_the_same(self):
        for frame in on_testbed(GradientBandit(0.4), range(3), steps=50):
            assert frame.estimates.sum(axis=1) == pytest.approx(0, abs=1e-12)


class TestSeeds:
    @every_method
    @pytest.mark.parametrize("detail", ["scalars", "full"])
    @pytest.mark.parametrize("kind", ["gaussian", "bernoulli"])
    def test_a_seed_is_the_same_to_the_last_bit_whoever_runs_beside_it(self, method, detail, kind):
        many = on_testbed(method, range(50), detail=detail, kind=kind)
        for seed in (7, 49):
            for alone, together in zip(
                on_testbed(method, [seed], detail=detail, kind=kind), many, strict=True
            ):
                assert together.regret[seed].tobytes() == alone.regret[0].tobytes()
                if alone.t:
                    assert together.actions[seed] == alone.actions[0]
                    assert together.rewards[seed].tobytes() == alone.rewards[0].tobytes()

    @every_method
    def test_both_details_are_the_same_run(self, method):
        for light, whole in zip(
            on_testbed(method, [3], 600, "scalars"), on_testbed(method, [3], 600), strict=True
        ):
            assert light.t == whole.t
            assert light.regret.tobytes() == whole.regret.tobytes()
            assert light.estimates is None
            assert light.t == 0 or light.rewards.tobytes() == whole.rewards.tobytes()

    def test_undo_and_the_same_arm_pays_the_same_another_meets_the_same_dice(self):
        rngs = generators([4])
        bandit, method = Bandit.draw(rngs), EpsilonGreedy()
        frames = list(play(bandit, method, rngs, 20))
        rngs[0].bit_generator.state = frames[11].rng_states[0]
        again = pull(bandit, method, frames[10], throw(rngs))
        assert again.rewards[0] == frames[11].rewards[0]
        assert np.array_equal(again.estimates, frames[11].estimates)
        rngs[0].bit_generator.state = frames[11].rng_states[0]
        arm = (frames[11].actions + 1) % 10
        other = pull(bandit, method, frames[10], throw(rngs), arm)
        noise = frames[11].rewards[0] - bandit.means[0, frames[11].actions[0]]
        assert other.rewards[0] == pytest.approx(bandit.means[0, arm[0]] + noise)

    def test_exploring_always_costs_the_mean_gap(self):
        """epsilon = 1: the expected regret of a pull is the mean of the gaps."""
        rngs = generators(range(400))
        bandit = Bandit.draw(rngs)
        *_, last = play(bandit, EpsilonGreedy(1.0), rngs, 200, "scalars")
        off = last.regret / 200 - bandit.gaps.mean(axis=1)
        assert abs(off.mean()) < 4 * off.std() / 20


RUNS = 500


@pytest.fixture(scope="module")
def figures():
    """Of the last 100 of 1000 pulls: mean reward and share of the best arm, each with its standard error."""
    methods = {
        "greedy": (EpsilonGreedy(0.0), 0),
        ".01": (EpsilonGreedy(0.01), 0),
        ".1": (EpsilonGreedy(0.1), 0),
        "realistic": (EpsilonGreedy(0.1, step_size=0.1), 0),
        "optimistic": (EpsilonGreedy(0.0, step_size=0.1, initial=5.0), 0),
        "ucb": (UpperConfidenceBound(2.0), 0),
        "gradient .1": (GradientBandit(0.1), 4),
        "gradient .4": (GradientBandit(0.4), 4),
        "plain .1": (GradientBandit(0.1, baseline=False), 4),
        "plain .4": (GradientBandit(0.4, baseline=False), 4),
    }
    return {
        name: late(on_testbed(m, range(RUNS), 1000, "scalars", mean=mean))
        for name, (m, mean) in methods.items()
    }


def late(frames):
    rewards = np.mean([frame.rewards for frame in frames[-100:]], axis=0)
    optimal = np.mean([frame.optimal for frame in frames[-100:]], axis=0)
    early = np.mean([frame.optimal for frame in frames[1:101]], axis=0)
    return {
        name: (each.mean(), each.std() / math.sqrt(RUNS))
        for name, each in (("reward", rewards), ("optimal", optimal), ("early", early))
    }


class TestPublishedFigures:
    """Sutton & Barto, 2nd edition, section 2.3 to 2.8: figures in the text, else read off the printed curves."""

    def near(self, figure, level, reading):
        mean, error = figure
        assert abs(mean - level) < 3 * error + reading, (mean, error)

    def test_figure_2_2_rewards(self, figures):
        self.near(figures["greedy"]["reward"], 1.0, 0.05)  # "only about 1, compared with … 1.54"
        self.near(figures[".1"]["reward"], 1.36, 0.05)
        self.near(figures[".01"]["reward"], 1.3, 0.05)

    def test_figure_2_2_best_arm(self, figures):
        self.near(figures["greedy"]["optimal"], 1 / 3, 0.03)  # "in only approximately one-third of the tasks"
        self.near(figures[".1"]["optimal"], 0.8, 0.02)
        self.near(figures[".01"]["optimal"], 0.6, 0.05)
        assert figures[".1"]["optimal"][0] < 0.91  # "but never selected that action more than 91%"

    def test_figure_2_3_optimism_loses_first_and_wins_later(self, figures):
        assert figures["optimistic"]["early"][0] < figures["realistic"]["early"][0]
        self.near(figures["optimistic"]["optimal"], 0.85, 0.03)
        self.near(figures["realistic"]["optimal"], 0.77, 0.03)

    def test_figure_2_4_ucb_earns_more_than_epsilon_greedy(self, figures):
        self.near(figures["ucb"]["reward"], 1.5, 0.05)
        assert figures["ucb"]["reward"][0] > figures[".1"]["reward"][0] + 0.05

    def test_figure_2_5_the_baseline_makes_the_gradient_bandit(self, figures):
        self.near(figures["gradient .1"]["optimal"], 0.85, 0.03)
        self.near(figures["gradient .4"]["optimal"], 0.72, 0.05)
        for alpha in (".1", ".4"):  # "performance would be significantly degraded"
            assert figures[f"plain {alpha}"]["optimal"][0] < figures[f"gradient {alpha}"]["optimal"][0] - 0.2
        assert figures["plain .4"]["optimal"][0] < figures["plain .1"]["optimal"][0]

    def test_upper_confidence_bounds_regret_grows_as_a_logarithm(self):
        """Doubling the pulls adds about the same regret each time (Auer et al. 2002), unlike epsilon-greedy's."""
        frames = on_testbed(UpperConfidenceBound(), range(150), 1600, "scalars", arms=5)
        regret = [frames[t].regret.mean() for t in (200, 400, 800, 1600)]
        grown = np.diff(regret)
        assert (grown < 2 * grown[0]).all()
        frames = on_testbed(EpsilonGreedy(0.1), range(150), 1600, "scalars", arms=5)
        regret = [frames[t].regret.mean() for t in (200, 400, 800, 1600)]
        assert np.diff(regret)[2] > 3 * np.diff(regret)[0]


class TestRefusals:
    @pytest.mark.parametrize("epsilon", [-0.1, 1.1, math.nan])
    def test_epsilon(self, epsilon):
        with pytest.raises(BanditError, match=f"epsilon is {epsilon}; it must be a number between 0 and 1"):
            EpsilonGreedy(epsilon)

    @pytest.mark.parametrize("step_size", [0, -1, 1.5, math.nan, math.inf])
    def test_step_size(self, step_size):
        for method in (EpsilonGreedy, UpperConfidenceBound):
            with pytest.raises(BanditError, match=f"step_size is {step_size}; .* above 0 and at most 1"):
                method(step_size=step_size)

    @pytest.mark.parametrize("step_size", [0, math.nan, math.inf])
    def test_step_size_of_preferences(self, step_size):
        with pytest.raises(BanditError, match=f"step_size is {step_size}; .* above 0 and at most 1000"):
            GradientBandit(step_size)

    @pytest.mark.parametrize("c", [-1, math.nan, math.inf])
    def test_c(self, c):
        with pytest.raises(BanditError, match=f"c is {c}; it must be a number between 0 and"):
            UpperConfidenceBound(c)

    @pytest.mark.parametrize("initial", [math.nan, math.inf])
    def test_initial(self, initial):
        for method in (EpsilonGreedy, UpperConfidenceBound, GradientBandit):
            with pytest.raises(BanditError, match=f"initial is {initial}; it must be a number between"):
                method(initial=initial)

    @pytest.mark.parametrize("steps", [0, 10**9, 2.5, True])
    def test_steps(self, steps):
        rngs = generators([0])
        with pytest.raises(
            BanditError, match=f"steps is {steps}; it must be a whole number between 1 and 1000000"
        ):
            play(Bandit.draw(rngs), EpsilonGreedy(), rngs, steps)

    def test_a_generator_a_seed(self):
        with pytest.raises(BanditError, match="there are 3 generators; the bandit has 2 seeds"):
            play(Bandit.draw(generators([0, 1])), EpsilonGreedy(), generators([0, 1, 2]))

    @pytest.mark.parametrize("arms", [[10], [-1], [0, 1]])
    def test_an_arm_that_does_not_exist(self, arms):
        rngs = generators([0])
        bandit = Bandit.draw(rngs)
        with pytest.raises(BanditError, match="each of the 1 seeds needs one of 0 to 9"):
            pull(bandit, EpsilonGreedy(), begin(bandit, EpsilonGreedy()), throw(rngs), np.array(arms))

    def test_metrics_only_cannot_be_gone_on_from(self):
        rngs = generators([0])
        bandit = Bandit.draw(rngs)
        *_, last = play(bandit, EpsilonGreedy(), rngs, 3, "scalars")
        with pytest.raises(BanditError, match='ask for detail "full"'):
            pull(bandit, EpsilonGreedy(), last, throw(rngs))
