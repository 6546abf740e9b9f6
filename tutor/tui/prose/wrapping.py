"""Lines of a width from styled text. A no-break space holds a short formula together and is drawn as a space."""

from rich.cells import cell_len, get_character_cell_size
from textual.content import Content, Span

NO_BREAK = "\u00a0"


def wrap(text: str, spans: list[Span], width: int) -> list[Content]:
    """The text in lines of at most `width` cells, broken after spaces, within words only where one is too long."""
    content = Content(text.replace(NO_BREAK, " "), spans, strip_control_codes=False)
    breaks = break_points(text, max(1, width))
    lines = content.divide(breaks) if breaks else [content]
    return [line.rstrip(" \n") for line in lines]


def break_points(text: str, width: int) -> list[int]:
    """Where to cut: character offsets at which a new line begins."""
    points: list[int] = []
    column, position = 0, 0
    for paragraph in text.split("\n"):
        if position:
            points.append(position)
        column = 0
        for word in _words(paragraph):
            size = cell_len(word.rstrip(" "))
            if column and column + size > width:
                points.append(position)
                column = 0
            if size > width:
                cuts, column = _cut(word, width)
                points += [position + cut for cut in cuts]
            else:
                column += cell_len(word)
            position += len(word)
        position += 1
    return points


def _words(text: str) -> list[str]:
    """Words with the spaces that follow them; leading spaces are a word of their own."""
    words: list[str] = []
    start = 0
    for index in range(1, len(text)):
        if text[index - 1] == " " and text[index] != " ":
            words.append(text[start:index])
            start = index
    if text:
        words.append(text[start:])
    return words


def _cut(word: str, width: int) -> tuple[list[int], int]:
    """Offsets that cut an overlong word into pieces, and the cells that its last piece takes."""
    cuts, column = [], 0
    for index, character in enumerate(word):
        size = get_character_cell_size(character)
        if column + size > width and index and character != " ":
            cuts.append(index)
            column = 0
        column += size
    return cuts, column


def widest_word(text: str) -> int:
    """Cells of the longest piece that may not be broken."""
    return max((cell_len(word) for line in text.split("\n") for word in line.split(" ")), default=0)


def padded(line: Content, width: int, align: str = "left") -> Content:
    """The line filled with spaces to `width`."""
    gap = max(0, width - line.cell_length)
    if align == "right":
        return line.pad_left(gap)
    if align == "center":
        return line.pad_left(gap // 2).pad_right(gap - gap // 2)
    return line.pad_right(gap)
