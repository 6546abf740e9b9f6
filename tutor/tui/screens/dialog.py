"""What is asked or said over another screen."""

from tutor.tui.screens.painting import CalmModal, Result

SIDES = 8  # columns of the screen below, on either side, from which they can be read as such


class Dialog(CalmModal[Result]):
    """columns: how wide the box is. Where it leaves but a few columns of the screen below, that is not drawn: cut
    words beside the box would be read with it (`.alone` in tutor.tcss: a subclass has CSS of its own)."""

    columns = 60

    def on_resize(self) -> None:
        """Textual calls this for every class of a screen; nobody needs to call it."""
        self.set_class(self.app.size.width < self.columns + 2 * SIDES, "alone")
