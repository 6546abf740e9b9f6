"""Rules for the inside of policy-gradient training: KL, clip fraction, entropy, explained variance.

They are silent of runs without these metrics. Of several seeds the median is asked, so that one seed alone says
nothing of all, unless a sentence counts seeds.
"""

from collections.abc import Iterator

import numpy as np

from tutor.experiments.evidence import Array, Evidence, last_part, listed, number, told
from tutor.experiments.explain import Rule, Said
from tutor.experiments.rules.general import FEWEST
from tutor.experiments.summary import STUCK

KL, CLIPPED, ENTROPY = "policy/kl", "policy/clipfrac_avg", "objective/entropy"
EXPLAINED, RETURN = "val/explained_variance", "objective/return"
UNCLIPPED = (
    "unclipped",
    "log-prob",
    "trpo",
    "trpo-no-line-search",
    "ppo-kl",
    "reinforce",
    "baseline",
    "actor-critic",
)
LEAST_KL = 3e-3  # nats: below it, twice nothing is nothing
DETAILS = "Huang et al. 2022, The 37 Implementation Details of PPO"
CLIP_BELOW = 0.01
TRUST_REGION_LEAVES = (
    "The step's length is set by a second-order model of the KL: the surer the policy, the less the model fits, and "
    "only a line search measures. With one, the KL stays below delta, and the steps merely use more of it."
)


def kl_rising(evidence: Evidence, threshold: float) -> Said | None:
    found, trust_regions = [], 0
    for series, kl in _of(evidence, KL):
        late, before = (float(np.median(last_part(kl, parts).mean(0))) for parts in (1, 2))
        if late > LEAST_KL and late > threshold * before:
            found.append(f"{told(series)} (from {number(before)} to {number(late)} nats an update)")
            trust_regions += series.startswith("trpo")
    if not found:
        return None
    sentence = f"The KL of an update is rising: {listed(found)}."
    if trust_regions < len(found):
        return Said(sentence)
    return Said(sentence, TRUST_REGION_LEAVES, "a smaller delta; more damping; the line search")


def kl_leap(evidence: Evidence, threshold: float) -> str | None:
    found = []
    for series, kl in _of(evidence, KL):
        update, seed = np.unravel_index(kl.argmax(), kl.shape)
        if kl[update, seed] > threshold:
            updates = evidence.of(series, KL)[0]
            found.append(
                f"{told(series)} by {number(float(kl[update, seed]))} nats in update {updates[update]:g}"
            )
    return f"A single update moves the policy far: {listed(found)}." if found else None


def clips_little(evidence: Evidence, threshold: float) -> str | None:
    found = []
    for series, clipped in _of(evidence, CLIPPED):
        late, early = float(last_part(clipped).mean()), float(clipped[: len(clipped) // 5].mean())
        if series not in UNCLIPPED and late < threshold:
            found.append(f"{told(series)} ({late:.1%} of the samples, at first {early:.1%})")
    return f"Hardly anything is clipped in the end: {listed(found)}." if found else None


def clips_much(evidence: Evidence, threshold: float) -> str | None:
    found = []
    for series, clipped in _of(evidence, CLIPPED):
        most = max(float(part.mean()) for part in np.array_split(clipped, 5))
        if series not in UNCLIPPED and most > threshold:
            found.append(f"{told(series)} ({most:.0%} of the samples in its worst fifth of the updates)")
    return f"Much is clipped: {listed(found)}." if found else None


def entropy_collapse(evidence: Evidence, threshold: float) -> str | None:
    """Seeds whose policy has lost its dice; where the optimum is known, only those that end short of it."""
    found = []
    for series, entropy in _of(evidence, ENTROPY):
        collapsed = last_part(entropy).mean(0) < threshold * entropy[0]
        returns = evidence.values(series, RETURN)
        if evidence.optimum is not None and len(returns):
            collapsed &= returns[-1] < evidence.optimum - STUCK
        if collapsed.any():
            found.append(f"{told(series)} in {int(collapsed.sum())} of {collapsed.size} seeds")
    where = " short of the optimum" if evidence.optimum is not None else ""
    return f"The entropy has collapsed{where}: {listed(found)}." if found else None


def critic_is_no_help(evidence: Evidence, threshold: float) -> str | None:
    """Where the returns do not vary it is nan, and says nothing."""
    found = []
    for series in dict.fromkeys(frame.series for frame in evidence.frames):
        explained = last_part(evidence.values(series, EXPLAINED))
        known = explained[:, np.isfinite(explained).any(0)]
        late = float(np.median(np.nanmean(known, 0))) if known.size else np.nan
        if len(evidence.values(series, EXPLAINED)) >= FEWEST and late < threshold:
            found.append(f"{told(series)} ({number(late)})")
    return f"The critic explains less than a constant would: {listed(found)}." if found else None


def _of(evidence: Evidence, metric: str) -> Iterator[tuple[str, Array]]:
    """(series, values [U, K]) of the series that have enough of the metric, all of it finite."""
    for series in dict.fromkeys(frame.series for frame in evidence.frames):
        values = evidence.values(series, metric)
        if len(values) >= FEWEST and np.isfinite(values).all():
            yield series, values


TRAINING = (
    Rule(
        "kl-leap",
        0.3,
        "nats from the old policy to the new in one update; by Pinsker's inequality .3 may be 39 % of the probability",
        "Schulman et al. 2015, TRPO (arXiv 1502.05477), section 3; OpenAI Spinning Up stops PPO's epochs at .015",
        "What a batch says holds near the policy that made it. So far away it is a guess; and a clip does not bound "
        "the KL, it only stops pushing.",
        "a smaller learning rate; fewer epochs; TRPO's line search; stopping the epochs at a KL",
        kl_leap,
    ),
    Rule(
        "kl-rising",
        2,
        "times the KL of the fifth before, in the last fifth of the updates, and above .003 nats",
        "Schulman et al. 2017, PPO (arXiv 1707.06347), section 4: the penalty doubles at 1.5 times its target",
        "Steps of the same learning rate move the policy further and further: the optimiser has gathered speed, or "
        "the policy stands where small changes of its logits count for much.",
        "a learning rate that falls; an adaptive KL penalty; fewer epochs",
        kl_rising,
    ),
    Rule(
        "clip-much",
        0.3,
        "share of clipped samples, above this in a fifth of the updates",
        f"{DETAILS}: clipfrac among the debug variables; the bound is this program's own",
        "Most of what the batch could say has stopped pushing, and what has left the range may go on drifting.",
        "a smaller learning rate; fewer epochs; a wider clip range",
        clips_much,
    ),
    Rule(
        "clip-little",
        CLIP_BELOW,
        "share of clipped samples in the last fifth of the updates, below this",
        f"{DETAILS}: clipfrac among the debug variables; the bound is this program's own",
        "The policy has settled and its probabilities hardly move; or its steps are so small that the clip is idle.",
        "at the optimum nothing; else a larger learning rate, more epochs, or an entropy bonus to keep it moving",
        clips_little,
    ),
    Rule(
        "entropy-collapse",
        0.05,
        "share of the first entropy that is left in the last fifth of the updates, below this",
        "Ahmed et al. 2019, Understanding the impact of entropy (arXiv 1811.11214); the bound is this program's own",
        "The policy always does the same, so it never sees what another action would bring, and cannot mend.",
        "an entropy bonus; a smaller learning rate; fewer epochs",
        entropy_collapse,
    ),
    Rule(
        "critic-no-help",
        0,
        "explained variance in the last fifth of the updates, median over the seeds, below this",
        f"{DETAILS}: explained variance among the debug variables",
        "1 is a critic that knows every return, 0 one that knows the mean. Below 0 its errors are larger than the "
        "returns' own spread: it lags behind the policy, or the returns hardly differ any more.",
        "look whether the returns differ at all; another critic rate; more steps in a batch; lambda nearer 1",
        critic_is_no_help,
    ),
)
