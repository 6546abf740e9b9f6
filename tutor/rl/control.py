"""Learning to act from experience: SARSA, expected SARSA, Q-learning and double Q-learning.

Sutton & Barto, 2nd edition, sections 6.4 to 6.7. Every algorithm is a generator of frames over K seeds. The
seeds do not wait for each other: each goes from episode to episode at its own pace, and the frame of an episode
comes when all have finished it.
"""

from collections.abc import Iterator, Sequence

import numpy as np

from tutor.rl.control_frames import ControlConfig, ControlFrame, ControlState, ControlStep
from tutor.rl.control_loop import DOUBLE_Q, EXPECTED_SARSA, Q_LEARNING, SARSA, Learner, Move, Rule
from tutor.rl.control_results import Results
from tutor.rl.control_singly import MOST_SEEDS, episodes_singly
from tutor.rl.detail import Detail
from tutor.rl.environments.tabular import Array, FiniteMDP, Indices
from tutor.rl.ranges import check_seeds

__all__ = [
    "ControlConfig",
    "ControlFrame",
    "ControlState",
    "ControlStep",
    "double_q_learning",
    "expected_sarsa",
    "q_learning",
    "sarsa",
]

Generators = Sequence[np.random.Generator]


def sarsa(
    env: FiniteMDP,
    config: ControlConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    resume: ControlState | None = None,
) -> Iterator[ControlFrame]:
    """Q(S, A) <- Q(S, A) + alpha (R + gamma Q(S', A') - Q(S, A)), A' the action taken next (equation 6.7).

    detail "full", for one seed: a frame a step. resume: go on from that state of an earlier full frame, under
    this config. Raises ValueError for a bad seed count, DivergedError while iterating.
    """
    return _frames(SARSA, env, config, rngs, detail, resume)


def expected_sarsa(
    env: FiniteMDP,
    config: ControlConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    resume: ControlState | None = None,
) -> Iterator[ControlFrame]:
    """As `sarsa`, with sum_a pi(a | S') Q(S', a) for Q(S', A'): no dice in the target (equation 6.9)."""
    return _frames(EXPECTED_SARSA, env, config, rngs, detail, resume)


def q_learning(
    env: FiniteMDP,
    config: ControlConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    resume: ControlState | None = None,
) -> Iterator[ControlFrame]:
    """As `sarsa`, with max_a Q(S', a) for Q(S', A'), whatever is done next (equation 6.8)."""
    return _frames(Q_LEARNING, env, config, rngs, detail, resume)


def double_q_learning(
    env: FiniteMDP,
    config: ControlConfig,
    rngs: Generators,
    detail: Detail = "scalars",
    resume: ControlState | None = None,
) -> Iterator[ControlFrame]:
    """Two tables: a coin says which learns, it names the best action, the other one values it (equation 6.10).

    The behaviour follows the mean of both.
    """
    return _frames(DOUBLE_Q, env, config, rngs, detail, resume)


def _frames(
    rule: Rule,
    env: FiniteMDP,
    config: ControlConfig,
    rngs: Generators,
    detail: Detail,
    resume: ControlState | None,
) -> Iterator[ControlFrame]:
    full = detail == "full"
    if (check_seeds(len(rngs)) > 1 and full) or (resume and not full):
        raise ValueError("single steps are shown, and gone on from, for one seed in full detail only")
    if not full and len(rngs) <= MOST_SEEDS:
        return episodes_singly(rule, env.tabular(), config, rngs)
    learner = Learner(rule, env.tabular(), config, rngs, step_by_step=full)
    if resume:
        learner.thaw(resume)
    return _steps(learner, resumed=resume is not None) if full else _episodes(learner)


def _episodes(learner: Learner) -> Iterator[ControlFrame]:
    """A frame for each episode that all seeds have finished."""
    results = Results(learner)
    yield results.first(learner.begin())
    while not results.complete:
        move = learner.advance()
        ended = np.flatnonzero(move.terminated | move.truncated)
        if ended.size:
            yield from results.add(ended, move)
        else:
            learner.go_on(ended)


def _steps(learner: Learner, resumed: bool) -> Iterator[ControlFrame]:
    """A frame for each step of the one seed, and one before the first."""
    if not resumed:
        learner.begin()
        yield _frame(learner, None, np.zeros(1), np.zeros(1, dtype=np.intp))
    while learner.episode[0] < learner.config.episodes:
        move = learner.advance()
        returns, lengths = learner.discounted.copy(), learner.steps.copy()
        learner.go_on(np.flatnonzero(move.terminated | move.truncated))
        yield _frame(learner, move, returns, lengths)


def _frame(learner: Learner, move: Move | None, returns: Array, lengths: Indices) -> ControlFrame:
    return ControlFrame(
        update=int(learner.episode[0]),
        returns=returns,
        lengths=lengths,
        truncated=np.zeros(1, dtype=bool) if move is None else move.truncated,
        first_policy=learner.first_policy(),
        action_values=learner.action_values,
        step=None if move is None else _step(move, int(lengths[0]) - 1),
        state=learner.freeze(),
    )


def _step(move: Move, t: int) -> ControlStep:
    ends = bool(move.terminated[0])
    return ControlStep(
        t=t,
        state=int(move.state[0]),
        action=int(move.action[0]),
        reward=float(move.reward[0]),
        next_state=int(move.next_state[0]),
        terminated=ends,
        truncated=bool(move.truncated[0]),
        next_values=move.next_values[0],
        next_policy=None if ends or move.next_policy is None else move.next_policy[0],
        next_action=None if ends or move.next_action is None else int(move.next_action[0]),
        next_value=0.0 if ends else float(move.next_value[0]),
        target=float(move.target[0]),
        td_error=float(move.td_error[0]),
        old=float(move.old[0]),
        new=float(move.new[0]),
        alpha=float(move.alpha[0]),
        level=float(move.level[0]),
        table=int(move.table[0]),
    )
