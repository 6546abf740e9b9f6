"""A screen that lays out and paints no more often than something has changed."""

from textual import events
from textual.geometry import Size
from textual.screen import Screen


class CalmScreen(Screen[None]):
    """Leaves out what Textual 8.2.8 does twice.

    Opened, it is styled, laid out and painted up to four times while its widgets are told their sizes: here it is
    painted once they all know. At every resize it is laid out once more when it hears of the size that it has just
    been given.
    """

    _opening = True  # nothing of it has been painted
    _painted_below = False  # the paint that ends this update covers all

    def _on_screen_resume(self, event: events.ScreenResume) -> None:
        """Textual calls its own handler after this one. Widgets that have just been mounted are styled already."""
        if self._opening:
            event.refresh_styles = False

    def _screen_resized(self, size: Size) -> None:
        if size != self._compositor.size:
            super()._screen_resized(size)

    def _on_timer_update(self) -> None:
        if self.app._batch_count == 0:
            self._opening = False
        self._painted_below = self._repaint_required and (self._layout_required or self._scroll_required)
        super()._on_timer_update()
        self._painted_below = False

    def _compositor_refresh(self) -> None:
        if not self._opening and not self._painted_below:
            super()._compositor_refresh()
        self._painted_below = False
