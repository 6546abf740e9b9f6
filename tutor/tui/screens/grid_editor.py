"""The grid editor: draw a gridworld cell by cell, give it its numbers, keep it, share it as one line."""

from collections.abc import Callable, Iterable, Mapping
from contextlib import suppress
from functools import partial

from textual import events
from textual.actions import SkipAction
from textual.containers import Horizontal
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from tutor.experiments.parameters import Value
from tutor.experiments.saved_grids import (
    GridFileError,
    keep_unfinished,
    name_problem,
    save_grid,
    saved_names,
    take_unfinished,
)
from tutor.rl.environments.grid_line import LONGEST, GridLineError
from tutor.tui.glyphs import cut_text
from tutor.tui.grid_draft import GridDraft, letter_problem, line_problem
from tutor.tui.grid_look import Window, cell_words, cells, map_inks, number_lines
from tutor.tui.screens.base import TutorScreen
from tutor.tui.screens.confirm import ConfirmScreen
from tutor.tui.screens.grid_editor_keys import KEYS
from tutor.tui.screens.parameters import ParametersScreen
from tutor.tui.screens.prompt import PromptScreen
from tutor.tui.widgets.facts import Facts
from tutor.tui.widgets.grid import HEADER, MARGIN, GridPane, cell_size


class GridEditorScreen(TutorScreen):
    """grid: the name or line to begin with. used: is called with the line of the grid that the learner takes."""

    CSS = """
    GridEditorScreen Horizontal { height: 1fr; margin: 1 1 0 1; }
    GridEditorScreen GridPane { width: 1fr; height: 1fr; }
    GridEditorScreen Facts { width: 23; margin: 0 0 0 2; height: 1fr; }
    GridEditorScreen Static { height: auto; padding: 0 1; }
    GridEditorScreen #line { color: $muted; }
    """
    BINDINGS = KEYS

    def __init__(self, grid: str, used: Callable[[str], None]) -> None:
        super().__init__()
        self.draft = GridDraft(grid)
        self._used = used
        self._note = ""
        self._done = False  # used, or left for good: nothing has to be kept
        self._pane, self._numbers = GridPane(), Facts()
        self._state, self._line = Static(markup=False), Static(id="line", markup=False)

    def body(self) -> Iterable[Widget]:
        yield Horizontal(self._pane, self._numbers)
        yield self._state
        yield self._line

    def on_mount(self) -> None:
        super().on_mount()
        self._take_unfinished()
        self._show()
        self.app.theme_changed_signal.subscribe(self, lambda _theme: self._show())

    def on_grid_pane_resized(self) -> None:
        """Another screen, or a line of the grid that has become longer and left the map less room."""
        self._show()

    def update_title(self) -> None:
        grid = self.draft.grid
        parts = ["Grid editor", grid.name or "own", grid.size]
        self.title_line.show(
            (" - " if self.tutor.ascii else " · ").join(parts), "changed" if self.draft.changed else ""
        )

    # What is drawn

    def _show(self) -> None:
        if not self.is_mounted:
            return
        window, cell_width = self._window()
        glyphs, inks = self.tutor.glyphs, map_inks(self.tutor)
        drawn = cells(self.draft, window, cell_width, glyphs, inks)
        self._pane.show(drawn, inks["muted"], (window[0], window[1]))
        self._numbers.show(number_lines(self.draft, glyphs))
        self._state.update(self._said())
        self._line.update(Content(self._shown_line()))
        self.update_title()

    def _window(self) -> tuple[Window, int]:
        """The part of the map that can be seen, and how wide a cell is: all of it, or what is around the cursor."""
        draft, (width, height) = self.draft, self._pane.size
        rows = max(1, min(draft.rows, height - HEADER))
        cols = max(1, min(draft.cols, width - MARGIN))
        top = max(0, min(draft.row - rows // 2, draft.rows - rows))
        left = max(0, min(draft.col - cols // 2, draft.cols - cols))
        return (top, left, rows, cols), cell_size(rows, cols, width, height)[0]

    def _shown_line(self) -> str:
        """The line, its end left out where it would take too many rows of the screen."""
        line, width = self.draft.line, max(1, self.app.size.width - 2)
        room = width * max(1, self.app.size.height // 6)
        return cut_text(line, room, self.tutor.glyphs)

    def _said(self) -> Content:
        """What stands under the cursor; then what is wrong, odd, or has just been done."""
        draft = self.draft
        here = Content.styled(f"{cell_words(draft, self.tutor.glyphs)}   ", "bold")
        if draft.problem:
            said = Content.styled(f"Not usable yet: {draft.problem}.", "$error")
        elif self._note:
            said = Content(self._note)
        elif draft.warning:
            said = Content.styled(f"Usable, but {draft.warning}.", "$warning")
        else:
            said = Content.styled("enter uses it; y copies its line:", "$muted")
        return Content.assemble(here, said)

    def _say(self, note: str) -> None:
        self._note = note
        self._show()

    # Keys: the cursor and the cells

    def action_move(self, down: int, right: int) -> None:
        self.draft.move(down, right)
        self._say("")

    def on_grid_pane_clicked(self, event: GridPane.Clicked) -> None:
        self.draft.place(event.row, event.col)
        self._say("")

    def action_cycle(self) -> None:
        self._do(self.draft.cycle)

    def action_put(self, mark: str) -> None:
        self._do(partial(self.draft.put, mark))

    def action_put_kind(self, kind: str) -> None:
        self._do(partial(self.draft.put_kind, kind))

    def _do(self, change: Callable[[], bool | None]) -> None:  # says which letter is new, or what has gone
        before = self.draft.grid
        new = f"{self.draft.mark} is new: o sets what it pays." if change() else ""
        self._say(f"{new} {self.draft.taken(before)}".strip())

    def action_letter(self) -> None:
        asked = PromptScreen("The letter of this cell:", "", letter_problem, longest=1)
        self.app.push_screen(asked, lambda mark: self.action_put(mark) if mark else None)

    def on_key(self, event: events.Key) -> None:
        """A capital letter puts itself: a cell that pays."""
        letter = event.character or ""
        if len(letter) == 1 and "A" <= letter <= "Z":
            event.stop()
            self.action_put("#" if letter == "W" else letter)

    def on_paste(self, event: events.Paste) -> None:
        event.stop()  # a line, or the rows of one, take the place of the grid
        self._load("/".join(event.text.split()))

    def action_restart(self) -> None:
        done = self.draft.toggle_restart()
        self._say("" if done else "This cell pays nothing; only a letter that pays can lead back to S.")

    def action_add(self, what: str) -> None:
        add = self.draft.add_row if what == "row" else self.draft.add_column
        self._say("" if add() else f"No room for another {what}: a larger map would not fit a screen.")

    def action_remove(self, what: str) -> None:
        remove = self.draft.remove_row if what == "row" else self.draft.remove_column
        before = self.draft.grid
        self._say(self.draft.taken(before) if remove() else f"This is the only {what}.")

    def action_undo(self) -> None:
        self._say("" if self.draft.undo() else "Nothing to take back.")

    def action_redo(self) -> None:
        self._say("" if self.draft.redo() else "Nothing was taken back.")

    # Keys: numbers, whole grids

    def action_numbers(self) -> None:
        form = ParametersScreen("Numbers of the grid", self.draft.parameters(), self.draft.values())
        names = [parameter.name for parameter in form.parameters]
        if (wanted := f"reward {self.draft.mark}") in names:
            form.row = names.index(wanted)

        def chosen(values: Mapping[str, Value] | None) -> None:
            self.draft.set_values(values or {})
            self._say("")

        self.app.push_screen(form, chosen)

    def action_copy(self) -> None:
        self.app.copy_to_clipboard(self.draft.line)
        self._say("The line is copied, if your terminal lets programs copy; else select it:")

    def action_copy_selected(self) -> None:
        """ctrl+c: what is selected, else the whole line."""
        try:
            self.action_copy_text()
        except SkipAction:
            self.action_copy()

    def action_type_line(self) -> None:
        def typed(line: str | None) -> None:
            if line is not None:
                self._load(line)

        question = "The grid as one line (type or paste):"
        self.app.push_screen(PromptScreen(question, self.draft.line, line_problem, longest=LONGEST), typed)

    def action_open_saved(self) -> None:
        from tutor.tui.screens.saved_grids import SavedGridsScreen

        self.app.push_screen(SavedGridsScreen(self._load))

    def _load(self, grid: str) -> None:
        try:
            self.draft.load(grid)
        except GridLineError as error:
            self._say(f"Not taken: {error}")
        else:
            self._say("Opened; u brings back what was here.")

    def action_keep(self) -> None:
        if self.draft.problem:
            self._say("")
            return

        def named(name: str | None) -> None:
            if name is not None:
                self._keep_as(name)

        own = "" if name_problem(self.draft.grid.name) else self.draft.grid.name
        self.app.push_screen(PromptScreen("Keep this grid under the name:", own, name_problem), named)

    def _keep_as(self, name: str) -> None:
        if name not in saved_names() or name == self.draft.saved.name:
            self._save(name)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._save(name)

        self.app.push_screen(
            ConfirmScreen(f"There is a grid {name} already. Put this one in its place?"), answered
        )

    def _save(self, name: str) -> None:
        try:
            line = save_grid(name, self.draft.grid)
        except GridFileError as error:
            self._say(f"Not kept: {error}")
            return
        self.draft.was_saved(line)
        self._say(f"Kept. --set grid={name} opens it, too.")

    # Leaving

    def action_use(self) -> None:
        if self.draft.problem:
            self._say("")
        else:
            self._leave()
            self._used(self.draft.line)

    def action_back(self) -> None:
        if not self.draft.changed:
            self._leave()
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._leave()

        self.app.push_screen(
            ConfirmScreen("Leave without using or keeping this grid? What you drew would be lost."), answered
        )

    def _leave(self) -> None:
        self._done = True
        self.app.pop_screen()

    def on_unmount(self) -> None:
        """Left by another way (the palette, a search, quitting): the grid comes back when the editor does."""
        if self.draft.changed and not self._done:
            with suppress(GridFileError):  # the screen that could say so is gone
                keep_unfinished(self.draft.line)

    def _take_unfinished(self) -> None:
        line = take_unfinished()
        if line:
            with suppress(GridLineError):  # damaged by hand: there is nothing to take
                self.draft.restore(line)
                self._note = "The grid that you left unfinished; u gives the one you came with."
