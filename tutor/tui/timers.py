"""Timers that go off once, however late."""

from textual.message_pump import MessagePump
from textual.timer import Timer, TimerCallback


class SureTimers(MessagePump):
    """`set_timer` calls back even when the machine was busy for longer than the delay.

    Textual's timer skips a time that has passed before it begins to wait for it. One that should go off once has no
    other: the window's size, or the end of a pause in drawing, would never be heard of.
    """

    def set_timer(
        self,
        delay: float,
        callback: TimerCallback | None = None,
        *,
        name: str | None = None,
        pause: bool = False,
    ) -> Timer:
        timer = super().set_timer(delay, callback, name=name, pause=pause)
        timer._skip = False  # before its task has begun
        return timer
