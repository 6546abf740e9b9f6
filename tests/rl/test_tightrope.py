"""The slice along TRPO's step: where surrogate and return agree, and where they part."""

import numpy as np
import pytest

from tutor.rl.environments.maps import make
from tutor.rl.evaluation import exact_advantages, exact_returns, expected_visits
from tutor.rl.planning import solve
from tutor.rl.policy_gradient_frames import TRPOConfig
from tutor.rl.tightrope import TightropeConfig, tightrope


def generators(n):
    return [np.random.default_rng(seed) for seed in range(n)]


def frames(grid="russell-norvig", seeds=2, **given):
    return list(tightrope(make(grid), TightropeConfig(**given), generators(seeds)))


class TestExactValues:
    """On which the slice stands."""

    def test_visits_times_rewards_are_the_return(self):
        env = make("mouse")
        policies = np.random.default_rng(0).dirichlet(np.ones(4), size=(3, env.n_states))
        R = env.transitions()[1]
        earned = (expected_visits(env, policies)[..., None] * policies * R).sum(axis=(1, 2))
        np.testing.assert_allclose(earned, exact_returns(env, policies), rtol=1e-10)

    def test_at_gamma_1_they_count_the_steps_of_an_episode(self):
        env = make("russell-norvig", gamma=1.0, step_reward=-1.0)
        policy = np.full((1, env.n_states, 4), 0.25)
        steps = expected_visits(env, policy).sum()
        ends = make("russell-norvig", gamma=1.0, step_reward=0.0)
        paid_by_goals = exact_returns(ends, policy)[0]
        assert exact_returns(env, policy)[0] == pytest.approx(paid_by_goals - steps)

    def test_advantages_are_0_on_average(self):
        env = make("rooms")
        policies = np.random.default_rng(0).dirichlet(np.ones(4), size=(2, env.n_states))
        V, A = exact_advantages(env, policies)
        np.testing.assert_allclose((policies * A).sum(axis=-1), 0, atol=1e-12)
        np.testing.assert_allclose(V[1], solve(*env.transitions(), env.gamma, policies[1]))


class TestTightrope:
    def test_at_the_beginning_all_agree(self):
        (at,) = frames(multiples=(0.0,), update=3)
        np.testing.assert_allclose(at.surrogate, at.returns, atol=1e-12)
        np.testing.assert_allclose(at.exact_surrogate, at.returns, atol=1e-12)
        assert (at.kl == 0).all()

    def test_the_exact_surrogate_has_the_slope_of_the_return(self):
        h = 1e-3
        back, on = frames(multiples=(-h, h), update=3)
        slopes = [
            (b - a) / (2 * h)
            for a, b in ((back.exact_surrogate, on.exact_surrogate), (back.returns, on.returns))
        ]
        np.testing.assert_allclose(*slopes, rtol=1e-5)

    def test_one_step_is_about_delta_long(self):
        (at,) = frames(multiples=(1.0,), update=5, seeds=4, trpo=TRPOConfig(delta=0.01))
        np.testing.assert_allclose(at.kl, 0.01, rtol=0.3)

    def test_the_surrogate_goes_on_rising_where_the_return_has_turned_and_falls(self):
        """rooms, seed 0: the shape of the figure in the recipe."""
        along = frames("rooms", seeds=1, update=20)
        surrogate, returns = (
            np.array([getattr(f, name)[0] for f in along]) for name in ("surrogate", "returns")
        )
        top = int(returns.argmax())
        assert 1 <= top <= 6
        assert returns[-1] < returns[0] - 0.5
        assert (np.diff(surrogate[: top + 3]) > 0).all()
        assert surrogate[-1] > surrogate[0] + 1

    def test_a_seed_is_the_same_in_any_company(self):
        alone = list(tightrope(make("mouse"), TightropeConfig(update=2), [np.random.default_rng(1)]))
        company = frames("mouse", seeds=3, update=2)
        for one, many in zip(alone, company, strict=True):
            for name in ("surrogate", "exact_surrogate", "returns", "kl"):
                assert getattr(one, name)[0].tobytes() == getattr(many, name)[1].tobytes()

    @pytest.mark.parametrize(
        ("given", "message"),
        [
            ({"update": -1}, "update is -1; it must be between 0 and 1000"),
            ({"multiples": ()}, "multiples is empty; there must be at least one place to look"),
            ({"multiples": (1e9,)}, "multiple is 1000000000.0; it must be between -1000 and 1000"),
        ],
    )
    def test_bad_values_in_one_line(self, given, message):
        with pytest.raises(ValueError, match=r"must be") as caught:
            TightropeConfig(**given)
        assert str(caught.value) == message

    def test_no_seeds(self):
        with pytest.raises(ValueError, match="there are 0 seeds"):
            tightrope(make("rooms"), TightropeConfig(), [])
