"""An app that sends only what changed, and everything anew when nobody can know what the terminal shows."""

from rich.console import Console, RenderableType
from textual._compositor import ChopsUpdate, CompositorUpdate, LayoutUpdate
from textual.app import App
from textual.events import Resize
from textual.screen import Screen

from tutor.tui.mistakes import write_down
from tutor.tui.wire import sends_full_frames
from tutor.tui.wire.difference import Difference


class ReadyUpdate(CompositorUpdate):
    """An update that is text already: Textual adds the cursor and the synchronised output around it."""

    def __init__(self, text: str) -> None:
        self.text = text

    def render_segments(self, console: Console) -> str:  # noqa: ARG002
        return self.text


class ChangesOnlyApp(App[None]):
    """Compares each frame with what was sent before. A mistake in the comparison ends it, not the app."""

    def __init__(self) -> None:
        super().__init__()
        self._difference = None if sends_full_frames() else Difference()

    def on_mount(self) -> None:
        self.app_resume_signal.subscribe(self, lambda _: self.action_repaint())

    def on_resize(self, event: Resize) -> None:
        """A terminal moves, cuts and blanks what it shows as it likes. Textual itself draws only at another size."""
        if event.size == self._size:
            self.action_repaint()
        elif self._difference is not None:
            self._difference.forget()

    def action_repaint(self) -> None:
        """Draw everything anew, whatever the terminal shows by now."""
        if self._difference is not None:
            self._difference.forget()
        self.refresh(repaint=True, layout=True)

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if self._difference is not None and renderable is not None and self._draws():
            try:
                renderable = self._changes(self._difference, screen, renderable)
            except Exception as error:
                write_down(error)
                self._difference = None
                self.call_later(self.action_repaint)
        super()._display(screen, renderable)

    def _draws(self) -> bool:
        """Whether Textual will write what it displays now, to a whole screen."""
        driver = self._driver
        if driver is None or driver.is_inline or driver.is_headless:
            return False
        return self._running and not self._closed and not self._batch_count

    def _changes(
        self, difference: Difference, screen: Screen[object], renderable: RenderableType
    ) -> RenderableType | None:
        if not isinstance(renderable, ChopsUpdate | LayoutUpdate):
            difference.forget()
            return renderable
        text = difference.text(renderable, screen._compositor.size, self.console)
        cursor = self.screen.outer_size.clamp_offset(self.cursor_position)
        if not text and cursor == self._previous_cursor_position:
            return None
        return ReadyUpdate(text)  # type: ignore[return-value]  # as Textual's own updates
