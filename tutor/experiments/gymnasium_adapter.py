"""Every map as a Gymnasium environment: `gymnasium.make("rl_tutor/RussellNorvig-v0")`.

Gymnasium finds `register_maps` by this package's entry point `gymnasium.envs`. Nothing else here imports it.
Reference: Towers et al., Gymnasium, arXiv 2407.17032.
"""

from typing import Any

import gymnasium
import numpy as np
from gymnasium.envs.registration import register

from tutor.rl.environments.maps import GRIDS, make

NAMESPACE = "rl_tutor"


class GridworldEnv(gymnasium.Env[np.int64, np.int64]):
    """A gridworld (see `tutor.rl.environments.gridworld`).

    Observation: Discrete(S), the state, cells that are no walls numbered row by row. Action: Discrete(4): 0
    up, 1 right, 2 down, 3 left; with probability `slip` the move goes sideways. Reward: the step reward, plus
    that of the cell entered. Terminated: on a cell with a reward that does not lead back to the start.
    Truncated: after the map's step limit, where it has one. Info: `moved`, the direction the dice chose.
    Render mode `ansi`: the map with `@` for the agent.
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 4}

    def __init__(
        self,
        grid: str,
        *,
        slip: float | None = None,
        step_reward: float | None = None,
        render_mode: str | None = None,
    ) -> None:
        """grid: as lessons name it; slip, step_reward: the map's own unless given. Raises GridworldError, and
        ValueError for a render mode that there is not."""
        if render_mode not in (None, *self.metadata["render_modes"]):
            raise ValueError(f"render_mode is {render_mode!r}; it must be 'ansi' or None")
        self.world = make(grid, slip=slip, step_reward=step_reward)
        self.observation_space = gymnasium.spaces.Discrete(self.world.n_states)
        self.action_space = gymnasium.spaces.Discrete(self.world.n_actions)
        self.render_mode = render_mode
        self._state, self._steps = self.world.start, 0

    def reset(
        self, *, seed: int | None = None, options: dict[str, Any] | None = None
    ) -> tuple[np.int64, dict[str, Any]]:
        super().reset(seed=seed, options=options)
        self._state, self._steps = self.world.reset(self.np_random), 0
        return np.int64(self._state), {}

    def step(self, action: np.int64) -> tuple[np.int64, float, bool, bool, dict[str, Any]]:
        moved = self.world.slipped(int(action), self.np_random)
        self._state, reward, terminated = self.world.move(self._state, moved)
        self._steps += 1
        limit = self.world.step_limit
        truncated = not terminated and limit is not None and self._steps >= limit
        return np.int64(self._state), reward, terminated, truncated, {"moved": moved}

    def render(self) -> str | None:  # type: ignore[override]  # Gymnasium allows for frames; there are none
        """The map, rows separated by line feeds; None without a render mode."""
        if self.render_mode is None:
            return None
        row, col = self.world.cells[self._state]
        lines = self.world.text.split("\n")
        lines[row] = f"{lines[row][:col]}@{lines[row][col + 1 :]}"
        return "\n".join(lines)


def environment_id(grid: str) -> str:
    """`russell-norvig` -> `rl_tutor/RussellNorvig-v0`."""
    words = grid.replace("frozenlake", "frozen-lake").split("-")
    return f"{NAMESPACE}/{''.join(word[0].upper() + word[1:] for word in words)}-v0"


def register_maps() -> None:
    """Make every named map known to Gymnasium."""
    for grid in GRIDS:
        register(id=environment_id(grid), entry_point=f"{__name__}:GridworldEnv", kwargs={"grid": grid})
