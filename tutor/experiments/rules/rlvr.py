"""What a verifier's reward has brought: more than the model could do before, or the same more often; and elsewhere?"""

import numpy as np

from tutor.experiments.evidence import Evidence, last_part, listed
from tutor.experiments.explain import Rule
from tutor.experiments.rules.general import FEWEST, OWN
from tutor.experiments.rules.kl_control import fewer_answers

TRAIN, HELD_OUT = "accuracy/train", "accuracy/held_out"
GREEDY, HELD_OUT_GREEDY, BEST_OF = "accuracy/train_greedy", "accuracy/held_out_greedy", "accuracy/best_of"
YUE = "Yue et al. 2025, Does Reinforcement Learning Really Incentivize Reasoning (arXiv 2504.13837)"
COBBE = "Cobbe et al. 2019, Quantifying Generalization in Reinforcement Learning (arXiv 1812.02341)"
SHAO = "Shao et al. 2024, DeepSeekMath (arXiv 2402.03300), section 4"
WAYS = {BEST_OF: "best of 8", GREEDY: "greedy answer", HELD_OUT_GREEDY: "greedy answer to sums held out"}
NEAR = 5  # updates whose mean accuracy decides when a run has arrived
ARRIVED = 0.95


def sharpened(evidence: Evidence, threshold: float) -> str | None:
    """Sampled answers got better, and yet no better than the best of 8 was before the first update."""
    found = []
    for series in _long(evidence):
        before, after = _first(evidence, series, TRAIN), _end(evidence, series, TRAIN)
        best = _first(evidence, series, BEST_OF)
        if after - before > threshold and after <= best + threshold:
            found.append(
                f"{series} from {before:.0%} to {after:.0%}, while the best of 8 was {best:.0%} before"
            )
    return f"Sharpening: sampled answers are right more often, {listed(found)}." if found else None


def learned(evidence: Evidence, threshold: float) -> str | None:
    """The best of 8, or the greedy answer, rises above what it was before."""
    found = []
    for metric, name in WAYS.items():
        for series in _long(evidence):
            before, after = _first(evidence, series, metric), _last(evidence, series, metric)
            if after - before > threshold:
                found.append(f"{series}'s {name} from {before:.0%} to {after:.0%}")
    return f"Learning: what it could not do before it can do now, {listed(found)}." if found else None


def gap(evidence: Evidence, threshold: float) -> str | None:
    found = []
    for series in _long(evidence):
        train, held_out = _end(evidence, series, TRAIN), _end(evidence, series, HELD_OUT)
        if train - held_out > threshold:
            found.append(f"{series} {train:.0%} of the sums it trains on, {held_out:.0%} of those held out")
    return f"Better where it trains: {listed(found)}." if found else None


def unlearned(evidence: Evidence, threshold: float) -> str | None:
    """The greedy answers to sums held out, the last time that they were looked at."""
    found = []
    for series in _long(evidence):
        before, after = (pick(evidence, series, HELD_OUT_GREEDY) for pick in (_first, _last))
        if before - after > threshold:
            found.append(f"{series} from {before:.0%} to {after:.0%}")
    return f"Greedy answers to sums held out have become worse: {listed(found)}." if found else None


def first_to_arrive(evidence: Evidence, threshold: float) -> str | None:
    arrivals = {series: arrival(evidence, series, threshold) for series in _long(evidence)}
    there = [f"{series} at update {at}" for series, at in _by_arrival(arrivals)]
    missing = [series for series, at in arrivals.items() if at is None]
    if not arrivals:
        return None
    told = [f"{threshold:.0%} of the trained sums: {listed(there)}"] if there else []
    told += (
        [f"not yet: {listed(missing)}" if there else f"Nobody reaches {threshold:.0%} yet"] if missing else []
    )
    return f"{'; '.join(told)}."


def arrival(evidence: Evidence, series: str, threshold: float) -> int | None:
    """The first update at which the mean of the last NEAR accuracies on trained sums, over the seeds, is at least
    `threshold`; None while there is none."""
    updates, values = evidence.of(series, TRAIN)
    if len(values) < NEAR:
        return None
    means = np.convolve(values.mean(1), np.full(NEAR, 1 / NEAR), "valid")
    reached = np.flatnonzero(means >= threshold - 1e-9)
    return int(updates[reached[0] + NEAR - 1]) if reached.size else None


def _by_arrival(arrivals: dict[str, int | None]) -> list[tuple[str, int]]:
    there = [(series, at) for series, at in arrivals.items() if at is not None]
    return sorted(there, key=lambda pair: pair[1])


def _long(evidence: Evidence) -> list[str]:
    names = dict.fromkeys(frame.series for frame in evidence.frames)
    return [name for name in names if len(evidence.values(name, TRAIN)) >= FEWEST]


def _first(evidence: Evidence, series: str, metric: str) -> float:
    """The mean over the seeds before the first update; not a number where the metric is not there."""
    values = evidence.values(series, metric)
    return float(values[0].mean()) if len(values) else float("nan")


def _last(evidence: Evidence, series: str, metric: str) -> float:
    values = evidence.values(series, metric)
    return float(values[-1].mean()) if len(values) else float("nan")


def _end(evidence: Evidence, series: str, metric: str) -> float:
    """The mean over the last fifth of the updates and the seeds."""
    values = evidence.values(series, metric)
    return float(last_part(values).mean()) if len(values) else float("nan")


RULES = (
    Rule(
        "sharpening",
        0.05,
        "accuracy above what the best of 8 was before the first update, at most; sampled answers gain more than that",
        f"{YUE}; the bound is {OWN}",
        "Where one of eight answers is right already, a verifier's reward need not teach the sum: it makes the right "
        "answer, which the model had, the usual one.",
        "v until the plot has sampled, greedy and best of 8 of one run; look at update 0",
        sharpened,
    ),
    Rule(
        "learning",
        0.02,
        "accuracy that the best of 8, or a greedy answer, gains over what it was before the first update",
        f"{YUE}; the bound is {OWN}",
        "What even the best of several answers, or the likeliest one, did not have is new.",
        "the same with other seeds: 20 sums are few, one more or less is 5 %",
        learned,
    ),
    Rule(
        "train-gap",
        0.05,
        "accuracy of sampled answers on trained sums above that on sums held out, in the last fifth of the updates",
        f"{COBBE}; the bound is {OWN}",
        "Part of the gain is of these sums alone: each sum has its own words, and its own numbers to move.",
        "fewer sums held out ([); fewer updates; a smaller learning rate",
        gap,
    ),
    Rule(
        "held-out-worse",
        0.04,
        "accuracy that greedy answers to sums held out lose; one of 20 sums is .05",
        f"{COBBE}; the bound is {OWN}",
        "Whatever is not rehearsed may be moved along with what is: the same weights answer both.",
        "a larger beta, which only PPO pays; fewer updates",
        unlearned,
    ),
    Rule(
        "first-to-arrive",
        ARRIVED,
        "mean accuracy on trained sums over 5 updates, at least",
        f"{SHAO}: GRPO against PPO; the bound is {OWN}",
        "GRPO compares answers to the same sum and needs no critic. REINFORCE takes one step of each batch, the "
        "others one for every epoch and minibatch.",
        "another seed before one is called faster: the order of neighbours may change",
        first_to_arrive,
    ),
    Rule(
        "entropy-low",
        0.5,
        "share of the first entropy that is left in the last fifth of the updates, below this",
        f"{YUE}: what is sampled grows narrower; the bound is {OWN}",
        "That is what sharpening is: probability moves to the answers that are paid, and the dice have less to say.",
        "where answers should stay different, stop earlier, or pay for entropy",
        fewer_answers,
    ),
)
