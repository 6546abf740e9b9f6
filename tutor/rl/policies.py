"""Stochastic policies with parameters, for K seeds at once: the softmax of logits, and what is computed from it.

theta[K, P] is what learns. Derivatives are those of the logits z[K, S, A], the input of the softmax: `pull_back` is the
transposed Jacobian (gradients), `push_forward` the Jacobian (directions).

An array [K, S, A] lies in memory as [A, K, S]: what is done for every action is then one pass over all seeds and
states, instead of one over so short an axis for each of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple, Protocol, Self

import numpy as np

from tutor.rl.environments.tabular import Array

_LEAST = 1e-300  # a smaller probability has no ratio: nobody draws it


class Slot(NamedTuple):
    """Memory that a policy is written into: what `Forward` says of each of these."""

    logits: Array
    whole: Array
    probs: Array

    @classmethod
    def new(cls, K: int, S: int, A: int) -> Self:
        return cls(stack(1, K, S, A)[0], stack(1, K, S, 1)[0], stack(1, K, S, A)[0])


def stack(n: int, K: int, S: int, A: int) -> Array:
    """Memory for n arrays [K, S, A], one after another."""
    return np.empty((n, A, K, S)).transpose(0, 2, 3, 1)


@dataclass(eq=False)
class Forward:
    """The policies that theta[K, P] stands for; made by `softmax`.

    logits: less the largest of their row, so at most 0. whole[K, S, 1]: the sum of exp of a row. probs: pi(a | s),
    [K, S, A]. hidden[K, S, H]: of a network, after its tanh; of a table, H = 0.
    """

    theta: Array
    logits: Array
    whole: Array
    probs: Array
    hidden: Array

    @classmethod
    def softmax(cls, theta: Array, hidden: Array, slot: Slot) -> Self:
        """Of the logits in the slot, whose memory it takes over; whatever is added to all logits of a row changes
        nothing."""
        logits, whole, probs = slot
        logits -= np.maximum.reduce(logits, axis=-1, keepdims=True)
        np.exp(logits, out=probs)
        np.add.reduce(probs, axis=-1, keepdims=True, out=whole)
        probs /= whole
        return cls(theta, logits, whole, probs, hidden)

    def copy(self) -> Self:
        """The same in memory of its own."""
        arrays = (self.logits, self.whole, self.probs, self.hidden)
        return type(self)(self.theta.copy(), *(array.copy(order="K") for array in arrays))

    @cached_property
    def log_probs(self) -> Array:
        """log pi(a | s), [K, S, A]."""
        log_probs: Array = self.logits - np.log(self.whole)
        return log_probs

    @cached_property
    def divisor(self) -> Array:
        """pi(a | s) as what a ratio divides by, [K, S, A]."""
        return np.maximum(self.probs, _LEAST)

    @cached_property
    def slope(self) -> Array:
        """The derivative of the tanh at each hidden unit, [K, S, H]."""
        return tanh_slope(self.hidden, out=np.empty_like(self.hidden))


class Workspace(Protocol):
    """Parameters that learn where they are: theta[K, P] and the gradient [K, P] are always the same memory, and so is
    what is needed between."""

    theta: Array
    gradient: Array

    def begin(self, at: Forward) -> None:
        """Stand where that policy does."""

    def forward(self, into: Slot) -> Forward:
        """The policies that theta stands for now. Of these the last one alone has its theta and hidden layer."""

    def pull_back(self, logit_gradient: Array) -> None:
        """Into the gradient, of the last policies: sum over s, a of logit_gradient[K, S, A] dz(s, a) / dtheta."""


class Policy(Protocol):
    """What the algorithms need of an architecture. shape: (S, A)."""

    shape: tuple[int, int]
    n_parameters: int

    def initial(self, rngs: Sequence[np.random.Generator]) -> Array:
        """theta[K, P] to begin with; each generator draws for its own seed."""

    def workspace(self, n_seeds: int) -> Workspace: ...

    def forward(self, theta: Array) -> Forward: ...

    def pull_back(self, at: Forward, logit_gradient: Array) -> Array:
        """[K, P]: sum over s, a of logit_gradient[K, S, A] dz(s, a) / dtheta."""

    def push_forward(self, at: Forward, direction: Array) -> Array:
        """[K, S, A]: how the logits change along direction[K, P]."""


def tanh_slope(hidden: Array, out: Array) -> Array:
    """The derivative of a tanh whose value is `hidden`, 1 - hidden^2."""
    np.multiply(hidden, hidden, out=out)
    return np.subtract(1, out, out=out)


def sum_actions(values: Array) -> Array:
    """[..., 1]: the sum over the last axis."""
    summed: Array = np.add.reduce(values, axis=-1, keepdims=True)
    return summed


def logit_gradient(weights: Array, probs: Array) -> Array:
    """The gradient of sum_a weights(s, a) log pi(a | s) with respect to the logits, [K, S, A]."""
    drawn_off: Array = probs * sum_actions(weights)
    return np.subtract(weights, drawn_off, out=drawn_off)


def entropy(at: Forward) -> Array:
    """H(s) = - sum_a pi log pi, in nats, [K, S]."""
    return -sum_actions(at.probs * at.log_probs)[..., 0]


def entropy_gradient(at: Forward) -> Array:
    """dH(s) / dz(s, a) = - pi (log pi + H), [K, S, A]."""
    return -at.probs * (at.log_probs + entropy(at)[..., None])


def kl(old: Forward, new: Forward) -> Array:
    """KL(old, new) of each state, in nats, [K, S]."""
    divergence: Array = np.maximum(sum_actions(old.probs * (old.log_probs - new.log_probs))[..., 0], 0.0)
    return divergence
