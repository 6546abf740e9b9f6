"""Planning in a known grid, sweep by sweep or state by state, with a cursor to look at one backup. Knows no screen."""

from collections.abc import Iterator, Mapping
from itertools import chain
from typing import Any

import numpy as np

from tutor.rl.episodes import named_policy
from tutor.rl.planning import (
    Backup,
    PlanningError,
    PolicyIterationFrame,
    SweepFrame,
    action_backup,
    action_values,
    greedy_with_ties,
    optimal_values,
    policy_evaluation,
    policy_iteration,
    solve,
    value_iteration,
)
from tutor.rl.planning.sweeps import full
from tutor.tui.labs.step_session import OWN_NUMBERS, CursorSession
from tutor.tui.labs.value_map import Array

MOST_SWEEPS = 2000


class PlanningSession(CursorSession):
    """The frames seen so far, and the place among them.

    at: how many frames after the first have been shown whole (`t`). done: how many states of the next frame are backed
    up already, when it is gone through state by state. cursor: the state that is looked at.
    """

    lab_id = "planning"
    begins = frozenset({"grid", "algorithm", "policy", "in_place", "evaluation_sweeps", *OWN_NUMBERS})

    def _begin(self) -> None:
        self._make_env()
        self.P, self.R = self.env.transitions()
        self.problem = ""
        self.frames: list[SweepFrame] = []
        self._source: Iterator[SweepFrame] = iter(())
        self.target: Array | None = None
        try:
            self._source = self._run()
            self.target = self._target()
            self.frames.append(next(self._source))
        except PlanningError as error:
            self.problem = str(error)
        self.at, self.done = 0, 0
        self.cursor = self.env.start

    def _run(self) -> Iterator[SweepFrame]:
        in_place = bool(self.parameters["in_place"])
        match self.algorithm:
            case "value-iteration":
                return value_iteration(self.env, in_place=in_place, max_sweeps=MOST_SWEEPS)
            case "policy-evaluation":
                return policy_evaluation(
                    self.env, self._given_policy(), in_place=in_place, max_sweeps=MOST_SWEEPS
                )
        sweeps = int(self.parameters["evaluation_sweeps"])
        policy = self._given_policy()
        rounds = policy_iteration(self.env, policy=policy, evaluation_sweeps=sweeps, in_place=in_place)
        zeros = np.zeros(self.env.n_states)
        start = PolicyIterationFrame(
            0, np.inf, False, in_place, zeros, zeros, np.zeros(self.R.shape), policy, round=0
        )
        return chain([start], rounds)

    def _given_policy(self) -> Array:
        return named_policy(self.env, str(self.parameters["policy"]))

    def _target(self) -> Array:
        """V[S] that the algorithm is after."""
        if self.algorithm == "policy-evaluation":
            return solve(self.P, self.R, self.env.gamma, self._given_policy())
        return optimal_values(self.P, self.R, self.env.gamma)

    # What is the case

    @property
    def algorithm(self) -> str:
        return str(self.parameters["algorithm"])

    @property
    def t(self) -> int:
        return self.at

    @property
    def over(self) -> bool:
        """Whether nothing further will change."""
        return bool(self.problem) or (not self.done and self._last(self.frame))

    @staticmethod
    def _last(frame: SweepFrame) -> bool:
        return frame.stable if isinstance(frame, PolicyIterationFrame) else frame.converged

    @property
    def frame(self) -> SweepFrame:
        """The last one that is whole."""
        return self.frames[self.at]

    @property
    def values(self) -> Array:
        """V[S] as it stands, in the middle of a sweep, too."""
        if not self.frames:
            return np.zeros(self.env.n_states)
        if self.done:
            return self.frames[self.at + 1].partial(self.live[self.done - 1] + 1)
        return full(self.frame.V)

    @property
    def policy(self) -> Array | None:
        """[S, A]: the one that is evaluated, else the one that is greedy in the values that are shown."""
        if not self.frames:
            return None
        if self.algorithm == "value-iteration":
            return greedy_with_ties(action_values(self.P, self.R, self.gamma, self.values))
        return self.frame.evaluated

    @property
    def error(self) -> float:
        """max over states of |V - the exact values|."""
        return 0.0 if self.target is None else float(np.abs(self.values - self.target).max())

    @property
    def improved(self) -> bool:
        """Whether what is shown last is an improvement of the policy, after which no value has changed yet."""
        frame = self.frames[self.at] if self.frames and not self.done else None
        return isinstance(frame, PolicyIterationFrame) and frame.improvement

    def unfinished(self) -> int:
        """States whose greedy action is not yet a best one."""
        if self.target is None:
            return 0
        best = greedy_with_ties(
            action_values(self.P, self.R, self.gamma, optimal_values(self.P, self.R, self.gamma))
        )
        greedy = greedy_with_ties(action_values(self.P, self.R, self.gamma, self.values))
        wrong = ((greedy > 0) & (best == 0)).any(axis=1)
        return int(wrong[self.live].sum())

    def changed(self) -> set[int]:
        """States whose value the last step changed."""
        if not self.frames:
            return set()
        if self.done:
            return {self.live[self.done - 1]}
        before, now = full(self.frame.before), full(self.frame.V)
        return {int(s) for s in np.flatnonzero(before != now)}

    # One backup

    def backed_up(self) -> tuple[int, bool]:
        """(number of the frame whose backup of the cursor's state is shown, whether it has been made)."""
        reached = self.done and self.cursor <= self.live[self.done - 1]
        if reached:
            return self.at + 1, True
        return (self.at, True) if self.at else (1, False)

    def backups(self) -> list[Backup]:
        """The backup of every action in the cursor's state, on the values that it saw or would see; none in a cell
        that ends the episode."""
        if not self.frames or self.env.is_terminal(self.cursor):
            return []
        number, made = self.backed_up()
        seen = self.values if not made or self._solved(number) else self.frames[number].seen(self.cursor)
        return [action_backup(self.env, seen, self.cursor, action) for action in range(self.env.n_actions)]

    def _solved(self, number: int) -> bool:
        """Whether the frame came from no sweep: the linear system, or an improvement."""
        frame = self.frames[number]
        exact = int(self.parameters["evaluation_sweeps"]) == 0
        return isinstance(frame, PolicyIterationFrame) and (exact or frame.improvement)

    # What can be done

    def step(self) -> bool:
        """The rest of this sweep, or the next one."""
        if not self.ahead():
            return False
        self.at, self.done = self.at + 1, 0
        return True

    def step_state(self) -> bool:
        """One state's backup; a frame that is no sweep comes whole."""
        if not self.ahead():
            return False
        if self._solved(self.at + 1):
            return self.step()
        self.done += 1
        self.cursor = self.live[self.done - 1]
        if self.done == len(self.live):
            self.at, self.done = self.at + 1, 0
        return True

    def ahead(self) -> bool:
        """Make the next frame, if it is not there yet; False when there is none."""
        if self.over:
            return False
        if self.at + 1 < len(self.frames):
            return True
        try:
            frame = next(self._source, None)
        except PlanningError as error:
            self.problem = str(error)
            return False
        if frame is not None:
            self.frames.append(frame)
        return frame is not None

    def _undo(self) -> bool:
        """One state back in the middle of a sweep, else one frame."""
        if self.done:
            self.done -= 1
            if self.done:
                self.cursor = self.live[self.done - 1]
            return True
        if not self.at:
            return False
        self.at -= 1
        return True

    @property
    def touched(self) -> bool:
        return bool(self.at or self.done)

    def _restart(self) -> None:
        self.at, self.done = 0, 0

    # What is kept

    def to_state(self) -> dict[str, Any]:
        """JSON-able; the frames follow from the parameters."""
        return {"parameters": dict(self.parameters), "at": self.at, "done": self.done, "cursor": self.cursor}

    def _replay(self, state: Mapping[str, Any]) -> None:
        at, done, cursor = (int(state[name]) for name in ("at", "done", "cursor"))
        if not (0 <= at <= MOST_SWEEPS and 0 <= done < len(self.live) and 0 <= cursor < self.env.n_states):
            raise ValueError("not a place in this run")
        while self.at < at and self.step():
            pass
        while self.done < done and self.step_state():
            pass
        self.cursor = cursor
