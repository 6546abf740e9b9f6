"""Stochastic policies with parameters, for K seeds at once: a table of logits, and a network of one hidden layer.

An architecture is stateless; theta[K, P] is what learns. Derivatives are those of the logits z[K, S, A], the input
of the softmax: `pull_back` is the transposed Jacobian (gradients), `push_forward` the Jacobian (directions).

An array [K, S, A] of the network lies in memory as [A, K, S]: what is done for every action is then one pass over all
seeds and states, instead of one over so short an axis for each of them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal, Protocol, Self

import numpy as np

from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.tabular import Array, FiniteMDP, Indices

Architecture = Literal["softmax", "network"]
ARCHITECTURES: tuple[Architecture, ...] = ("softmax", "network")
_HIDDEN_SCALE, _OUTPUT_SCALE = 1.0, 0.01  # of the first weights: the first policy is all but uniform
_LEAST = 1e-300  # a smaller probability has no ratio: nobody draws it


@dataclass(eq=False)
class Forward:
    """The policies that theta[K, P] stands for; made by `of_logits`.

    logits: less the largest of their row, so at most 0. whole[K, S, 1]: the sum of exp of a row. probs: pi(a | s),
    [K, S, A]. hidden[K, S, H]: of a network, after its tanh.
    """

    theta: Array
    logits: Array
    whole: Array
    probs: Array
    hidden: Array | None = None

    @classmethod
    def of_logits(cls, theta: Array, logits: Array, hidden: Array | None = None) -> Self:
        """The softmax of logits[K, S, A]; whatever is added to all logits of a row changes nothing."""
        shifted, weights, whole = _softmax_parts(logits)
        weights /= whole
        return cls(theta, shifted, whole, weights, hidden)

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
        """The derivative of the tanh at each hidden unit, 1 - hidden^2, [K, S, H]."""
        assert self.hidden is not None  # noqa: S101  (the network's own forward made it)
        return _tanh_slope(self.hidden, out=np.empty_like(self.hidden))


class Policy(Protocol):
    """What the algorithms need of an architecture."""

    n_parameters: int

    def initial(self, rngs: Sequence[np.random.Generator]) -> Array:
        """theta[K, P] to begin with; each generator draws for its own seed."""

    def forward(self, theta: Array) -> Forward: ...

    def pull_back(self, at: Forward, logit_gradient: Array, out: Array | None = None) -> Array:
        """[K, P], into `out`: sum over s, a of logit_gradient[K, S, A] dz(s, a) / dtheta."""

    def push_forward(self, at: Forward, direction: Array) -> Array:
        """[K, S, A]: how the logits change along direction[K, P]."""


class SoftmaxTable:
    """A logit for each state and action (Sutton & Barto, 2nd edition, equation 13.2 with one-hot features)."""

    def __init__(self, n_states: int, n_actions: int) -> None:
        self._shape = (n_states, n_actions)
        self.n_parameters = n_states * n_actions

    def initial(self, rngs: Sequence[np.random.Generator]) -> Array:
        """Uniform policies; nothing is drawn."""
        return np.zeros((len(rngs), self.n_parameters))

    def forward(self, theta: Array) -> Forward:
        return Forward.of_logits(theta, theta.reshape(-1, *self._shape))

    def pull_back(self, at: Forward, logit_gradient: Array, out: Array | None = None) -> Array:
        gradient = np.empty(at.theta.shape) if out is None else out
        gradient[:] = logit_gradient.reshape(gradient.shape)
        return gradient

    def push_forward(self, at: Forward, direction: Array) -> Array:
        return direction.reshape(at.log_probs.shape)


class TanhNetwork:
    """features[S, F] -> H tanh units -> A logits: z = tanh(x W1 + b1) W2 + b2."""

    def __init__(self, features: Array, n_hidden: int, n_actions: int) -> None:
        self._inputs = np.hstack([features, np.ones((len(features), 1))])  # the last row of W1 is b1
        self._doubled = -2 * self._inputs  # exact: the tanh needs no pass of its own for it
        self._inputs_transposed = np.ascontiguousarray(self._inputs.T)
        F = self._inputs.shape[1]
        self._shapes = ((F, n_hidden), (n_hidden, n_actions), (n_actions,))
        sizes = [int(np.prod(shape)) for shape in self._shapes]
        self._ends = (sizes[0], sizes[0] + sizes[1], sum(sizes))
        self.n_parameters = sum(sizes)
        self._scratch = np.empty((2, 0, 0, 0))

    def initial(self, rngs: Sequence[np.random.Generator]) -> Array:
        """Normal weights, biases 0: a spread of sqrt 2 in the hidden layer of a grid, and small logits."""
        theta = np.zeros((len(rngs), self.n_parameters))
        W1, W2, _ = self._split(theta)
        for k, rng in enumerate(rngs):
            W1[k, :-1] = rng.normal(scale=_HIDDEN_SCALE, size=W1[k, :-1].shape)
            W2[k] = rng.normal(scale=_OUTPUT_SCALE, size=W2[k].shape)
        return theta

    def forward(self, theta: Array) -> Forward:
        W1, W2, b2 = self._split(theta)
        hidden = _tanh_of_minus_half(self._doubled @ W1)
        logits = np.empty((self._shapes[2][0], *hidden.shape[:2])).transpose(1, 2, 0)
        np.matmul(hidden, W2, out=logits)
        logits += b2[:, None]
        return Forward.of_logits(theta, logits, hidden)

    def pull_back(self, at: Forward, logit_gradient: Array, out: Array | None = None) -> Array:
        hidden, W2 = _hidden(at), self._output(at.theta)
        gradient = np.empty(at.theta.shape) if out is None else out
        to_W1, to_W2, to_b2 = self._split(gradient)
        np.matmul(hidden.transpose(0, 2, 1), logit_gradient, out=to_W2)
        to_b2[:] = logit_gradient.sum(axis=1)
        back, slope = self._two_like(hidden)
        np.matmul(logit_gradient, W2.transpose(0, 2, 1), out=back)
        _tanh_slope(hidden, out=slope)
        back *= slope
        np.matmul(self._inputs_transposed, back, out=to_W1)
        return gradient

    def push_forward(self, at: Forward, direction: Array) -> Array:
        hidden, W2 = _hidden(at), self._output(at.theta)
        W1_moves, W2_moves, b2_moves = self._split(direction)
        moves = self._inputs @ W1_moves
        moves *= at.slope
        change: Array = moves @ W2 + hidden @ W2_moves + b2_moves[:, None]
        return change

    def _two_like(self, hidden: Array) -> Array:
        """Two arrays to write into, [2, K, S, H]: new memory for each gradient takes longer than the gradient."""
        if self._scratch.shape[1:] != hidden.shape:
            self._scratch = np.empty((2, *hidden.shape))
        return self._scratch

    def _output(self, theta: Array) -> Array:
        """W2[K, H, A], a view."""
        return theta[:, self._ends[0] : self._ends[1]].reshape(-1, *self._shapes[1])

    def _split(self, theta: Array) -> tuple[Array, Array, Array]:
        """Views W1[K, F + 1, H], W2[K, H, A], b2[K, A] of theta[K, P]."""
        K, (first, second, _) = len(theta), self._ends
        return (
            theta[:, :first].reshape(K, *self._shapes[0]),
            theta[:, first:second].reshape(K, *self._shapes[1]),
            theta[:, second:],
        )


def _hidden(at: Forward) -> Array:
    assert at.hidden is not None  # noqa: S101  (the network's own forward made it)
    return at.hidden


def _tanh_slope(hidden: Array, out: Array) -> Array:
    np.multiply(hidden, hidden, out=out)
    np.subtract(1, out, out=out)
    return out


def _tanh_of_minus_half(x: Array) -> Array:
    """tanh(-x / 2) = 2 / (1 + exp x) - 1, into x: half the time of numpy's own. Where exp overflows it is -1."""
    np.exp(x, out=x)
    x += 1
    np.divide(2, x, out=x)
    x -= 1
    return x


def log_softmax(logits: Array) -> Array:
    """log pi over the last axis; whatever is added to all logits of a row changes nothing."""
    shifted, _, whole = _softmax_parts(logits)
    log_probs: Array = shifted - np.log(whole)
    return log_probs


def _softmax_parts(logits: Array) -> tuple[Array, Array, Array]:
    """The logits less the largest of their row, exp of that, and its sum over the row [..., 1]."""
    shifted = logits - np.maximum.reduce(logits, axis=-1, keepdims=True)
    weights = np.exp(shifted)
    return shifted, weights, sum_actions(weights)


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


def make_policy(env: FiniteMDP, states: Indices, architecture: Architecture, n_hidden: int) -> Policy:
    """Of these states of a world: the table, or a network that sees row and column of a grid one-hot (elsewhere the
    state)."""
    n_actions = env.tabular().n_actions
    if architecture == "softmax":
        return SoftmaxTable(len(states), n_actions)
    return TanhNetwork(features(env)[states], n_hidden, n_actions)


def features(env: FiniteMDP) -> Array:
    """[S, F]: of a grid one-hot row beside one-hot column; elsewhere one-hot state."""
    if not isinstance(env, Gridworld):
        return np.eye(env.tabular().n_states)
    rows, cols = np.array(env.cells).T
    return np.hstack([np.eye(env.rows)[rows], np.eye(env.cols)[cols]])
