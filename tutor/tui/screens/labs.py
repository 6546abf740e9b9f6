"""The labs, each with its sentence."""

from collections.abc import Iterable

from textual.binding import Binding
from textual.content import Content
from textual.widget import Widget

from tutor.experiments import LabDescription, labs
from tutor.tui.screens.base import TutorScreen
from tutor.tui.widgets.about import About
from tutor.tui.widgets.rows import RowList

GAP = 2  # cells between the names and the sentences


class LabsScreen(TutorScreen):
    """↑↓ choose a lab, enter opens it where it was left, `f` with its first settings."""

    CSS = """
    LabsScreen RowList { margin: 1 0 0 1; }
    LabsScreen #about { height: auto; padding: 0 2; border-top: solid $rule; }
    LabsScreen.ascii #about { border-top: ascii $rule; }
    """
    AUTO_FOCUS = "RowList"
    lists_labs = True  # the search looks for them, too
    BINDINGS = [Binding("enter", "open", "open"), Binding("f", "fresh", "open afresh")]

    def body(self) -> Iterable[Widget]:
        self.labs: list[LabDescription] = list(labs().values())
        self._widest = max(len(lab.title) for lab in self.labs)
        yield RowList([self._row(lab) for lab in self.labs])
        yield About()

    def on_mount(self) -> None:
        self.set_class(self.tutor.ascii, "ascii")
        super().on_mount()
        self._describe(0)

    def update_title(self) -> None:
        count = len(self.labs)
        self.title_line.show("Labs", f"{count} lab{'' if count == 1 else 's'}")

    def on_row_list_moved(self, event: RowList.Moved) -> None:
        self._describe(event.index)

    def on_row_list_chosen(self, event: RowList.Chosen) -> None:
        self.tutor.open_lab(self.labs[event.index].id)

    def action_open(self) -> None:
        self.query_one(RowList).action_choose()

    def action_fresh(self) -> None:
        lab = self.labs[self.query_one(RowList).cursor]
        self.tutor.open_lab(lab.id, dict(lab.presets[0]))

    def _row(self, lab: LabDescription) -> Content:
        return Content.assemble((lab.title.ljust(self._widest + GAP), "bold"), lab.sentence)

    def _describe(self, index: int) -> None:
        lab = self.labs[index]
        names = ", ".join(parameter.name.replace("_", " ") for parameter in lab.parameters)
        changes = Content(f"You can change: {names}.").stylize("$muted")
        self.query_one(About).show(Content("\n").join([Content(lab.sentence), changes]))
