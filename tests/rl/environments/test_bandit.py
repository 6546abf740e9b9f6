"""The k-armed bandit: what arms pay, how they are drawn, and what is refused."""

import numpy as np
import pytest

from tutor.rl.environments.bandit import Bandit, BanditError


def generators(count, first=0):
    return [np.random.default_rng(seed) for seed in range(first, first + count)]


class TestPay:
    def test_gaussian_by_hand(self):
        bandit = Bandit(np.array([[1.0, 2.0], [3.0, 4.0]]))
        assert bandit.rewards(np.array([1, 0]), np.array([0.5, -1.0])).tolist() == [2.5, 2.0]

    def test_bernoulli_by_hand(self):
        bandit = Bandit(np.array([[0.3, 0.8]]), "bernoulli")
        assert bandit.rewards(np.array([0]), np.array([0.29])).tolist() == [1]
        assert bandit.rewards(np.array([0]), np.array([0.3])).tolist() == [0]
        assert bandit.rewards(np.array([1]), np.array([0.79])).tolist() == [1]

    def test_a_sure_arm_always_pays_and_a_dead_one_never(self):
        bandit = Bandit(np.array([[0.0, 1.0]]), "bernoulli")
        noise = bandit.noise(np.random.default_rng(0).random((2, 1000)))
        assert all(bandit.rewards(np.array([0]), noise[i : i + 1])[0] == 0 for i in range(1000))
        assert all(bandit.rewards(np.array([1]), noise[i : i + 1])[0] == 1 for i in range(1000))

    def test_gaps_to_the_best(self):
        assert Bandit(np.array([[1.0, 3.0, 2.5]])).gaps.tolist() == [[2, 0, 0.5]]

    def test_the_noise_is_standard_normal(self):
        """The first four moments within four standard errors, and the share within one deviation, .6827."""
        noise = Bandit(np.zeros((1, 1))).noise(np.random.default_rng(5).random((2, 200_000)))
        n = noise.size
        assert abs(noise.mean()) < 4 / np.sqrt(n)
        assert abs((noise**2).mean() - 1) < 4 * np.sqrt(2 / n)
        assert abs((noise**3).mean()) < 4 * np.sqrt(15 / n)
        assert abs((noise**4).mean() - 3) < 4 * np.sqrt(96 / n)
        assert abs((np.abs(noise) < 1).mean() - 0.6827) < 4 * np.sqrt(0.6827 * 0.3173 / n)

    def test_the_rarest_dice_still_pay_a_finite_amount(self):
        assert np.isfinite(Bandit(np.zeros((1, 1))).noise([[0.0, 1 - 2**-53], [0.0, 0.5]])).all()


class TestDrawing:
    def test_the_testbed(self):
        """Sutton & Barto, section 2.3: means from N(0, 1); the best of ten is 1.54 on average."""
        means = Bandit.draw(generators(2000)).means
        assert means.shape == (2000, 10)
        assert abs(means.mean()) < 4 / np.sqrt(20_000)
        best = means.max(axis=1)
        assert abs(best.mean() - 1.5388) < 4 * best.std() / np.sqrt(2000)

    def test_shifted(self):
        near, far = (Bandit.draw(generators(3), mean=mean).means for mean in (0.0, 4.0))
        assert far == pytest.approx(near + 4)

    def test_bernoulli_means_are_probabilities(self):
        means = Bandit.draw(generators(500), arms=4, kind="bernoulli").means
        assert ((means >= 0) & (means <= 1)).all()
        assert abs(means.mean() - 0.5) < 4 * np.sqrt(1 / 12 / 2000)

    def test_a_seed_has_the_same_arms_whoever_is_drawn_beside_it(self):
        assert np.array_equal(Bandit.draw(generators(9)).means[7], Bandit.draw(generators(1, 7)).means[0])


class TestRefusals:
    @pytest.mark.parametrize("arms", [0, -1, 10**9])
    def test_arms(self, arms):
        with pytest.raises(
            BanditError, match=f"arms is {arms}; it must be a whole number between 1 and 1000"
        ):
            Bandit.draw(generators(1), arms=arms)

    def test_no_seed(self):
        with pytest.raises(BanditError, match="there are 0 generators; at least one seed must run"):
            Bandit.draw([])

    @pytest.mark.parametrize("bad", [np.nan, np.inf, 1e300])
    def test_a_mean_that_is_no_number(self, bad):
        with pytest.raises(
            BanditError, match=r"means\[0, 1\] is .*; it must be a number between -1e\+09 and 1e\+09"
        ):
            Bandit(np.array([[0.0, bad]]))

    def test_a_probability(self):
        with pytest.raises(BanditError, match=r"means\[0, 0\] is 1.5; it must be a number between 0 and 1"):
            Bandit(np.array([[1.5]]), "bernoulli")

    def test_shape(self):
        with pytest.raises(BanditError, match=r"means has shape \(3,\); it must be \(seeds, arms\)"):
            Bandit(np.zeros(3))
