"""Timers that go off once, however late, and one that goes off when it is asked to."""

from asyncio import sleep

from textual._time import get_time
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


class RestingTimer(Timer):
    """Goes off as soon as it is resumed, and then rests for its interval.

    Textual's goes off at multiples of its interval, and one that has slept through some leaves out the next as well:
    what is to be done just after it has gone off waits for up to two intervals.
    """

    async def _run(self) -> None:
        count = 0
        while True:
            await self._active.wait()
            count += 1
            await self._tick(next_timer=get_time(), count=count)
            await sleep(self._interval)
