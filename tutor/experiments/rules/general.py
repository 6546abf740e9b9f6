"""Rules for the curves of any run."""

from itertools import pairwise

import numpy as np

from tutor.experiments.evidence import Array, Evidence, last_part, listed, number, standard_error, told
from tutor.experiments.explain import Rule, Said
from tutor.experiments.summary import worst_fall
from tutor.experiments.titles import metric_title

FEWEST = 10  # updates from which a curve has a trend
FEWEST_SPLIT = 6  # seeds from which two groups can be told from chance
DEEP_RL = "Henderson et al. 2018, Deep RL that Matters (arXiv 1709.06560), section 4"
PRECIPICE = "Agarwal et al. 2021, Statistical Precipice (arXiv 2108.13264), section 3"
OWN = "this program's own"


def diverged(evidence: Evidence, _threshold: float) -> Said | None:
    """What to try is what the algorithm itself says when it fails; else it is of the step."""
    if evidence.problem:
        advice = evidence.problem.rstrip(".").partition("; try ")[2]
        return Said(f"The run failed: {evidence.problem.rstrip('.')}.", advice=advice)
    for series in evidence.series:
        updates, values = evidence.of(series)
        wild = ~np.isfinite(values)
        if evidence.metric == "objective/return":
            wild &= ~np.isneginf(values)  # that is a policy that walks in circles
        elif evidence.metric == "val/explained_variance":
            wild &= ~np.isnan(values)  # those are returns that do not vary
        bad = np.flatnonzero(wild.any(1))
        if bad.size:
            seeds = int(wild[bad[0]].sum())
            many = f" in {seeds} of {values.shape[1]} seeds" if values.shape[1] > 1 else ""
            return Said(
                f"{told(series)} has diverged: from update {updates[bad[0]]:g} on it is not a number{many}."
            )
    return None


def still_moving(evidence: Evidence, threshold: float) -> str | None:
    """The last fifth is better than the one before by more than `threshold` of the curve's range, and by more than two
    standard errors of the two means."""
    found = []
    for series in _long(evidence):
        late, before = (last_part(evidence.mean(series), parts) for parts in (1, 2))
        gain = evidence.sign * float(late.mean() - before.mean())
        noise = 2 * float(np.hypot(standard_error(_detrended(late)), standard_error(_detrended(before))))
        if gain > threshold * evidence.range(series) and gain > noise:
            found.append(f"{told(series)} (by {number(gain)} from the last fifth but one to the last)")
    return f"Still getting better{_in_what(evidence)}: {listed(found)}." if found else None


def flat(evidence: Evidence, threshold: float) -> str | None:
    """From first to last fifth nothing moves by more than `threshold` of what there is to gain."""
    found = [told(series) for series in _long(evidence) if _change(evidence, series) <= threshold]
    return f"Flat from the beginning{_in_what(evidence)}: {listed(found)}." if found else None


def _change(evidence: Evidence, series: str) -> float:
    """The largest difference between means of fifths, as a share of what there is to gain: from the first value to the
    optimum, where that is known and elsewhere; else of the largest value."""
    mean = evidence.mean(series)
    fifths = [float(part.mean()) for part in np.array_split(mean, 5)]
    scale = abs(evidence.optimum - float(mean[0])) if evidence.optimum is not None else 0.0
    scale = scale or float(np.abs(mean).max())
    return (max(fifths) - min(fifths)) / scale if scale else 0.0


def converged(evidence: Evidence, threshold: float) -> str | None:
    if evidence.optimum is None:
        return None
    short = _short(evidence, evidence.optimum)
    near = [f"{told(series)} ({number(by)} away)" for series, by in short.items() if by <= threshold]
    return f"At the optimum, {number(evidence.optimum)}: {listed(near)}." if near else None


def short_of_optimum(evidence: Evidence, threshold: float) -> str | None:
    if evidence.optimum is None:
        return None
    short = _short(evidence, evidence.optimum)
    far = [f"{told(series)} ends {number(by)} away" for series, by in short.items() if by > threshold]
    return f"Short of the optimum, {number(evidence.optimum)}: {listed(far)}." if far else None


def _short(evidence: Evidence, optimum: float) -> dict[str, float]:
    """By series, how far the mean of the seeds' ends is from the optimum."""
    ends = {series: float(evidence.end(series).mean()) for series in _long(evidence)}
    return {series: max(0.0, evidence.sign * (optimum - end)) for series, end in ends.items()}


def split(evidence: Evidence, threshold: float) -> str | None:
    found = []
    for series in evidence.series:
        ends = np.sort(evidence.end(series))
        at = _gap(evidence, series, ends, threshold)
        if at:
            low, high = ends[:at], ends[at:]
            found.append(
                f"{told(series)}, {low.size} seeds near {number(low.mean())} and {high.size} near {number(high.mean())}"
            )
    return f"The seeds split in two{_in_what(evidence)}: {listed(found)}." if found else None


def _gap(evidence: Evidence, series: str, ends: Array, threshold: float) -> int:
    """How many seeds lie below the widest gap between neighbours [K, ascending], if that is more than `threshold` of
    the distance from the lowest to the highest, at least two lie on each side, and it can be seen in the plot."""
    if ends.size < FEWEST_SPLIT or not np.isfinite(ends).all():
        return 0
    gaps = np.diff(ends)
    at = int(gaps.argmax()) + 1
    whole = float(ends[-1] - ends[0])
    visible = whole > 0.1 * max(evidence.range(series), 1e-12)
    return at if visible and gaps.max() > threshold * whole and 2 <= at <= ends.size - 2 else 0


def worst_falls(evidence: Evidence, threshold: float) -> str | None:
    """Of the exact return only: sampled returns fall at every unlucky episode."""
    if evidence.metric != "objective/return":
        return None
    found = []
    for series in evidence.series:
        values = evidence.values(series)
        fall = float(worst_fall(values).max())
        finite = values[np.isfinite(values)]
        reach = float(np.ptp(finite)) if finite.size else 0.0
        if reach > 0 and fall > threshold * reach:
            found.append(f"{told(series)} falls by {number(fall)} in its worst seed")
    return f"A fall on the way: {listed(found)}." if found else None


def wide_band(evidence: Evidence, threshold: float) -> str | None:
    found = []
    for series in _long(evidence):
        ends = evidence.end(series)
        apart = float(np.ptp(ends))
        split_in_two = _gap(evidence, series, np.sort(ends), SPLIT.threshold)
        if not split_in_two and ends.size > 1 and apart > threshold * evidence.range(series) > 0:
            found.append(f"{told(series)} from {number(ends.min())} to {number(ends.max())}")
    return f"The seeds end far apart{_in_what(evidence)}: {listed(found)}." if found else None


def who_is_better(evidence: Evidence, threshold: float) -> str | None:
    """The order of the series by their ends, and which neighbours in it are more than `threshold` standard errors of
    their difference apart."""
    names = _long(evidence)
    if len(names) < 2:
        return None
    ends = {name: _ends(evidence, name) for name in names}
    if not all(values.size for values in ends.values()):
        return None
    order = sorted(names, key=lambda name: -evidence.sign * float(ends[name].mean()))
    pairs = [_compared(evidence, a, b, ends[a], ends[b], threshold) for a, b in pairwise(order)]
    by = "" if evidence.about_return else f"In the {metric_title(evidence.metric)}, "
    return by + "; ".join(pairs) + "."


def _ends(evidence: Evidence, series: str) -> Array:
    """Independent numbers that say how a series ends: its seeds; of a single seed the episodes of the last fifth, and
    nothing where they are no episodes."""
    values = evidence.values(series)
    if values.shape[1] > 1:
        return evidence.end(series)
    late = last_part(values)[:, 0]
    return late if evidence.metric == "objective/episode_return" else late[:0]


def _compared(evidence: Evidence, first: str, second: str, a: Array, b: Array, threshold: float) -> str:
    apart = abs(float(a.mean() - b.mean()))
    error = float(np.hypot(standard_error(a), standard_error(b)))
    numbers = f"{number(a.mean())} against {number(b.mean())} over {_counted(evidence, a)}"
    if apart > threshold * error:
        verb = "earns more than" if evidence.about_return else "is better than"
        return f"{told(first)} {verb} {told(second)}: {numbers}"
    return f"{told(first)} and {told(second)} cannot be told apart: {numbers}, standard error {number(error)}"


def _counted(evidence: Evidence, ends: Array) -> str:
    one = evidence.values(evidence.series[0]).shape[1] == 1
    return f"the last {ends.size} episodes of one seed" if one else f"{ends.size} seeds"


def _in_what(evidence: Evidence) -> str:
    """What is spoken of, where it is not what the agent earns."""
    return "" if evidence.about_return else f" ({metric_title(evidence.metric)})"


def _long(evidence: Evidence) -> list[str]:
    """The series with a trend: long enough, and nothing in them that is not a number."""
    return [s for s in evidence.series if len(evidence.values(s)) >= FEWEST and evidence.finite(s)]


def _detrended(values: Array) -> Array:
    """What is left of a curve [N] without its straight line: its noise."""
    x = np.arange(values.size, dtype=np.float64)
    x -= x.mean()
    slope = float((x @ values) / (x @ x)) if values.size > 1 else 0.0
    return np.asarray(values - values.mean() - slope * x)


DIVERGED = Rule(
    "diverged",
    0,
    "numbers that are none",
    "of values: Sutton & Barto 2018, section 11.3; of policies: Schulman et al. 2015, TRPO (arXiv 1502.05477)",
    "A step was too long for what it led to, and each one made the next larger.",
    "a smaller step",
    diverged,
)
SPLIT = Rule(
    "seeds-split",
    0.5,
    "share of the seeds' whole spread that the widest gap between two of them must exceed",
    DEEP_RL,
    "There are two ways to end, and early luck decides between them: a mean over both describes neither.",
    "more exploration at the beginning; look at one seed of each kind",
    split,
)
GENERAL = (
    Rule(
        "who-is-better",
        2,
        "standard errors of the difference that must lie between two series",
        PRECIPICE,
        "Within two standard errors the same difference comes by luck alone about once in twenty comparisons.",
        "more seeds, where two cannot be told apart",
        who_is_better,
    ),
    Rule(
        "converged",
        0.1,
        "distance to the optimum, at most",
        f"{OWN}: a seed further away counts as stuck",
        "The best possible value is computed from the rules of the world, so the end of the curve can be judged.",
        "fewer updates; a harder world",
        converged,
    ),
    Rule(
        "short-of-optimum",
        0.1,
        "distance to the optimum, above this",
        f"{OWN}: a seed further away counts as stuck",
        "It has not found the best policy, or it explores and pays for that, or it is not done yet.",
        "more updates; less exploration towards the end; another seed",
        short_of_optimum,
    ),
    SPLIT,
    Rule(
        "band-wide",
        0.5,
        "spread of the seeds' ends as a share of the mean curve's range",
        PRECIPICE,
        "The same algorithm with another seed ends elsewhere: one run says little, and a best run nothing.",
        "more seeds; a smaller step size",
        wide_band,
    ),
    Rule(
        "worst-fall",
        0.25,
        "fall of a seed below its best so far, as a share of all that was seen",
        "Schulman et al. 2015, TRPO (arXiv 1502.05477), section 3",
        "An update went too far: the data it came from say little about the policy that it made.",
        "a smaller step; a smaller clip range or trust region; fewer epochs",
        worst_falls,
    ),
    Rule(
        "still-moving",
        0.05,
        "gain between the last two fifths as a share of the curve's range",
        f"{OWN}; Sutton & Barto 2018, section 2.5, on step sizes",
        "It has not settled: where it stands now is not where it will end.",
        "more updates, before anything is compared",
        still_moving,
    ),
    Rule(
        "flat",
        0.01,
        "change between fifths as a share of what there is to gain",
        DEEP_RL,
        "It learns nothing: no reward is ever seen, or the steps are too small to show, or it began at the optimum.",
        "a larger step size; more exploration; a world with a nearer reward",
        flat,
    ),
)
