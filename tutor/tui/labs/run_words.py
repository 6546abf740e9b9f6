"""What a run shows in words: how far it is, its numbers as a table, what its curves say. Pure text."""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray
from textual.content import Content

from tutor.charts.axes import number
from tutor.charts.frames import quantity_of
from tutor.charts.text import clean
from tutor.experiments.explain import Finding
from tutor.experiments.recordings import INSTALL, Recorded
from tutor.tui.glyphs import Glyphs, cut, cut_text
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.run_session import RunSession

LEAST_COLUMN = 14
ROUNDING = 1e-12  # of equal numbers, relative: no spread
MINUTE = 60
MISTAKE: Line = [
    ("A mistake of the program", "error"),
    (": e says where it is written down, 0 runs again.", ""),
]
TO_DO: Line = [("  e: where it is written down  0: again", "")]


def status(session: RunSession, total: int, unit: str, pace: float | None) -> str:
    """`update 12 of 80  34/s  2 s left`. total: how many updates there are. unit: what they are called. pace: updates a
    second, where it is known."""
    here = f"{unit} {session.reached} of {total}"
    if session.cursor is not None:
        here = f"at {unit} {session.shown} of {session.reached}"
    if session.before:
        others = "1 run of another" if session.before == 1 else f"{session.before} runs of others"
        return f"{others} before yours{_about(session.run.wait)}"
    match session.state:
        case "new":
            return f"{total} {unit}s: r runs"
        case "running":
            return f"{here}  {_pace(pace, total - session.reached)}"
        case "returning":
            return f"run anew: {session.reached} of {session.goal}" if session.goal else "starting"
        case "dead":
            return "the worker has died: r starts again"
        case "left":
            left = max(session.reached, session.goal)
            if left == total:
                return f"r brings back {total} {unit}s"
            return f"{unit} {left} of {total}  r goes on"
        case "failed":
            return f"failed after {unit} {session.reached}"
        case state:
            return f"{here}  {state}"


def again(session: RunSession, unit: str) -> Line:
    """Of a run that was left: no number of it is kept, since its seed gives all of them once more."""
    return [
        ("Your run comes back", "strong"),
        (f": made again from its seed, up to {unit} {session.goal}.", "muted"),
    ]


def _about(seconds: float | None) -> str:
    if seconds is None:
        return ""
    if seconds < MINUTE:
        return ", under a minute"
    return f", about {round(seconds / MINUTE)} min"


def recorded(run: Recorded, width: int) -> Line:
    """That this run was made before, by which command, and what to install for others; the most that has room."""
    told = (
        f"torch is not installed: {INSTALL}. Recorded run: {run.command}",
        f"No torch: {INSTALL}. Recorded: {run.command}",
        f"Recorded run (e). Others: {INSTALL}",
    )
    return [(next((text for text in told if len(text) <= width), told[-1]), "muted")]


def of_recording(run: Recorded, version: str, torch: str) -> str:
    """The same in a paragraph, with what it was made with."""
    return (
        f"Training needs torch, which is not installed: {INSTALL}. This is the recorded run: "
        f"{run.command} (seed {run.seeds[0]}), made by rl-tutor {version} with torch {torch}. "
        "Numbers have 5 significant digits."
    )


def _pace(pace: float | None, left: int) -> str:
    if not pace:
        return "running"
    seconds = left / pace
    time = f"{seconds:.0f} s" if seconds < 2 * MINUTE else f"{seconds / MINUTE:.0f} min"
    return f"{pace:.3g}/s  {time} left"


def table(
    session: RunSession, names: Sequence[str], metrics: Mapping[str, str], width: int, glyphs: Glyphs
) -> list[Line]:
    """A heading, then a line for each of `names`: each metric at the update that is looked at, or the last before that
    has it, its mean over the seeds and one standard deviation where there are several. metrics: metric -> title."""
    first = max(map(len, names)) + 3
    column = max(LEAST_COLUMN, min(30, (width - first) // max(1, len(metrics))))
    heading: Line = [(" " * first, "")]
    heading += [
        (cut(Content(title), column - 1, glyphs).plain.ljust(column), "muted") for title in metrics.values()
    ]
    return [heading, *(_row(session, name, metrics, first, column, glyphs) for name in names)]


def _row(
    session: RunSession, name: str, metrics: Iterable[str], first: int, column: int, glyphs: Glyphs
) -> Line:
    line: Line = [(f" {name}".ljust(first), "strong")]
    if session.run.diverged is not None and session.run.diverged[0] == name:
        return [*line, (session.run.diverged[1], "error")]
    for metric in metrics:
        frame = session.at(name, lambda frame, metric=metric: metric in frame.metrics)  # type: ignore[misc]
        text = ""
        if frame is not None:
            text = spread(frame.metrics[metric], glyphs)
        line.append((text.ljust(column), quantity_of(metric)))
    return line


def spread(values: NDArray[np.float64], glyphs: Glyphs, digits: int = 3) -> str:
    """`−26.2 ±1.3`: the mean over the seeds [K] and, where there are several, their standard deviation. digits: of the
    deviation, significant ones."""
    ascii = not glyphs.sub_digits
    lost = int(np.isneginf(values).sum())  # policies that walk in circles
    if lost:
        return "does not arrive" if lost == values.size else f"{lost}/{values.size} do not arrive"
    mean, std = float(values.mean()), float(values.std())
    text = number(mean, ascii)
    if values.size == 1:
        return text
    rounded = float(f"{std:.{digits}g}") if std > ROUNDING * abs(mean) else 0.0
    return f"{text} {'+-' if ascii else '±'}{number(rounded, ascii)}"


def short(metric: str) -> str:
    """`objective/episode_return` as `episode return`."""
    return metric.rsplit("/", 1)[-1].replace("_", " ")


def verdict(answers: Sequence[str], said: int, came: int | None) -> Line:
    """Whether it came as predicted. came: the answer that was right; None: none was."""
    if came is None:
        return [("No answer was right: ", "strong"), ("e explains what the run shows.", "")]
    if came == said:
        return [("As predicted", "strong"), (f": {answers[came]}.", "")]
    return [(f"You said: {answers[said]}. ", "strong"), (f"It was: {answers[came]}.", "")]


def paragraphs(findings: Sequence[Finding], plots: Sequence[str], glyphs: Glyphs) -> list[Content]:
    """What was found, each with its reason, its threshold and source; then the plots in words."""
    ascii = not glyphs.sub_digits
    found = [_finding(finding, ascii) for finding in findings]
    if not found:
        found = [Content("No rule sees anything yet: most need ten updates, and something that changes.")]
    return [*found, *(Content(f"The plot of {plot}") for plot in plots)]


def problem(session: RunSession, width: int, glyphs: Glyphs) -> str:
    """What went wrong, in one line: of a series that diverged the most that has room, for the table says when."""
    told = session.problem
    if session.run.diverged is not None and len(told) > width:
        series, what = session.run.diverged
        why = told.removeprefix(f"{series} {what}: ")
        advice = why.rpartition("; ")[2]
        shorter = (f"{series} diverged: {why}", f"{series} diverged: {advice}", f"{series}: {advice}")
        told = next((text for text in shorter if len(text) <= width), shorter[-1])
    return cut_text(told, width, glyphs)


def mistaken(problem: str, width: int, glyphs: Glyphs) -> Line:
    """A mistake of the program in one line: which, as far as there is room, and what to do."""
    room = max(LEAST_COLUMN, width - sum(len(text) for text, _ in TO_DO))
    return [(cut(Content(problem), room, glyphs).plain, "error"), *TO_DO]


def failure(problem: str, plots: Sequence[str], glyphs: Glyphs, logged: str = "") -> list[Content]:
    """Why there is no run, or no more of it; then what was drawn before, in words. logged: of a mistake of the program,
    where its traceback is."""
    ascii = not glyphs.sub_digits
    which = f" It is a mistake of the program, not yours. {logged}." if logged else ""
    told = Content.assemble(
        (clean(f"The run failed: {problem.rstrip('.')}.", ascii), "bold"),
        clean(f"{which} The curves end where it stopped; they are not the reason. 0 runs it again.", ascii),
    )
    return [told, *(Content(f"The plot of {plot}") for plot in plots)]


def _finding(finding: Finding, ascii: bool) -> Content:
    rule = f"Rule {finding.rule}, threshold {finding.threshold} ({finding.source})."
    return Content.assemble(
        (clean(finding.sentence, ascii), "bold"),
        f" {clean(finding.why, ascii)} To try: {clean(finding.advice, ascii)}.\n",
        (clean(rule, ascii), "$muted"),
    )


def as_text(findings: Sequence[Finding], command: str) -> str:
    """The findings as a file, after the command that gives the run again."""
    blocks = [f"{f.sentence}\n{f.why} To try: {f.advice}.\n{f.threshold} ({f.source})" for f in findings]
    return "\n\n".join([command, *blocks]) + "\n"
