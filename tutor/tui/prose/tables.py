"""Tables that fit a width: cells are wrapped, never cut; where columns would be too thin, rows become lists."""

from rich.cells import cell_len
from textual.content import Content

from tutor.tui.prose.inline import InlineText
from tutor.tui.prose.wrapping import padded, widest_word, wrap

GAP = 2
LONG_WORD = 24  # cells: a word longer than this may be broken inside a column

Row = list[InlineText]


def table_lines(rows: list[Row], aligned: list[str], width: int, rule: str) -> list[Content]:
    """The first row is the head. `aligned`: left, center or right, by column."""
    columns = max((len(row) for row in rows), default=0)
    if not columns:
        return []
    widths = column_widths(rows, columns, width - GAP * (columns - 1))
    if widths is None:
        return _as_list(rows, width)
    head, *body = [_row_lines(row, widths, aligned) for row in rows]
    lines = [line.stylize_before("bold") for line in head]
    lines.append(Content.styled((" " * GAP).join(rule * column for column in widths), "$rule"))
    apart = any(len(row) > 1 for row in body)
    for index, row in enumerate(body):
        if apart and index:
            lines.append(Content(""))
        lines += row
    return lines


def column_widths(rows: list[Row], columns: int, room: int) -> list[int] | None:
    """Cells of each column: what it wants if there is room, else its words and a fair share of the rest, else None."""
    wanted, least = [1] * columns, [1] * columns
    for row in rows:
        for index, cell in enumerate(row):
            wanted[index] = max(wanted[index], *(cell_len(line) for line in cell.text.split("\n")))
            least[index] = max(least[index], widest_word(cell.text))
    if sum(wanted) <= room:
        return wanted
    least = [min(word, LONG_WORD) for word in least]
    if sum(least) > room:
        return None
    return _share(least, wanted, room)


def _share(least: list[int], wanted: list[int], room: int) -> list[int]:
    """Columns grow from least towards wanted, the thinnest that still wants more first."""
    widths = list(least)
    for _ in range(room - sum(least)):
        growing = [index for index in range(len(widths)) if widths[index] < wanted[index]]
        widths[min(growing, key=widths.__getitem__)] += 1
    return widths


def _row_lines(row: Row, widths: list[int], aligned: list[str]) -> list[Content]:
    cells = [wrap(cell.text, cell.spans, width) for cell, width in zip(row, widths, strict=False)]
    height = max((len(cell) for cell in cells), default=0)
    lines = []
    for y in range(height):
        parts = [
            padded(cell[y] if y < len(cell) else Content(""), width, align)
            for cell, width, align in zip(cells, widths, [*aligned, *["left"] * len(widths)], strict=False)
        ]
        lines.append(Content(" " * GAP).join(parts).rstrip(" "))
    return lines


def _as_list(rows: list[Row], width: int) -> list[Content]:
    """`head: cell` lines, one group a row."""
    head, *body = rows
    lines: list[Content] = []
    for row in body:
        if lines:
            lines.append(Content(""))
        for name, cell in zip(head, row, strict=False):
            label = [line.stylize_before("bold") for line in wrap(name.text, name.spans, width)]
            value = [line.pad_left(2) for line in wrap(cell.text, cell.spans, max(1, width - 2))]
            lines += label + value
    return lines
