"""Random walks: a row of states, every step goes left or right with equal chance, both ends end the episode.

State 0 is the left end and state n + 1 the right end; the walk starts in the middle. There is one action, which
is to go on. Sutton & Barto, 2nd edition: 5 states, right end +1 (example 6.2); 19 states, left end -1, right
end +1 (example 7.1).
"""

import numpy as np

from tutor.rl.environments.tabular import Array, Outcome, Tabular

LEFT_REWARDS = {5: 0.0, 19: -1.0}  # by number of states; the right end pays +1


def random_walk(n_states: int) -> Tabular:
    """The walk of 5 or 19 states between its two ends, undiscounted. Raises ValueError for another number."""
    if n_states not in LEFT_REWARDS:
        raise ValueError(f"n_states is {n_states}; the random walks have 5 or 19 states")
    left, right = 0, n_states + 1
    rewards = {left: LEFT_REWARDS[n_states], right: 1.0}

    def outcomes(state: int, _action: int) -> list[Outcome]:
        if state in rewards:
            return [(1.0, state, 0.0, True)]
        return [(0.5, there, rewards.get(there, 0.0), there in rewards) for there in (state - 1, state + 1)]

    return Tabular.from_outcomes(outcomes, n_states + 2, 1, start=(n_states + 1) // 2, gamma=1.0)


def true_values(n_states: int) -> Array:
    """V[n + 2]: on a straight line between the rewards of the two ends, which are themselves worth 0."""
    values = np.linspace(LEFT_REWARDS[n_states], 1.0, n_states + 2)
    values[[0, -1]] = 0.0
    return values
