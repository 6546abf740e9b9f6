"""One run of RLHF: what is said of three, as far as it is said of each by itself; and its critic."""

import numpy as np

from tutor.experiments.evidence import Evidence, last_part, number
from tutor.experiments.explain import Rule
from tutor.experiments.rules.general import FEWEST
from tutor.experiments.rules.kl_control import RULES as OF_SEVERAL
from tutor.experiments.rules.training import DETAILS

VALUE_LOSS = "loss/value_avg"
_OF_ONE = ("reward-hacking", "kl-far", "kl-band", "entropy-low")


def critic_far_off(evidence: Evidence, threshold: float) -> str | None:
    """A critic that is wrong by the same everywhere explains as much variance as any: only its loss shows it."""
    loss = evidence.values("rlhf", VALUE_LOSS)
    late = float(np.median(last_part(loss).mean(0))) if len(loss) >= FEWEST else 0.0
    return (
        f"The critic's guesses are far off: a squared error of {number(late)}." if late > threshold else None
    )


RULES = (
    *(rule for rule in OF_SEVERAL if rule.id in _OF_ONE),
    Rule(
        "critic-far-off",
        1,
        "value loss in the last fifth of the updates, above this",
        f"{DETAILS}: value loss among the debug variables; the bound is this program's own",
        "A critic that is wrong by the same everywhere makes every token's delta the same lie, and long answers gather "
        "more of it.",
        "look at the values beside the returns, token by token; what is added to them on the way",
        critic_far_off,
    ),
)
