"""Control: updates by hand, identities between the algorithms, published figures, undo, ends and bad input."""

import json
import re
from dataclasses import replace
from functools import cache
from itertools import islice

import numpy as np
import pytest

from tutor.rl.behaviour import epsilon_greedy, greedy
from tutor.rl.changes import Change, Changes
from tutor.rl.control import (
    ControlConfig,
    ControlState,
    double_q_learning,
    expected_sarsa,
    q_learning,
    sarsa,
)
from tutor.rl.control_singly import MOST_SEEDS
from tutor.rl.divergence import DivergedError
from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.maps import make
from tutor.rl.environments.maximisation_bias import LEFT, maximisation_bias
from tutor.rl.evaluation import exact_return
from tutor.rl.planning import optimal_values
from tutor.rl.schedules import constant, exponential, linear

ALGORITHMS = {
    "sarsa": sarsa,
    "expected-sarsa": expected_sarsa,
    "q-learning": q_learning,
    "double-q": double_q_learning,
}
every_algorithm = pytest.mark.parametrize("learn", ALGORITHMS.values(), ids=ALGORITHMS.keys())
RIGHT = 1


def seeds(n):
    return [np.random.default_rng(seed) for seed in range(n)]


def corridor(**numbers):
    return Gridworld.from_text(
        "S..G", **{"step_reward": -1, "slip": 0, "gamma": 0.9, "rewards": {"G": 10.0}, **numbers}
    )


def standing(tables, state=0, action=RIGHT):
    """A learner about to act in the corridor."""
    return ControlState(
        np.array(tables, dtype=float)[:, None], state, action, 0, 0, 0.0, 1.0,
        np.random.default_rng(4).bit_generator.state,
    )  # fmt: skip


def one_step(learn, state, **config):
    config = ControlConfig(**{"alpha": constant(0.5), "epsilon": constant(0.0), **config})
    return next(learn(corridor(), config, seeds(1), "full", resume=state)).step


class TestByHand:
    """In state 0 with Q(0, right) = 6; state 1 is worth (1, 2, 4, 3); gamma .9, alpha .5, reward -1."""

    Q = ((0, 6, 0, 0), (1, 2, 4, 3), (0, 0, 0, 0), (0, 0, 0, 0))

    def test_q_learning_takes_the_best(self):
        step = one_step(q_learning, standing([self.Q]), epsilon=constant(1.0))
        assert (step.state, step.action, step.reward, step.next_state) == (0, RIGHT, -1, 1)
        assert step.next_values.tolist() == [1, 2, 4, 3]
        assert (step.next_action, step.next_value) == (2, 4)
        assert step.target == pytest.approx(2.6)  # -1 + .9 * 4
        assert step.td_error == pytest.approx(-3.4)
        assert (step.old, step.new) == (6, pytest.approx(4.3))
        assert (step.alpha, step.level) == (0.5, 1.0)

    def test_sarsa_takes_what_it_will_do(self):
        targets = {0: -0.1, 1: 0.8, 2: 2.6, 3: 1.7}  # -1 + .9 * (1, 2, 4, 3)
        seen = set()
        for seed in range(40):
            start = replace(standing([self.Q]), rng_state=np.random.default_rng(seed).bit_generator.state)
            frames = sarsa(corridor(), ControlConfig(epsilon=constant(1.0)), seeds(1), "full", resume=start)
            first, second = islice(frames, 2)
            assert first.step.target == pytest.approx(targets[first.step.next_action])
            assert first.step.new == pytest.approx((6 + first.step.target) / 2)
            assert second.step.action == first.step.next_action  # it does do it
            seen.add(first.step.next_action)
        assert seen == {0, 1, 2, 3}

    def test_expected_sarsa_weighs_all(self):
        step = one_step(expected_sarsa, standing([self.Q]), epsilon=constant(0.2))
        assert step.next_policy == pytest.approx([0.05, 0.05, 0.85, 0.05])
        assert step.next_value == pytest.approx(3.7)  # .05 (1 + 2 + 3) + .85 * 4
        assert step.target == pytest.approx(2.33)
        assert step.new == pytest.approx(4.165)
        assert step.next_action is None

    def test_double_q_lets_one_table_choose_and_the_other_value(self):
        first = ((0, 6, 0, 0), (1, 5, 0, 0), *self.Q[2:])
        second = ((0, 2, 0, 0), (2, -1, 7, 0), *self.Q[2:])
        expected = {0: (1, -1, 6, -1.9, 2.05), 1: (2, 0, 2, -1.0, 0.5)}
        seen = set()
        for seed in range(20):
            start = replace(
                standing([first, second]), rng_state=np.random.default_rng(seed).bit_generator.state
            )
            frame = next(double_q_learning(corridor(), ControlConfig(), seeds(1), "full", resume=start))
            step = frame.step
            assert (step.next_action, step.next_value, step.old, step.target, step.new) == pytest.approx(
                expected[step.table]
            )
            assert frame.state.tables[step.table, 0, 0, RIGHT] == pytest.approx(step.new)
            other = (first, second)[1 - step.table]
            assert frame.state.tables[1 - step.table, 0].tolist() == [list(row) for row in other]
            seen.add(step.table)
        assert seen == {0, 1}

    @every_algorithm
    def test_nothing_follows_an_end(self, learn):
        tables = [[[0, 0, 0, 0]] * 2 + [[0, 6, 0, 0], [99, 99, 99, 99]]] * (1 + (learn is double_q_learning))
        step = one_step(learn, standing(tables, state=2))
        assert step.terminated
        assert (step.next_state, step.next_action, step.next_policy, step.next_value) == (3, None, None, 0)
        assert (step.target, step.new) == (9, 7.5)

    @every_algorithm
    def test_a_cut_off_episode_still_counts_what_would_follow(self, learn):
        tables = [[[0, 6, 0, 0], [0, 0, 4, 0], [0] * 4, [0] * 4]] * (1 + (learn is double_q_learning))
        step = one_step(learn, standing(tables), most_steps=1)
        assert step.truncated
        assert not step.terminated
        assert step.target == pytest.approx(2.6)

    def test_a_first_episode_without_dice(self):
        """Greedy from Q(s, right) = .1 everywhere: three steps right; gamma .9, alpha .5."""
        tables = np.zeros((1, 1, 4, 4))
        tables[..., RIGHT] = 0.1
        start = replace(standing(tables[0]), tables=tables)
        frames = list(
            islice(
                q_learning(corridor(), ControlConfig(epsilon=constant(0.0)), seeds(1), "full", resume=start),
                3,
            )
        )
        # -1 + .9 * .1 = -.91 -> (-.91 + .1) / 2; the same; 9 -> (9 + .1) / 2
        assert [f.step.new for f in frames] == pytest.approx([-0.405, -0.405, 4.55])
        assert frames[-1].returns[0] == pytest.approx(-1 - 0.9 + 0.81 * 9)
        assert [f.update for f in frames] == [0, 0, 1]
        assert [f.lengths[0] for f in frames] == [1, 2, 3]


class TestIdentities:
    @pytest.mark.parametrize("grid", ["cliff", "frozenlake-4x4"])
    def test_expected_sarsa_of_the_greedy_policy_is_q_learning(self, grid):
        config = ControlConfig(episodes=60, epsilon=constant(0.0), alpha=constant(0.25), keep_every=1)
        pair = [learn(make(grid), config, seeds(3)) for learn in (expected_sarsa, q_learning)]
        for ours, theirs in zip(*pair, strict=True):
            assert ours.action_values == pytest.approx(theirs.action_values, abs=1e-9)

    @pytest.mark.parametrize("behaviour", ["epsilon-greedy", "softmax"])
    @every_algorithm
    def test_full_detail_is_the_same_run_step_by_step(self, learn, behaviour):
        config = ControlConfig(episodes=6, behaviour=behaviour, keep_every=1, epsilon=linear(0.9, 0.1, 5))
        env = make("russell-norvig")
        full = list(learn(env, config, seeds(1), "full"))
        ends = [full[0], *(f for f in full if f.step and (f.step.terminated or f.step.truncated))]
        for step, episode in zip(ends, learn(env, config, seeds(1)), strict=True):
            assert step.update == episode.update
            assert step.action_values.tobytes() == episode.action_values.tobytes()
            assert step.returns.tobytes() == episode.returns.tobytes()
            assert step.first_policy == pytest.approx(episode.first_policy)
            assert (step.lengths, step.truncated) == (episode.lengths, episode.truncated)

    @every_algorithm
    def test_the_numbers_of_a_step_fit_together(self, learn):
        env = make("mouse")
        before = None
        for frame in islice(learn(env, ControlConfig(), seeds(1), "full"), 300):
            step = frame.step
            if step is None:
                before = frame
                continue
            follows = 0.0 if step.terminated else env.gamma * step.next_value
            assert step.target == pytest.approx(step.reward + follows)
            assert step.td_error == pytest.approx(step.target - step.old)
            assert step.new == pytest.approx(step.old + step.alpha * step.td_error)
            at = (step.table, 0, step.state, step.action)
            assert before.state.tables[at] == step.old
            assert frame.state.tables[at] == step.new
            assert (before.state.state, before.state.action) == (step.state, step.action)
            assert (step.next_state, step.reward) in {
                (s, r) for _, s, r, _ in env.outcomes(step.state, step.action)
            }
            before = frame


class TestSeeds:
    @pytest.mark.parametrize("behaviour", ["epsilon-greedy", "softmax"])
    @every_algorithm
    def test_a_seed_gives_the_same_to_the_last_bit_whoever_runs_beside_it(self, learn, behaviour):
        """The few are played in plain numbers, the many in arrays."""
        env = make("frozenlake-4x4")
        config = ControlConfig(
            episodes=30, behaviour=behaviour, epsilon=linear(0.9, 0.1, 20), alpha=exponential(0.9, 0.1, 9),
            temperature=linear(0.5, 0.1, 20), keep_every=10,
        )  # fmt: skip
        together = list(learn(env, config, seeds(50)))
        for seed in (0, 7, 49):
            alone = learn(env, config, [np.random.default_rng(seed)])
            for one, many in zip(alone, together, strict=True):
                for name in ("returns", "lengths", "truncated", "first_policy", "action_values"):
                    ours, theirs = getattr(one, name), getattr(many, name)
                    assert (ours is None) == (theirs is None)
                    assert ours is None or ours[0].tobytes() == theirs[seed].tobytes()

    @every_algorithm
    def test_noise_too(self, learn):
        config = ControlConfig(episodes=40, alpha=constant(0.1), keep_every=1)
        together = list(learn(maximisation_bias(), config, seeds(50)))
        for seed in (0, 49):
            alone = learn(maximisation_bias(), config, [np.random.default_rng(seed)])
            for one, many in zip(alone, together, strict=True):
                assert one.action_values[0].tobytes() == many.action_values[seed].tobytes()

    def test_a_seed_that_is_through_waits_for_one_that_dawdles(self, monkeypatch):
        """Many more episodes lie between the quickest and the slowest seed than are held ready at first."""
        env = corridor(slip=0.9)
        config = ControlConfig(episodes=80, epsilon=constant(0.3), keep_every=7)
        roomy = list(sarsa(env, config, seeds(MOST_SEEDS + 1)))
        monkeypatch.setattr("tutor.rl.control_results._ROOM", 2)
        tight = list(sarsa(env, config, seeds(MOST_SEEDS + 1)))
        assert [f.update for f in tight] == list(range(81))
        taken = np.cumsum([f.lengths for f in tight], axis=0)  # steps after each episode
        assert (taken[:, taken[-1].argmax()] <= taken[-1].min()).sum() < 80 - 8
        for a, b in zip(roomy, tight, strict=True):
            assert (a.returns.tobytes(), a.lengths.tobytes()) == (b.returns.tobytes(), b.lengths.tobytes())
            assert a.first_policy.tobytes() == b.first_policy.tobytes()


class TestUndo:
    @every_algorithm
    def test_going_on_from_an_earlier_frame_repeats_what_came(self, learn):
        env, config = make("mouse"), ControlConfig(epsilon=constant(0.4))
        frames = list(islice(learn(env, config, seeds(1), "full"), 60))
        for at in (0, 7, 33):
            again = learn(env, config, seeds(1), "full", resume=frames[at].state)
            for before, now in zip(frames[at + 1 :], again, strict=False):
                assert before.update == now.update
                assert before.action_values.tobytes() == now.action_values.tobytes()
                assert (before.returns[0], before.lengths[0]) == (now.returns[0], now.lengths[0])
                assert before.step.next_state == now.step.next_state

    def test_another_alpha_meets_the_same_dice_and_branches(self):
        env, config = make("mouse"), ControlConfig()
        frames = list(islice(q_learning(env, config, seeds(1), "full"), 10))
        bold = q_learning(env, replace(config, alpha=constant(1.0)), seeds(1), "full", resume=frames[5].state)
        step = next(bold).step
        assert (step.next_state, step.old, step.target) == (
            frames[6].step.next_state,
            frames[6].step.old,
            frames[6].step.target,
        )
        assert step.new == pytest.approx(step.target)

    def test_the_generators_state_survives_json(self):
        frame = next(sarsa(make("mouse"), ControlConfig(), seeds(1), "full"))
        assert json.loads(json.dumps(frame.state.rng_state)) == frame.state.rng_state

    def test_only_one_seed_in_full_detail_can(self):
        env = make("mouse")
        state = next(sarsa(env, ControlConfig(), seeds(1), "full")).state
        with pytest.raises(ValueError, match="for one seed in full detail only"):
            sarsa(env, ControlConfig(), seeds(2), "full")
        with pytest.raises(ValueError, match="for one seed in full detail only"):
            sarsa(env, ControlConfig(), seeds(1), resume=state)


class TestSchedules:
    def test_they_are_followed_episode_by_episode(self):
        config = ControlConfig(episodes=5, alpha=exponential(0.8, 0.1, 3), epsilon=linear(1.0, 0.0, 4))
        used = {}
        for frame in q_learning(make("russell-norvig"), config, seeds(1), "full"):
            if frame.step:
                ended = frame.step.terminated or frame.step.truncated
                used.setdefault(frame.update - ended, set()).add((frame.step.alpha, frame.step.level))
        assert [values for values in used.values() if len(values) > 1] == []
        assert [values.pop() for values in used.values()] == pytest.approx(
            [(0.8, 1.0), (0.4, 0.75), (0.2, 0.5), (0.1, 0.25), (0.1, 0.0)]
        )

    def test_softmax_follows_the_temperature(self):
        config = ControlConfig(behaviour="softmax", temperature=constant(0.25))
        frame = list(islice(sarsa(make("mouse"), config, seeds(1), "full"), 50))[-1]
        Q = frame.action_values[0, make("mouse").start]
        weights = np.exp(4 * Q)
        assert frame.first_policy[0] == pytest.approx(weights / weights.sum())
        assert frame.step.level == 0.25


class TestChanges:
    """Alpha and epsilon set to other numbers while it goes on."""

    @pytest.mark.parametrize("n", [1, 3, MOST_SEEDS + 1])
    @every_algorithm
    def test_what_came_before_is_the_same_to_the_last_bit(self, learn, n):
        env, plain = (
            make("russell-norvig"),
            ControlConfig(episodes=40, epsilon=linear(0.5, 0.1, 39), keep_every=1),
        )
        without = list(learn(env, plain, seeds(n)))
        live = replace(plain, changes=Changes())
        frames = learn(env, live, seeds(n))
        changed = list(islice(frames, 11))
        made = [live.changes.add("epsilon", 1.0), live.changes.add("alpha", 0.05)]
        changed += frames
        first = made[0].episode
        assert first == made[1].episode >= 11
        for before, now in zip(without[:first], changed[:first], strict=True):
            assert before.returns.tobytes() == now.returns.tobytes()
            assert before.action_values.tobytes() == now.action_values.tobytes()
        assert without[first + 1].action_values.tobytes() != changed[first + 1].action_values.tobytes()
        again = list(learn(env, replace(plain, changes=Changes(made)), seeds(n)))
        for one, other in zip(changed, again, strict=True):
            assert one.returns.tobytes() == other.returns.tobytes()
            assert one.action_values.tobytes() == other.action_values.tobytes()

    def test_few_seeds_follow_from_the_very_next_episode(self):
        config = ControlConfig(episodes=20)
        frames = sarsa(make("mouse"), config, seeds(4))
        list(islice(frames, 6))  # episodes 0 (before the first) to 5
        assert config.changes.add("epsilon", 0.7).episode == 6

    def test_the_last_of_two_in_an_episode_stands(self):
        changes = Changes()
        changes.begin(4)
        for value in (0.2, 0.3):
            changes.add("epsilon", value)
        assert changes.made == [Change(5, "epsilon", 0.3)]
        assert changes.followed("epsilon", np.full(7, 0.1)).tolist() == [0.1] * 4 + [0.3] * 3
        assert changes.followed("alpha", np.full(7, 0.1)).tolist() == [0.1] * 7

    @pytest.mark.parametrize(
        ("name", "value", "said"),
        [
            ("epsilon", 1.5, "epsilon is 1.5"),
            ("alpha", 0.0, "alpha is 0.0"),
            ("temperature", 0.0, "temperature is 0.0"),
        ],
    )
    def test_what_is_out_of_its_range_is_refused(self, name, value, said):
        with pytest.raises(ValueError, match=said):
            ControlConfig(changes=Changes([Change(3, name, value)]))


class TestFrames:
    def test_action_values_are_kept_where_asked(self):
        frames = list(q_learning(make("mouse"), ControlConfig(episodes=10, keep_every=4), seeds(2)))
        assert [f.update for f in frames if f.action_values is not None] == [0, 4, 8, 10]
        frames = list(q_learning(make("mouse"), ControlConfig(episodes=10), seeds(2)))
        assert [f.update for f in frames if f.action_values is not None] == [0, 10]

    def test_a_policy_that_walks_in_circles_is_cut_off(self):
        """Nothing is explored, staying is free and going costs: it bumps into the wall for ever."""
        env = Gridworld.from_text("S.G", step_reward=0, slip=0, gamma=1, rewards={"G": -1.0})
        config = ControlConfig(episodes=40, epsilon=constant(0.0), most_steps=50)
        frames = list(q_learning(env, config, seeds(5)))
        assert (frames[-1].lengths == 50).all()
        assert frames[-1].truncated.all()
        assert not frames[0].truncated.any()

    def test_the_grids_own_limit_holds_as_well(self):
        frames = list(sarsa(make("mouse"), ControlConfig(episodes=50), seeds(20)))
        assert max(f.lengths.max() for f in frames) <= 60


@cache
def along_the_cliff(name):
    config = ControlConfig(episodes=500, alpha=constant(0.5), epsilon=constant(0.1))
    return list(ALGORITHMS[name](make("cliff"), config, seeds(50)))


class TestPublishedFigures:
    """Sutton & Barto, figures 6.4 (cliff) and 6.5 (maximisation bias), measured over 50 and 2,000 seeds.

    The figures to be met are means over 50 runs of another program: our standard error and theirs, alike, make
    three standard errors of the difference sqrt(2) times three of ours.
    """

    @pytest.mark.parametrize(
        ("name", "mean"),
        [("sarsa", -26.2), ("q-learning", -49.6), ("expected-sarsa", -20.7), ("double-q", -24.3)],
    )
    def test_return_while_exploring(self, name, mean):
        each = np.array([frame.returns for frame in along_the_cliff(name)[-100:]]).mean(axis=0)
        assert abs(each.mean() - mean) < 3 * np.sqrt(2 / 50) * each.std(ddof=1)

    def test_q_learning_falls_often_but_its_median_is_short(self):
        assert np.median([frame.returns for frame in along_the_cliff("q-learning")[-100:]]) == pytest.approx(
            -15, abs=1
        )

    def greedy_returns(self, frames):
        return np.array([exact_return(make("cliff"), greedy(Q)) for Q in frames[-1].action_values])

    def test_q_learning_has_learned_the_shortest_way_in_all_seeds(self):
        assert (self.greedy_returns(along_the_cliff("q-learning")) == -13).all()

    def test_sarsa_has_learned_the_safe_way_and_some_seeds_none(self):
        J = self.greedy_returns(along_the_cliff("sarsa"))
        assert np.median(J) == -17
        fails = (J < -500).mean()
        assert abs(fails - 0.18) < 3 * np.sqrt(2 * 0.18 * 0.82 / 50)

    @pytest.mark.parametrize(
        ("learn", "left"),
        [(q_learning, {20: 94, 100: 46, 300: 12}), (double_q_learning, {20: 31, 100: 11, 300: 6.5})],
    )
    def test_maximisation_bias(self, learn, left):
        """Theirs counts first steps, 0 or 1 a run, over (we take) 1,000 runs; ours is the probability itself."""
        config = ControlConfig(episodes=300, alpha=constant(0.1))
        frames = list(learn(maximisation_bias(), config, seeds(2000)))
        for episode, percent in left.items():
            ours = frames[episode - 1].first_policy[:, LEFT]
            p = percent / 100
            error = np.sqrt(p * (1 - p) / 1000 + ours.var() / 2000)
            assert abs(ours.mean() - p) < 3 * error


class TestItLearns:
    @every_algorithm
    def test_the_way_to_the_goal(self, learn):
        """With exploration fading the greedy policy comes within .05 of the optimum in nearly all of 20 seeds."""
        env = make("russell-norvig")
        config = ControlConfig(episodes=300, alpha=linear(0.5, 0.02, 300), epsilon=linear(1.0, 0.1, 200))
        *_, last = learn(env, config, seeds(20))
        best = optimal_values(*env.transitions(), env.gamma)[env.start]
        J = [exact_return(env, greedy(Q)) for Q in last.action_values]
        assert np.mean(np.array(J) > best - 0.05) >= 0.85


class TestExactReturn:
    def test_by_hand(self):
        env = corridor()
        right = epsilon_greedy(np.tile([0.0, 1, 0, 0], (4, 1)), 0.0)
        assert exact_return(env, right) == pytest.approx(-1 - 0.9 + 0.81 * 9)

    def test_what_costs_for_ever_has_no_finite_return_at_gamma_one(self):
        env = corridor(gamma=1.0)
        up = epsilon_greedy(np.tile([1.0, 0, 0, 0], (4, 1)), 0.0)
        assert exact_return(env, up) == -np.inf
        assert exact_return(corridor(gamma=0.9), up) == pytest.approx(-10)

    @pytest.mark.parametrize(("step_reward", "J"), [(0.0, 0.0), (0.25, np.inf)])
    def test_what_goes_round_for_nothing_is_worth_what_it_got_before(self, step_reward, J):
        env = make("rope", gamma=1.0, slip=0.0, step_reward=step_reward)
        left = epsilon_greedy(np.tile([0.0, 0, 0, 1], (env.n_states, 1)), 0.0)
        assert exact_return(env, left) == J

    def test_states_that_are_never_met_do_not_matter(self):
        env = make("cliff")
        along = np.zeros((env.n_states, 4))
        along[:, 3] = 1  # left, which never ends, but on the way
        along[env.start] = [1, 0, 0, 0]
        for column in range(11):
            along[env.state_at(2, column)] = [0, 1, 0, 0]
        along[env.state_at(2, 11)] = [0, 0, 1, 0]
        assert exact_return(env, along) == -13


class TestBadInput:
    @pytest.mark.parametrize(
        ("wrong", "message"),
        [
            ({"alpha": constant(0)}, "alpha is 0; it must be above 0 and at most 1"),
            ({"alpha": constant(float("nan"))}, "alpha is nan; it must be above 0 and at most 1"),
            ({"epsilon": constant(1.5)}, "epsilon is 1.5; it must be between 0 and 1"),
            ({"epsilon": linear(0.5, -0.1, 9)}, "epsilon is -0.1; it must be between 0 and 1"),
            ({"temperature": constant(0)}, "temperature is 0; it must be above 0 and finite"),
            ({"behaviour": "ucb"}, "behaviour is 'ucb'; it must be one of epsilon-greedy, softmax"),
            ({"episodes": 10**9}, "episodes is 1000000000; it must be a whole number between 1 and 100000"),
            ({"episodes": 0}, "episodes is 0; it must be a whole number between 1 and 100000"),
            ({"most_steps": 0}, "most_steps is 0; it must be a whole number between 1 and 1000000"),
            ({"initial": float("nan")}, "initial is nan; it must be a finite number"),
            ({"keep_every": -1}, "keep_every is -1; it must be at least 0"),
        ],
    )
    def test_configs(self, wrong, message):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            ControlConfig(**wrong)

    @every_algorithm
    def test_no_seed(self, learn):
        with pytest.raises(ValueError, match="there are 0 seeds; at least one must run"):
            learn(make("mouse"), ControlConfig(), [])

    @every_algorithm
    @pytest.mark.parametrize("detail", ["scalars", "full"])
    def test_a_run_that_blows_up_is_stopped_before_it_is_data(self, learn, detail):
        env = corridor(rewards={"G": 1e200})
        seen = []
        with pytest.raises(DivergedError, match=r"diverged in update \d+: its values left every bound; try"):
            seen.extend(learn(env, ControlConfig(), seeds(1), detail))
        assert all(np.isfinite(frame.returns).all() for frame in seen)
