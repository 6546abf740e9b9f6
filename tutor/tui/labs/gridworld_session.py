"""One learner's episode in a gridworld: acted, taken back, branched, replayed. Knows no screen."""

from collections.abc import Mapping, Set
from dataclasses import dataclass
from typing import Any

import numpy as np

from tutor.rl.environments.gridworld import ACTIONS
from tutor.rl.episodes import Policy, StepFrame, named_policy, sample_action, take_step
from tutor.tui.labs.step_session import GridSession

STEP_LIMIT = 10_000  # of the lab itself, for maps that have none: an episode's memory stays bounded
DELTAS = ((-1, 0), (0, 1), (1, 0), (0, -1))  # up, right, down, left


@dataclass(frozen=True)
class Outcome:
    """What may come of an action: the chance, the next state, the reward, whether the episode ends there."""

    chance: float
    state: int
    reward: float
    terminated: bool


class GridworldSession(GridSession):
    """The episode so far and everything that can be done to it.

    `frames[t]` is step t. `returns[t]` is G_0 over the first t + 1 rewards, kept as a running sum. The dice are one
    generator from `seed`, one draw a step: taking a step back takes its draw back, so that the same action repeats
    the same slip, and another action meets the same dice.
    """

    lab_id = "gridworld"
    begins = frozenset({"grid", "slip", "seed"})

    def _begin(self) -> None:
        self._make_env()
        self.frames: list[StepFrame] = []
        self.returns: list[float] = []
        self.visits = [0] * self.env.n_states
        self._rng = np.random.default_rng(self.seed)
        self._policy: Policy | None = None

    # What is the case

    @property
    def policy_name(self) -> str:
        return str(self.parameters["policy"])

    @property
    def t(self) -> int:
        """How many steps have been taken."""
        return len(self.frames)

    @property
    def state(self) -> int:
        return self.frames[-1].next_state if self.frames else self.env.start

    @property
    def last(self) -> StepFrame | None:
        return self.frames[-1] if self.frames else None

    @property
    def over(self) -> bool:
        return self.t >= STEP_LIMIT or bool(self.frames and self.frames[-1].ended)

    @property
    def episode_return(self) -> float:
        """G_0 so far: sum over k of gamma^k R_{k+1}."""
        return self.returns[-1] if self.returns else 0.0

    @property
    def slips(self) -> int:
        """How many steps went elsewhere than meant."""
        return sum(frame.slipped for frame in self.frames)

    def outcomes(self, action: int) -> list[Outcome]:
        """What may come of `action` here, the likeliest first; equal ones are merged."""
        merged: dict[tuple[int, float, bool], float] = {}
        for chance, state, reward, ended in self.env.outcomes(self.state, action):
            key = (int(state), float(reward), bool(ended))
            merged[key] = merged.get(key, 0.0) + float(chance)
        found = [Outcome(chance, *key) for key, chance in merged.items() if chance > 0]
        return sorted(found, key=lambda outcome: (-outcome.chance, outcome.state))

    def imaginable(self) -> list[Outcome]:
        """Everything that one step from here can come to, whatever the action, in the order of the cells."""
        found = {
            (o.state, o.reward, o.terminated) for action in range(len(ACTIONS)) for o in self.outcomes(action)
        }
        return [Outcome(0.0, *key) for key in sorted(found)]

    def entered(self, frame: StepFrame) -> int | None:
        """The state of the cell that was stepped into: not `next_state` where a cell sends the agent back to S."""
        row, col = self.env.cells[frame.state]
        down, right = DELTAS[frame.moved]
        return self.env.state_at(row + down, col + right)

    # What can be done

    def act(self, action: int) -> StepFrame | None:
        """Take one step; None, and nothing happens, once the episode is over."""
        if self.over:
            return None
        frame = take_step(self.env, self.state, action, self.t, self._rng)
        self.returns.append(self.episode_return + self.gamma**self.t * frame.reward)
        self.frames.append(frame)
        self.visits[frame.state] += 1
        return frame

    def policy_action(self) -> int:
        """What the policy does here. Its own dice (from seed and step) leave the environment's alone.

        Raises PlanningError when there is no optimal policy (gamma = 1, and never ending pays best).
        """
        dice = np.random.default_rng(
            (self.seed, self.t, 1)
        )  # never a seed ending in 0: numpy takes (7, 0) for 7
        return sample_action(self._policy_table(), self.state, dice)

    def action_probability(self, state: int, action: int) -> float:
        """pi(action given state) of the policy that `r` runs. Raises PlanningError as `policy_action` does."""
        return float(self._policy_table()[state, action])

    def _policy_table(self) -> Policy:
        if self._policy is None:
            self._policy = named_policy(self.env, self.policy_name)
        return self._policy

    def _undo(self) -> bool:
        """Take the last step back, dice and all; False when there is none."""
        if not self.frames:
            return False
        frame = self.frames.pop()
        self.returns.pop()
        self.visits[frame.state] -= 1
        self._rng.bit_generator.state = frame.rng_state
        return True

    def set_gamma(self, gamma: float) -> None:
        """The same rewards under another discount."""
        self.parameters["gamma"] = gamma
        self._make_env()
        self._policy = None
        total = 0.0
        for t, frame in enumerate(self.frames):
            total += gamma**t * frame.reward
            self.returns[t] = total

    def _follow(self, changed: Set[str]) -> None:
        """gamma, policy and speed leave the episode as it is; another step reward pays the same steps anew; another
        grid, slip or seed begins a new episode."""
        super()._follow(changed)
        if not self.begins & changed:
            if "step_reward" in changed:
                actions = [frame.action for frame in self.frames]
                self._begin()
                for action in actions:
                    self.act(action)
            elif "gamma" in changed:
                self.set_gamma(self.gamma)
        self._policy = None

    # What is kept

    def to_state(self) -> dict[str, Any]:
        """JSON-able; the frames follow from parameters (the seed among them) and actions."""
        return {
            "parameters": dict(self.parameters),
            "actions": "".join(str(frame.action) for frame in self.frames),
        }

    def _replay(self, state: Mapping[str, Any]) -> None:
        actions = state["actions"]
        if not isinstance(actions, str) or len(actions) > STEP_LIMIT or set(actions) - set("0123"):
            raise ValueError("not the actions of a gridworld")
        for action in actions:
            if self.act(int(action)) is None:
                raise ValueError("there are actions after the end of the episode")
