"""The maps in Gymnasium: its own check, the same dynamics as ours, and its FrozenLake against our value iteration."""

import tomllib
from pathlib import Path

import gymnasium
import numpy as np
import pytest
from gymnasium.utils.env_checker import check_env

from tutor.experiments.gymnasium_adapter import GridworldEnv, environment_id, register_maps
from tutor.rl.environments.gridworld import GridworldError
from tutor.rl.environments.maps import GRIDS, make
from tutor.rl.planning import TabularModel, value_iteration

every_map = pytest.mark.parametrize("grid", GRIDS)
UP, RIGHT, DOWN, LEFT = range(4)


@pytest.fixture(autouse=True, scope="module")
def registered():
    """As the entry point does where the package is installed (tests/test_packaging.py)."""
    if environment_id("mouse") not in gymnasium.registry:
        register_maps()


class TestGymnasium:
    def test_the_entry_point_is_what_is_installed(self):
        root = Path(__file__).parent.parent.parent
        project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))["project"]
        assert project["entry-points"]["gymnasium.envs"] == {
            "rl_tutor": "tutor.experiments.gymnasium_adapter:register_maps"
        }

    def test_the_ids(self):
        assert [environment_id(grid) for grid in GRIDS] == [
            "rl_tutor/RussellNorvig-v0",
            "rl_tutor/Mouse-v0",
            "rl_tutor/Rooms-v0",
            "rl_tutor/Cliff-v0",
            "rl_tutor/Rope-v0",
            "rl_tutor/FrozenLake4x4-v0",
            "rl_tutor/FrozenLake8x8-v0",
        ]

    @every_map
    def test_its_own_check(self, grid):
        check_env(gymnasium.make(environment_id(grid)).unwrapped)
        check_env(gymnasium.make(environment_id(grid), render_mode="ansi").unwrapped)

    @every_map
    def test_the_same_seed_is_the_same_episode(self, grid):
        def episode(seed):
            env = gymnasium.make(environment_id(grid))
            env.reset(seed=seed)
            return [env.step(action) for action in [UP, RIGHT, DOWN, LEFT] * 5]

        assert episode(3) == episode(3)
        if make(grid).slip:
            assert episode(3) != episode(4)


class TestDynamics:
    @every_map
    def test_spaces_are_the_worlds(self, grid):
        env, world = GridworldEnv(grid), make(grid)
        assert env.observation_space == gymnasium.spaces.Discrete(world.n_states)
        assert env.action_space == gymnasium.spaces.Discrete(4)
        assert env.reset(seed=1) == (world.start, {})

    @every_map
    def test_steps_agree_with_the_outcomes(self, grid):
        """Every transition that a long random walk meets is one of the world's, and all agree with `moved`."""
        env, world = GridworldEnv(grid), make(grid)
        rng, seen = np.random.default_rng(0), 0
        state, _ = env.reset(seed=5)
        while seen < 2000:
            action = int(rng.integers(4))
            next_state, reward, terminated, truncated, info = env.step(action)
            assert any(
                outcome[1:] == (next_state, reward, terminated) for outcome in world.outcomes(state, action)
            )
            assert world.move(state, info["moved"]) == (next_state, reward, terminated)
            assert not (terminated and truncated)
            state, seen = next_state, seen + 1
            if terminated or truncated:
                state, _ = env.reset()

    @every_map
    def test_how_often_it_slips(self, grid):
        env, slip, tries = GridworldEnv(grid), GRIDS[grid].slip, 3000
        env.reset(seed=2)
        slips = sum(env.step(UP)[4]["moved"] != UP for _ in range(tries))
        assert abs(slips / tries - slip) <= 4 * np.sqrt(slip * (1 - slip) / tries)

    @every_map
    def test_it_truncates_at_the_step_limit(self, grid):
        env = gymnasium.make(environment_id(grid), slip=0.0)
        limit = GRIDS[grid].step_limit or 300
        for _ in range(2):  # the count begins anew with an episode
            env.reset(seed=0)
            ends = [env.step(LEFT)[2:4] for _ in range(limit)]  # left of every start is a wall or the edge
            assert ends[:-1] == [(False, False)] * (limit - 1)
            assert ends[-1] == (False, GRIDS[grid].step_limit is not None)

    def test_a_fall_from_the_cliff_goes_on_from_the_start(self):
        env = gymnasium.make("rl_tutor/Cliff-v0")
        start, _ = env.reset(seed=0)
        assert env.step(RIGHT)[:4] == (start, -100.0, False, False)


class TestRendering:
    def test_ansi(self):
        env = gymnasium.make("rl_tutor/RussellNorvig-v0", render_mode="ansi", slip=0.0)
        env.reset(seed=0)
        assert env.render() == "...+\n.#.-\n@..."
        env.step(UP)
        assert env.render() == "...+\n@#.-\nS..."

    def test_without_a_mode_there_is_nothing(self):
        assert GridworldEnv("mouse").render() is None

    def test_what_is_refused(self):
        with pytest.raises(ValueError, match="render_mode is 'human'; it must be 'ansi' or None"):
            GridworldEnv("mouse", render_mode="human")
        with pytest.raises(GridworldError, match="slip is 2; it must be between 0 and 1"):
            GridworldEnv("mouse", slip=2)
        with pytest.raises(GridworldError):
            GridworldEnv("maze")


def frozen_lake(size):
    """Gymnasium's own model of its FrozenLake, as arrays; ends absorb, as ours do."""
    P_dict = gymnasium.make("FrozenLake-v1", map_name=size).unwrapped.P
    P, R = np.zeros((len(P_dict), 4, len(P_dict))), np.zeros((len(P_dict), 4))
    for state, actions in P_dict.items():
        for action, outcomes in actions.items():
            for probability, next_state, reward, _ in outcomes:
                P[state, action, next_state] += probability
                R[state, action] += probability * reward
    return P, R


@pytest.mark.parametrize("size", ["4x4", "8x8"])
@pytest.mark.parametrize("in_place", [False, True])
def test_value_iteration_on_its_frozen_lake_is_value_iteration_on_ours(size, in_place):
    P, R = frozen_lake(size)
    theirs, ours = (
        list(value_iteration(model, theta=1e-13, in_place=in_place))[-1]
        for model in (TabularModel(P, R, 0.99), make(f"frozenlake-{size}"))
    )
    assert theirs.converged
    assert ours.converged
    assert np.abs(theirs.V - ours.V).max() < 1e-9
    # Theirs: left, down, right, up.
    assert np.abs(theirs.Q[:, [3, 2, 1, 0]] - ours.Q).max() < 1e-9
    assert {"4x4": 0.542, "8x8": 0.4146}[size] == pytest.approx(theirs.V[0], abs=5e-4)
