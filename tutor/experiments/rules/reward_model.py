"""A reward model: does it tell pairs apart that it never saw, and only those that it saw?"""

import numpy as np

from tutor.experiments.evidence import Evidence, last_part
from tutor.experiments.explain import Rule
from tutor.experiments.rules.general import FEWEST, OWN

RIGHT, UNSEEN = "accuracy/reward_model", "accuracy/reward_model_held_out"
CHRISTIANO = "Christiano et al. 2017, Deep RL from Human Preferences (arXiv 1706.03741)"
GAO = "Gao et al. 2023, Scaling Laws for Reward Model Overoptimization (arXiv 2210.10760)"


def tells_apart(evidence: Evidence, threshold: float) -> str | None:
    unseen = _late(evidence, UNSEEN)
    if not unseen > threshold:
        return None
    return (
        f"It tells answers apart: of pairs that it never saw it scores the preferred answer higher in {unseen:.0%}; by "
        "chance it would be half of them."
    )


def still_guesses(evidence: Evidence, threshold: float) -> str | None:
    unseen = _late(evidence, UNSEEN)
    if not unseen <= threshold:
        return None
    return f"It still guesses: of pairs that it never saw it has {unseen:.0%} right, and chance has half of them."


def by_heart(evidence: Evidence, threshold: float) -> str | None:
    right, unseen = _late(evidence, RIGHT), _late(evidence, UNSEEN)
    if not right - unseen > threshold:
        return None
    return f"It knows its pairs better than others: {right:.0%} right of those it learns from, {unseen:.0%} of others."


def _late(evidence: Evidence, metric: str) -> float:
    """The mean over the last fifth of the updates and the seeds; not a number while there are few."""
    series = next((frame.series for frame in evidence.frames), "")
    values = evidence.values(series, metric)
    return float(last_part(values).mean()) if len(values) >= FEWEST else np.nan


RULES = (
    Rule(
        "tells-apart",
        0.55,
        "share of held-out pairs that are scored as preferred, in the last fifth of the updates, above this",
        f"{CHRISTIANO}, section 2.2.3; the bound is {OWN}",
        "What the preferred answers have in common has become a higher score. Pairs between which the rater did not "
        "care are labelled by chance: nobody has all of them right.",
        "] goes on to PPO, which seeks what scores high, also where no pair was",
        tells_apart,
    ),
    Rule(
        "still-guesses",
        0.55,
        "the same share, up to this",
        f"{CHRISTIANO}, section 2.2.3; the bound is {OWN}",
        "Too few pairs, too few passes over them, or labels without a pattern.",
        "more pairs or passes; picks that follow one taste (y)",
        still_guesses,
    ),
    Rule(
        "pairs-by-heart",
        0.15,
        "right share of the batch above that of held-out pairs, in the last fifth of the updates",
        f"{GAO}, section 3, on the number of labels; the bound is {OWN}",
        "It has learned single pairs by heart; PPO meets none of them again.",
        "more pairs; fewer passes over them",
        by_heart,
    ),
)
