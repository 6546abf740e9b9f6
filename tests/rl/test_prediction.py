"""Prediction: updates by hand, the identities between the methods, published errors, ends and bad input."""

import re
from itertools import islice

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.rl.divergence import DivergedError
from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.maps import make
from tutor.rl.environments.random_walk import random_walk, true_values
from tutor.rl.episodes import constant_policy, take_step, uniform_policy
from tutor.rl.planning import PlanningError, solve
from tutor.rl.prediction import (
    Episode,
    PredictionConfig,
    lambda_return,
    lambda_return_updates,
    monte_carlo,
    monte_carlo_updates,
    n_step_td,
    n_step_updates,
    td,
    td_lambda,
    td_lambda_updates,
    td_updates,
)
from tutor.rl.schedules import constant, linear

RIGHT = 1


def seeds(n):
    return [np.random.default_rng(seed) for seed in range(n)]


def mouse_to_the_small_cheese():
    """Four cells of the mouse's upper corridor, without slip: -.05, -.05 and the cheese, 1 - .05."""
    env, state, steps = make("mouse", slip=0), 0, []
    for t in range(3):
        steps.append(take_step(env, state, RIGHT, t, np.random.default_rng(0)))
        state = steps[-1].next_state
    return Episode.from_steps(steps)


def numbers(updates):
    return [(u.state, u.target, u.error, u.old, u.new) for u in updates]


class TestMouseAndCheeseByHand:
    """gamma 1, alpha .1, all values 0 at first; then the same walk once more."""

    def test_the_episode(self):
        episode = mouse_to_the_small_cheese()
        assert episode.states == (0, 1, 2, 3)
        assert episode.rewards == pytest.approx((-0.05, -0.05, 0.95))
        assert episode.terminated

    def test_monte_carlo_waits_and_then_moves_every_state(self):
        first = list(monte_carlo_updates(np.zeros(5), mouse_to_the_small_cheese(), 1.0, 0.1))
        assert numbers(first) == [
            (0, pytest.approx(0.85), pytest.approx(0.85), 0, pytest.approx(0.085)),
            (1, pytest.approx(0.90), pytest.approx(0.90), 0, pytest.approx(0.090)),
            (2, pytest.approx(0.95), pytest.approx(0.95), 0, pytest.approx(0.095)),
        ]
        again = list(monte_carlo_updates(first[-1].values, mouse_to_the_small_cheese(), 1.0, 0.1))
        assert [u.new for u in again] == pytest.approx([0.1615, 0.171, 0.1805])

    def test_td_moves_at_once_and_the_cheese_is_felt_one_state_back_an_episode(self):
        first = list(td_updates(np.zeros(5), mouse_to_the_small_cheese(), 1.0, 0.1))
        assert [u.target for u in first] == pytest.approx([-0.05, -0.05, 0.95])
        assert [u.new for u in first] == pytest.approx([-0.005, -0.005, 0.095])
        again = list(td_updates(first[-1].values, mouse_to_the_small_cheese(), 1.0, 0.1))
        assert [u.target for u in again] == pytest.approx([-0.055, 0.045, 0.95])
        assert [u.error for u in again] == pytest.approx([-0.05, 0.05, 0.855])
        assert [u.new for u in again] == pytest.approx([-0.01, 0.0, 0.1805])

    def test_discounting_fades_the_cheese(self):
        updates = list(monte_carlo_updates(np.zeros(5), mouse_to_the_small_cheese(), 0.5, 1.0))
        assert [u.target for u in updates] == pytest.approx([0.1625, 0.425, 0.95])

    def test_two_steps_ahead(self):
        updates = list(n_step_updates([1.0, 2.0, 3.0, 9.0], mouse_to_the_small_cheese(), 0.5, 0.5, 2))
        # -.05 + .5 (-.05) + .25 * 3; -.05 + .5 * .95, the end; .95
        assert [u.target for u in updates] == pytest.approx([0.675, 0.425, 0.95])

    def test_traces_carry_the_cheese_back(self):
        updates = list(td_lambda_updates(np.zeros(4), mouse_to_the_small_cheese(), 0.5, 0.1, 0.8))
        assert [u.traces.tolist() for u in updates] == [
            [1, 0, 0, 0],
            pytest.approx([0.4, 1, 0, 0]),
            pytest.approx([0.16, 0.4, 1, 0]),
        ]
        # errors: -.05; -.05; .95 (values of unvisited states are 0, V(2) was 0)
        assert [u.error for u in updates] == pytest.approx([-0.05, -0.05, 0.95])
        assert updates[-1].values == pytest.approx(
            [0.1 * (-0.05 - 0.05 * 0.4 + 0.95 * 0.16), 0.1 * (-0.05 + 0.95 * 0.4), 0.095, 0]
        )

    def test_the_learners_values_are_left_alone(self):
        values = np.zeros(5)
        list(td_updates(values, mouse_to_the_small_cheese(), 1.0, 0.1))
        assert (values == 0).all()

    def test_each_update_says_what_it_was_made_of(self):
        update = next(td_updates(np.zeros(5), mouse_to_the_small_cheese(), 0.9, 0.1))
        assert (update.t, update.state, update.action, update.next_state) == (0, 0, RIGHT, 1)
        assert (update.reward, update.alpha) == (pytest.approx(-0.05), 0.1)


class TestOtherEpisodesByHand:
    def test_six_steps_of_minus_one(self):
        """The chain by which the article explains Bellman's equation: six steps, each -1."""
        episode = Episode(tuple(range(7)), (RIGHT,) * 6, (-1.0,) * 6)
        updates = list(monte_carlo_updates(np.zeros(7), episode, 1.0, 1.0))
        assert updates[-1].values.tolist() == [-6, -5, -4, -3, -2, -1, 0]
        values = np.zeros(7)
        for known in range(1, 7):  # TD learns it from the end, one state an episode
            *_, last = td_updates(values, episode, 1.0, 1.0)
            values = last.values
            assert values[6 - known : 6].tolist() == list(range(-known, 0))

    def test_first_visit_and_every_visit(self):
        """States 0 1 0, rewards 1, 2, 4: the returns are 7, 6, 4."""
        episode = Episode((0, 1, 0, 2), (0, 0, 0), (1.0, 2.0, 4.0))
        first = list(monte_carlo_updates(np.zeros(3), episode, 1.0, 0.5, first_visit=True))
        assert numbers(first) == [(0, 7, 7, 0, 3.5), (1, 6, 6, 0, 3)]
        every = list(monte_carlo_updates(np.zeros(3), episode, 1.0, 0.5))
        assert numbers(every)[2] == (0, 4, 0.5, 3.5, 3.75)

    def test_accumulating_and_replacing_traces(self):
        episode = Episode((0, 0, 1), (0, 0), (0.0, 1.0))
        accumulating, replacing = (
            list(td_lambda_updates(np.zeros(2), episode, 1.0, 0.5, 0.5, kind))[-1]
            for kind in ("accumulating", "replacing")
        )
        assert accumulating.traces.tolist() == [1.5, 0]
        assert replacing.traces.tolist() == [1, 0]
        assert (accumulating.values[0], replacing.values[0]) == (0.75, 0.5)

    def test_what_was_cut_off_keeps_the_value_of_the_last_state(self):
        cut = Episode((0, 1), (0,), (1.0,), terminated=False)
        for updates in (
            monte_carlo_updates([0, 10], cut, 0.5, 1.0),
            td_updates([0, 10], cut, 0.5, 1.0),
            n_step_updates([0, 10], cut, 0.5, 1.0, 7),
            td_lambda_updates([0, 10], cut, 0.5, 1.0, 0.9),
            lambda_return_updates([0, 10], cut, 0.5, 1.0, 0.9),
        ):
            assert [u.target for u in updates] == [6]
        ended = Episode((0, 1), (0,), (1.0,), terminated=True)
        assert [u.target for u in n_step_updates([0, 10], ended, 0.5, 1.0, 7)] == [1]

    def test_the_batch_of_the_book(self):
        """Example 6.4, you are the predictor: A 0 B 0; B 1, six times; B 0. Batch TD finds V(A) = 3/4, batch
        Monte Carlo V(A) = 0; both V(B) = 3/4. Repeated with a small alpha they come to within it."""
        A, B, END = 0, 1, 2
        batch = [Episode((A, B, END), (0, 0), (0.0, 0.0))]
        batch += [Episode((B, END), (0,), (1.0,))] * 6 + [Episode((B, END), (0,), (0.0,))]
        for updates, of_a in ((td_updates, 0.75), (monte_carlo_updates, 0.0)):
            V = np.full(3, 0.5)
            for _ in range(500):
                for episode in batch:
                    *_, last = updates(V, episode, 1.0, 0.01)
                    V = last.values
            assert V[[A, B]] == pytest.approx([of_a, 0.75], abs=0.02)


@st.composite
def given_episodes(draw):
    """(values[5], episode) with any states, rewards and end."""
    T = draw(st.integers(1, 12))
    state, number = st.integers(0, 4), st.floats(-10, 10)
    states = tuple(draw(st.lists(state, min_size=T + 1, max_size=T + 1)))
    rewards = tuple(draw(st.lists(number, min_size=T, max_size=T)))
    values = draw(st.lists(number, min_size=5, max_size=5))
    return values, Episode(states, (0,) * T, rewards, draw(st.booleans()))


shares = st.floats(0, 1)
step_sizes = st.floats(0.001, 1)


def final(updates):
    *_, last = updates
    return last.values


class TestIdentities:
    @settings(max_examples=60)
    @given(given_episodes(), shares, step_sizes)
    def test_one_step_is_td(self, given, gamma, alpha):
        assert final(n_step_updates(*given, gamma, alpha, 1)) == pytest.approx(
            final(td_updates(*given, gamma, alpha))
        )

    @settings(max_examples=60)
    @given(given_episodes(), shares, step_sizes, st.integers(0, 5))
    def test_as_many_steps_as_the_episode_has_are_monte_carlo(self, given, gamma, alpha, more):
        values, episode = given
        if not episode.terminated:  # else the last state's value may have moved meanwhile
            return
        n = len(episode.rewards) + more
        ours = final(n_step_updates(values, episode, gamma, alpha, n))
        assert ours == pytest.approx(final(monte_carlo_updates(values, episode, gamma, alpha)))

    @settings(max_examples=60)
    @given(given_episodes(), shares, step_sizes, st.sampled_from(["accumulating", "replacing"]))
    def test_lambda_zero_is_td(self, given, gamma, alpha, traces):
        ours = final(td_lambda_updates(*given, gamma, alpha, 0.0, traces))
        assert ours == pytest.approx(final(td_updates(*given, gamma, alpha)))

    @settings(max_examples=60)
    @given(given_episodes(), shares, step_sizes)
    def test_lambda_one_offline_is_every_visit_monte_carlo(self, given, gamma, alpha):
        ours = final(lambda_return_updates(*given, gamma, alpha, 1.0))
        assert ours == pytest.approx(final(monte_carlo_updates(*given, gamma, alpha)))

    @settings(max_examples=60)
    @given(given_episodes(), shares, shares)
    def test_forward_and_backward_view_agree_as_alpha_vanishes(self, given, gamma, lambda_):
        """Theorem 12.1 to first order in alpha: the sums of all updates of an episode are equal."""
        values, alpha = np.array(given[0]), 1e-7
        forward = final(lambda_return_updates(*given, gamma, alpha, lambda_)) - values
        backward = final(td_lambda_updates(*given, gamma, alpha, lambda_)) - values
        assert forward / alpha == pytest.approx(backward / alpha, abs=1e-2)

    @settings(max_examples=60)
    @given(given_episodes(), shares)
    def test_where_no_state_returns_every_visit_is_first_visit(self, given, gamma):
        values, episode = given
        once = len(set(episode.states[:-1])) == len(episode.states) - 1
        first = final(monte_carlo_updates(values, episode, gamma, 0.5, first_visit=True))
        every = final(monte_carlo_updates(values, episode, gamma, 0.5))
        assert not once or first == pytest.approx(every)


METHODS = {
    "mc": (monte_carlo, {}),
    "mc-first": (monte_carlo, {"first_visit": True}),
    "td": (td, {}),
    "n-step": (n_step_td, {"n": 3}),
    "td-lambda": (td_lambda, {"lambda_": 0.7}),
    "replacing": (td_lambda, {"lambda_": 0.7, "traces": "replacing"}),
    "lambda-return": (lambda_return, {"lambda_": 0.7}),
}
every_method = pytest.mark.parametrize(("method", "options"), METHODS.values(), ids=METHODS.keys())


class TestFrames:
    @every_method
    @pytest.mark.parametrize("grid", ["mouse", "rooms"])
    def test_a_seed_gives_the_same_to_the_last_bit_whoever_runs_beside_it(self, method, options, grid):
        env = make(grid)
        policy, config = uniform_policy(env), PredictionConfig(episodes=12)
        together = list(method(env, policy, config, seeds(50), **options))
        for seed in (0, 7, 49):
            alone = method(env, policy, config, [np.random.default_rng(seed)], **options)
            for one, many in zip(alone, together, strict=True):
                assert one.values[0].tobytes() == many.values[seed].tobytes()

    @every_method
    def test_full_detail_is_the_same_run_update_by_update(self, method, options):
        env = make("mouse")
        policy, config = uniform_policy(env), PredictionConfig(episodes=6, alpha=linear(0.5, 0.1, 5))
        full = list(method(env, policy, config, seeds(1), "full", **options))
        last = {
            frame.update: frame for frame in reversed(full)
        }  # the first frame of each number ends an episode
        for frame in method(env, policy, config, seeds(1), **options):
            assert last[frame.update].values.tobytes() == frame.values.tobytes()
        assert [frame.update for frame in full] == sorted(frame.update for frame in full)

    def test_the_generators_state_walks_the_episode_again(self):
        env = make("mouse")
        policy, config = uniform_policy(env), PredictionConfig(episodes=3)
        full = list(td(env, policy, config, seeds(1), "full"))
        second = [frame for frame in full[1:] if frame.rng_state == full[-1].rng_state]
        rng = np.random.default_rng()
        rng.bit_generator.state = full[-1].rng_state
        again = list(islice(td(env, policy, config, [rng], "full"), 1, len(second) + 1))
        assert [f.step.state for f in again] == [f.step.state for f in second]
        assert [f.step.reward for f in again] == [f.step.reward for f in second]

    def test_all_methods_meet_the_same_episodes(self):
        env = make("mouse")
        policy, config = uniform_policy(env), PredictionConfig(episodes=5)
        walks = [
            [
                (f.step.state, f.step.reward)
                for f in method(env, policy, config, seeds(1), "full", **options)
                if f.step
            ]
            for method, options in ((monte_carlo, {}), (td, {}), (n_step_td, {"n": 9}))
        ]
        assert walks[0] == walks[1] == walks[2]

    def test_ended_states_are_worth_nothing_from_the_first(self):
        frame = next(td(random_walk(5), np.ones((7, 1)), PredictionConfig(initial=0.5), seeds(2)))
        assert frame.values.tolist() == [[0, 0.5, 0.5, 0.5, 0.5, 0.5, 0]] * 2

    def test_a_policy_that_never_ends_is_cut_off_and_keeps_its_worth(self):
        """Bumping for ever at -1 with gamma .5 is worth -2; episodes of 3 steps would make it -1.75."""
        env = Gridworld.from_text("S.G", step_reward=-1, slip=0, gamma=0.5, rewards={"G": 0.0})
        config = PredictionConfig(episodes=200, alpha=constant(0.5), most_steps=3)
        for method, options in METHODS.values():
            *_, last = method(env, constant_policy(env, 0), config, seeds(2), **options)
            assert last.values[:, 0] == pytest.approx(-2, abs=1e-6)

    @every_method
    def test_it_finds_the_values_of_the_mouse(self, method, options):
        env = make("mouse", gamma=0.9)
        policy = uniform_policy(env)
        exact = solve(*env.transitions(), 0.9, policy)
        config = PredictionConfig(episodes=400, alpha=linear(0.1, 0.005, 400))
        *_, last = method(env, policy, config, seeds(50), **options)
        assert last.values.mean(axis=0)[:3] == pytest.approx(exact[:3], abs=0.12)


def rms_errors(n_states, method, alpha, episodes, initial, **options):
    """[episodes + 1]: the root mean square error over the states, its mean over 100 runs."""
    config = PredictionConfig(episodes=episodes, alpha=constant(alpha), initial=initial)
    frames = method(random_walk(n_states), np.ones((n_states + 2, 1)), config, seeds(100), **options)
    exact = true_values(n_states)
    return np.array([np.sqrt(((f.values - exact)[:, 1:-1] ** 2).mean(axis=1)).mean() for f in frames])


class TestPublishedErrors:
    """Sutton & Barto, figures 6.2 (right), 7.2, 12.3 and 12.6."""

    @pytest.mark.parametrize(("alpha", "error"), [(0.05, 0.038), (0.10, 0.056), (0.15, 0.070)])
    def test_td_on_five_states(self, alpha, error):
        assert rms_errors(5, td, alpha, 100, 0.5)[-1] == pytest.approx(error, abs=0.015)

    @pytest.mark.parametrize(("alpha", "error"), [(0.01, 0.096), (0.02, 0.079), (0.03, 0.088), (0.04, 0.100)])
    def test_monte_carlo_on_five_states(self, alpha, error):
        assert rms_errors(5, monte_carlo, alpha, 100, 0.5)[-1] == pytest.approx(error, abs=0.015)

    @pytest.mark.parametrize(
        ("n", "alpha", "error"),
        [(1, 0.80, 0.345), (2, 0.60, 0.277), (4, 0.40, 0.264), (8, 0.25, 0.276), (16, 0.15, 0.311)],
    )
    def test_n_steps_on_nineteen_states(self, n, alpha, error):
        errors = rms_errors(19, n_step_td, alpha, 10, 0.0, n=n)
        assert errors[1:].mean() == pytest.approx(error, abs=0.015)

    def test_traces_and_the_lambda_return_on_nineteen_states(self):
        assert rms_errors(19, td_lambda, 0.3, 10, 0.0, lambda_=0.8)[1:].mean() == pytest.approx(
            0.261, abs=0.015
        )
        assert rms_errors(19, lambda_return, 0.4, 10, 0.0, lambda_=0.8)[1:].mean() == pytest.approx(
            0.262, abs=0.015
        )

    def test_td_beats_monte_carlo_by_its_best(self):
        best_td = min(rms_errors(5, td, alpha, 100, 0.5)[-1] for alpha in (0.05, 0.1))
        best_mc = min(rms_errors(5, monte_carlo, alpha, 100, 0.5)[-1] for alpha in (0.01, 0.02, 0.03))
        assert best_td < best_mc


class TestBadInput:
    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"alpha": constant(0)}, "alpha is 0; it must be above 0 and at most 1"),
            ({"alpha": constant(float("nan"))}, "alpha is nan; it must be above 0 and at most 1"),
            ({"alpha": linear(0.5, -1, 3)}, "alpha is -1; it must be above 0 and at most 1"),
            ({"episodes": 0}, "episodes is 0; it must be a whole number between 1 and 100000"),
            ({"episodes": 10**9}, "episodes is 1000000000; it must be a whole number between 1 and 100000"),
            ({"episodes": 1.5}, "episodes is 1.5; it must be a whole number between 1 and 100000"),
            ({"most_steps": 0}, "most_steps is 0; it must be a whole number between 1 and 1000000"),
            ({"initial": float("inf")}, "initial is inf; it must be a finite number"),
        ],
    )
    def test_configs(self, wrong, message):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            PredictionConfig(**wrong)

    def test_methods(self):
        env = random_walk(5)
        policy, config = np.ones((7, 1)), PredictionConfig()
        for lambda_ in (-0.1, 1.1, float("nan")):
            for method in (td_lambda, lambda_return):
                with pytest.raises(ValueError, match=f"lambda is {lambda_}; it must be between 0 and 1"):
                    method(env, policy, config, seeds(1), lambda_=lambda_)
        for n in (0, -1, 1.5):
            with pytest.raises(ValueError, match=f"n is {n}; it must be a whole number between 1 and"):
                n_step_td(env, policy, config, seeds(1), n=n)
        with pytest.raises(ValueError, match="traces is 'dutch'; it must be one of accumulating, replacing"):
            td_lambda(env, policy, config, seeds(1), lambda_=0.5, traces="dutch")
        with pytest.raises(ValueError, match="there are 0 seeds; at least one must run"):
            td(env, policy, config, [])
        with pytest.raises(ValueError, match="for one seed only"):
            td(env, policy, config, seeds(2), "full")
        with pytest.raises(PlanningError, match="is no probability distribution"):
            td(env, 2 * policy, config, seeds(1))

    def test_episodes(self):
        with pytest.raises(ValueError, match="the episode has 2 states, 1 actions and 2 rewards; it needs"):
            Episode((0, 1), (0,), (1.0, 1.0))
        with pytest.raises(ValueError, match="the episode has 0 states"):
            Episode.from_steps([])
        with pytest.raises(ValueError, match="visits states that values, which has 3, does not have"):
            td_updates(np.zeros(3), Episode((0, 3), (0,), (1.0,)), 1.0, 0.1)
        with pytest.raises(ValueError, match="gamma is 2; it must be between 0 and 1"):
            td_updates(np.zeros(3), Episode((0, 1), (0,), (1.0,)), 2, 0.1)

    @pytest.mark.parametrize("detail", ["scalars", "full"])
    def test_a_run_that_blows_up_is_stopped_before_it_is_data(self, detail):
        """Accumulating traces of lambda 1 with a large alpha overshoot by the number of visits, time and again."""
        config = PredictionConfig(episodes=20_000, alpha=constant(1.0))
        frames = td_lambda(random_walk(19), np.ones((21, 1)), config, seeds(1), detail, lambda_=1.0)
        seen = []
        with pytest.raises(
            DivergedError, match=r"td-lambda diverged in update \d+: .* try a smaller alpha"
        ) as caught:
            seen.extend(frames)
        assert caught.value.update == seen[-1].update + 1
        assert all(np.isfinite(frame.values).all() for frame in seen)
