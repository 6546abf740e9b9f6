"""What a run shows in words: how far it is, its numbers as a table, what its curves say. Pure text."""

from collections.abc import Sequence

from textual.content import Content

from tutor.charts.axes import number
from tutor.charts.frames import quantity_of
from tutor.charts.text import clean
from tutor.experiments.explain import Finding
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.run_session import RunSession

LEAST_COLUMN = 14
MINUTE = 60


def status(session: RunSession, length: str, pace: float | None) -> str:
    """`update 12 of 80  34/s  2 s left`. length: the parameter that says how many updates there are. pace: updates a
    second, where it is known."""
    total = int(session.parameters[length])
    here = f"update {session.reached} of {total}"
    if session.cursor is not None:
        here = f"at update {session.shown} of {session.reached}"
    match session.state:
        case "new":
            return f"{total} updates: r runs"
        case "running":
            return f"{here}  {_pace(pace, total - session.reached)}"
        case "returning":
            return f"again to update {session.goal}: {session.reached}" if session.goal else "starting"
        case "dead":
            return "the worker has died: r starts again"
        case "left":
            return f"update {max(session.reached, session.goal)} of {total}  r goes on"
        case "failed":
            return f"failed after update {session.reached}"
        case state:
            return f"{here}  {state}"


def _pace(pace: float | None, left: int) -> str:
    if not pace:
        return "running"
    seconds = left / pace
    time = f"{seconds:.0f} s" if seconds < 2 * MINUTE else f"{seconds / MINUTE:.0f} min"
    return f"{pace:.3g}/s  {time} left"


def table(session: RunSession, metrics: Sequence[str], width: int, glyphs: Glyphs) -> list[Line]:
    """A heading, then a line a series: each metric at the update that is looked at, its mean over the seeds, and one
    standard deviation where there are several."""
    names = session.series or session.experiment.series
    first = max(map(len, names)) + 3
    column = max(LEAST_COLUMN, min(24, (width - first) // max(1, len(metrics))))
    heading: Line = [(" " * first, "")]
    heading += [(short(metric)[: column - 1].ljust(column), "muted") for metric in metrics]
    return [heading, *(_row(session, name, metrics, first, column, glyphs) for name in names)]


def _row(
    session: RunSession, name: str, metrics: Sequence[str], first: int, column: int, glyphs: Glyphs
) -> Line:
    frame = session.at(name)
    line: Line = [(f" {name}".ljust(first), "strong")]
    for metric in metrics:
        values = frame.metrics.get(metric) if frame is not None else None
        text = ""
        if values is not None:
            text = number(float(values.mean()), not glyphs.sub_digits)
            if values.size > 1:
                text += f" {'±' if glyphs.sub_digits else '+-'}{number(float(values.std()), not glyphs.sub_digits)}"
        line.append((text.ljust(column), quantity_of(metric)))
    return line


def short(metric: str) -> str:
    """`objective/episode_return` as `episode return`."""
    return metric.rsplit("/", 1)[-1].replace("_", " ")


def paragraphs(findings: Sequence[Finding], plots: Sequence[str], glyphs: Glyphs) -> list[Content]:
    """What was found, each with its reason, its threshold and source; then the plots in words."""
    ascii = not glyphs.sub_digits
    found = [_finding(finding, ascii) for finding in findings]
    if not found:
        found = [Content("Too little has come yet for any rule to say something: r runs on.")]
    return [*found, *(Content(f"The plot of {plot}") for plot in plots)]


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
