"""Markdown laid out for a terminal: text and a width in, styled lines out. No widgets here."""

from tutor.tui.prose.blocks import lay_out
from tutor.tui.prose.inline import inline_text, lesson_links
from tutor.tui.prose.look import Look

__all__ = ["Look", "inline_text", "lay_out", "lesson_links"]
