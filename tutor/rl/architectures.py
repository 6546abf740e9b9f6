"""What stands between parameters and logits: a table, and a network of one hidden layer. An architecture is stateless:
what it keeps is memory to write into."""

from collections.abc import Sequence
from typing import Literal

import numpy as np

from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.tabular import Array, FiniteMDP, Indices
from tutor.rl.policies import Forward, Policy, Slot, tanh_slope

Architecture = Literal["softmax", "network"]
ARCHITECTURES: tuple[Architecture, ...] = ("softmax", "network")
_HIDDEN_SCALE, _OUTPUT_SCALE = 1.0, 0.01  # of the first weights: the first policy is all but uniform
_FAR = 300.0  # exp of two such sums, and their product, are normal numbers


class SoftmaxTable:
    """A logit for each state and action (Sutton & Barto, 2nd edition, equation 13.2 with one-hot features)."""

    def __init__(self, n_states: int, n_actions: int) -> None:
        self.shape = (n_states, n_actions)
        self.n_parameters = n_states * n_actions

    def initial(self, rngs: Sequence[np.random.Generator]) -> Array:
        """Uniform policies; nothing is drawn."""
        return np.zeros((len(rngs), self.n_parameters))

    def workspace(self, n_seeds: int) -> "_TableWorkspace":
        return _TableWorkspace(self.shape, *np.empty((2, n_seeds, self.n_parameters)))

    def forward(self, theta: Array) -> Forward:
        return _TableWorkspace(self.shape, theta, theta).forward(Slot.new(len(theta), *self.shape))

    def pull_back(self, at: Forward, logit_gradient: Array) -> Array:
        return logit_gradient.reshape(at.theta.shape)

    def push_forward(self, at: Forward, direction: Array) -> Array:
        return direction.reshape(at.logits.shape)


class _TableWorkspace:
    def __init__(self, shape: tuple[int, int], theta: Array, gradient: Array) -> None:
        self.theta, self.gradient = theta, gradient
        self._logits, self._to_logits = theta.reshape(-1, *shape), gradient.reshape(-1, *shape)
        self._hidden = np.empty((len(theta), shape[0], 0))

    def begin(self, at: Forward) -> None:
        self.theta[:] = at.theta

    def forward(self, into: Slot) -> Forward:
        into.logits[:] = self._logits
        return Forward.softmax(self.theta, self._hidden, into)

    def pull_back(self, logit_gradient: Array) -> None:
        self._to_logits[:] = logit_gradient


class TanhNetwork:
    """Inputs that are 0 or 1 -> H tanh units -> A logits: z = tanh(x W1 + b1) W2 + b2.

    ones[groups, S]: which F inputs of a state are 1, one of each group, group after group: of a grid its row and
    its column.
    """

    def __init__(self, ones: Indices, n_inputs: int, n_hidden: int, n_actions: int) -> None:
        self._ones, S, F = ones, ones.shape[1], n_inputs
        self._inputs = np.hstack([one_hot(ones, F), np.ones((S, 1))])  # the last row of W1 is b1
        self._doubled = -2 * self._inputs  # exact: the tanh needs no pass of its own for it
        self.inputs_transposed = np.ascontiguousarray(self._inputs.T)
        self._shares = len(ones) > 1 and S > 2 * F
        self._first_group = slice(int(ones[0].min()), int(ones[0].max()) + 1)
        self.shape, self._n_hidden = (S, n_actions), n_hidden
        self._ends = ((F + 1) * n_hidden, (F + 1 + n_actions) * n_hidden)
        self.n_parameters = self._ends[1] + n_actions
        self._scratch = np.empty((2, 0, 0, 0))

    def initial(self, rngs: Sequence[np.random.Generator]) -> Array:
        """Normal weights, biases 0: a spread of sqrt 2 in the hidden layer of a grid, and small logits."""
        theta = np.zeros((len(rngs), self.n_parameters))
        W1, W2, _ = self.split(theta)
        for k, rng in enumerate(rngs):
            W1[k, :-1] = rng.normal(scale=_HIDDEN_SCALE, size=W1[k, :-1].shape)
            W2[k] = rng.normal(scale=_OUTPUT_SCALE, size=W2[k].shape)
        return theta

    def workspace(self, n_seeds: int) -> "_NetworkWorkspace":
        theta, gradient = np.empty((2, n_seeds, self.n_parameters))
        return _NetworkWorkspace(self, theta, gradient, self._new_hidden(n_seeds))

    def forward(self, theta: Array) -> Forward:
        there = _NetworkWorkspace(self, theta, theta, self._new_hidden(len(theta)))
        return there.forward(Slot.new(len(theta), *self.shape))

    def pull_back(self, at: Forward, logit_gradient: Array) -> Array:
        there = _NetworkWorkspace(self, at.theta, np.empty(at.theta.shape), at.hidden)
        there.pull_back(logit_gradient)
        return there.gradient

    def push_forward(self, at: Forward, direction: Array) -> Array:
        W2 = self.split(at.theta)[1]
        W1_moves, W2_moves, b2_moves = self.split(direction)
        moves = self._inputs @ W1_moves
        moves *= at.slope
        change: Array = moves @ W2 + at.hidden @ W2_moves + b2_moves[:, None]
        return change

    def exponentials(self, W1: Array, out: Array) -> None:
        """exp(-2 (x W1 + b1)) of every state, [K, S, H]."""
        if self._shares:
            self._shared_exponentials(W1, out)
        else:
            np.exp(np.matmul(self._doubled, W1, out=out), out=out)

    def _shared_exponentials(self, W1: Array, out: Array) -> None:
        """As a product of one factor for each group: far fewer exponentials than states. Where a factor would be no
        number, the sum comes first."""
        first, *others = self._ones
        sums = -2 * W1[:, :-1]
        sums[:, self._first_group] -= 2 * W1[:, -1:]  # of which every state has one
        far = np.abs(sums).max(axis=(1, 2)) > _FAR
        sums[far] = 0.0  # theirs are made one by one
        factors = np.exp(sums, out=sums)
        factors.take(first, axis=1, mode="clip", out=out)
        for ones in others:
            out *= factors.take(ones, axis=1, mode="clip", out=self.two_like(out)[0])
        for k in np.flatnonzero(far):
            np.exp(np.matmul(self._doubled, W1[k], out=out[k]), out=out[k])

    def two_like(self, hidden: Array) -> Array:
        """Two arrays to write into, [2, K, S, H]: new memory for each gradient takes longer than the gradient."""
        if self._scratch.shape[1:] != hidden.shape:
            self._scratch = np.empty((2, *hidden.shape))
        return self._scratch

    def split(self, theta: Array) -> tuple[Array, Array, Array]:
        """Views W1[K, F + 1, H], W2[K, H, A], b2[K, A] of theta[K, P]."""
        K, (first, second) = len(theta), self._ends
        return (
            theta[:, :first].reshape(K, -1, self._n_hidden),
            theta[:, first:second].reshape(K, self._n_hidden, -1),
            theta[:, second:],
        )

    def _new_hidden(self, n_seeds: int) -> Array:
        return np.empty((n_seeds, self.shape[0], self._n_hidden))


class _NetworkWorkspace:
    """Holds the views that a step needs: to make them takes as long as a product of small matrices."""

    def __init__(self, network: TanhNetwork, theta: Array, gradient: Array, hidden: Array) -> None:
        self._network, self.theta, self.gradient, self._hidden = network, theta, gradient, hidden
        self._W1, self._W2, b2 = network.split(theta)
        self._b2 = b2[:, None]
        self._to_W1, self._to_W2, self._to_b2 = network.split(gradient)
        self._W2_transposed = self._W2.transpose(0, 2, 1)
        self._hidden_transposed = hidden.transpose(0, 2, 1)
        self._back, self._slope = network.two_like(hidden)

    def begin(self, at: Forward) -> None:
        self.theta[:], self._hidden[:] = at.theta, at.hidden

    def forward(self, into: Slot) -> Forward:
        self._network.exponentials(self._W1, self._hidden)
        _tanh_of_exponential(self._hidden)
        np.matmul(self._hidden, self._W2, out=into.logits)
        np.add(into.logits, self._b2, out=into.logits)
        return Forward.softmax(self.theta, self._hidden, into)

    def pull_back(self, logit_gradient: Array) -> None:
        np.matmul(self._hidden_transposed, logit_gradient, out=self._to_W2)
        np.add.reduce(logit_gradient, axis=1, out=self._to_b2)
        back = np.matmul(logit_gradient, self._W2_transposed, out=self._back)
        back *= tanh_slope(self._hidden, out=self._slope)
        np.matmul(self._network.inputs_transposed, back, out=self._to_W1)


def _tanh_of_exponential(x: Array) -> None:
    """tanh(z) = 2 / (1 + x) - 1 of x = exp(-2 z), into x: half the time of numpy's own. Of infinity it is -1."""
    x += 1
    np.divide(2, x, out=x)
    x -= 1


def make_policy(env: FiniteMDP, states: Indices, architecture: Architecture, n_hidden: int) -> Policy:
    """Of these states of a world: the table, or a network that sees row and column of a grid one-hot (elsewhere the
    state)."""
    n_actions = env.tabular().n_actions
    if architecture == "softmax":
        return SoftmaxTable(len(states), n_actions)
    ones, n_inputs = _ones(env)
    return TanhNetwork(ones[:, states], n_inputs, n_hidden, n_actions)


def features(env: FiniteMDP) -> Array:
    """[S, F]: of a grid one-hot row beside one-hot column; elsewhere one-hot state."""
    return one_hot(*_ones(env))


def one_hot(ones: Indices, n_inputs: int) -> Array:
    """[S, F] of ones[groups, S]: which of them are 1."""
    inputs: Array = np.eye(n_inputs)[ones].sum(axis=0)
    return inputs


def _ones(env: FiniteMDP) -> tuple[Indices, int]:
    """Which inputs of a state are 1, [groups, S], and how many there are."""
    if not isinstance(env, Gridworld):
        S = env.tabular().n_states
        return np.arange(S)[None], S
    rows, cols = np.array(env.cells).T
    return np.array([rows, cols + env.rows]), env.rows + env.cols
