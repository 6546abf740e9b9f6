"""The application: what all screens share, and the ways between them."""

import gc
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from rich.console import COLOR_SYSTEMS
from textual.binding import Binding
from textual.command import Provider
from textual.screen import Screen
from textual.scrollbar import ScrollBar, ScrollBarRender

from tutor import settings as settings_file
from tutor.course.types import Course, LessonInfo
from tutor.progress import Progress, ProgressStore
from tutor.settings import Settings
from tutor.tui.colours import SixteenColours, WithoutColour, colour_system, wants_no_colour
from tutor.tui.glyphs import ASCII, UNICODE, Glyphs, wants_ascii
from tutor.tui.guard import Guard
from tutor.tui.recorder import Recorder
from tutor.tui.screens.base import TutorScreen
from tutor.tui.style_rules import RememberingStylesheet
from tutor.tui.surviving import SurvivingApp
from tutor.tui.theme import THEMES
from tutor.tui.wire.app import ChangesOnlyApp

if TYPE_CHECKING:
    from tutor.tui.screens.search import SearchMemory

COLLECT_AFTER = 10_000  # new objects: with Python's 700 a tenth of a lesson's opening was spent on collecting
HOW_TO_LEAVE = "ctrl+q leaves the tutor; your place is kept."
NOT_SAVED = "What you do is not saved at present, only remembered until you leave:"


class AsciiScrollBarRender(ScrollBarRender):
    """A scroll bar of blanks on a background: no block signs."""

    VERTICAL_BARS = [" "]
    HORIZONTAL_BARS = [" "]


def _commands() -> type[Provider]:
    """The palette's provider, imported when the palette first opens."""
    from tutor.tui.palette import TutorCommands

    return TutorCommands


class TutorApp(ChangesOnlyApp, SurvivingApp):
    """Learners read, step and answer here.

    course: the lessons. store: where progress goes. notices: lines that Home shows (a broken settings file, progress
    that cannot be saved). open_first: ("lesson", id) or ("lab", id, parameters), else Home (or the greeting, at first).
    """

    TITLE = "rl-tutor"
    CSS_PATH = Path(__file__).with_name("tutor.tcss")  # Textual looks beside a subclass's own module
    COMMANDS = {_commands}
    BINDINGS = [
        Binding("question_mark,f1", "help", "keys"),
        Binding("ctrl+q", "quit", "leave the tutor (quit)", show=False, priority=True),
        Binding(
            "ctrl+p",
            "command_palette",
            "palette",
            show=False,
            priority=True,
            tooltip="find and do anything: lessons, steps, labs, settings",
        ),
        Binding("slash", "search", "search", tooltip="search the text of the lessons"),
        Binding("ctrl+l", "repaint", "draw the screen anew", show=False),
    ]

    def __init__(
        self,
        course: Course,
        store: ProgressStore,
        settings: Settings,
        *,
        notices: tuple[str, ...] = (),
        open_first: tuple[Any, ...] = (),
    ) -> None:
        plain = wants_no_colour()  # Textual takes NO_COLOR out of the environment, and draws in greys
        super().__init__()
        self.stylesheet = RememberingStylesheet(variables=self.get_css_variables())
        self._take_colours()
        self._guard = Guard()
        few = [SixteenColours()] if colour_system() == "standard" else []
        self._filters = [*([WithoutColour()] if plain else [*self._filters, *few]), self._guard]
        self.course = course
        self.open_first = open_first
        self._belong_to(store, notices)
        for theme in THEMES.values():
            self.register_theme(theme)
        self.search_memory: SearchMemory | None = None  # made by the first search
        self._at_leaving: list[Callable[[], None]] = []
        self._adopt(settings)

    def _belong_to(self, store: ProgressStore, notices: tuple[str, ...]) -> None:
        self.store = store
        self.notices = list(notices)
        self.progress: Progress = store.progress()
        self.not_saved = store.problem  # why nothing is saved at present; empty while all is well
        self.recorder = Recorder(store, self._progress_changed, self._saving_changed)

    def _take_colours(self) -> None:
        """As many as the terminal has. Rich gives none to a TERM of "unknown", and Textual would take all there are."""
        self.console._color_system = COLOR_SYSTEMS[colour_system()]

    # What widgets ask for

    @property
    def glyphs(self) -> Glyphs:
        return ASCII if self.ascii else UNICODE

    def colour(self, quantity: str) -> str:
        """The hue of a quantity (state, action, reward, return, policy, advantage, kl) on the present theme."""
        from tutor.charts.palette import colour

        return colour(quantity, self.settings.theme)  # type: ignore[arg-type]

    # Ways between the screens

    def get_default_screen(self) -> Screen[None]:
        from tutor.tui.screens.home import HomeScreen

        return HomeScreen()

    def on_mount(self) -> None:
        self.call_after_refresh(self._started)
        if self.open_first[:1] == ("lesson",):
            self.open_lesson(self.open_first[1])
        elif self.open_first[:1] == ("lab",):
            self.open_lab(self.open_first[1], self.open_first[2])

    def _started(self) -> None:
        """The first frame is on the screen: now what was put off."""
        gc.freeze()
        gc.set_threshold(COLLECT_AFTER)
        gc.enable()
        self.recorder.prepare()
        from tutor import paths

        if not paths.hosted():  # a class has it all loaded
            from tutor.tui.warm_up import warm_up

            warm_up()

    def open_lesson(self, lesson_id: str, step_id: str = "") -> None:
        """Open a lesson where the learner was in it, or at `step_id`."""
        from tutor.tui.screens.lesson import LessonScreen

        self.go_home()
        self.push_screen(LessonScreen(self.course.info(lesson_id), step_id))

    def look_up(self, lesson_id: str, step_id: str) -> None:
        """Open a step that was found, in place of the search: esc leads back to where that was begun.

        The learner's place in the course stays where it was until they do something there. A lesson that is open
        already turns to the step.
        """
        from tutor.tui.screens.lesson import LessonScreen

        lessons = [screen for screen in self.screen_stack if isinstance(screen, LessonScreen)]
        if any(lesson.info.id == lesson_id and not lesson.looked_up for lesson in lessons):
            self.open_lesson(lesson_id, step_id)
            return
        self.pop_screen()
        if lessons and lessons[-1].looked_up:  # one look after another: back is where the first began
            self.pop_screen()
        self.push_screen(LessonScreen(self.course.info(lesson_id), step_id, looked_up=True))

    def lesson_changed(self, info: LessonInfo) -> None:
        """An author has changed the lesson that is open: from now on the course has it as it is."""
        lessons = tuple(info if lesson.id == info.id else lesson for lesson in self.course.lessons)
        self.course = replace(self.course, lessons=lessons)

    def open_lab(self, lab_id: str, parameters: Mapping[str, object] | None = None) -> None:
        """Open a lab on its own screen; where the learner left it unless parameters are given."""
        from tutor.tui.screens.lab import LabScreen

        self.push_screen(LabScreen(lab_id, parameters))

    def go_home(self) -> None:
        while len(self.screen_stack) > 1:
            self.pop_screen()

    def action_help(self) -> None:
        from tutor.tui.screens.help import HelpScreen

        self.push_screen(HelpScreen(self.screen))

    def action_search(self) -> None:
        from tutor.tui.screens.search import SearchMemory, SearchScreen

        self.search_memory = self.search_memory or SearchMemory()
        of_labs = getattr(self.screen, "lists_labs", False)
        self.push_screen(SearchScreen(self.search_memory, labs=of_labs))

    def action_command_palette(self) -> None:
        """One palette at a time: Textual's own id for it would clash with one that is below, or just leaving."""
        from tutor.tui.palette import Palette

        if not any(isinstance(screen, Palette) for screen in self.screen_stack):
            self.push_screen(Palette())

    def action_help_quit(self) -> None:
        """ctrl+c with nothing selected."""
        from tutor.tui.widgets.keybar import KeyBar

        for bar in self.screen.query(KeyBar):
            bar.tell(HOW_TO_LEAVE)
            return
        self.notify(HOW_TO_LEAVE)

    # Settings and progress

    def change_settings(self, settings: Settings) -> None:
        """Use and keep new settings."""
        from tutor import paths
        from tutor.tui.labs.base import LabView

        self._adopt(settings)
        for screen in self.screen_stack:
            self.stylesheet.update(screen)
            screen.refresh(layout=True)
            if isinstance(screen, TutorScreen) and screen.is_mounted:
                screen.update_title()
            for widget in screen.walk_children():
                widget.refresh(layout=True)
                if isinstance(widget, LabView):
                    widget.redraw()
        try:
            settings_file.save(settings, paths.settings_file())
        except OSError as error:
            self.notify(
                f"The settings hold until you leave; they could not be saved: {paths.reason(error)}",
                severity="warning",
            )

    def _adopt(self, settings: Settings) -> None:
        self.settings = settings
        self.ascii = wants_ascii(settings.symbols)  # whether to draw in plain ASCII
        self.theme = THEMES[settings.theme].name
        self.animation_level = "full" if settings.motion else "none"
        self.set_class(self.ascii, "ascii")
        self._guard.ascii_only = self.ascii
        ScrollBar.renderer = AsciiScrollBarRender if self.ascii else ScrollBarRender

    def _progress_changed(self, progress: Progress) -> None:
        self.progress = progress
        if not self.is_running:
            return  # the last writes of a tutor that is being left
        for screen in self.screen_stack:
            if isinstance(screen, TutorScreen) and screen.is_mounted:
                screen.progress_changed()

    def _saving_changed(self, problem: str) -> None:
        self.not_saved = problem
        if not self.is_running:
            return
        if problem:
            self.notify(f"{NOT_SAVED} {problem}.", severity="warning", timeout=15, markup=False)
        else:
            self.notify("Your progress is saved again, all of it.", markup=False)
        for screen in self.screen_stack:
            if isinstance(screen, TutorScreen) and screen.is_mounted:
                screen.saving_changed()

    def warnings(self) -> list[str]:
        """What Home has to say that the learner should know."""
        lines = [*self.notices, self.mistake, f"{NOT_SAVED} {self.not_saved}." if self.not_saved else ""]
        return [line for line in lines if line]

    # Leaving

    def before_leaving(self, act: Callable[[], None]) -> None:
        """Call `act` when the learner leaves, before threads are waited for: it ends what they wait for."""
        self._at_leaving.append(act)

    async def _shutdown(self) -> None:
        for act in self._at_leaving:
            act()
        await super()._shutdown()

    async def all_kept(self) -> None:
        await self.recorder.written()

    def close_store(self) -> None:
        """After the app has ended: what was posted is on disk, with a last try for what could not be written."""
        self.recorder.close()
        self.store.close()
