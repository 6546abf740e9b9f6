"""The rows above a plot: title, what is measured, and which line is which."""

from tutor.charts.canvas import Span
from tutor.charts.chart import Chart, Series
from tutor.charts.curves import ASCII_SHADE, MOST_LINES, SHADE, Look
from tutor.charts.palette import ink
from tutor.charts.text import clean, fit, width_of

GAP = 3  # columns between title and legend
LEAST_TITLE = 10  # columns below which a cut title says nothing


def header_rows(chart: Chart, look: Look, width: int, room: int) -> list[list[Span]]:
    """At most `room` rows: none when there is nothing to say; title and legend share one row when they fit, and where
    there is only one: then the legend is short and the title cut, or left out where hardly any of it would be left."""
    title, legend = _title(chart, look), _legend(chart, look)
    if room < 1 or not (title or legend):
        return []
    if _width(legend) > width:
        legend = _legend(chart, look, short=True)
    both = [*title, Span(" " * GAP, None), *legend] if title and legend else title + legend
    if _width(both) <= width:
        return [both]
    if room > 1 and title and legend:
        return [_cut(title, width, look), _cut(legend, width, look)]
    if legend and len(chart.series) > 1:
        short = _legend(chart, look, short=True)
        left = width - _width(short) - GAP
        if title and left >= LEAST_TITLE:
            return [[*_cut(title, left, look), Span(" " * GAP, None), *short]]
        return [_cut(legend, width, look)]
    return [_cut(title or legend, width, look)]


def _title(chart: Chart, look: Look) -> list[Span]:
    title, unit = clean(chart.title, look.ascii), clean(chart.y_label, look.ascii)
    spans = [Span(title, None)] if title else []
    if unit and unit != title:
        spans.append(Span(f" ({unit})" if title else unit, ink("muted", look.theme)))
    return spans


def _legend(chart: Chart, look: Look, short: bool = False) -> list[Span]:
    entries = [
        entry
        for index, series in enumerate(chart.series[:MOST_LINES])
        if (entry := _entry(series, index, look, short))
        and not (len(chart.series) == 1 and series.name == chart.title)
    ]
    shade = ASCII_SHADE if look.ascii else SHADE
    muted = ink("muted", look.theme)
    entries += [[Span(f"{shade} {clean(s.label, look.ascii)}", muted)] for s in chart.shades if s.label]
    for mark in chart.marks:
        if mark.label:
            entries.append(
                [Span(f"{'│' if mark.axis == 'x' else '─'} {clean(mark.label, look.ascii)}", muted)]
            )
    if len(chart.series) > MOST_LINES:
        entries.append([Span(f"+{len(chart.series) - MOST_LINES} not drawn", muted)])
    return [
        span
        for number, entry in enumerate(entries)
        for span in ([Span(" " if short else "  ", None)] if number else []) + entry
    ]


def _entry(series: Series, index: int, look: Look, short: bool) -> list[Span]:
    name = clean(series.name, look.ascii)
    if not name:
        return []
    sample = look.glyph(index) if short and not look.ascii else _sample(series, index, look) + " "
    return [Span(sample + name, look.colours[index])]


def _sample(series: Series, index: int, look: Look) -> str:
    """A piece of the line as it looks in the plot."""
    glyph = look.glyph(index)
    if look.ascii:
        return glyph
    return {"dashed": f"╌{glyph}╌", "dotted": f"·{glyph}·", "line": f"─{glyph}─"}.get(series.style, glyph)


def _width(spans: list[Span]) -> int:
    return sum(width_of(span.text) for span in spans)


def _cut(spans: list[Span], width: int, look: Look) -> list[Span]:
    kept: list[Span] = []
    for span in spans:
        left = width - _width(kept)
        if width_of(span.text) > left:
            return [*kept, Span(fit(span.text, left, look.ascii), span.colour)]
        kept.append(span)
    return kept
