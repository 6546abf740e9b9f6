"""The command palette: lessons, labs, settings, and every action of the screen one is on."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from rich.markup import escape
from textual import events
from textual.app import ComposeResult
from textual.await_complete import AwaitComplete
from textual.command import (
    CommandInput,
    CommandList,
    CommandPalette,
    DiscoveryHit,
    Hit,
    Hits,
    Provider,
    SearchIcon,
)
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.fuzzy import Matcher
from textual.widgets import LoadingIndicator

from tutor.settings import fields
from tutor.tui.widgets.keybar import key_name

if TYPE_CHECKING:
    from tutor.tui.app import TutorApp

# Keys that only move a cursor or the focus are no commands.
MOVES = ("move(", "page(", "first", "last", "scroll_", "app.focus_", "command_palette", "page_")
Command = tuple[str, Callable[[], object], str]  # what it is called, what it does, what it is


class Commands(CommandList):
    """A click on a row that is still drawn, but has gone from the list already, does nothing."""

    async def _on_click(self, event: events.Click) -> None:
        if event.style.meta.get("option", -1) >= self.option_count:
            event.prevent_default()  # Textual's own handler


class Palette(CommandPalette):
    """Textual's palette; while its list is missing, empty or not laid out yet, no key acts on that."""

    def compose(self) -> ComposeResult:
        """Textual's, with a list of ours."""
        with Vertical(id="--container"):
            with Horizontal(id="--input"):
                yield SearchIcon()
                yield CommandInput(placeholder=self._placeholder, select_on_focus=False)
            with Vertical(id="--results"):
                yield Commands()
                yield LoadingIndicator()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        if action != "escape" and not self.query(CommandList):
            return False
        return super().check_action(action, parameters)

    def dismiss(self, result: Any = None) -> AwaitComplete:
        """Once: a second enter, that came before the first was worked off, leaves no other screen."""
        return super().dismiss(result) if self.app.screen is self else AwaitComplete()

    def _action_command_list(self, action: str) -> None:
        with suppress(KeyError):  # a page key, before the list has counted its lines
            super()._action_command_list(action)


def _highlighted(matcher: Matcher, name: str) -> Content:
    """The name, literally, with what was matched marked (Textual's own reads markup in it)."""
    content = Content(name)
    for offset in matcher.fuzzy_search.match(matcher.query, name)[1]:
        content = content.stylize(matcher.match_style, offset, offset + 1)
    return content


class TutorCommands(Provider):
    """Everything a key can do, and every place one can go."""

    @property
    def tutor(self) -> "TutorApp":
        return cast("TutorApp", self.app)

    async def discover(self) -> Hits:
        for name, act, about in [*self._actions(), *self._lessons(), *self._labs(), *self._grids()]:
            yield DiscoveryHit(Content(name), act, name, escape(about))

    async def search(self, query: str) -> Hits:
        matcher = self.matcher(query)
        for name, act, about in self._commands():
            if (score := matcher.match(name)) > 0:
                yield Hit(score, _highlighted(matcher, name), act, name, escape(about))

    def _commands(self) -> Iterator[Command]:
        yield from self._actions()
        yield from self._lessons()
        yield from self._steps()
        yield from self._labs()
        yield from self._grids()
        yield from self._settings()

    def _actions(self) -> Iterator[Command]:
        seen = set()
        for key, active in self.screen.active_bindings.items():
            words = active.binding.description
            moves = active.binding.action.startswith(MOVES)
            if words and active.enabled and words not in seen and not moves:
                seen.add(words)
                yield words, partial(self.app.simulate_key, key), f"key {key_name(key, self.tutor.ascii)}"

    def _lessons(self) -> Iterator[Command]:
        for lesson in self.tutor.course.lessons:
            if not lesson.fault:
                yield f"lesson: {lesson.title}", partial(self.tutor.open_lesson, lesson.id), lesson.id

    def _steps(self) -> Iterator[Command]:
        for lesson in self.tutor.course.lessons:
            for step in lesson.step_ids:
                name = f"step: {step.replace('-', ' ')}"
                yield name, partial(self.tutor.open_lesson, lesson.id, step), lesson.title

    def _labs(self) -> Iterator[Command]:
        from tutor.experiments import labs

        for lab in labs().values():
            yield f"lab: {lab.title}", partial(self.tutor.open_lab, lab.id), lab.sentence

    def _grids(self) -> Iterator[Command]:
        """The grids that everybody has and those that the learner kept, in the gridworld."""
        from tutor.experiments.grids import GRID

        for name in GRID.options():
            about = "a grid that comes with the tutor" if name in GRID.choices else "a grid that you kept"
            yield f"grid: {name}", partial(self._open_grid, name), about

    def _open_grid(self, name: str) -> None:
        from tutor.experiments import ParameterError
        from tutor.experiments.grids import GRID

        try:
            GRID.parse(name)
        except ParameterError as error:  # its file is damaged, or has gone meanwhile
            self.app.notify(str(error), severity="warning", markup=False)
        else:
            self.tutor.open_lab("gridworld", {"grid": name})

    def _settings(self) -> Iterator[Command]:
        for name, field in fields().items():
            for choice in field.metadata["choices"]:
                settings = dataclasses.replace(self.tutor.settings, **{name: choice})
                word = {True: "on", False: "off"}[choice] if isinstance(choice, bool) else choice
                yield (
                    f"{name.replace('_', ' ')}: {word}",
                    partial(self.tutor.change_settings, settings),
                    field.metadata["sentence"],
                )
