"""TRPO: the Fisher matrix against finite differences, the solver against numpy's, and the constraint kept."""

from dataclasses import replace

import numpy as np
import pytest

from tutor.rl.architectures import make_policy
from tutor.rl.divergence import DivergedError
from tutor.rl.environments.maps import make
from tutor.rl.live_states import LiveStates
from tutor.rl.policies import kl
from tutor.rl.policy_gradient_frames import TRPOConfig
from tutor.rl.surrogate import kl_divergence
from tutor.rl.trust_region import conjugate_gradient, fisher_product, trpo

GRID = make("russell-norvig")
H = 1e-5


def generators(n):
    return [np.random.default_rng(seed) for seed in range(n)]


@pytest.fixture(params=["softmax", "network"])
def somewhere(request):
    """(policy, at, visits, theta, v) of two seeds."""
    policy = make_policy(GRID, np.arange(GRID.n_states), request.param, 6)
    rng = np.random.default_rng(1)
    theta, v = rng.normal(size=(2, 2, policy.n_parameters))
    visits = rng.dirichlet(np.ones(GRID.n_states), size=2)
    return policy, policy.forward(theta), visits, theta, v


class TestFisher:
    def test_it_is_the_hessian_of_the_kl(self, somewhere):
        policy, at, visits, theta, v = somewhere

        def slope(there):  # of the mean KL(at, there)
            new = policy.forward(there)
            return policy.pull_back(new, visits[..., None] * (new.probs - at.probs))

        differences = (slope(theta + H * v) - slope(theta - H * v)) / (2 * H)
        np.testing.assert_allclose(fisher_product(policy, at, visits, v), differences, rtol=1e-6, atol=1e-8)

    def test_half_its_quadratic_form_is_the_kl_of_a_small_step(self, somewhere):
        policy, at, visits, theta, v = somewhere
        step = 1e-3
        apart = (visits * kl(at, policy.forward(theta + step * v))).sum(axis=1)
        form = (v * fisher_product(policy, at, visits, v)).sum(axis=1)
        np.testing.assert_allclose(apart, form * step**2 / 2, rtol=0.02)

    def test_it_is_symmetric_and_never_negative(self, somewhere):
        policy, at, visits, _theta, v = somewhere
        w = np.random.default_rng(9).normal(size=v.shape)
        left = (w * fisher_product(policy, at, visits, v)).sum(axis=1)
        right = (v * fisher_product(policy, at, visits, w)).sum(axis=1)
        np.testing.assert_allclose(left, right, rtol=1e-9)
        assert ((v * fisher_product(policy, at, visits, v)).sum(axis=1) >= 0).all()


class TestConjugateGradient:
    def test_it_solves_in_as_many_steps_as_there_are_dimensions(self):
        rng = np.random.default_rng(0)
        roots = rng.normal(size=(3, 6, 6))
        matrices = roots @ roots.transpose(0, 2, 1) + np.eye(6)
        b = rng.normal(size=(3, 6))
        solution = conjugate_gradient(lambda v: np.einsum("kij,kj->ki", matrices, v), b, 6)
        np.testing.assert_allclose(solution.x, np.linalg.solve(matrices, b[..., None])[..., 0], rtol=1e-4)
        assert (solution.residuals[-1] < 1e-8 * solution.residuals[0]).all()

    def test_two_steps_by_hand(self):
        # A = diag(1, 4), b = (1, 1): step 2/5, left (3/5, -3/5), direction (24/25, -6/25), step 5/8
        matrix = np.array([1.0, 4.0])
        one, two = (conjugate_gradient(lambda v: matrix * v, np.ones((1, 2)), n).x[0] for n in (1, 2))
        np.testing.assert_allclose(one, [0.4, 0.4])
        np.testing.assert_allclose(two, [1.0, 0.25])

    def test_nothing_to_solve_and_nothing_to_solve_it_with(self):
        zero = conjugate_gradient(lambda v: v, np.zeros((1, 3)), 5)
        assert (zero.x == 0).all()
        flat = conjugate_gradient(lambda v: 0 * v, np.ones((1, 3)), 5)
        assert (flat.x == 0).all()

    def test_a_seed_that_is_solved_waits_for_the_others(self):
        scale = np.array([[1.0, 1.0], [1.0, 9.0]])
        solution = conjugate_gradient(lambda v: scale * v, np.ones((2, 2)), 4)
        np.testing.assert_allclose(solution.x, 1 / scale)


class TestTRPO:
    @pytest.mark.parametrize("delta", [0.001, 0.01, 0.1])
    @pytest.mark.parametrize("grid", ["russell-norvig", "mouse"])
    def test_with_the_line_search_the_kl_is_never_above_delta(self, grid, delta):
        env = make(grid)
        config = TRPOConfig(delta=delta, updates=40, evaluate_every=40)
        _, *frames = trpo(env, config, generators(8))
        measured = np.array([frame.metrics["policy/kl"] for frame in frames])
        assert measured.max() <= delta
        assert measured.max() > delta / 2

    def test_the_kl_that_is_kept_is_that_of_the_batchs_states(self):
        *_, last = trpo(GRID, TRPOConfig(updates=3), generators(1), "full")
        s, update = last.inside.samples, last.inside
        apart = kl_divergence(update.old_policy, update.new_policy)[s.state].mean()
        assert apart == pytest.approx(last.metrics["policy/kl"][0], rel=1e-9)
        assert apart <= 0.01

    def test_without_it_the_whole_step_is_taken(self):
        config = TRPOConfig(delta=0.03, updates=60, line_search=False, evaluate_every=60)
        _, *frames = trpo(GRID, config, generators(8))
        measured = np.array([frame.metrics["policy/kl"] for frame in frames])
        assert all((frame.metrics["trpo/step"] == 1).all() for frame in frames)
        assert measured.max() > 0.3
        assert measured[0].max() < 0.06  # the second-order model holds at first

    def test_the_line_search_takes_the_first_halving_that_will_do(self):
        config = TRPOConfig(delta=0.03, updates=40)
        halved = 0
        for frame in trpo(GRID, config, generators(1), "full"):
            if frame.inside is None:
                continue
            tries = frame.inside.trust_region.tries
            assert [t.fraction for t in tries] == [0.5**i for i in range(len(tries))]
            assert [t.accepted for t in tries[:-1]] == [False] * (len(tries) - 1)
            for t in tries:
                assert t.accepted == (t.improvement > 0 and t.kl <= 0.03)
            assert frame.metrics["trpo/step"][0] == (tries[-1].fraction if tries[-1].accepted else 0)
            halved += len(tries) > 1
        assert halved

    def test_where_no_try_will_do_nothing_moves(self):
        config = TRPOConfig(delta=0.03, backtracks=1, updates=60)
        before, stayed = None, 0
        for frame in trpo(GRID, config, generators(1), "full"):
            if frame.inside is not None and frame.metrics["trpo/step"][0] == 0:
                assert frame.theta.tobytes() == before.theta.tobytes()
                stayed += 1
            before = frame
        assert stayed

    def test_the_step_is_along_the_solution_and_its_length_makes_the_model_delta(self):
        config = TRPOConfig(policy="softmax", cg_iterations=60, updates=1)
        first, last = trpo(GRID, config, generators(1), "full")
        step = last.inside.trust_region
        whole = step.length * step.direction
        np.testing.assert_allclose(last.theta[0] - first.theta[0], last.metrics["trpo/step"][0] * whole)
        live, samples = LiveStates(GRID), last.inside.samples
        policy, visits = make_policy(GRID, live.states, "softmax", 1), np.zeros((1, len(live.states)))
        np.add.at(visits[0], live.place[samples.state], 1 / len(samples))
        at = policy.forward(first.theta)
        image = fisher_product(policy, at, visits, step.direction[None])[0] + config.damping * step.direction
        np.testing.assert_allclose(image, step.gradient, atol=1e-6 * np.abs(step.gradient).max())
        assert step.length**2 * step.direction @ image / 2 == pytest.approx(config.delta)

    def test_damping_can_be_switched_off(self):
        config = TRPOConfig(damping=0, updates=20, evaluate_every=20)
        first, *_, last = trpo(GRID, config, generators(3))
        assert (last.metrics["objective/return"] > first.metrics["objective/return"] + 1).all()

    def test_more_damping_makes_shorter_steps(self):
        def first_kl(damping):
            config = TRPOConfig(damping=damping, updates=1, line_search=False)
            return list(trpo(GRID, config, generators(5)))[-1].metrics["policy/kl"].mean()

        assert first_kl(0.5) < first_kl(0.1) < first_kl(0.001)

    def test_an_entropy_bonus_is_in_gradient_and_line_search(self):
        config = TRPOConfig(updates=80, evaluate_every=80)
        without, with_it = (
            list(trpo(GRID, replace(config, entropy_bonus=bonus), generators(4)))[-1].metrics
            for bonus in (0.0, 0.1)
        )
        assert with_it["objective/entropy"].mean() > 3 * without["objective/entropy"].mean()

    def test_a_run_that_diverges_is_stopped_and_told(self):
        config = TRPOConfig(delta=1.0, damping=0, line_search=False)
        with pytest.raises(DivergedError) as caught:
            list(trpo(GRID, config, generators(10)))
        assert 0 < caught.value.update < 80
        assert str(caught.value) == (
            f"trpo diverged in update {caught.value.update} in 1 of 10 seeds: its values left every bound; "
            "try a smaller delta, more damping, or the line search"
        )
