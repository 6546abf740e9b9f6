"""The settings, each with its sentence; a change shows and is kept at once."""

import dataclasses
from collections.abc import Iterable
from typing import Any

from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget

from tutor.settings import fields
from tutor.tui.screens.base import TutorScreen
from tutor.tui.widgets.about import About
from tutor.tui.widgets.rows import RowList
from tutor.tui.widgets.title import ROOM

WORDS = {True: "on", False: "off"}


class SettingsScreen(TutorScreen):
    """↑↓ choose a setting, ←→ or enter change it."""

    AUTO_FOCUS = "RowList"
    BINDINGS = [
        Binding("left", "change(-1)", "change back", show=False),
        Binding("right,space", "change(1)", "change"),
    ]

    def body(self) -> Iterable[Widget]:
        yield RowList(verb="change")
        yield About()

    def update_title(self) -> None:
        self.title_line.show("Settings", "kept as you change them")
        rows = self.query_one(RowList)
        rows.show([self._row(name) for name in fields()])
        self._describe(rows.cursor)

    def on_resize(self) -> None:
        if self.is_mounted:
            self.update_title()

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        self._describe(event.index)

    def on_row_list_chosen(self) -> None:
        self.action_change(1)

    def action_change(self, by: int) -> None:
        name = list(fields())[self.query_one(RowList).cursor]
        choices = fields()[name].metadata["choices"]
        following = choices[(choices.index(getattr(self.tutor.settings, name)) + by) % len(choices)]
        changes: dict[str, Any] = {name: following}
        self.tutor.change_settings(dataclasses.replace(self.tutor.settings, **changes))
        self.update_title()

    def _row(self, name: str) -> Content:
        value = getattr(self.tutor.settings, name)
        narrow = self.app.size.width < ROOM.width
        parts: list[str | tuple[str, str]] = [f"{name.replace('_', ' '):<{10 if narrow else 12}}"]
        for choice in fields()[name].metadata["choices"]:
            word = WORDS.get(choice, str(choice)) if isinstance(choice, bool) else str(choice)
            parts.append((f"[{word}]", "$accent bold") if choice == value else (f" {word} ", "$muted"))
            parts.append("" if narrow else "  ")
        return Content.assemble(*parts)

    def _describe(self, index: int) -> None:
        name = list(fields())[index]
        self.query_one(About).show(Content(fields()[name].metadata["sentence"]))
