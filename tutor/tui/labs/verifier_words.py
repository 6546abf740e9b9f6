"""The words of the verifier lab: the table of the three runs, and what they came to. Pure text."""

from collections.abc import Sequence

from tutor.experiments.evidence import Evidence, listed
from tutor.experiments.rules.rlvr import (
    ARRIVED,
    BEST_OF,
    GREEDY,
    HELD_OUT,
    HELD_OUT_GREEDY,
    TRAIN,
    arrival,
    sharpened,
)
from tutor.toy_llm.training_frames import Answer
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs import trained_words as trained
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.run_session import RunSession

SHARE = 0.05  # see the rule `sharpening`
COLUMNS: tuple[trained.Column, ...] = (
    (TRAIN, "trained", "return"),
    (GREEDY, "greedy", "return"),
    (HELD_OUT, "held out", "return"),
    (HELD_OUT_GREEDY, "greedy", "return"),
    (BEST_OF, "best of 8", "return"),
    ("objective/kl", "KL", "kl"),
    ("objective/entropy", "entropy", "policy"),
)


def evidence_of(session: RunSession) -> Evidence:
    """All that has come."""
    return Evidence(session.frames, metric=TRAIN, parameters=session.values())


def table(session: RunSession, names: Sequence[str], width: int, glyphs: Glyphs) -> list[Line]:
    """A heading and a line for each run at the update that is looked at; without sums held out no column for them."""
    held_out = int(session.parameters["held_out"]) > 0
    columns = [c for c in COLUMNS if held_out or c[0] not in (HELD_OUT, HELD_OUT_GREEDY)]
    return trained.table(
        session,
        names,
        columns,
        width,
        lambda name, metric: trained.value(session, name, metric, glyphs),
        glyphs,
    )


def marked(answer: Answer, glyphs: Glyphs) -> Line:
    """The verifier's reward."""
    return [("+1  ", "reward") if answer.score > 0 else (f"{glyphs.minus}1  ", "error")]


def verdict(session: RunSession, width: int) -> Line:
    """What the three runs came to, in one line, as much of it as has room."""
    evidence = evidence_of(session)
    found = {name: arrival(evidence, name, ARRIVED) for name in session.series}
    there = listed([f"{name} at {at}" for name, at in found.items() if at is not None])
    line = [(f"{ARRIVED:.0%} reached by {there}. " if there else f"Nobody reaches {ARRIVED:.0%}. ", "strong")]
    if sharpened(evidence, SHARE):
        line.append(("Sharpened: best of 8 had it before.", ""))
    return trained.fitting(line, width)
