"""The structure of a lesson file: front matter, steps, and in each step text and fenced blocks, with lines."""

import re
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from markdown_it import MarkdownIt
from markdown_it.rules_inline import StateInline
from markdown_it.token import Token
from mdit_py_plugins.dollarmath import dollarmath_plugin
from mdit_py_plugins.dollarmath.index import math_inline_dollar

PartKind = Literal["prose", "quiz", "lab", "chart"]
BLOCK_KINDS: tuple[PartKind, ...] = ("quiz", "lab", "chart")


@dataclass(frozen=True)
class Part:
    """Text, or the inside of a fenced block. line: its first line; for a block, the line of the opening fence."""

    kind: PartKind
    text: str
    line: int
    closed: bool = True


@dataclass(frozen=True)
class Section:
    """A step: what stands between one `##` and the next."""

    title: str
    line: int
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Outline:
    """front is None when there is no front matter. misplaced: lines of blocks inside a list or quotation. fences: of
    all other fenced blocks the line and the first word of the info string, if there is one.

    other_front: there is front matter of another kind (TOML between lines of `+++`), which is not read. unclosed: front
    matter begins, but never ends; it is text.
    """

    front: str | None
    title: str
    sections: tuple[Section, ...]
    misplaced: tuple[tuple[int, str], ...]
    fences: tuple[tuple[int, str], ...] = ()
    other_front: bool = False
    unclosed: bool = False


def meant_block(word: str) -> str:
    """The kind of block that a fence's first word was meant to be: `quizz` is quiz. Empty for names of languages."""
    near = [kind for kind in BLOCK_KINDS if kind[0] == word[:1] and abs(len(kind) - len(word)) <= 1]
    if not near:
        return ""
    from difflib import get_close_matches

    from pygments.lexers import find_lexer_class_by_name
    from pygments.util import ClassNotFound

    found = get_close_matches(word, near, n=1, cutoff=0.65)
    try:
        find_lexer_class_by_name(word)
    except ClassNotFound:
        return found[0] if found else ""
    return ""


def markdown_parser() -> MarkdownIt:
    """The Markdown that lessons are written in: CommonMark with tables, strikethrough, `$…$` and `$$…$$`."""
    parser = MarkdownIt("gfm-like", {"linkify": False})
    parser.use(dollarmath_plugin, allow_space=False, allow_digits=False, double_inline=True)
    parser.inline.ruler.at("math_inline", _formula)
    return parser


_math_inline = math_inline_dollar(allow_space=False, allow_digits=False, allow_double=True)


def _formula(state: StateInline, silent: bool) -> bool:
    """The plugin's rule. It looks at the character before the formula for a digit, and takes the last of the text for
    it where the formula comes first: a blank keeps that from being one."""
    if state.pos:
        return _math_inline(state, silent)
    state.src += " "
    try:
        return _math_inline(state, silent)
    finally:
        state.src = state.src[:-1]


@lru_cache(maxsize=1)
def _block_parser() -> MarkdownIt:
    """The same, without looking inside paragraphs."""
    parser = markdown_parser()
    parser.core.ruler.disable(["inline", "linkify"], ignoreInvalid=True)
    return parser


# A file may also begin with a rule and text: front matter is what begins with a key (or is empty).
_FRONT_MATTER = re.compile(
    r"---[ \t]*\n(?=(?:[ \t]*(?:#[^\n]*)?\n)*(?:[\w\"'-]+[ \t]*:|---))(.*?)^(?:---|\.\.\.)[ \t]*(?:\n|\Z)",
    re.DOTALL | re.MULTILINE,
)
_BEGUN = re.compile(r"---[ \t]*\n[\w\"'-]+[ \t]*:")  # a key right below the line
_TOML = re.compile(r"\+\+\+[ \t]*\n(?=\s*[\w\"'\[#])(.*?)^\+\+\+[ \t]*(?:\n|\Z)", re.DOTALL | re.MULTILINE)


def outline(source: str) -> Outline:
    """Splits a cleaned source. Never raises: whatever is not understood is text."""
    front, body = None, source
    toml = _TOML.match(source)
    if match := _FRONT_MATTER.match(source) or toml:
        front = None if toml else match[1]
        body = "\n" * match[0].count("\n") + source[match.end() :]
    tokens = _block_parser().parse(body)
    splitter = _Splitter(body.split("\n"))
    splitter.run(tokens)
    return Outline(
        front,
        splitter.title,
        tuple(splitter.sections),
        tuple(splitter.misplaced),
        tuple(splitter.fences),
        toml is not None,
        body is source and _BEGUN.match(source) is not None,
    )


class _Splitter:
    """Walks the tokens of a file and cuts its lines at steps and blocks."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = lines
        self.title = ""
        self.sections: list[Section] = []
        self.misplaced: list[tuple[int, str]] = []
        self.fences: list[tuple[int, str]] = []
        self.parts: list[Part] = []
        self.heading: tuple[str, int] | None = None
        self.cut = 0  # lines before this one are dealt with

    def run(self, tokens: list[Token]) -> None:
        for index, token in enumerate(tokens):
            if token.map is None:
                continue
            if token.type == "heading_open" and token.level == 0:
                self._heading(token, tokens[index + 1].content.strip())
            elif token.type == "fence":
                self._fence(token)
        self._prose(len(self.lines))
        self._close()

    def _heading(self, token: Token, title: str) -> None:
        start, end = _span(token)
        if token.tag == "h1" and not self.title and self.heading is None:
            self._prose(start)
            self.title = title
        elif token.tag == "h2":
            self._prose(start)
            if self.heading is not None:
                self._close()
            self.heading = (title, start + 1)
        else:
            return
        self.cut = end

    def _fence(self, token: Token) -> None:
        words = token.info.split()
        kind = next((kind for kind in BLOCK_KINDS if words[:1] == [kind]), None)
        start, end = _span(token)
        if kind is None:
            self.fences += [(start + 1, word) for word in words[:1]]
            return
        if token.level > 0:
            self.misplaced.append((start + 1, kind))
            return
        self._prose(start)
        last = self.lines[end - 1].strip() if end - 1 > start else ""
        closed = last.startswith(token.markup) and not last.strip(token.markup[0])
        self.parts.append(Part(kind, token.content, start + 1, closed))
        self.cut = end

    def _prose(self, end: int) -> None:
        """Keeps the lines from the last cut as text, without blank lines around."""
        start = self.cut
        while start < end and not self.lines[start].strip():
            start += 1
        while end > start and not self.lines[end - 1].strip():
            end -= 1
        if start < end:
            self.parts.append(Part("prose", "\n".join(self.lines[start:end]), start + 1))

    def _close(self) -> None:
        title, line = self.heading or ("", 1)
        self.sections.append(Section(title, line, tuple(self.parts)))
        self.parts = []


def _span(token: Token) -> tuple[int, int]:
    start, end = token.map or (0, 0)
    return start, end
