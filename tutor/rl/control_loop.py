"""One step of every seed at once, with its update. Internal to `control`."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from tutor.rl.behaviour import draw, epsilon_greedy, softmax
from tutor.rl.control_frames import ControlConfig, ControlState
from tutor.rl.dice import Dice, normal
from tutor.rl.divergence import LARGEST, DivergedError, beyond, bounded
from tutor.rl.environments.tabular import Array, Indices, Mask, Tabular

ADVICE = "a smaller alpha, gamma below 1, or smaller rewards"
_BLOCK = 128  # steps of dice drawn ahead when nobody looks at single steps
_OUTCOME, _NEXT, _FIRST, _TABLE = 0, 1, 2, 2  # what a throw decides; the last two of SARSA and of double Q


class Look(NamedTuple):
    """What is known of S' when the target is made: [K, A] and [K].

    values: of the table that is updated. others: of the other one (or the same). policy, action: how the
    behaviour acts there, and its action A'; computed only where the rule asks.
    """

    values: Array
    others: Array
    policy: Array | None
    action: Indices | None


class Rule(NamedTuple):
    """An algorithm: what S' is worth, and by which action (None: by all)."""

    name: str
    value: Callable[[Look], tuple[Array, Indices | None]]
    looks_at_policy: bool = False
    n_tables: int = 1


def _of(values: Array, actions: Indices) -> Array:
    chosen: Array = values[np.arange(len(values)), actions]
    return chosen


def _sarsa(look: Look) -> tuple[Array, Indices | None]:
    """SARSA: Q(S', A'), A' the action that is taken next."""
    assert look.action is not None  # noqa: S101  (the rule asks for it)
    return _of(look.values, look.action), look.action


def _expected(look: Look) -> tuple[Array, Indices | None]:
    """Expected SARSA: the mean of Q(S', a) over the policy that acts."""
    pi = look.policy
    assert pi is not None  # noqa: S101  (the rule asks for it)
    return (pi * np.where(pi > 0, look.values, 0.0)).sum(axis=1), None


def _greedy(look: Look) -> tuple[Array, Indices | None]:
    """Q-learning: max_a Q(S', a). Double Q-learning: the other table's value of this table's best action."""
    best = look.values.argmax(axis=1)
    return _of(look.others, best), best


SARSA = Rule("sarsa", _sarsa, looks_at_policy=True)
EXPECTED_SARSA = Rule("expected-sarsa", _expected, looks_at_policy=True)
Q_LEARNING = Rule("q-learning", _greedy)
DOUBLE_Q = Rule("double-q", _greedy, n_tables=2)


def next_value_of(name: str) -> Callable[[Look], tuple[Array, Indices | None]]:
    """What an algorithm holds S' to be worth: the one function in which the four differ."""
    return next(rule.value for rule in (SARSA, EXPECTED_SARSA, Q_LEARNING, DOUBLE_Q) if rule.name == name)


class Move(NamedTuple):
    """One step of every seed, and its update: [K], but next_values and next_policy [K, A]."""

    state: Indices
    action: Indices
    reward: Array
    next_state: Indices
    terminated: Mask
    truncated: Mask
    next_values: Array
    next_policy: Array | None
    next_action: Indices | None
    next_value: Array
    target: Array
    td_error: Array
    old: Array
    new: Array
    alpha: Array
    level: Array
    table: Indices


class Learner:
    """The tables of K seeds, and where each seed stands."""

    def __init__(
        self,
        rule: Rule,
        mdp: Tabular,
        config: ControlConfig,
        rngs: Sequence[np.random.Generator],
        step_by_step: bool,
    ) -> None:
        K = len(rngs)
        self.rule, self.mdp, self.config, self.rngs = rule, mdp, config, rngs
        self._most_steps = min(config.most_steps, mdp.step_limit or config.most_steps)
        self._noise_at = 3 if rule is SARSA or rule.n_tables == 2 else 2
        width = self._noise_at + (0 if mdp.noise is None else 2)
        self._dice = Dice(rngs, width, 1 if step_by_step else _BLOCK)
        self._plan()
        self._discounts = (mdp.gamma * ~mdp.ends).ravel()
        self._rewards, self._next, self._ends = mdp.rewards.ravel(), mdp.next_states.ravel(), mdp.ends.ravel()
        self._seeds = np.arange(K)
        self._base = self._seeds * mdp.n_states
        first = np.where(mdp.available, config.initial, -np.inf)
        self.tables: Array = np.tile(first, (rule.n_tables, K, 1, 1))  # (n, K, S, A)
        self.episode = np.zeros(K, dtype=np.intp)
        self.state, self.action = np.full(K, mdp.start), np.zeros(K, dtype=np.intp)
        self.steps = np.zeros(K, dtype=np.intp)
        self.discounted, self.discount = np.zeros(K), np.ones(K)
        self._schedule()

    @property
    def action_values(self) -> Array:
        """[K, S, A], the mean of the tables."""
        values: Array = self.tables.mean(axis=0)
        return values

    def begin(self) -> Array:
        """Choose every seed's very first action; the policy it was chosen by, [K, A]."""
        policy = self.first_policy()
        self.action = draw(policy, self._dice.throw()[_NEXT])
        return policy

    def first_policy(self) -> Array:
        """How every seed would begin an episode now, [K, A]."""
        return self._policy(self._seeds, np.full(len(self._seeds), self.mdp.start))

    def advance(self) -> Move:
        """Every seed acts and learns; `go_on` must follow. Raises DivergedError."""
        dice, state, action = self._dice.throw(), self.state, self.action
        outcome = self.mdp.outcome(state, action, dice[_OUTCOME])
        reward, next_state = self._rewards.take(outcome), self._next.take(outcome)
        if self.mdp.noise is not None:
            reward += self.mdp.noise[state, action] * normal(dice[self._noise_at], dice[self._noise_at + 1])
        terminated = self._ends.take(outcome)
        self._count(reward)
        truncated = (self.steps >= self._most_steps) & ~terminated
        table = (dice[_TABLE] >= 0.5).astype(np.intp) if self.rule.n_tables == 2 else np.zeros_like(action)
        look = self._look(next_state, table, dice[_NEXT])
        next_value, next_action = self.rule.value(look)
        target = reward + self._discounts.take(outcome) * next_value
        old, td_error, new = self.learn((table, self._seeds, state, action), target)
        self.state, self._chosen, self._thrown = next_state.copy(), look.action, dice
        return Move(
            state, action, reward, next_state, terminated, truncated, look.values, look.policy, next_action,
            next_value, target, td_error, old, new, self.alpha, self.level, table,
        )  # fmt: skip

    def go_on(self, ended: Indices) -> Array:
        """Begin the next episode of the seeds `ended`, and choose every seed's next action.

        The policy by which the seeds `ended` chose, [len(ended), A].
        """
        if ended.size:
            self._restart(ended)
        if self._chosen is None:
            policy = self._policy(self._seeds, self.state)
            self.action = draw(policy, self._thrown[_NEXT])
            return policy[ended]
        self.action = self._chosen.copy()
        policy = self._policy(ended, self.state[ended])
        self.action[ended] = draw(policy, self._thrown[_FIRST, ended])
        return policy

    def _restart(self, ended: Indices) -> None:
        self.episode[ended] += 1
        self._schedule()
        self.state[ended] = self.mdp.start
        self.steps[ended], self.discounted[ended], self.discount[ended] = 0, 0.0, 1.0

    def _plan(self) -> None:
        self._version = self.config.changes.version
        self._alphas, self._levels = self.config.alphas(), self.config.levels()
        self._alphas[-1] = 0.0  # a seed that has done its episodes learns no more while it waits

    def _schedule(self) -> None:
        if self._version != self.config.changes.version:
            self._plan()
        self.config.changes.begin(1 + int(self.episode.max()))
        at = np.minimum(self.episode, self.config.episodes)
        self.alpha, self.level = self._alphas[at], self._levels[at]

    def freeze(self) -> ControlState:
        """Where the first seed stands, to be gone on from."""
        return ControlState(
            tables=self.tables[:, :1].copy(),
            state=int(self.state[0]),
            action=int(self.action[0]),
            steps=int(self.steps[0]),
            episode=int(self.episode[0]),
            discounted=float(self.discounted[0]),
            discount=float(self.discount[0]),
            rng_state=self.rngs[0].bit_generator.state,
        )

    def thaw(self, state: ControlState) -> None:
        """Stand where `freeze` was called, the generator included."""
        self.tables[:] = state.tables
        self.state[:], self.action[:], self.steps[:] = state.state, state.action, state.steps
        self.episode[:], self.discounted[:], self.discount[:] = (
            state.episode,
            state.discounted,
            state.discount,
        )
        self.rngs[0].bit_generator.state = state.rng_state
        self._schedule()

    def _count(self, reward: Array) -> None:
        self.steps += 1
        self.discounted += self.discount * reward
        self.discount *= self.mdp.gamma

    def learn(self, where: tuple[Indices, ...], target: Array) -> tuple[Array, Array, Array]:
        """(old, td_error, new) of the entries `where`. Raises DivergedError."""
        old: Array = self.tables[where]
        with np.errstate(over="ignore", invalid="ignore"):
            td_error = target - old
            new = old + self.alpha * td_error
        if not bounded(new):
            wild = 1 + int(self.episode[np.argmin(np.abs(new) < LARGEST)])
            raise DivergedError(self.rule.name, wild, ADVICE, beyond(new))
        self.tables[where] = new
        return old, td_error, new

    def _look(self, next_state: Indices, table: Indices, dice: Array) -> Look:
        values: Array = self.tables[table, self._seeds, next_state]
        others = values if self.rule.n_tables == 1 else self.tables[1 - table, self._seeds, next_state]
        if not self.rule.looks_at_policy:
            return Look(values, others, None, None)
        policy = self._policy(self._seeds, next_state)
        return Look(values, others, policy, draw(policy, dice) if self.rule is SARSA else None)

    def _policy(self, seeds: Indices, states: Indices) -> Array:
        """How `seeds` behave in `states`, [len(seeds), A]."""
        values = self.tables[0, seeds, states]
        if self.rule.n_tables == 2:
            values = (values + self.tables[1, seeds, states]) / 2
        behave = epsilon_greedy if self.config.behaviour == "epsilon-greedy" else softmax
        return behave(values, self.level[seeds])
