"""What is said below a list of the row that the cursor is on."""

from textual.content import Content
from textual.widgets import Static

from tutor.tui.screens.painting import CalmScreen


class About(Static):
    """Text that takes as many rows as it needs. The screen is laid out anew only when these are more or fewer."""

    def __init__(self) -> None:
        super().__init__(id="about", markup=False)

    def show(self, content: Content) -> None:
        if isinstance(self.content, Content) and content.is_same(self.content):
            return
        before = self._height()
        self.update(content, layout=False)
        screen = self.screen
        if self._height() != before or not before:
            self.refresh(layout=True)
        elif isinstance(screen, CalmScreen) and screen.shows(self):
            screen.paint(self)

    def _height(self) -> int:
        """Rows that the text takes; 0 while it has no room."""
        width = self.content_size.width
        return self.visual.get_height({}, width) if width else 0
