"""What to see in the curves of the cliff (Sutton & Barto 2018, example 6.6)."""

import numpy as np

from tutor.experiments.evidence import Evidence, listed, number
from tutor.experiments.explain import Rule
from tutor.experiments.rules.general import FEWEST

EARNED, LEARNED = "objective/episode_return", "objective/return"
EXAMPLE = "Sutton & Barto 2018, example 6.6"


def earns_more_and_knows_less(evidence: Evidence, threshold: float) -> str | None:
    """One series earns more while it explores, the other's greedy policy is better; both by more than `threshold`."""
    ends = {name: _ends(evidence, name) for name in ("sarsa", "q-learning")}
    if any(end is None for end in ends.values()):
        return None
    (sarsa_earns, sarsa_knows), (q_earns, q_knows) = (end for end in ends.values() if end is not None)
    if sarsa_earns - q_earns <= threshold or q_knows - sarsa_knows <= threshold:
        return None
    return (
        f"While exploring sarsa earns more than q-learning ({number(sarsa_earns)} an episode against "
        f"{number(q_earns)}), and yet what q-learning has learned is better: its greedy path gets {number(q_knows)}, "
        f"sarsa's {number(sarsa_knows)}."
    )


def _ends(evidence: Evidence, series: str) -> tuple[float, float] | None:
    """(the mean of what it earns in the last fifth of the episodes, the median over the seeds of what its last greedy
    policy gets), once there are enough episodes and both are numbers."""
    earned, learned = evidence.values(series, EARNED), evidence.values(series, LEARNED)
    if len(earned) < FEWEST or not len(learned):
        return None
    late = earned[-max(1, len(earned) // 5) :]
    ends = float(late.mean()), float(np.median(learned[-1]))
    return ends if np.isfinite(ends).all() else None


def lost(evidence: Evidence, threshold: float) -> str | None:
    """Greedy policies that never arrive: the shortest way costs 13, the longest without a circle less than 47."""
    found = []
    for series in evidence.series:
        learned = evidence.values(series, LEARNED)
        if len(evidence.values(series, EARNED)) >= FEWEST and len(learned):
            share = float((learned[-1] < threshold).mean())
            if share:
                found.append(f"{series} in {share:.0%} of its seeds")
    return f"The greedy policy does not arrive: {listed(found)}." if found else None


RULES = (
    Rule(
        "earns-more-knows-less",
        1,
        "reward an episode by which the one must earn more, and the other's greedy path get more",
        EXAMPLE,
        "SARSA values what it does, exploring included, and so keeps away from the edge; Q-learning values the best "
        "that could be done, walks along the edge, and falls when it explores.",
        "a smaller epsilon, or one that fades: then both come to the short way",
        earns_more_and_knows_less,
    ),
    Rule(
        "lost",
        -47,
        "return below which a greedy policy walks in circles: no path visits a cell twice",
        EXAMPLE,
        "With a step size that stays large the values go on trembling, and now and then two neighbours point at "
        "each other.",
        "a smaller alpha, or one that fades; more episodes",
        lost,
    ),
)
