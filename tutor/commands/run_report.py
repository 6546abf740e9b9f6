"""What `rl-tutor run` prints and writes once the frames are there."""

import argparse
import os
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from tutor.charts.text import clean
from tutor.experiments import Experiment, Frame, Value
from tutor.experiments.divergence import sound
from tutor.experiments.explain import Finding, explain, rules_for
from tutor.experiments.export import as_csv, as_json, as_object, command_of, seeds_text
from tutor.experiments.parameters import did_you_mean
from tutor.experiments.summary import Figures, SeriesSummary, optimum_of, summarise
from tutor.experiments.titles import metric_title

if TYPE_CHECKING:
    from rich.table import Table

MOST_ROWS = 40  # of the table, for people
CHART = (100, 20)  # columns and rows at most
LOST = "does not arrive"
EDGES = 2  # cells that a table takes for itself
LEFT_OUT_FIRST = (3, 5, 4, 6, 7)  # places in COLUMNS, where there is no room
COLUMNS = ("series", "metric", "mean", "std", "min", "max", "mean fall", "worst fall", "stuck")


def wrong_choice(experiment: Experiment, args: argparse.Namespace) -> str:
    """Why `--metric` or `--series` cannot be drawn; empty when they can."""
    if args.metric is not None and args.metric not in experiment.metrics:
        known = ", ".join(experiment.metrics) + did_you_mean(args.metric, experiment.metrics)
        return f"metric is {args.metric[:60]!r}; it must be one of {known}"
    for name in _names(args.series):
        if name not in experiment.series:
            known = ", ".join(experiment.series[:40]) + did_you_mean(name, experiment.series)
            return f"series has {name[:60]!r}; the series are: {known}"
    return ""


def _names(text: str | None) -> list[str]:
    return [] if text is None else [name.strip() for name in text.split(",")]


def report(
    experiment: Experiment,
    values: Mapping[str, Value],
    seeds: Sequence[int],
    frames: Sequence[Frame],
    args: argparse.Namespace,
    *,
    complete: bool,
    problem: str = "",
    diverged: tuple[str, str] | None = None,
) -> None:
    """Files first, then what people read, unless a file is the standard output. diverged: a series, and what it did in
    words: its last numbers are no data, and are left out everywhere. Raises OSError."""
    optimum = optimum_of(experiment, values)
    frames = frames if diverged is None else sound(frames, diverged[0])
    summary = summarise(frames, optimum, learns=not experiment.fixed)
    gone = [] if diverged is None else [(*diverged, *[""] * (len(COLUMNS) - 2))]
    if diverged is not None:
        summary.pop(diverged[0], None)
    if args.json:
        _write(
            args.json, as_json(as_object(experiment.id, values, seeds, frames, summary, complete=complete))
        )
    if args.csv:
        _write(args.csv, as_csv(frames, seeds))
    if "-" in (args.json, args.csv):
        return
    if args.plain:
        print("\n".join("\t".join(row) for row in (COLUMNS, *table_rows(summary, _number), *gone)))
        return
    metric = args.metric or experiment.spoken_of
    findings = explain(
        frames,
        rules_for(experiment.id),
        optimum=optimum,
        problem=problem,
        metric=metric,
        parameters=values,
    )
    rows = [*_for_people(summary), *gone]
    _print(experiment, values, seeds, frames, rows, findings, args, complete=complete, failed=bool(problem))


def _write(name: str, text: str) -> None:
    """A file is written whole or not at all."""
    if name == "-":
        sys.stdout.write(text)
        return
    path = Path(name).expanduser()
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_text(text, encoding="utf-8", newline="\n")
        os.replace(beside, path)
    except OSError:
        beside.unlink(missing_ok=True)
        raise


def table_rows(summary: Mapping[str, SeriesSummary], number: Callable[[float], str]) -> list[tuple[str, ...]]:
    """One row a series and metric, under COLUMNS. number: how one is written."""
    rows = []
    for name, series in summary.items():
        for metric, figures in series.metrics.items():
            numbers = tuple(number(x) for x in (figures.mean, figures.std, figures.min, figures.max))
            rows.append((name, metric, *numbers, *_return_only(metric, series)))
    return rows


def _for_people(summary: Mapping[str, SeriesSummary]) -> list[tuple[str, ...]]:
    """The rows, with words where policies walk in circles; of a single seed its value alone, as the mean."""
    figures = [figures for series in summary.values() for figures in series.metrics.values()]
    return [_in_words(row, f) for row, f in zip(table_rows(summary, _number), figures, strict=True)]


def _in_words(row: tuple[str, ...], figures: Figures) -> tuple[str, ...]:
    mean, spread, count = row[2], row[3:6], figures.values.size
    if figures.lost:
        some = f"{figures.lost} of {count} do not arrive"
        mean, spread = (some, ("", "", row[5])) if figures.lost < count else (LOST, ("", "", ""))
    return (*row[:2], mean, *(spread if count > 1 else ("", "", "")), *row[6:])


def _return_only(metric: str, series: SeriesSummary) -> tuple[str, str, str]:
    """The falls and stuck stand in the row of the metric that they are measured on."""
    measured = next(
        (name for name in ("objective/return", "objective/episode_return") if name in series.metrics), ""
    )
    if metric != measured:
        return "", "", ""
    falls = series.worst_fall
    mean, worst = ("", "") if falls is None else (_number(float(falls.mean())), _number(float(falls.max())))
    stuck = "" if series.stuck is None else f"{series.stuck:.0%}"
    return mean if falls is not None and falls.size > 1 else "", worst, stuck


def _number(value: float) -> str:
    return f"{value:.4g}" if 1e-3 <= abs(value) < 1e6 or not value else f"{value:.2e}"


def _print(
    experiment: Experiment,
    values: Mapping[str, Value],
    seeds: Sequence[int],
    frames: Sequence[Frame],
    rows: list[tuple[str, ...]],
    findings: Sequence[Finding],
    args: argparse.Namespace,
    *,
    complete: bool,
    failed: bool,
) -> None:
    from rich.console import Console
    from rich.text import Text

    console = Console(highlight=False)
    console.print(Text(experiment.title, "bold"))
    console.print(
        Text(
            ", ".join(f"{name} {value}" for name, value in values.items() if name != "seeds" and value != "")
        )
    )
    console.print()
    moved = any(frame.update for frame in frames)
    if failed:
        for finding in findings:
            console.print(Text(clean(f"{finding.sentence} {finding.why}", not _unicode())))
        console.print("What follows is from before that, no result.\n")
    if moved:
        console.print(_picture(experiment, frames, args, console.width, failed), no_wrap=True, crop=True)
    table, left_out = _table(rows[:MOST_ROWS], console.width)
    console.print(table)
    if len(rows) > MOST_ROWS:
        console.print(f"and {len(rows) - MOST_ROWS} rows more; --plain, --json and --csv have them all.")
    if not complete and not failed:
        console.print("Stopped before its end: these are the updates that were made.")
    for sentence in _about(rows, experiment.unit, left_out):
        console.print(sentence)
    if findings and moved and not failed:
        console.print("\nWhat the curves show (means over the last fifth of the updates):")
        for finding in findings:
            console.print(Text(clean(finding.sentence, not _unicode())))
    console.print()
    named = f"seeds {seeds[0]} to {seeds[-1]}" if len(seeds) > 2 and "," not in seeds_text(seeds) else ""
    console.print(named or f"seed{'s' if len(seeds) > 1 else ''} {', '.join(map(str, seeds))}")
    console.print(f"the same again: {command_of(experiment.id, values, seeds)}", soft_wrap=True)


def _about(rows: Sequence[tuple[str, ...]], unit: str, left_out: Sequence[str]) -> Iterator[str]:
    """What the columns and words of the table mean, of those that there are."""
    if not any(row[2] for row in rows):
        return
    yield f"The table is of the last {unit}{'; of one seed' if not any(row[3] for row in rows) else ''}."
    if left_out:
        yield f"Too narrow for {', '.join(left_out)}: --plain has them."
    if any(row[7] for row in rows) and "worst fall" not in left_out:
        mean = "; mean fall: the mean of the seeds'" if any(row[6] for row in rows) else ""
        yield f"worst fall: the furthest that a seed's return fell below its own best so far{mean}."
    if any("nan" in row[2:6] for row in rows):
        yield "nan: no number; of explained variance: the returns of the batch did not vary."
    if any(row[8] for row in rows):
        yield "stuck: seeds that end more than 0.1 below the best return there is."
    if any("not arrive" in row[2] for row in rows):
        yield "does not arrive: the policy walks in circles for ever, so what it costs has no end."


def _picture(
    experiment: Experiment, frames: Sequence[Frame], args: argparse.Namespace, width: int, failed: bool
) -> "object":
    from rich.text import Text

    from tutor.charts.draw import draw
    from tutor.charts.frames import chart_of

    metric = args.metric or experiment.plotted
    names = _names(args.series)
    drawn = [frame for frame in frames if not names or frame.series in names]
    title = metric_title(metric) + (" (before it failed)" if failed else "")
    chart = chart_of(drawn, metric, title, x_label=experiment.unit)
    size = (min(width, CHART[0]), CHART[1])
    return Text.from_ansi(draw(chart, *size, ascii=not _unicode()))


def _unicode() -> bool:
    return (sys.stdout.encoding or "").lower().replace("-", "") == "utf8"


def _table(rows: list[tuple[str, ...]], width: int) -> "tuple[Table, list[str]]":
    """Where there are several series each has a line of its own, its metrics below it. Columns for which there is no
    room are left out, and named."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD if _unicode() else box.ASCII2, pad_edge=False, padding=(0, 1, 0, 0))
    several, last = len({row[0] for row in rows}) > 1, ""
    shown, left_out = _fitting(rows, width - (EDGES + 2 * several))
    single = not any(row[3] for row in rows)
    for place in shown:
        title = "value" if place == 2 and single else COLUMNS[place]
        table.add_column(title, justify="left" if place < 2 else "right", no_wrap=place > 1, overflow="fold")
    for row in rows:
        if several and row[0] != last:
            last = row[0]
            table.add_row(last, style="bold")
        table.add_row(("  " if several else "") + row[1], *(row[place] for place in shown[1:]))
    return table, left_out


def _fitting(rows: Sequence[tuple[str, ...]], width: int) -> tuple[list[int], list[str]]:
    """The places of the columns that have something and fit into so many cells, and the names of those that do not."""
    shown = [place for place in range(1, len(COLUMNS)) if any(row[place] for row in rows)]
    needs = {place: 2 + max(len(COLUMNS[place]), *(len(row[place]) for row in rows)) for place in shown}
    left_out = []
    for place in LEFT_OUT_FIRST:
        if place in shown and sum(needs[place] for place in shown) > width:
            shown.remove(place)
            left_out.append(COLUMNS[place])
    return shown, left_out
