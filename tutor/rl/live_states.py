"""The states in which there is something to decide: a terminal one has no policy to learn, and costs no time."""

import numpy as np

from tutor.rl.environments.tabular import Array, FiniteMDP, Indices


class LiveStates:
    """states[L]: the live ones among all S. place[S]: where a state stands among them (of a terminal one: nowhere
    that counts)."""

    def __init__(self, env: FiniteMDP) -> None:
        live = ~env.tabular().terminal
        self.states: Indices = np.flatnonzero(live)
        self.place: Indices = np.cumsum(live) - live
        self._everywhere = len(live)

    def policy(self, probs: Array) -> Array:
        """[K, S, A] of probs[K, L, A]: uniform where nothing is decided."""
        return self._spread(probs, 1 / probs.shape[-1])

    def change(self, values: Array) -> Array:
        """[K, S, A] of values[K, L, A]: 0 where nothing is decided."""
        return self._spread(values, 0.0)

    def _spread(self, values: Array, elsewhere: float) -> Array:
        K, _, A = values.shape
        spread = np.full((K, self._everywhere, A), elsewhere)
        spread[:, self.states] = values
        return spread
