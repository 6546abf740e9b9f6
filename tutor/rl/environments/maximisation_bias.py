"""The decision process in which taking the maximum of estimates misleads (Sutton & Barto, example 6.7).

From A, `right` ends the episode and pays 0. `left` pays 0 too and leads to B, where each of many actions ends
it with a normal reward of mean -0.1 and standard deviation 1: going left is always a mistake, and looks good
as long as one of B's actions has been lucky.
"""

import numpy as np

from tutor.rl.environments.tabular import Outcome, Tabular

A, B, END = 0, 1, 2
RIGHT, LEFT = 0, 1
MEAN, DEVIATION = -0.1, 1.0


def maximisation_bias(n_actions: int = 10) -> Tabular:
    """A has two actions, B has `n_actions`; undiscounted. Raises ValueError when B has fewer than two."""
    if n_actions < 2:
        raise ValueError(f"n_actions is {n_actions}; B must have at least 2")

    def outcomes(state: int, action: int) -> list[Outcome]:
        if state == END:
            return [(1.0, END, 0.0, True)]
        if state == B:
            return [(1.0, END, MEAN, True)]
        return {RIGHT: [(1.0, END, 0.0, True)], LEFT: [(1.0, B, 0.0, False)]}.get(action, [])

    noise = np.zeros((3, n_actions))
    noise[B] = DEVIATION
    return Tabular.from_outcomes(outcomes, 3, n_actions, start=A, gamma=1.0, noise=noise)
