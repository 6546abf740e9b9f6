"""The clipped surrogate, KL divergences and their estimators, and the adaptive controller."""

import math

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from tutor.rl.surrogate import (
    AdaptiveKLController,
    clip_is_active,
    clipped_surrogate,
    clipped_surrogate_gradient,
    kl_divergence,
    kl_k1,
    kl_k2,
    kl_k3,
    probability_ratio,
)

ratios, advantages, epsilons = st.floats(0.01, 5), st.floats(-5, 5), st.floats(0.01, 0.9)
log_probs = st.floats(-20, 0)


@st.composite
def distributions(draw, size=4):
    weights = draw(arrays(float, size, elements=st.floats(0.01, 1)))
    return weights / weights.sum()


class TestClippedSurrogate:
    def test_the_weather_today_is_sunny(self):
        ratio = probability_ratio(math.log(0.25), math.log(0.15))
        assert ratio == pytest.approx(1.667, abs=5e-4)
        assert clipped_surrogate(ratio, 1.0, 0.2) == pytest.approx(1.2)

    def test_i_do_not_like_your_answer(self):
        ratio = probability_ratio(math.log(0.15), math.log(0.08))
        assert ratio == pytest.approx(1.875)
        assert ratio * 1.8 == pytest.approx(3.375)
        assert clipped_surrogate(ratio, 1.8, 0.2) == pytest.approx(2.16)

    @pytest.mark.parametrize(
        ("ratio", "advantage", "value", "gradient"),
        [
            (0.7, 1, 0.7, 1),  # below: the good action has become rarer, push it back up
            (1.1, 1, 1.1, 1),
            (1.5, 1, 1.2, 0),  # above: enough
            (0.7, -1, -0.8, 0),  # below: the bad action is rare enough
            (1.1, -1, -1.1, -1),
            (1.5, -1, -1.5, -1),  # above: the bad action has become likelier, push it down
        ],
    )
    def test_the_six_cases(self, ratio, advantage, value, gradient):
        assert clipped_surrogate(ratio, advantage, 0.2) == pytest.approx(value)
        assert clipped_surrogate_gradient(ratio, advantage, 0.2) == gradient
        assert clip_is_active(ratio, advantage, 0.2) == (gradient == 0)

    def test_the_kink_still_pushes(self):
        assert not clip_is_active(1 + 0.25, 1, 0.25)
        assert not clip_is_active(1 - 0.25, -1, 0.25)
        assert clipped_surrogate_gradient(1.25, 1, 0.25) == 1

    def test_without_an_advantage_there_is_nothing_to_clip(self):
        assert clipped_surrogate([0.1, 1, 9], 0, 0.2).tolist() == [0, 0, 0]
        assert not clip_is_active([0.1, 1, 9], 0, 0.2).any()

    def test_its_mean_is_the_clip_fraction(self):
        # By abs(r - 1) > eps it would be .75: the second and third are outside and still push.
        active = clip_is_active([1.5, 0.5, 1.5, 1.0], [1, 1, -1, 1], 0.2)
        assert active.mean() == 0.25

    @given(ratios, advantages, epsilons)
    def test_it_is_a_pessimistic_bound(self, ratio, advantage, epsilon):
        assert clipped_surrogate(ratio, advantage, epsilon) <= ratio * advantage + 1e-12

    @given(advantages, epsilons)
    def test_at_ratio_one_it_is_the_plain_policy_gradient(self, advantage, epsilon):
        assert clipped_surrogate(1.0, advantage, epsilon) == pytest.approx(advantage)
        assert clipped_surrogate_gradient(1.0, advantage, epsilon) == advantage

    @given(ratios, advantages, epsilons)
    def test_the_gradient_against_finite_differences(self, ratio, advantage, epsilon):
        h = 1e-6
        assume(abs(abs(ratio - 1) - epsilon) > 10 * h)
        rise = clipped_surrogate(ratio + h, advantage, epsilon) - clipped_surrogate(
            ratio - h, advantage, epsilon
        )
        assert clipped_surrogate_gradient(ratio, advantage, epsilon) == pytest.approx(
            rise / (2 * h), abs=1e-7
        )

    @given(ratios, advantages, epsilons)
    def test_the_clip_is_active_exactly_where_the_minimum_takes_the_clipped_side(
        self, ratio, advantage, epsilon
    ):
        assume(abs(abs(ratio - 1) - epsilon) > 1e-9 and abs(advantage) > 1e-6)
        differs = clipped_surrogate(ratio, advantage, epsilon) != ratio * advantage
        assert clip_is_active(ratio, advantage, epsilon) == differs

    def test_shapes_broadcast(self):
        ratio, advantage = np.ones((3, 1)), np.ones(4)
        for function in (clipped_surrogate, clipped_surrogate_gradient, clip_is_active):
            assert function(ratio, advantage, 0.2).shape == (3, 4)

    @pytest.mark.parametrize("epsilon", [-0.1, math.nan])
    def test_a_bad_epsilon_is_named(self, epsilon):
        for function in (clipped_surrogate, clipped_surrogate_gradient, clip_is_active):
            with pytest.raises(ValueError, match=f"epsilon is {epsilon}"):
                function(1.0, 1.0, epsilon)


class TestRatio:
    @given(log_probs, log_probs)
    def test_forth_and_back_is_one(self, new, old):
        assert probability_ratio(new, old) * probability_ratio(old, new) == pytest.approx(1)

    def test_an_action_that_became_impossible(self):
        assert probability_ratio(-math.inf, -1.0) == 0

    def test_a_huge_ratio_is_infinite_and_not_a_warning(self):
        assert probability_ratio(0.0, -1000.0) == math.inf


class TestDivergence:
    def test_by_hand(self):
        # .5 ln(.5 / .25) + .5 ln(.5 / .75)
        assert kl_divergence([0.5, 0.5], [0.25, 0.75]) == pytest.approx(
            0.5 * math.log(2) + 0.5 * math.log(2 / 3)
        )

    def test_a_certain_policy_against_the_uniform_one(self):
        assert kl_divergence([1, 0, 0, 0], [0.25] * 4) == pytest.approx(math.log(4))

    def test_what_the_reference_excludes_is_infinitely_far(self):
        assert kl_divergence([0.5, 0.5], [1, 0]) == math.inf
        assert kl_divergence([1, 0], [1, 0]) == 0

    @given(distributions(), distributions())
    def test_it_is_never_negative_and_zero_for_itself(self, p, q):
        assert kl_divergence(p, q) >= 0
        assert kl_divergence(p, p) == 0

    def test_the_last_axis_goes(self):
        p = np.full((5, 3, 4), 0.25)
        assert kl_divergence(p, p).shape == (5, 3)

    @pytest.mark.parametrize("bad", [[0.5, 0.6], [1.5, -0.5], [math.nan, 1.0]])
    def test_what_is_no_distribution_is_refused(self, bad):
        with pytest.raises(ValueError, match="p is no probability distribution"):
            kl_divergence(bad, [0.5, 0.5])
        with pytest.raises(ValueError, match="q is no probability distribution"):
            kl_divergence([0.5, 0.5], bad)


class TestEstimators:
    def test_by_hand(self):
        # policy .5, reference .25: log ratio ln 2, ref / pi = 1/2
        new, ref = math.log(0.5), math.log(0.25)
        assert kl_k1(new, ref) == pytest.approx(math.log(2))
        assert kl_k2(new, ref) == pytest.approx(math.log(2) ** 2 / 2)
        assert kl_k3(new, ref) == pytest.approx(0.5 - 1 + math.log(2))

    @given(distributions(), distributions())
    def test_k1_and_k3_are_unbiased(self, p, q):
        """The mean over samples from p, exact: every outcome weighed by its probability."""
        exact = kl_divergence(p, q)
        assert (p * kl_k1(np.log(p), np.log(q))).sum() == pytest.approx(exact, abs=1e-12)
        assert (p * kl_k3(np.log(p), np.log(q))).sum() == pytest.approx(exact, abs=1e-12)

    def test_k2_is_biased(self):
        p, q = np.array([0.9, 0.1]), np.array([0.1, 0.9])
        assert (p * kl_k2(np.log(p), np.log(q))).sum() > 1.3 * kl_divergence(p, q)

    def test_k1_may_be_negative(self):
        assert kl_k1(math.log(0.1), math.log(0.2)) < 0

    @given(log_probs, log_probs)
    def test_k2_and_k3_are_never_negative(self, log_prob, ref_log_prob):
        assert kl_k2(log_prob, ref_log_prob) >= 0
        assert kl_k3(log_prob, ref_log_prob) >= 0

    @given(st.floats(-1e-5, 1e-5), st.floats(-5, 0))
    def test_near_by_k2_and_k3_agree(self, step, log_prob):
        assert kl_k3(log_prob, log_prob + step) == pytest.approx(kl_k2(log_prob, log_prob + step), abs=1e-15)


class TestAdaptiveController:
    """beta <- beta (1 + gain clip(kl / target - 1, -.2, .2)), Ziegler et al. 2019, with gain .1."""

    @pytest.mark.parametrize(
        ("kl", "beta"),
        [(12, 0.102), (7.2, 0.102), (6.6, 0.101), (6, 0.1), (5.4, 0.099), (4.8, 0.098), (0, 0.098)],
    )
    def test_one_update_by_hand(self, kl, beta):
        controller = AdaptiveKLController(0.1, target=6, gain=0.1)
        assert controller.update(kl) == pytest.approx(beta)
        assert controller.beta == pytest.approx(beta)

    def test_updates_compound(self):
        controller = AdaptiveKLController(0.8, target=1.5, gain=0.5)
        assert [controller.update(kl) for kl in (3.0, 3.0, 0.0)] == pytest.approx([0.88, 0.968, 0.8712])

    def test_it_steers_a_policy_whose_kl_falls_as_beta_grows(self):
        controller = AdaptiveKLController(0.1, target=2, gain=0.5)
        for _ in range(300):
            controller.update(1 / controller.beta)
        assert 1 / controller.beta == pytest.approx(2, rel=1e-3)

    @given(st.lists(st.floats(-1e6, 1e6), max_size=30))
    def test_beta_stays_positive(self, kls):
        controller = AdaptiveKLController(0.1, target=6, gain=4.9)
        for kl in kls:
            assert controller.update(kl) > 0

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"beta": 0}, "beta is 0; it must be above 0"),
            ({"target": -1}, "target is -1; it must be above 0"),
            ({"target": math.inf}, "target is inf"),
            ({"limit": 0}, "limit is 0"),
            ({"gain": -0.1}, "gain is -0.1; it must be at least 0 and below 1 / limit = 5"),
            ({"gain": 5}, "gain is 5"),
        ],
    )
    def test_bad_numbers_are_named(self, changes, words):
        with pytest.raises(ValueError, match=words):
            AdaptiveKLController(**({"beta": 0.1, "target": 6, "gain": 0.1} | changes))

    def test_a_kl_that_is_no_number_is_refused(self):
        with pytest.raises(ValueError, match="kl is nan"):
            AdaptiveKLController(0.1, 6, 0.1).update(math.nan)
