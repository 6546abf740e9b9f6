"""A few seeds, each step in plain numbers: what `control_loop` does, to the last bit. Internal to `control`.

An array of one number costs as much as one of thirty, and a step has some fifty of them: one seed alone is some
twenty times faster so. Seeds play an episode each in turn, so none runs ahead of the others.
"""

from collections.abc import Callable, Iterator, Sequence

import numpy as np

from tutor.rl.behaviour import epsilon_greedy, softmax
from tutor.rl.control_frames import ControlConfig, ControlFrame
from tutor.rl.control_loop import ADVICE, DOUBLE_Q, EXPECTED_SARSA, SARSA, Look, Rule
from tutor.rl.dice import normal
from tutor.rl.divergence import LARGEST, DivergedError
from tutor.rl.environments.tabular import Array, Tabular

MOST_SEEDS = 16  # from about thirty on arrays are faster
_BLOCK = 128  # steps of dice drawn ahead
_OUTCOME, _NEXT, _FIRST, _TABLE = 0, 1, 2, 2  # as in `control_loop`
Policy = tuple[Array, list[float], float]  # pi[1, A], its sums but for the last, the last


def episodes_singly(
    rule: Rule, mdp: Tabular, config: ControlConfig, rngs: Sequence[np.random.Generator]
) -> Iterator[ControlFrame]:
    """A frame for each episode, and one before the first. Raises DivergedError."""
    world = _World(rule, mdp, config)
    seeds = [_Seed(world, rng) for rng in rngs]
    yield _frame(0, seeds, [(0.0, 0, False)] * len(seeds), kept=True)
    for number in range(1, config.episodes + 1):
        played = _played(rule, seeds, number)
        kept = number == config.episodes or bool(config.keep_every and number % config.keep_every == 0)
        yield _frame(number, seeds, played, kept=kept)


def _played(rule: Rule, seeds: "Sequence[_Seed]", number: int) -> list[tuple[float, int, bool]]:
    """An episode of each. Raises DivergedError once it is known in how many seeds."""
    played, wild = [], 0
    for seed in seeds:
        try:
            played.append(seed.play())
        except _UnboundedError:
            wild += 1
    if wild:
        raise DivergedError(rule.name, number, ADVICE, (wild, len(seeds)))
    return played


def _frame(
    number: int, seeds: "Sequence[_Seed]", played: Sequence[tuple[float, int, bool]], *, kept: bool
) -> ControlFrame:
    returns, lengths, truncated = zip(*played, strict=True)
    return ControlFrame(
        update=number,
        returns=np.array(returns, dtype=np.float64),
        lengths=np.array(lengths, dtype=np.intp),
        truncated=np.array(truncated, dtype=bool),
        first_policy=np.concatenate([seed.first_policy() for seed in seeds]),
        action_values=np.stack([seed.action_values() for seed in seeds]) if kept else None,
    )


class _UnboundedError(ValueError):
    """A value of one seed has grown beyond every bound."""


class _World:
    """What is the same for all seeds: the tables of the process as lists, numbers by episode."""

    def __init__(self, rule: Rule, mdp: Tabular, config: ControlConfig) -> None:
        self.rule, self.mdp, self.config = rule, mdp, config
        self.most_steps = min(config.most_steps, mdp.step_limit or config.most_steps)
        self.noise_at = 3 if rule is SARSA or rule.n_tables == 2 else 2
        self.width = self.noise_at + (0 if mdp.noise is None else 2)
        self.rewards, self.next = mdp.rewards.ravel().tolist(), mdp.next_states.ravel().tolist()
        self.ends = mdp.ends.ravel().tolist()
        self.discounts = (mdp.gamma * ~mdp.ends).ravel().tolist()
        self.thresholds: list[list[float]] = mdp.thresholds.T.tolist()  # [S A][B - 1]
        self.first = np.where(mdp.available, config.initial, -np.inf)
        rows = [tuple(row) for row in mdp.available.tolist()]
        self.kind = [
            rows.index(row) for row in rows
        ]  # states in which the same can be chosen are of one kind
        self._plan()

    def _plan(self) -> None:
        self._version = self.config.changes.version
        self._alphas, self._levels = self.config.alphas().tolist(), self.config.levels().tolist()

    def numbers(self, episode: int) -> tuple[float, float]:
        """Alpha and epsilon (or the temperature) after so many episodes."""
        if self._version != self.config.changes.version:
            self._plan()
        return self._alphas[episode], self._levels[episode]


class _Seed:
    def __init__(self, world: _World, rng: np.random.Generator) -> None:
        self._world, self._rng = world, rng
        self.tables: list[list[list[float]]] = [world.first.tolist() for _ in range(world.rule.n_tables)]
        self.episode = 0
        self._rows: Iterator[list[float]] = iter(())
        self._greedy: dict[tuple[int, tuple[bool, ...]], Policy] = {}
        self._level = -1.0  # none yet
        self._follow()
        self._dice, self._first = self._throw(), _NEXT

    def action_values(self) -> Array:
        """[S, A], the mean of the tables."""
        values: Array = np.array(self.tables).mean(axis=0)
        return values

    def first_policy(self) -> Array:
        """How an episode would begin now, [1, A]."""
        return self._policy(self._world.mdp.start)[0]

    def play(self) -> tuple[float, int, bool]:
        """One episode: its return, its length, whether it was truncated. Raises _UnboundedError."""
        world, rule = self._world, self._world.rule
        self._follow()
        world.config.changes.begin(self.episode + 1)
        state = world.mdp.start
        action = _draw(self._policy(state), self._dice[self._first])
        value = _VALUES.get(rule.name, self._expected)
        returned, discount, steps = 0.0, 1.0, 0
        while True:
            self._dice = dice = self._throw()
            outcome = self._outcome(state, action, dice[_OUTCOME])
            reward, following = self._reward(outcome, state, action, dice), world.next[outcome]
            steps += 1
            returned += discount * reward
            discount *= world.mdp.gamma
            table = int(dice[_TABLE] >= 0.5) if rule is DOUBLE_Q else 0
            chosen = _draw(self._policy(following), dice[_NEXT]) if rule is SARSA else 0
            after = value(self.tables[table][following], self.tables[table - 1][following], chosen, following)
            self._learn(self.tables[table][state], action, reward + world.discounts[outcome] * after)
            if world.ends[outcome] or steps >= world.most_steps:
                break
            state = following
            action = chosen if rule is SARSA else _draw(self._policy(state), dice[_NEXT])
        self._first = _FIRST if rule is SARSA else _NEXT
        self.episode += 1
        self._follow()
        return returned, steps, not world.ends[outcome]

    def _learn(self, row: list[float], action: int, target: float) -> None:
        old = row[action]
        new = old + self._alpha * (target - old)
        if not abs(new) < LARGEST:
            raise _UnboundedError
        row[action] = new

    def _outcome(self, state: int, action: int, dice: float) -> int:
        """The flat index of what happens."""
        mdp = self._world.mdp
        pair = state * mdp.n_actions + action
        if mdp.n_outcomes == 1:
            return pair
        return pair * mdp.n_outcomes + sum(dice >= least for least in self._world.thresholds[pair])

    def _reward(self, outcome: int, state: int, action: int, dice: Sequence[float]) -> float:
        world = self._world
        reward: float = world.rewards[outcome]
        if world.mdp.noise is None:
            return reward
        first, second = np.array(dice[world.noise_at : world.noise_at + 2])
        return reward + float(world.mdp.noise[state, action] * normal(first, second))

    def _expected(self, values: list[float], _others: list[float], _action: int, state: int) -> float:
        """By the rule itself: how numpy adds up is not to be copied."""
        look = Look(np.array([values]), np.array([values]), self._policy(state)[0], None)
        return float(EXPECTED_SARSA.value(look)[0][0])

    def _throw(self) -> list[float]:
        row = next(self._rows, None)
        if row is None:
            self._rows = iter(self._rng.random((_BLOCK, self._world.width)).tolist())
            row = next(self._rows)
        return row

    def _follow(self) -> None:
        """The numbers of the episode that comes."""
        self._alpha, level = self._world.numbers(self.episode)
        if level != self._level:
            self._greedy.clear()
        self._level = level

    def _policy(self, state: int) -> Policy:
        values = self.tables[0][state]
        if len(self.tables) == 2:
            values = [(one + other) / 2 for one, other in zip(values, self.tables[1][state], strict=True)]
        if self._world.config.behaviour == "softmax":
            return _summed(softmax(np.array([values]), [self._level]))
        best = max(values)
        which = self._world.kind[state], tuple([value == best for value in values])
        if which not in self._greedy:  # it depends on nothing else
            self._greedy[which] = _summed(epsilon_greedy(np.array([values]), [self._level]))
        return self._greedy[which]


def _summed(pi: Array) -> Policy:
    *sums, last = pi[0].cumsum().tolist()
    return pi, sums, last


def _draw(policy: Policy, dice: float) -> int:
    """As `behaviour.draw`."""
    _, sums, last = policy
    reached = dice * last
    return sum([reached >= least for least in sums])


_Value = Callable[[list[float], list[float], int, int], float]
_VALUES: dict[str, _Value] = {
    "sarsa": lambda values, _others, action, _state: values[action],
    "q-learning": lambda values, _others, _action, _state: max(values),
    "double-q": lambda values, others, _action, _state: others[values.index(max(values))],
}
