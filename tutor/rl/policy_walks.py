"""Who walks for an update of policy gradients: a number of steps, or whole episodes. Arrays are [T, K, N]."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from tutor.rl.environments.tabular import Array, Indices, Mask, Tabular
from tutor.rl.policy_gradient_frames import PolicyGradientConfig
from tutor.rl.rollout import Position, Rollout, rollout

_BLOCK = 16  # steps walked before it is asked whose episodes have ended
_ARRAYS = 16  # that an update has of its samples at a time
_MOST_KEPT = 3 << 20  # numbers: of a block over 32 MB glibc learns nothing
Scalar = TypeVar("Scalar", bound=np.generic)


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
        _keep_freed_memory(math.prod(shape) * config.steps)
        self._home = Position(np.full(shape, mdp.start), np.zeros(shape, dtype=np.intp))
        self.position, self.earned = self._home, np.zeros(shape)

    def walk(self, policy: Array) -> Walk:
        """The next batch under policy[K, S, A]."""
        walk = self._walk(policy)
        if self._config.truncation_is_end:
            return replace(walk, rollout=walk.rollout.with_truncation_for_end())
        return walk

    def _walk(self, policy: Array) -> Walk:
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
            part = self._steps(policy[going], [self._rngs[k] for k in going.tolist()], _BLOCK, begin)
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
        K = len(self._rngs)
        if len(going) == K:
            return replace(part, last=self._home)
        terminated = _spread(part.terminated, going, K)
        terminated[:, np.setdiff1d(np.arange(K), going)] = True
        return replace(
            part,
            states=_spread(part.states, going, K),
            actions=_spread(part.actions, going, K),
            rewards=_spread(part.rewards, going, K),
            next_states=_spread(part.next_states, going, K),
            terminated=terminated,
            truncated=_spread(part.truncated, going, K),
            last=self._home,
        )


def _keep_freed_memory(samples: int) -> None:
    """Have the allocator keep what an update frees for the next one, instead of giving it back to the system and
    having it zeroed anew, page by page, which takes a tenth of the time of many seeds.

    glibc keeps twice the largest block that was ever freed (mallopt(3), M_MMAP_THRESHOLD); elsewhere nothing comes of
    it. The block is never written to, so it takes no memory.
    """
    np.empty(min(_ARRAYS * samples, _MOST_KEPT))


def _spread(values: NDArray[Scalar], going: Indices, K: int) -> NDArray[Scalar]:
    """values[T, len(going), N] among the rows of all K seeds, the others' 0."""
    whole = np.zeros((len(values), K, values.shape[2]), dtype=values.dtype)
    whole[:, going] = values
    return whole


def _joined(blocks: list[Rollout]) -> Rollout:
    """One rollout after another."""
    return replace(
        blocks[-1],
        states=np.concatenate([block.states for block in blocks]),
        actions=np.concatenate([block.actions for block in blocks]),
        rewards=np.concatenate([block.rewards for block in blocks]),
        next_states=np.concatenate([block.next_states for block in blocks]),
        terminated=np.concatenate([block.terminated for block in blocks]),
        truncated=np.concatenate([block.truncated for block in blocks]),
    )


def episode_returns(walked: Rollout, valid: Mask, begin: Position, earned: Array) -> tuple[Array, Array]:
    """(mean discounted return [K] of the episodes that ended at valid steps, what the unfinished have earned [K, N]).

    begin: the position that the rollout went on from. earned[K, N]: by its episodes until then.
    """
    K, N = earned.shape
    ended = (walked.terminated | walked.truncated).reshape(-1, K * N)
    T, first = len(ended), begin.steps.ravel()
    time = np.arange(T)[:, None]
    began = np.zeros((T, K * N), dtype=np.intp)  # the step that the episode of step t began with
    np.maximum.accumulate((ended * (time + 1))[:-1], axis=0, out=began[1:])
    age = time - began + (began == 0) * first
    discount = walked.gamma ** np.arange(age.max(initial=0) + 1)
    total = np.zeros((T + 1, K * N))
    np.cumsum(discount.take(age) * walked.rewards.reshape(T, K * N), axis=0, out=total[1:])

    def so_far(at: Indices) -> Array:
        """What the episodes have earned, at these flat indices of their steps."""
        begins, env = began.ravel().take(at), at % (K * N)
        before = np.where(begins == 0, earned.ravel().take(env), 0.0)
        earned_by: Array = total.ravel().take(at + K * N) - total.ravel().take(begins * (K * N) + env)
        return earned_by + before

    ends = np.flatnonzero(ended & valid.reshape(T, K * N))
    of_seed = ends % (K * N) // N
    count = np.bincount(of_seed, minlength=K)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(of_seed, weights=so_far(ends), minlength=K) / count
    going = np.where(ended[-1], 0.0, so_far(np.arange((T - 1) * K * N, T * K * N)))
    return mean, going.reshape(K, N)
