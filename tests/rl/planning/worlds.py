"""Small decision processes to plan in."""

import numpy as np
from hypothesis import strategies as st

from tutor.rl.environments.gridworld import Gridworld


@st.composite
def problems(draw, states=4, actions=3):
    """(P, R, policy) without any structure."""
    rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
    P = rng.dirichlet(np.full(states, 0.5), (states, actions))
    return P, rng.normal(size=(states, actions)), rng.dirichlet(np.ones(actions), states)


def corridor(**changes):
    numbers = {"step_reward": -1.0, "slip": 0.0, "gamma": 1.0, "rewards": {"G": 0.0}} | changes
    return Gridworld.from_text("S.....G", **numbers)
