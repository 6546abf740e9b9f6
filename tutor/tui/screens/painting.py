"""A screen that lays out and paints no more often than something has changed, and no later."""

from typing import TypeVar

from textual import events
from textual.geometry import Size
from textual.screen import UPDATE_PERIOD, ModalScreen, Screen
from textual.timer import Timer
from textual.widget import Widget

from tutor.tui.screens.sparing import SparingCompositor
from tutor.tui.timers import RestingTimer

Result = TypeVar("Result")


class CalmScreen(Screen[Result]):
    """Leaves out what Textual 8.2.8 does twice.

    Opened, it is styled, laid out and painted up to four times while its widgets are told their sizes: here it is
    painted once they all know. At every resize it is laid out once more when it hears of the size that it has just
    been given.

    Painted, it is ready to be painted again after a rest of UPDATE_PERIOD; Textual's timer takes up to two.
    """

    def __init__(self, name: str | None = None, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(name, id, classes)
        self._compositor = SparingCompositor()

    _opening = True  # nothing of it has been painted
    _painted_below = False  # the paint that ends this update covers all
    _paints: Timer | None = None

    @property
    def _update_timer(self) -> Timer:
        if self._paints is None:
            paints = RestingTimer(
                self, UPDATE_PERIOD, name="screen_update", callback=self._on_timer_update, pause=True
            )
            paints._start()
            self._timers.add(paints)
            self._paints = paints
        return self._paints

    def open_anew(self) -> None:
        """What is laid out has not been painted on the terminal that there is now."""
        self._opening = True
        self.refresh()

    def shows(self, widget: Widget) -> bool:
        """Whether any of `widget` is in sight."""
        return self in self._compositor and widget in self._compositor.visible_widgets

    def paint(self, widget: Widget) -> None:
        """Take what `widget` has to paint into the next frame. Its own word that it has something would come a few
        turns of the loop later, when that frame is sent."""
        widget._repaint_required = False
        self._dirty_widgets.add(widget)
        self.check_idle()

    def _on_screen_resume(self, event: events.ScreenResume) -> None:
        """Textual calls its own handler after this one. Widgets that have just been mounted are styled already, but
        a screen itself by rules that its own were not among yet, which only a modal one's look depends on."""
        if self._opening and not self.is_modal:
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


class CalmModal(ModalScreen[Result], CalmScreen[Result]):
    """The same over another screen, which shows through: Textual takes its style rules from the first base."""
