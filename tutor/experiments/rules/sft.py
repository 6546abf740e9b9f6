"""Supervised fine-tuning: what the loss has come to, whether it still falls, whether it learns by heart."""

import math

import numpy as np

from tutor.experiments.evidence import Array, Evidence, number
from tutor.experiments.explain import Rule
from tutor.experiments.rules.general import OWN

UNSEEN = "loss/sft_held_out"
GOODFELLOW = "Goodfellow, Bengio and Courville 2016, Deep Learning"


def learns(evidence: Evidence, threshold: float) -> str | None:
    """How far the loss of unseen answers has fallen, also as the number of words that are as likely."""
    unseen, by = _unseen(evidence)
    if len(unseen) < 2 or unseen[0] - unseen[-1] <= threshold * unseen[0]:
        return None
    first, last = float(unseen[0]), float(unseen[-1])
    return (
        f"It learns: the loss of unseen answers fell from {number(first)} to {number(last)} nats a token, in {by:g} "
        f"updates; e to the loss, from {number(math.exp(first))} words between which it hesitates to "
        f"{number(math.exp(last))}."
    )


def settled(evidence: Evidence, threshold: float) -> str | None:
    """In the second half of the updates hardly any of the fall is left."""
    unseen, by = _unseen(evidence)
    half = unseen[len(unseen) // 2 :]
    if len(unseen) < 10 or not unseen[0] > unseen[-1]:
        return None
    late = float(half[0] - half[-1]) / float(unseen[0] - unseen[-1])
    if not 0 <= late < threshold:
        return None
    return (
        f"The loss has settled: of its whole fall {late:.1%} came in the second half of the {by:g} updates."
    )


def by_heart(evidence: Evidence, threshold: float) -> str | None:
    """Unseen answers become less likely again, while training goes on."""
    unseen, _ = _unseen(evidence)
    if len(unseen) < 3:
        return None
    least = int(unseen.argmin())
    if unseen[-1] <= threshold * unseen[least]:
        return None
    at = number(float(evidence.of(_series(evidence), UNSEEN)[0][least]))
    return (
        f"It learns by heart: the loss of unseen answers was lowest at update {at} with "
        f"{number(float(unseen[least]))}, and is {number(float(unseen[-1]))} now."
    )


def _series(evidence: Evidence) -> str:
    """The one that there is."""
    return next((frame.series for frame in evidence.frames), "")


def _unseen(evidence: Evidence) -> tuple[Array, float]:
    """The loss of unseen answers [U], mean over the seeds, and the last update that has it."""
    updates, values = evidence.of(_series(evidence), UNSEEN)
    if not len(updates) or not np.isfinite(values).all():
        return np.empty(0), 0.0
    return np.asarray(values.mean(1)), float(updates[-1])


RULES = (
    Rule(
        "loss-falls",
        0.1,
        "share of the first loss of unseen answers that is gone, above this",
        f"{GOODFELLOW}, section 5.5, on maximum likelihood; the bound is {OWN}",
        "The loss is -log of the probability that the model gives to the word that comes next, the mean over words. "
        "One that knows nothing gives each of 108 words 1/108: log 108 = 4.68 nats.",
        "more updates, while it still falls; [ ] goes on to what cannot be learned from examples",
        learns,
    ),
    Rule(
        "loss-settled",
        0.01,
        "share of the whole fall that came in the second half of the updates, below this",
        f"{GOODFELLOW}, section 5.2; the bound is {OWN}",
        "What is left is mostly chance in the corpus: to one prompt it has several answers, and no model foresees "
        "which comes. Its entropy is the floor of the loss.",
        "fewer updates: hardly anything is lost",
        settled,
    ),
    Rule(
        "by-heart",
        1.1,
        "times its lowest value: loss of unseen answers, above this",
        f"{GOODFELLOW}, section 7.8, early stopping; the bound is {OWN}",
        "It has begun to learn which example it saw, in place of how answers go.",
        "stop at the lowest loss of unseen answers; more examples; a smaller learning rate",
        by_heart,
    ),
)
