"""Any policy's values on a grid: the policy edited cell by cell, V and Q exact, returns sampled. Knows no screen."""

from collections.abc import Mapping, Set
from typing import Any

import numpy as np

from tutor.experiments import Value
from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.episodes import named_policy, sample_action, take_step
from tutor.rl.planning import PlanningError, action_values, greedy_with_ties, optimal_values, solve
from tutor.tui.labs.step_session import OWN_NUMBERS, CursorSession
from tutor.tui.labs.value_map import Array

LONGEST = 2000  # steps of a sampled episode; at gamma .99 what comes later counts less than a billionth
MOST_SAMPLES = 2000
RANDOM = 4  # an edit that is no action: all four equally likely
EDITS = 5


class ValuesSession(CursorSession):
    """edits: state -> action (or RANDOM), on top of the named policy. returns: of the episodes sampled from the
    cursor's cell under this policy, in their order; another cell, policy or gamma begins them anew."""

    lab_id = "values"
    begins = frozenset({"grid", "policy", "seed", *OWN_NUMBERS})

    def __init__(self, parameters: Mapping[str, Value]) -> None:
        self.edits: dict[int, int] = {}
        super().__init__(parameters)

    def _begin(self) -> None:
        self._make_env()
        self.P, self.R = self.env.transitions()
        self.cursor = self.env.start
        self._past: list[dict[int, int]] = []
        self._evaluate()

    def _evaluate(self) -> None:
        """Everything that follows from the policy. Where it has no finite value, `problem` says why."""
        self.problem, self.V, self.Q = "", None, None
        try:
            self.policy = self._edited()
            self.V = solve(self.P, self.R, self.gamma, self.policy)
            self.Q = action_values(self.P, self.R, self.gamma, self.V)
        except PlanningError as error:
            self.problem = str(error)
        self._forget_samples()

    V: Array | None
    Q: Array | None
    policy: Array

    def _edited(self) -> Array:
        policy = named_policy(self.env, str(self.parameters["policy"])).copy()
        for state, action in self.edits.items():
            policy[state] = 0.25 if action == RANDOM else np.eye(4)[action]
        return policy

    def _forget_samples(self) -> None:
        self.returns: list[float] = []
        self._rng = np.random.default_rng(self.seed)
        self._before: list[Mapping[str, Any]] = []

    # What is the case

    @property
    def t(self) -> int:
        return len(self.returns)

    @property
    def over(self) -> bool:
        return bool(self.problem) or self.t >= MOST_SAMPLES or self.env.is_terminal(self.cursor)

    @property
    def best(self) -> Array | None:
        """V*[S]; None where no policy has a best value."""
        try:
            return optimal_values(self.P, self.R, self.gamma)
        except PlanningError:
            return None

    def is_best(self) -> bool:
        """Whether no action beats the policy anywhere."""
        if self.V is None or self.Q is None:
            return False
        return bool((self.Q.max(axis=1) <= self.V + 1e-9).all())

    def chosen(self, state: int) -> int:
        """The action that an edit would begin from: the policy's likeliest, RANDOM when several are."""
        likely = np.flatnonzero(self.policy[state] > self.policy[state].max() - 1e-9)
        return int(likely[0]) if likely.size == 1 else RANDOM

    # What can be done

    def step(self) -> bool:
        """Sample one episode from the cursor's cell."""
        if self.over:
            return False
        self._before.append(self._rng.bit_generator.state)
        self.returns.append(sampled_return(self.env, self.policy, self.cursor, self._rng))
        return True

    def edit(self, action: int) -> bool:
        """Let the policy do this in the cursor's cell; False where nothing would change."""
        if self.env.is_terminal(self.cursor) or action == self.chosen(self.cursor):
            return False
        self._change({**self.edits, self.cursor: action})
        return True

    def cycle(self) -> bool:
        """The next action in the cursor's cell: up, right, down, left, any."""
        return self.edit((self.chosen(self.cursor) + 1) % EDITS)

    def improve(self) -> bool:
        """Let every state take an action that is best under the policy's own Q; False where none is better."""
        if self.Q is None or self.V is None or self.is_best():
            return False
        greedy = greedy_with_ties(self.Q)
        better = [s for s in self.live if self.Q[s].max() > self.V[s] + 1e-9]
        self._change({**self.edits, **{s: int(greedy[s].argmax()) for s in better}})
        return True

    def _change(self, edits: dict[int, int]) -> None:
        self._past.append(self.edits)
        self.edits = edits
        self._evaluate()

    def _undo(self) -> bool:
        """Take the last episode back; with none, the last change of the policy."""
        if self.returns:
            self.returns.pop()
            self._rng.bit_generator.state = self._before.pop()
            return True
        if not self._past:
            return False
        self.edits = self._past.pop()
        self._evaluate()
        return True

    @property
    def touched(self) -> bool:
        return bool(self.t or self.edits)

    def _restart(self) -> None:
        """The named policy, as it is without edits."""
        self.edits, self._past = {}, []
        self._evaluate()

    def look(self, state: int) -> None:
        if state != self.cursor:
            self.cursor = state
            self._forget_samples()

    def _follow(self, changed: Set[str]) -> None:
        """Another grid or policy drops the edits."""
        if {"grid", "policy"} & changed:
            self.edits = {}
        super()._follow(changed)

    # What is kept

    def to_state(self) -> dict[str, Any]:
        """JSON-able; the values follow. Sampled returns follow from the seed."""
        return {
            "parameters": dict(self.parameters),
            "edits": {str(state): action for state, action in self.edits.items()},
            "cursor": self.cursor,
            "samples": self.t,
        }

    def _replay(self, state: Mapping[str, Any]) -> None:
        edits = {int(s): int(action) for s, action in state["edits"].items()}
        cursor, samples = int(state["cursor"]), int(state["samples"])
        places = range(self.env.n_states)
        if (
            not all(s in places and action in range(EDITS) for s, action in edits.items())
            or cursor not in places
        ):
            raise ValueError("not a policy on this grid")
        self.edits, self.cursor = edits, cursor
        self._evaluate()
        while self.t < min(samples, MOST_SAMPLES) and self.step():
            pass


def sampled_return(env: Gridworld, policy: Array, state: int, rng: np.random.Generator) -> float:
    """G_0 of one episode from `state` under policy[S, A], without the grid's step limit: what V(s) is the mean of."""
    total, discount = 0.0, 1.0
    for t in range(LONGEST):
        frame = take_step(env, state, sample_action(policy, state, rng), t, rng)
        total += discount * frame.reward
        discount *= env.gamma
        state = frame.next_state
        if frame.terminated:
            break
    return total
