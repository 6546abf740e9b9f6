"""Markdown as a tree: the parser of the course, and at most so much text at once."""

from functools import cache, lru_cache

from markdown_it import MarkdownIt
from markdown_it.tree import SyntaxTreeNode

LIMIT = 50_000  # characters of one run of text; a screen's text has some thousand, and a large table takes its time


@cache
def _parser() -> MarkdownIt:
    from tutor.course import markdown_parser

    return markdown_parser()


@lru_cache(maxsize=64)
def parse(text: str) -> SyntaxTreeNode:
    """The tree of a text that has been cleaned; what lies beyond the limit is left out, and said to be."""
    if len(text) > LIMIT:
        text = text[:LIMIT] + "\n\n[This text is too long to be shown whole.]\n"
    return SyntaxTreeNode(_parser().parse(text))


def parse_inline(text: str) -> list[SyntaxTreeNode]:
    """The inline nodes of one line of text."""
    tree = SyntaxTreeNode(_parser().parseInline(text[:LIMIT]))
    return [node for inline in tree.children for node in inline.children]
