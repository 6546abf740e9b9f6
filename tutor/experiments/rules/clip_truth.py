"""Does the clip hold a ratio? What the steps beyond the range were made of."""

import numpy as np

from tutor.experiments.evidence import Evidence, number
from tutor.experiments.explain import Rule, Said

ALONE = True
RATIO, OWN, OTHERS, MOMENTUM = "policy/ratio", "change/own", "change/others", "change/momentum"
FIRST_ORDER, REAL = "change/first_order", "change/real"
PPO = "Schulman et al. 2017, PPO (arXiv 1707.06347), section 3"
ADAM = "Kingma and Ba 2015, Adam (arXiv 1412.6980), algorithm 1"
ENGSTROM = "Engstrom et al. 2020, Implementation Matters in Deep RL (arXiv 2005.12729), section 4"


def passes_the_edge(evidence: Evidence, threshold: float) -> Said | None:
    """Of the mean over the seeds. threshold: how far beyond the edge counts."""
    ratio, epsilon = _mean(evidence, "clipped", RATIO), _epsilon(evidence)
    if epsilon is None or not len(ratio):
        return None
    edge, top = 1 + epsilon, int(ratio.argmax())
    if ratio[top] <= edge + threshold and ratio[-1] < 1 - epsilon:
        return Said(
            f"The steps threw the ratio down, to {number(ratio[-1])} at the end: it never passes {number(edge)}.",
            "What is rewarded was to become likelier. Steps as long as these follow no slope: they land anywhere.",
            "a smaller learning rate",
        )
    if ratio[top] <= edge + threshold:
        return Said(
            f"The clipped ratio has not passed {number(edge)}: the highest is {number(ratio[top])}.",
            "So far the steps were too short or too few to carry it there.",
            "more steps, or a larger learning rate",
        )
    first = int((ratio > edge).argmax())
    return Said(
        f"The clip does not hold the ratio: it passes {number(edge)} at step {first} and reaches "
        f"{number(ratio[top])} at step {top}; at the end it is {number(ratio[-1])}."
    )


def beyond(evidence: Evidence, threshold: float) -> str | None:
    """What the steps were made of that began above the range."""
    ratio, epsilon = _mean(evidence, "clipped", RATIO), _epsilon(evidence)
    parts = [_mean(evidence, "clipped", metric) for metric in (OTHERS, MOMENTUM)]
    if epsilon is None or len(ratio) < 2 or len(parts[0]) != len(ratio) - 1:
        return None
    silent = ratio[:-1] > 1 + epsilon
    if not silent.any() or int(silent.sum()) < threshold:
        return None
    others, momentum = (float(part[silent].sum()) for part in parts)
    return (
        f"In the {int(silent.sum())} steps that began above the range its own term pushed by 0; the other tokens moved "
        f"log pi by {number(others)}, Adam's momentum by {number(momentum)} (both to first order)."
    )


def clip_slows(evidence: Evidence, threshold: float) -> str | None:
    ends = [_mean(evidence, name, RATIO)[-1:] for name in ("clipped", "unclipped")]
    if not all(len(end) for end in ends):
        return None
    clipped, unclipped = (float(end[0]) for end in ends)
    if unclipped - clipped <= threshold:
        return None
    return f"It does slow it: without the clip the ratio ends at {number(unclipped)}, with it at {number(clipped)}."


def far_from_linear(evidence: Evidence, threshold: float) -> str | None:
    promised, real = (_mean(evidence, "clipped", metric) for metric in (FIRST_ORDER, REAL))
    if not len(real) or len(promised) != len(real):
        return None
    worst = int(np.abs(real - promised).argmax())
    if abs(real[worst] - promised[worst]) <= threshold:
        return None
    return (
        f"Step {worst + 1} was too long for its slope: to first order log pi was to change by "
        f"{number(promised[worst])}, it changed by {number(real[worst])}."
    )


def _epsilon(evidence: Evidence) -> float | None:
    value = evidence.parameters.get("epsilon")
    return None if value is None else float(value)


def _mean(evidence: Evidence, series: str, metric: str) -> "np.ndarray[tuple[int], np.dtype[np.float64]]":
    values = evidence.values(series, metric)
    return values.mean(1) if len(values) else values.reshape(-1)


RULES = (
    Rule(
        "passes-the-edge",
        0.0,
        "beyond 1 + epsilon, of the ratio's mean over the seeds",
        PPO,
        "The clip makes the objective flat there: the reason to go on is gone. Nothing pulls the ratio back, and it "
        "is not the only thing that moves it.",
        "a smaller learning rate or fewer steps; PPO with a KL penalty, or stopping at a KL, does watch the distance",
        passes_the_edge,
    ),
    Rule(
        "what-moves-it",
        1,
        "steps that began above the range",
        f"{ADAM}; {ENGSTROM}",
        "All tokens share the same weights, so every other token's push moves this one too; and Adam goes on for "
        "several steps in the direction of those before.",
        "up and down: other tokens of the batch; a smaller learning rate",
        beyond,
    ),
    Rule(
        "clip-slows",
        0.05,
        "by which the end without the clip is above the end with it",
        PPO,
        "Without the clip the token goes on pushing itself at every step, the harder the larger its ratio is.",
        "the plot of what moved it, by v: own is 0 from there on, but for the runs without the clip",
        clip_slows,
    ),
    Rule(
        "far-from-linear",
        0.05,
        "nats between the first order and what came",
        "Taylor's theorem",
        "The parts are inner products with the gradient before the step. Where the step is long, the policy bends, "
        "and their sum says less.",
        "a smaller learning rate: the two come together",
        far_from_linear,
    ),
)
