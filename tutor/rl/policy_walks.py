"""Who walks for an update of policy gradients: a number of steps, or whole episodes. Arrays are [T, K, N]."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from tutor.rl.environments.tabular import Array, Indices, Mask, Tabular
from tutor.rl.policy_gradient_frames import PolicyGradientConfig
from tutor.rl.rollout import Position, Rollout, rollout

_BLOCK = 16  # steps walked before it is asked whose episodes have ended
_STEPS = ("states", "actions", "rewards", "next_states", "terminated", "truncated")


@dataclass(frozen=True, eq=False)
class Walk:
    """What was walked, and which steps of it count. episode_return[K]: the mean discounted return of the episodes
    that ended; nan where none did."""

    rollout: Rollout
    valid: Mask
    episode_return: Array


class Walkers:
    """Where the environments of each seed stand, and what their episodes have earned so far, [K, N]."""

    def __init__(
        self, mdp: Tabular, config: PolicyGradientConfig, rngs: Sequence[np.random.Generator]
    ) -> None:
        self._mdp, self._config, self._rngs = mdp.limited(config.most_steps), config, rngs
        shape = (len(rngs), config.n_envs)
        self._home = Position(np.full(shape, mdp.start), np.zeros(shape, dtype=np.intp))
        self.position, self.earned = self._home, np.zeros(shape)

    def walk(self, policy: Array) -> Walk:
        """The next batch under policy[K, S, A]."""
        if self._config.steps == 0:
            walked, valid = self._whole_episodes(policy)
            returns, _ = episode_returns(walked, valid, self._home, np.zeros(self.earned.shape))
            return Walk(walked, valid, returns)
        walked = self._steps(policy, self._rngs, self._config.steps, self.position)
        valid = np.ones(walked.states.shape, dtype=bool)
        returns, self.earned = episode_returns(walked, valid, self.position, self.earned)
        self.position = walked.last
        return Walk(walked, valid, returns)

    def _steps(
        self, policy: Array, rngs: Sequence[np.random.Generator], steps: int, begin: Position
    ) -> Rollout:
        return rollout(self._mdp, policy, rngs, steps=steps, n_envs=self._config.n_envs, begin=begin)

    def _whole_episodes(self, policy: Array) -> tuple[Rollout, Mask]:
        """One episode of each environment; what comes after its end does not count.

        A seed whose episodes have all ended throws no more dice, so that it does not depend on the others.
        """
        going, begin = np.arange(len(policy)), self._home
        blocks: list[Rollout] = []
        on = np.ones(self.earned.shape, dtype=bool)
        while going.size:
            part = self._steps(policy[going], [self._rngs[k] for k in going], _BLOCK, begin)
            blocks.append(self._among_all(part, going))
            on &= ~(blocks[-1].terminated | blocks[-1].truncated).any(axis=0)
            stays = on[going].any(axis=1)
            begin = Position(part.last.states[stays], part.last.steps[stays])
            going = going[stays]
        walked = _joined(blocks)
        ended = walked.terminated | walked.truncated
        return walked, np.cumsum(ended, axis=0) == ended

    def _among_all(self, part: Rollout, going: Indices) -> Rollout:
        """The steps of the seeds `going` among those of all seeds; the others' are ends, and nothing else."""
        T, _, N = part.states.shape
        whole = {}
        for name in _STEPS:
            given = getattr(part, name)
            whole[name] = np.zeros((T, len(self._rngs), N), dtype=given.dtype)
            whole[name][:, going] = given
        idle = np.setdiff1d(np.arange(len(self._rngs)), going)
        whole["terminated"][:, idle] = True
        return replace(part, last=self._home, **whole)


def _joined(blocks: list[Rollout]) -> Rollout:
    """One rollout after another."""
    steps = {name: np.concatenate([getattr(block, name) for block in blocks]) for name in _STEPS}
    return replace(blocks[-1], **steps)


def episode_returns(walked: Rollout, valid: Mask, begin: Position, earned: Array) -> tuple[Array, Array]:
    """(mean discounted return [K] of the episodes that ended at valid steps, what the unfinished have earned [K, N]).

    begin: the position that the rollout went on from. earned[K, N]: by its episodes until then.
    """
    ended = walked.terminated | walked.truncated
    T = len(ended)
    time = np.arange(T)[:, None, None]
    began = np.zeros((T, *earned.shape), dtype=np.intp)  # the step that the episode of step t began with
    began[1:] = np.maximum.accumulate(np.where(ended, time + 1, 0), axis=0)[:-1]
    age = time - began + np.where(began == 0, begin.steps, 0)
    total = np.zeros((T + 1, *earned.shape))
    np.cumsum(walked.gamma**age * walked.rewards, axis=0, out=total[1:])
    so_far = total[1:] - np.take_along_axis(total, began, axis=0) + np.where(began == 0, earned, 0.0)
    t, k, n = np.nonzero(ended & valid)
    count = np.bincount(k, minlength=len(earned))
    with np.errstate(invalid="ignore"):
        mean = np.bincount(k, weights=so_far[t, k, n], minlength=len(earned)) / count
    return mean, np.where(ended[-1], 0.0, so_far[-1])
