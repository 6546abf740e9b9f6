"""The texts of a question as lines: Markdown, what follows a sign, a verdict."""

import re
from collections.abc import Sequence

from textual.content import Content

from tutor.course.types import Verdict
from tutor.tui.prose.look import Look


def verdict_text(verdict: Verdict) -> tuple[str, str]:
    """The first words of a verdict, and the Markdown that follows: what else was said, and why.

    The reason for a wrong answer stands on a line of its own: many begin with "Not" or "No", as does "Not yet."
    """
    message = verdict.message.strip()
    head = _HEAD.match(message)
    words = head[0] if head else ""
    rest = message[len(words) :].strip().translate(_LITERAL)
    if verdict.why and (rest or not verdict.right):
        rest += "\\\n"
    return words, rest + verdict.why


_HEAD = re.compile("[^.,:]*[.,:]?")


# What was typed may be repeated in a verdict: its stars, ticks and brackets are no Markdown.
_LITERAL = str.maketrans({"*": r"\*", "`": r"\`", "[": r"\["})


def markdown(text: str, width: int, look: Look) -> list[Content]:
    from tutor.tui.prose import lay_out

    return lay_out(text, width, look)


def labelled(sign: str, style: str, text: str, width: int, look: Look, *, word: str = "") -> list[Content]:
    """Markdown after a sign, later lines hanging below the first. `word` (in the sign's style) begins the text."""
    head = Content.styled(sign, style)
    lines = markdown(f"{word} {text}" if word else text, max(8, width - head.cell_length), look) or [
        Content("")
    ]
    first = lines[0].stylize(style, 0, len(word)) if word else lines[0]
    return [Content.assemble(head, first), *_indented(lines[1:], head.cell_length)]


def _indented(lines: Sequence[Content], indent: int) -> list[Content]:
    return [line.pad_left(indent) if line.plain else line for line in lines]
