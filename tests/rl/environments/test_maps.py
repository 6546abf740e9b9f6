"""One contract over every map and several of its numbers; then what is known of each map."""

import subprocess
import sys
from itertools import islice, pairwise

import numpy as np
import pytest

from tutor.rl.environments.gridworld import Gridworld, GridworldError
from tutor.rl.environments.maps import GRIDS, make
from tutor.rl.episodes import constant_policy, greedy_policy, uniform_policy, walk
from tutor.rl.planning import optimal_values, solve

VARIANTS = {
    "own": {},
    "no-slip": {"slip": 0.0, "gamma": 0.5},
    "slippery": {"slip": 0.3, "gamma": 1.0, "step_reward": -0.5},
    "sideways": {"slip": 1.0, "gamma": 0.0, "step_reward": 2.0},
}
WORLDS = {
    f"{name}/{variant}": make(name, **numbers) for name in GRIDS for variant, numbers in VARIANTS.items()
}
every_world = pytest.mark.parametrize("env", WORLDS.values(), ids=WORLDS.keys())
every_map = pytest.mark.parametrize("name", GRIDS)


def value_iteration(env, sweeps=20_000):
    """V* by the optimality equation until nothing changes by more than 1e-13."""
    P, R = env.transitions()
    V = np.zeros(env.n_states)
    for _ in range(sweeps):
        backed_up = (R + env.gamma * P @ V).max(axis=1)
        if np.abs(backed_up - V).max() < 1e-13:
            return backed_up
        V = backed_up
    raise AssertionError("value iteration did not settle")


def live_pairs(env):
    return [(s, a) for s in range(env.n_states) if not env.is_terminal(s) for a in range(env.n_actions)]


class TestContract:
    @every_world
    def test_rows_of_P_are_probabilities(self, env):
        P, R = env.transitions()
        assert P.shape == (env.n_states, 4, env.n_states)
        assert R.shape == (env.n_states, 4)
        assert (P >= 0).all()
        assert np.abs(P.sum(axis=-1) - 1).max() < 1e-12

    @every_world
    def test_outcomes_agree_with_P_and_R(self, env):
        P, R = env.transitions()
        for state in range(env.n_states):
            for action in range(env.n_actions):
                row, expected = np.zeros(env.n_states), 0.0
                for probability, next_state, reward, terminated in env.outcomes(state, action):
                    assert probability > 0
                    assert terminated == env.is_terminal(next_state)
                    row[next_state] += probability
                    expected += probability * reward
                assert row == pytest.approx(P[state, action])
                assert expected == pytest.approx(R[state, action])

    @every_world
    def test_sampling_agrees_with_P(self, env):
        """Chi-square over every (state, action): sum of (seen - expected)^2 / expected, by its normal approximation."""
        rng = np.random.default_rng(2024)
        samples, statistic, freedom, worst = 300, 0.0, 0, 0.0
        for state, action in live_pairs(env):
            expected = {}
            for probability, *outcome in env.outcomes(state, action):
                expected[tuple(outcome)] = expected.get(tuple(outcome), 0) + samples * probability
            seen = dict.fromkeys(expected, 0)
            for _ in range(samples):
                seen[env.step(state, action, rng)] += (
                    1  # a KeyError is an outcome that `outcomes` does not know
                )
            each = sum((seen[key] - expected[key]) ** 2 / expected[key] for key in expected)
            statistic, freedom = statistic + each, freedom + len(expected) - 1
            worst = max(worst, each)
        if freedom == 0:
            assert statistic < 1e-20
            return
        # Wilson-Hilferty: (X / k)^(1/3) is nearly normal with mean 1 - 2/(9k) and variance 2/(9k).
        z = ((statistic / freedom) ** (1 / 3) - (1 - 2 / (9 * freedom))) / np.sqrt(2 / (9 * freedom))
        assert abs(z) < 4  # too good a fit is as suspicious as too bad a one
        assert worst < 30  # chi-square with 2 degrees of freedom exceeds 30 once in three million

    @every_world
    def test_ends_absorb_and_pay_nothing(self, env):
        P, R = env.transitions()
        rng = np.random.default_rng(0)
        ends = [s for s in range(env.n_states) if env.character(s) in env.rewards]
        assert ends
        for state in ends:
            assert env.is_terminal(state)
            assert (P[state, :, state] == 1).all()
            assert (R[state] == 0).all()
            for action in range(env.n_actions):
                assert env.step(state, action, rng) == (state, 0.0, True)

    @every_world
    def test_an_end_is_entered_with_its_pay_and_a_restart_leads_back(self, env):
        for state, action in live_pairs(env):
            row, col = env.cells[state]
            drow, dcol = ((-1, 0), (0, 1), (1, 0), (0, -1))[action]
            target = env.state_at(row + drow, col + dcol)
            moved = env.move(state, action)
            if target is None:
                assert moved == (state, env.step_reward, False)  # blocked: it stays, and pays for the step
            elif env.character(target) in env.restarts:
                assert moved == (env.start, env.step_reward + env.rewards[env.character(target)], False)
            elif env.character(target) in env.rewards:
                assert moved == (target, env.step_reward + env.rewards[env.character(target)], True)
            else:
                assert moved == (target, env.step_reward, False)

    @every_world
    def test_slips_go_to_the_perpendiculars_in_equal_parts(self, env):
        for action in range(4):
            chances = {direction: probability for probability, direction in env.directions(action)}
            assert chances.get(action, 0) == pytest.approx(1 - env.slip)
            assert chances.get((action + 1) % 4, 0) == pytest.approx(env.slip / 2)
            assert chances.get((action - 1) % 4, 0) == pytest.approx(env.slip / 2)
            assert (action + 2) % 4 not in chances

    @every_world
    def test_the_same_seed_is_the_same_episode(self, env):
        def episode(seed):
            frames = walk(env, uniform_policy(env), np.random.default_rng(seed))
            return list(islice(frames, 50))

        assert episode(5) == episode(5)
        assert episode(5) != episode(6)

    @every_world
    def test_an_episode_begins_at_S_and_hangs_together(self, env):
        frames = walk(env, uniform_policy(env), np.random.default_rng(1))
        frames = list(islice(frames, 300))
        assert env.character(frames[0].state) == "S"
        for before, after in pairwise(frames):
            assert (after.t, after.state) == (before.t + 1, before.next_state)
            assert not before.ended
            assert env.character(after.state) not in env.restarts

    @every_map
    def test_truncation_is_not_termination(self, name):
        """Without slip a wall or an edge is found to bump into until the limit comes."""
        env = make(name, slip=0.0)
        limit = env.step_limit or 50
        policy = constant_policy(env, 3)  # left of every S is an edge or a wall
        frames = list(islice(walk(env, policy, np.random.default_rng(0)), limit))
        assert len(frames) == limit
        assert not any(frame.terminated for frame in frames)
        assert [frame.truncated for frame in frames[:-1]] == [False] * (limit - 1)
        assert frames[-1].truncated == (env.step_limit is not None)
        assert not env.is_terminal(frames[-1].next_state)
        P, _ = env.transitions()  # the model does not know of the limit: the last state is as good as any
        assert P[frames[-1].next_state].tolist() == P[frames[-1].state].tolist()

    @every_map
    def test_the_map_and_what_is_made_agree(self, name):
        grid, env = GRIDS[name], make(name)
        assert grid.name == name
        assert isinstance(env, Gridworld)
        for field in ("text", "step_reward", "slip", "gamma", "rewards", "restarts", "step_limit"):
            assert getattr(env, field) == getattr(grid, field)
        assert grid.description.endswith(".")
        assert "\n" not in grid.description
        changed = make(name, gamma=0.25, slip=0.125, step_reward=-3)
        assert (changed.gamma, changed.slip, changed.step_reward) == (0.25, 0.125, -3)

    @every_map
    def test_policy_iteration_agrees_with_value_iteration(self, name):
        env = make(name)
        best = value_iteration(env)
        assert np.abs(optimal_values(*env.transitions(), env.gamma) - best).max() < 1e-9
        assert np.abs(solve(*env.transitions(), env.gamma, greedy_policy(env)) - best).max() < 1e-9


class TestWhatIsKnown:
    @pytest.mark.parametrize(
        ("name", "optimum", "digits"),
        [
            ("russell-norvig", 0.660, 3),
            ("mouse", 4.17, 2),
            ("rooms", 0.605, 3),
            ("cliff", -13, 10),
            ("rope", 0.99**8, 10),  # nine steps: the reward is discounted eight times
            ("frozenlake-4x4", 0.542, 3),
            ("frozenlake-8x8", 0.4146, 4),
        ],
    )
    def test_optima(self, name, optimum, digits):
        env = make(name)
        assert round(value_iteration(env)[env.start], digits) == pytest.approx(round(optimum, digits))

    def test_the_utilities_of_russell_and_norvig(self):
        """Artificial Intelligence: A Modern Approach, figure 17.3: gamma 1."""
        env = make("russell-norvig", gamma=1.0)
        printed = [0.812, 0.868, 0.918, 0, 0.762, 0.660, 0, 0.705, 0.655, 0.611, 0.388]
        assert value_iteration(env).round(3).tolist() == printed

    @pytest.mark.parametrize(("name", "size"), [("frozenlake-4x4", 4), ("frozenlake-8x8", 8)])
    def test_the_published_rule_of_frozenlake(self, name, size):
        """Towers et al., Gymnasium: actions 0 left, 1 down, 2 right, 3 up; a, a-1 and a+1 each with probability 1/3."""
        env = make(name)
        P, R = env.transitions()
        ours = {0: 3, 1: 2, 2: 1, 3: 0}  # their action -> ours
        marks = env.text.replace("\n", "")
        for state in range(size * size):
            for action in range(4):
                row, expected = np.zeros(size * size), 0.0
                for went in ((action - 1) % 4, action, (action + 1) % 4):
                    r, c = divmod(state, size)
                    r = max(r - 1, 0) if went == 3 else min(r + 1, size - 1) if went == 1 else r
                    c = max(c - 1, 0) if went == 0 else min(c + 1, size - 1) if went == 2 else c
                    target = state if marks[state] in "GH" else r * size + c
                    row[target] += 1 / 3
                    expected += (marks[target] == "G" and marks[state] not in "GH") / 3
                assert row == pytest.approx(P[state, ours[action]])
                assert expected == pytest.approx(R[state, ours[action]])

    def test_the_cliff(self):
        """Sutton & Barto, example 6.6: -1 a step, -100 and back to the start for a fall."""
        env = make("cliff")
        edge = env.state_at(2, 5)
        assert env.cells[env.start] == (3, 0)
        assert env.outcomes(edge, 2) == [(1.0, env.start, -100.0, False)]
        assert env.outcomes(env.start, 1) == [(1.0, env.start, -100.0, False)]
        assert env.outcomes(env.state_at(2, 11), 2) == [(1.0, env.state_at(3, 11), -1.0, True)]

    def test_bumping_a_wall_for_ever_on_the_cliff(self):
        env = make("cliff", gamma=0.99)
        value = solve(*env.transitions(), env.gamma, constant_policy(env, 0))[env.start]
        assert value == pytest.approx(-100)

    def test_the_rope_allows_no_step_aside(self):
        env = make("rope")
        for state in range(env.n_states):
            if not env.is_terminal(state):
                assert env.move(state, 0)[1:] == (-1.0, True)
                assert env.move(state, 2)[1:] == (-1.0, True)

    def test_the_names(self):
        lakes = ["frozenlake-4x4", "frozenlake-8x8"]
        assert list(GRIDS) == ["russell-norvig", "mouse", "rooms", "cliff", "rope", *lakes]
        limits = {name: grid.step_limit for name, grid in GRIDS.items()}
        assert limits == dict(zip(GRIDS, [100, 60, 200, None, 100, 100, 200], strict=True))

    def test_an_unknown_name_is_refused_with_those_there_are(self):
        with pytest.raises(
            GridworldError, match="there is no grid 'maze'; the grids are: russell-norvig, mouse"
        ):
            make("maze")

    def test_numbers_out_of_range_are_refused(self):
        with pytest.raises(GridworldError, match="slip is 2; it must be between 0 and 1"):
            make("mouse", slip=2)

    def test_naming_the_maps_needs_no_numpy(self):
        code = "import sys, tutor.rl.environments.maps as m; m.GRIDS; sys.exit('numpy' in sys.modules)"
        assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
