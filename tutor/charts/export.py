"""Taking a chart out of the tutor: its numbers as CSV, its picture as text and as SVG."""

import csv
import io
import re
from html import escape
from pathlib import Path

from tutor.charts.chart import Chart
from tutor.charts.draw import draw
from tutor.charts.palette import Theme, ink, rgb
from tutor.charts.summary import summarise
from tutor.charts.text import clean

COLUMNS = ("series", "x", "y", "low", "high")
MOST_NUMBERS = 1000  # a folder with more exports of one name than this is a mistake
CELL = (12.2, 24.4)  # pixels of one character in rich's SVG
_SVG = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 @width@ @height@" role="img">
<title>@title@</title>
<desc>@summary@</desc>
<style>
.{unique_id}-matrix {{
  font-family: "DejaVu Sans Mono", Menlo, Consolas, monospace;
  font-size: {char_height}px; line-height: {line_height}px; white-space: pre;
}}
{styles}
</style>
<defs>
{lines}
</defs>
<rect width="100%" height="100%" rx="6" fill="@ground@"/>
<g transform="translate(12, 8)">
<g class="{unique_id}-matrix">
{matrix}
</g>
</g>
</svg>
"""


class ChartExportError(OSError):
    """A chart could not be written; the message says where and why, and what to do."""


def to_csv(chart: Chart) -> str:
    """All points, one a row, under `series,x,y,low,high`; numbers to the last bit, no band gives empty cells."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(COLUMNS)
    for series in chart.series:
        edges = [
            [""] * series.x.size if edge is None else edge.tolist() for edge in (series.low, series.high)
        ]
        writer.writerows(
            (series.name, x, y, low, high)
            for x, y, low, high in zip(series.x.tolist(), series.y.tolist(), *edges, strict=True)
        )
    return out.getvalue()


def to_text(chart: Chart, width: int = 80, height: int = 20, *, ascii: bool = False) -> str:
    """The picture without colours, and below it what it shows in words."""
    picture = "\n".join(
        line.rstrip() for line in draw(chart, width, height, ascii=ascii, colour=False).split("\n")
    )
    return f"{picture}\n\n{summarise(chart, ascii)}\n"


def to_svg(chart: Chart, width: int = 80, height: int = 20, *, theme: Theme = "light") -> str:
    """The picture in colours as SVG that needs no network; its summary is there for screen readers."""
    from rich.console import Console
    from rich.terminal_theme import TerminalTheme
    from rich.text import Text

    console = Console(
        record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor"
    )
    console.print(Text.from_ansi(draw(chart, width, height, theme=theme)), no_wrap=True, crop=True)
    colours = TerminalTheme(rgb(ink("ground", theme)), rgb(ink("text", theme)), [(0, 0, 0)] * 8)
    words = {
        "width": f"{width * CELL[0] + 24:.0f}",
        "height": f"{height * CELL[1] + 16:.0f}",
        "title": clean(chart.title) or "Chart",
        "summary": summarise(chart),
        "ground": ink("ground", theme),
    }
    template = _SVG
    for key, value in words.items():
        template = template.replace(f"@{key}@", escape(value).replace("{", "{{").replace("}", "}}"))
    return console.export_svg(title="", theme=colours, code_format=template, unique_id="chart")


def export(
    chart: Chart, folder: Path, stem: str, *, width: int = 80, height: int = 20, theme: Theme = "light"
) -> list[Path]:
    """Write `stem.csv`, `stem.txt` and `stem.svg` into folder (made if need be); returns their paths.

    Nothing is ever overwritten: when any of the three exists, all are called `stem-2`, `stem-3`, … Raises
    ChartExportError when the folder cannot be written to.
    """
    contents = {
        ".csv": to_csv(chart),
        ".txt": to_text(chart, width, height),
        ".svg": to_svg(chart, width, height, theme=theme),
    }
    safe = re.sub(r"[^\w.-]+", "-", clean(stem)).strip("-.")[:80] or "chart"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for number in range(1, MOST_NUMBERS + 1):
            name = safe if number == 1 else f"{safe}-{number}"
            paths = _write_new([(folder / (name + ending), text) for ending, text in contents.items()])
            if paths:
                return paths
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise ChartExportError(
            f"cannot write the chart to {folder}: {reason}; choose another folder"
        ) from error
    raise ChartExportError(f"{folder} holds {MOST_NUMBERS} exports called {safe}; move some away")


def _write_new(files: list[tuple[Path, str]]) -> list[Path]:
    """Write all of the files, or, if one exists already or cannot be written, none."""
    written: list[Path] = []
    try:
        for path, text in files:
            with path.open("x", encoding="utf-8", newline="\n") as file:
                written.append(path)
                file.write(text)
    except FileExistsError:
        _remove(written)
        return []
    except OSError:
        _remove(written)
        raise
    return written


def _remove(paths: list[Path]) -> None:
    for path in paths:
        path.unlink(missing_ok=True)
