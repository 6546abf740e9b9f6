"""The words of the KL lab: the table of the three runs, the band, the verdict. Pure text."""

import math
from collections.abc import Sequence

from tutor.experiments.evidence import Evidence, listed, told
from tutor.experiments.kl_band import band_of, share_inside, target_of
from tutor.experiments.rules.kl_control import GOLD, HACKED, KL, PROXY, ends, hacked
from tutor.toy_llm.training_frames import Answer
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs import trained_words as trained
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.run_session import RunSession
from tutor.tui.labs.trained_words import short

IN_BAND, BETA = "in band", "beta"
STEERED = ("fixed", "adaptive")
COLUMNS: tuple[trained.Column, ...] = (
    (KL, "KL", "kl"),
    (PROXY, "proxy", "reward"),
    (GOLD, "truth", "reward"),
    (BETA, "beta", "kl"),
    (IN_BAND, IN_BAND, "kl"),
    ("objective/entropy", "entropy", "policy"),
    ("objective/unique", "distinct", "policy"),
)
Band = tuple[float, float]


def evidence_of(session: RunSession) -> Evidence:
    """All that has come."""
    return Evidence(session.frames, metric=GOLD, parameters=session.values())


def band(session: RunSession, evidence: Evidence) -> Band | None:
    """What the adaptive runs are to keep, nats; None while it is not known."""
    target = target_of(session.parameters, evidence.values("fixed", KL))
    return None if target is None else band_of(target)


def table(session: RunSession, names: Sequence[str], width: int, glyphs: Glyphs) -> list[Line]:
    """A heading and a line for each run at the update that is looked at."""
    evidence = evidence_of(session)
    known = band(session, evidence)

    def cell(name: str, metric: str) -> str:
        if metric == IN_BAND:
            return inside(session, evidence, name, known)
        return trained.value(session, name, metric, glyphs)

    return trained.table(session, names, COLUMNS, width, cell, glyphs)


def inside(session: RunSession, evidence: Evidence, name: str, known: Band | None) -> str:
    """The share of the updates up to here with the KL in the band, once the controller has had its time."""
    updates, kl = evidence.of(name, KL)
    if known is None or not len(kl):
        return ""
    seen = updates <= session.shown
    share = share_inside(updates[seen], kl[seen], known)
    return "" if math.isnan(share) else f"{share:.0%}"


def marked(answer: Answer, narrow: bool, glyphs: Glyphs) -> Line:
    """How good an answer is; narrow: the number alone."""
    number = short(answer.gold, glyphs)
    return [(number.ljust(5) if narrow else f"truth {number}".ljust(12), "reward")]


def verdict(session: RunSession, width: int, glyphs: Glyphs) -> Line:
    """What the three runs came to, in one line, as much of it as has room: computed from their last fifths."""
    evidence = evidence_of(session)
    truth, kl = ends(evidence, GOLD), ends(evidence, KL)
    if not truth:
        return []
    who = [told(series) for series in hacked(evidence, HACKED)]
    first = (
        f"{listed(who)} {'hacks' if len(who) == 1 else 'hack'} the reward. "
        if who
        else "No run hacks its reward. "
    )
    rest = [
        f"{name} {_two(truth[name], glyphs)} at {_two(kl[name], glyphs)}" for name in STEERED if name in truth
    ]
    return trained.fitting([(first, "strong"), (f"Truth at KL: {', '.join(rest)}.", "")], width)


def _two(value: float, glyphs: Glyphs) -> str:
    """Two significant digits."""
    return short(float(f"{value:.2g}"), glyphs)
