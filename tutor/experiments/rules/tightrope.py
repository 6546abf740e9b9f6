"""Where the true return turns while the surrogate goes on promising. The curves are of places, not of learning."""

from tutor.experiments.evidence import Array, Evidence, number
from tutor.experiments.explain import Rule

ALONE = True
RETURN = "objective/return"


def turns(evidence: Evidence, threshold: float) -> str | None:
    truth, promise = _mean(evidence, "true"), _mean(evidence, "surrogate")
    if len(truth) < 2 or len(promise) < len(truth):
        return None
    top, end = int(truth.argmax()), len(truth) - 1
    if truth[top] - truth[end] <= threshold:
        return f"The true return has not turned by step {end}: {number(truth[end])}, from {number(truth[0])}."
    return (
        f"The true return is highest at step {top}, {number(truth[top])}, and falls to {number(truth[end])} at step "
        f"{end}; at the top the surrogate promised {number(promise[top])}, at the end it promises "
        f"{number(promise[end])}."
    )


def luck_and_reach(evidence: Evidence, threshold: float) -> str | None:
    """How much of the gap at the end is the batch's luck, and how much the surrogate itself."""
    truth, promise, exact = (_mean(evidence, name) for name in ("true", "surrogate", "exact-surrogate"))
    if not len(truth) or not len(truth) == len(promise) == len(exact):
        return None
    luck, reach = float(promise[-1] - exact[-1]), float(exact[-1] - truth[-1])
    if luck + reach <= threshold:
        return None
    return (
        f"Of the {number(luck + reach)} that the surrogate promises too much at the end, {number(luck)} is the luck of "
        f"the batch and the critic's error, {number(reach)} is that the states visited are no longer the same."
    )


def _mean(evidence: Evidence, series: str) -> Array:
    values = evidence.values(series, RETURN)
    return values.mean(1) if len(values) else values.reshape(-1)


_TRPO = "Schulman et al. 2015, TRPO (arXiv 1502.05477), section 2"
RULES = (
    Rule(
        "turns",
        0.01,
        "by which the true return must have fallen from its highest",
        _TRPO,
        "The surrogate holds at the policy that walked, with its slope, and nowhere else is it bound to.",
        "a shorter step: that is what delta, the clip and the learning rate are for",
        turns,
    ),
    Rule(
        "luck-and-reach",
        0.01,
        "that the surrogate must promise too much",
        f"{_TRPO}, equation 3",
        "The surrogate keeps the visits of the old policy. And a direction that was chosen because it looks good in "
        "one batch looks better there than it is.",
        "more environments and steps: the luck shrinks, the reach stays",
        luck_and_reach,
    ),
)
