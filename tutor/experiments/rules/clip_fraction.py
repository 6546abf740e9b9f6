"""Does clipping become rarer as the policy settles?"""

from tutor.experiments.evidence import Evidence, last_part, listed, number
from tutor.experiments.explain import Rule, Said
from tutor.experiments.rules.general import FEWEST
from tutor.experiments.rules.training import CLIPPED

PAID = "ppo-entropy"
SETTLED = (
    "A policy that may become deterministic has probabilities near 0 and 1, and those hardly move. Here even the one "
    "that is paid for its entropy has come to rest: at its balance of reward and entropy the gradient is small."
)
LEFT = 0.25  # of the first fifth's clip fraction: less in the last is dying out


def becomes_rarer(evidence: Evidence, threshold: float) -> str | Said | None:
    rarer: list[str] = []
    stays: list[str] = []
    for series in dict.fromkeys(frame.series for frame in evidence.frames):
        values = evidence.values(series, CLIPPED)
        if len(values) < FEWEST:
            continue
        first = float(values[: max(1, len(values) // 5)].mean())
        last = float(last_part(values).mean())
        told = (
            f"{series}, from {number(first)} in the first fifth of the updates to {number(last)} in the last"
        )
        (rarer if last < threshold * first else stays).append(told)
    parts = []
    if rarer:
        parts.append(f"Clipping dies out: {listed(rarer)}.")
    if stays:
        parts.append(f"Clipping goes on: {listed(stays)}.")
    why = SETTLED if any(told.startswith(PAID) for told in rarer) else ""
    return Said(" ".join(parts), why) if parts else None


RULES = (
    Rule(
        "becomes-rarer",
        LEFT,
        "share of the first fifth's clip fraction that is left in the last, below this it dies out",
        "this program's own",
        "A policy that may become deterministic has probabilities near 0 and 1, and those hardly move. One that is "
        "paid for its entropy keeps trembling about its balance, and is clipped for it.",
        "the entropy bonus, from 0 to .1; another grid",
        becomes_rarer,
    ),
)
