"""The grids there are: those that the learner saved and those that come with the tutor."""

from collections.abc import Callable, Iterable

from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget

from tutor.experiments.saved_grids import GridFileError, delete_grid, saved_line, saved_names
from tutor.rl.environments.grid_line import read_line
from tutor.rl.environments.maps import GRIDS
from tutor.tui.screens.base import TutorScreen
from tutor.tui.screens.confirm import ConfirmScreen
from tutor.tui.widgets.rows import RowList


class SavedGridsScreen(TutorScreen):
    """chosen: is called with the name or line of the grid that enter opens."""

    AUTO_FOCUS = "RowList"
    BINDINGS = [Binding("d,delete", "delete", "delete", tooltip="delete the saved grid")]

    def __init__(self, chosen: Callable[[str], None]) -> None:
        super().__init__()
        self._chosen = chosen
        self._grids: list[tuple[str, str, str]] = []  # name, line or name, what is wrong with it

    def body(self) -> Iterable[Widget]:
        self._read()
        yield RowList(self._rows())

    def update_title(self) -> None:
        saved = sum(name not in GRIDS for name, _, _ in self._grids)
        self.title_line.show("Grids", f"{saved} of your own")

    def _read(self) -> None:
        self._grids = [self._saved(name) for name in saved_names()]
        self._grids += [(name, name, "") for name in GRIDS]

    def _saved(self, name: str) -> tuple[str, str, str]:
        try:
            return name, saved_line(name) or "", ""
        except GridFileError as error:
            return name, "", str(error)

    def _rows(self) -> list[Content]:
        return [self._row(name, line, fault) for name, line, fault in self._grids]

    def _row(self, name: str, line: str, fault: str) -> Content:
        if fault:
            return Content.assemble((f"{name:<18}", "bold"), (fault, "$error"))
        grid = GRIDS[name] if name in GRIDS else read_line(line)
        about = grid.description if name in GRIDS else line
        return Content.assemble(
            (f"{name:<18}", "bold"), f"{grid.size:<7}", (about, "" if name in GRIDS else "$muted")
        )

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        _, line, fault = self._grids[event.index]
        if fault:
            self.notify(fault, severity="warning", markup=False)
            return
        self.app.pop_screen()
        self._chosen(line)

    def action_delete(self) -> None:
        rows = self.query_one(RowList)
        name = self._grids[rows.cursor][0]
        if name in GRIDS:
            self.notify("This grid comes with the tutor; only your own can be deleted.")
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._delete(name)

        self.app.push_screen(ConfirmScreen(f"Delete the grid {name}? It cannot be brought back."), answered)

    def _delete(self, name: str) -> None:
        try:
            delete_grid(name)
        except GridFileError as error:
            self.notify(str(error), severity="warning", markup=False)
        self._read()
        self.query_one(RowList).show(self._rows())
        self.update_title()
