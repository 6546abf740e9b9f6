"""The words of the clinic: the table of a case's metrics, its samples, what is said to an answer. Pure text."""

from collections.abc import Sequence
from itertools import groupby

from tutor.charts.frames import quantity_of
from tutor.charts.text import clean
from tutor.experiments.clinic_faults import BY_ID, Fault
from tutor.experiments.clinic_frames import SampledWalk
from tutor.experiments.entries.clinic import CASES, metrics_of
from tutor.toy_llm.training_frames import Answer
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.clinic_session import BROKEN, MENDED, ClinicSession
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.trained_words import PROMPT, WIDE, fitting

NAME, NUMBER, SERIES = 12, 7, 9  # columns of a metric's name, of a number, of a run's name
KINDS = {"toy": "PPO on the toy model", "grid": "a policy gradient on a grid"}
SHORT_KINDS = {"toy": "toy model", "grid": "grid"}
TOLD = {
    "toy": "PPO trains the toy model: it answers complaints, and a reward model scores the answers.",
    "grid": "A policy gradient learns to walk a small grid to its goal; J is its exact return.",
}
TITLES = {
    "objective/scores": "score",
    "objective/gold": "truth",
    "objective/kl": "KL to ref",
    "policy/probability": "P(word)",
    "objective/entropy": "entropy",
    "objective/unique": "distinct",
    "objective/length": "length",
    "policy/clipfrac_avg": "clipped",
    "policy/approxkl_avg": "approx KL",
    "val/explained_variance": "explained",
    "loss/value_avg": "value loss",
    "objective/return": "J",
    "objective/episode_return": "walked",
    "policy/kl": "update KL",
}
PLOTTED = {
    "objective/scores": "score of the reward model",
    "objective/gold": "truth: how good they really are",
    "objective/kl": "KL to the reference, nats",
    "policy/probability": 'P(understand), after "I"',
    "objective/entropy": "entropy, nats",
    "objective/unique": "distinct: share of answers",
    "objective/length": "length, tokens",
    "policy/clipfrac_avg": "clipped, share of samples",
    "policy/approxkl_avg": "approx KL of an update",
    "val/explained_variance": "explained variance",
    "loss/value_avg": "value loss",
    "objective/return": "J, exact return",
    "objective/episode_return": "return of what was walked",
    "policy/kl": "KL of an update, nats",
}


def metrics(session: ClinicSession) -> tuple[str, ...]:
    """Of the case, in the order of the table."""
    return metrics_of(session.case)


def runs(session: ClinicSession) -> tuple[str, ...]:
    """That may be shown."""
    return (BROKEN, MENDED) if session.known else (BROKEN,)


def rows(session: ClinicSession, width: int) -> int:
    """How many the table has, its heading included."""
    return 1 - (-len(metrics(session)) // _columns(width))


def _columns(width: int) -> int:
    return max(1, min(4, width // (NAME + 2 * NUMBER)))


def table(session: ClinicSession, plotted: Sequence[str], width: int, glyphs: Glyphs) -> list[Line]:
    """A heading, then the metrics in columns, each with its number at the update that is looked at: of the broken run,
    and of the mended one once it may be seen. plotted: those that are pointed at."""
    names, count = metrics(session), rows(session, width) - 1
    lines = [_heading(session, width)]
    for row in range(count):
        of_row = names[row::count]
        lines.append(
            [part for name in of_row for part in _cell(session, name, name in plotted, width, glyphs)]
        )
    return lines


def _heading(session: ClinicSession, width: int) -> Line:
    told = f" {_when(session)}"
    solved, shown = session.count("solved"), session.count("shown")
    right = f"{solved} of {CASES} solved" + (f", {shown} shown" if shown else "")
    return [(told, "muted"), (right.rjust(width - len(told)), "accent" if solved else "muted")]


def _when(session: ClinicSession) -> str:
    """The update that the numbers are of; the mended run follows the broken one, and says its own meanwhile."""
    if not session.known:
        return f"at update {session.shown}"
    broken, mended = session.at(BROKEN), session.at(MENDED)
    if mended is None:
        return f"broken: at update {session.shown}; mended: to come"
    if broken is None or broken.update == mended.update:
        return f"at update {mended.update}: broken, then mended"
    return f"broken at update {broken.update}, then mended at {mended.update}"


def _cell(session: ClinicSession, metric: str, plotted: bool, width: int, glyphs: Glyphs) -> Line:
    role = quantity_of(metric)
    line: Line = [(glyphs.pointer if plotted else " ", "accent"), (TITLES[metric].ljust(NAME - 1), "")]
    numbers = [_value(session, run, metric, glyphs).ljust(NUMBER) for run in runs(session)]
    room = width // _columns(width) - NAME
    texts = [(number, role if place == 0 else "strong") for place, number in enumerate(numbers)]
    return [*line, *texts, (" " * (room - sum(len(text) for text, _ in texts)), "")]


def _value(session: ClinicSession, run: str, metric: str, glyphs: Glyphs) -> str:
    """The newest one not after the update that is looked at."""
    frame = session.at(run, lambda frame: metric in frame.metrics)
    return "" if frame is None else short(float(frame.metrics[metric].mean()), glyphs)


def short(value: float, glyphs: Glyphs) -> str:
    """In six columns, up to three decimals; 0 where it is 0, and 0.000 where it is only near."""
    if value == 0:
        return "0"
    decimals = 3 if abs(value) < 1 else 2 if abs(value) < 10 else 1 if abs(value) < 100 else 0
    return f"{value:.{decimals}f}".replace("-", glyphs.minus)


def samples(session: ClinicSession, first: int, count: int, width: int, glyphs: Glyphs) -> list[Line]:
    """A heading, then `count` lines of samples at the update that is looked at, shared by the runs that are shown."""
    what = "walk" if session.kind == "grid" else "answer"
    each, of = count // len(runs(session)), samples_of(session)
    which = f"{what}s {first + 1} to {first + each}" if each > 1 else f"{what} {first + 1}"
    others = ", a shows others" if of > each else ""
    lines: list[Line] = [[(f" {which} of {of}{others}" if of else "", "muted")]]
    for run in runs(session):
        frame = session.at(run)
        found = () if frame is None or frame.detail is None else frame.detail.answers[first : first + each]
        for place in range(each):
            name = f" {run}".ljust(SERIES) if len(runs(session)) > 1 and not place else " " * SERIES
            line = [(name if len(runs(session)) > 1 else " ", "strong")]
            for sample in found[place : place + 1]:
                line += _walk(sample, glyphs) if session.kind == "grid" else _answer(sample, width, glyphs)
            lines.append(line)
    return lines


def samples_of(session: ClinicSession) -> int:
    """How many the frames have at the update that is looked at."""
    frames = [session.at(run) for run in runs(session)]
    return max((len(frame.detail.answers) for frame in frames if frame and frame.detail), default=0)


def _answer(answer: Answer, width: int, glyphs: Glyphs) -> list[tuple[str, str]]:
    ascii = not glyphs.sub_digits
    score = clean(f"score {answer.score:.1f}".replace("-", "−"), ascii).ljust(12)
    truth = clean(f"truth {answer.gold:.1f}".replace("-", "−"), ascii).ljust(12)
    asked = clean(answer.prompt, ascii)[: PROMPT - 1].ljust(PROMPT) if width >= WIDE else ""
    said = clean(answer.text, ascii) or "(nothing)"
    return [(score + truth, "reward"), (asked, "muted"), (said, "")]


def _walk(walk: SampledWalk, glyphs: Glyphs) -> list[tuple[str, str]]:
    """`−0.18  20 steps, cut off  5→ 3↓ …`: equal steps are counted."""
    steps = " ".join(
        (str(len(run)) if len(run) > 1 else "") + glyphs.arrows[action]
        for action, run in ((action, list(group)) for action, group in groupby(walk.actions))
    )
    how = f"ends in {walk.mark}" if walk.mark else "cut off"
    total = f"{walk.total:.2f}".replace("-", glyphs.minus).ljust(7)
    return [(total, "return"), (f"{len(walk.actions)} steps, {how}".ljust(22), "muted"), (steps, "action")]


# What is said


def invitation(session: ClinicSession, width: int) -> Line:
    """What kind of run it is, or how it stands."""
    diagnosis, fault = session.diagnosis, session.fault
    if diagnosis.ended:
        how = "Solved: " if diagnosis.ended == "solved" else "It was shown: "
        return fitting([(how, "strong"), (f"{fault.name}. ", ""), ("e says why.", "muted")], width)
    if diagnosis.tried:
        count = len(diagnosis.tried)
        return [(f"{count} wrong {'answer' if count == 1 else 'answers'} so far: p names another.", "muted")]
    told = TOLD[session.kind]
    return [(told if len(told) <= width else "r runs it, p names the fault.", "muted")]


def right(fault: Fault, width: int) -> Line:
    more = ("The mended run follows. ", ""), ("e says why.", "muted")
    return fitting([("Right: ", "strong"), (f"{fault.name}. ", ""), *more], width)


def against(session: ClinicSession, fault: str) -> str:
    """With a number of the broken run, as far as it has come."""
    found = BY_ID[fault].against(session.reading(BROKEN), session.kind)
    return (
        capital(found)
        or "Nothing in the curves so far speaks against it, yet it is another: let the run go on."
    )


def capital(text: str) -> str:
    return text[:1].upper() + text[1:]
