"""The verdict of PPO against TRPO: it names only what differs."""

import numpy as np

from tutor.experiments.evidence import Array, Evidence, listed, number, standard_error
from tutor.experiments.explain import Rule, Said
from tutor.experiments.rules.general import FEWEST, PRECIPICE
from tutor.experiments.summary import worst_fall

RETURN = "objective/return"
NOT_TOLD_APART = (
    "A line search shows only where a whole step would be too long. Short steps, or damping, may leave it nothing to "
    "do; or there are too few seeds, or updates, to see it."
)
TRPO = "Schulman et al. 2015, TRPO (arXiv 1502.05477)"


def who_falls(evidence: Evidence, threshold: float) -> str | None:
    down, steady = fallen(evidence, threshold)
    if not down and not steady:
        return None
    most = max((float(fall.max()) for fall in steady.values()), default=0.0)
    stand = (
        f"{listed(list(steady))} {_none(list(steady))} more than {number(most)} in any seed" if steady else ""
    )
    if not down:
        return f"Nobody falls: {stand}."
    order = sorted(down, key=lambda series: -float(down[series].mean()))
    told = listed([f"{s} (by {number(down[s].mean())}, at worst {number(down[s].max())})" for s in order])
    return f"Who falls on the way: {told}" + (f"; {stand}." if steady else ".")


def fallen(evidence: Evidence, threshold: float) -> tuple[dict[str, Array], dict[str, Array]]:
    """Each series' worst falls [K]: of those whose mean fall is more than `threshold` of all that was seen, and of the
    others."""
    falls = _falls(evidence)
    reach = max((float(np.ptp(evidence.values(series, RETURN))) for series in falls), default=0.0)
    down = {series: fall for series, fall in falls.items() if fall.mean() > threshold * reach}
    return down, {series: fall for series, fall in falls.items() if series not in down}


def _none(series: list[str]) -> str:
    return "loses no" if len(series) == 1 else "lose no"


def line_search(evidence: Evidence, threshold: float) -> str | Said | None:
    """TRPO with and without line search, all else equal."""
    sentence = _pair(
        evidence,
        ("trpo", "trpo-no-line-search"),
        threshold,
        "trpo and trpo-no-line-search differ in the line search alone, and it decides: worst falls of {0} against {1}.",
        "With and without the line search trpo cannot be told apart yet: worst falls of {0} with it, {1} without.",
    )
    if sentence is None or "decides" in sentence:
        return sentence
    return Said(sentence, NOT_TOLD_APART, "more seeds; a longer step (delta .03), with little damping (.001)")


def ppo_or_trpo(evidence: Evidence, threshold: float) -> str | None:
    """The claim that the one is smoother than the other."""
    return _pair(
        evidence,
        ("ppo", "trpo"),
        threshold,
        "Here ppo and trpo differ in how far they fall, {0} against {1}; on another grid the sign may be the other.",
        "ppo and trpo cannot be told apart by their worst falls: {0} against {1}.",
    )


def _pair(evidence: Evidence, names: tuple[str, str], threshold: float, differ: str, same: str) -> str | None:
    falls = _falls(evidence)
    if not all(name in falls and falls[name].size > 1 for name in names):
        return None
    a, b = (falls[name] for name in names)
    error = float(np.hypot(standard_error(a), standard_error(b)))
    sentence = differ if abs(float(a.mean() - b.mean())) > threshold * error else same
    return sentence.format(number(a.mean()), number(b.mean()))


def _falls(evidence: Evidence) -> dict[str, Array]:
    """By series, the worst fall of the exact return, [K]."""
    found = {}
    for series in dict.fromkeys(frame.series for frame in evidence.frames):
        values = evidence.values(series, RETURN)
        if len(values) >= FEWEST and np.isfinite(values).all():
            found[series] = worst_fall(values)
    return found


FALLS = 0.05
RULES = (
    Rule(
        "who-falls",
        FALLS,
        "mean worst fall of the exact return, as a share of all that was seen",
        f"{TRPO}, section 3",
        "A fall is an update that went further than its batch could tell. The damage often stays: the new policy "
        "gathers its own data.",
        "a smaller step; fewer epochs; a clip range; a line search",
        who_falls,
    ),
    Rule(
        "line-search",
        2,
        "standard errors between the mean worst falls",
        f"{TRPO}, appendix C; {PRECIPICE}",
        "The natural gradient's length is set by a second-order model of the KL. Where the model is wrong, only a "
        "look at the real KL and surrogate keeps the step short.",
        "delta .03 with damping .1 and no line search: see whether damping alone mends it",
        line_search,
    ),
    Rule(
        "ppo-or-trpo",
        2,
        "standard errors between the mean worst falls",
        PRECIPICE,
        "At sensible settings both are steady. What makes either fall is the size of the step, not its name.",
        "the same on mouse and rooms; PPO with Adam .1",
        ppo_or_trpo,
    ),
)
