"""Bytes between a learner's channel and the terminal of their child: what waits, what is held back, and how much."""

import asyncio
import fcntl
import os
import termios
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import Any

from tutor.classroom.bucket import Bucket
from tutor.classroom.pool import Child
from tutor.classroom.terminal import Terminal, Typed, packed

AT_ONCE = 64 * 1024  # bytes that are sent together
MOST_TYPED = 256 * 1024  # bytes that wait for a tutor that does not read: more are not taken from the network
RESIZE_EVERY = 0.15  # seconds: every size has the tutor lay out all anew


class Pump:
    """Runs from the first `hold` to `stop`. Whatever the client does, at most a second's output waits here."""

    def __init__(
        self, channel: Any, child: Child, rate: int, slowed: Callable[[], None], ended: Callable[[], None]
    ) -> None:
        """rate: bytes a second that the tutor may send. slowed: called when it has met that first. ended: called when
        the child has closed its terminal."""
        self._channel = channel
        self._child = child
        self._allowance = Bucket(rate, rate)
        self._waits = False  # until the allowance has something left
        self._slowed: Callable[[], None] | None = slowed  # until it was called
        self._ended = ended
        self._size = self._last_size = b""
        self._resizing: asyncio.TimerHandle | None = None  # since the size was last set, for a while
        self._typed = Typed()
        self._backlog = bytearray()
        self._reading = self._writing = False  # whether the loop looks for it
        self._held = False  # the client takes nothing more just now
        self._lost = False  # the client has gone
        self._stopped = False
        self.shown = monotonic()  # when the tutor said something last

    def stop(self) -> None:
        """Nothing more is read or written by itself; `drain` takes what is left."""
        self._stopped = True
        if self._resizing is not None:
            self._resizing.cancel()
        self._look()
        asyncio.get_running_loop().remove_writer(self._child.master)

    def hold(self, held: bool) -> None:
        """Whether the client's side is full."""
        self._held = held
        self._look()

    def lose(self) -> None:
        """The client has gone. What the tutor still says is read all the same: else it could not leave."""
        self._held, self._lost = False, True
        self._look()

    def resize(self, terminal: Terminal) -> None:
        """At once, or a while after the last time: then to the newest size."""
        self._size = packed((terminal.columns, terminal.rows))
        if self._resizing is None:
            self._resize()

    def _resize(self) -> None:
        self._resizing = None
        if self._size != self._last_size and not self._stopped:
            self._last_size = self._size
            self._resizing = asyncio.get_running_loop().call_later(RESIZE_EVERY, self._resize)
            with suppress(OSError):
                fcntl.ioctl(self._child.master, termios.TIOCSWINSZ, self._size)

    def type(self, data: bytes) -> None:
        """From the learner to the tutor."""
        self._backlog += self._typed.sound(data)
        self._write()

    def drain(self) -> None:
        """What the child wrote last."""
        while (data := self._read()) and not self._lost:
            self._channel.write(data)

    def _write(self) -> None:
        """As much as the tutor takes; while much waits, nothing more is taken from the network."""
        loop = asyncio.get_running_loop()
        try:
            written = os.write(self._child.master, self._backlog)
            del self._backlog[:written]
        except BlockingIOError:
            pass
        except OSError:
            self._backlog.clear()
        if self._backlog and not self._stopped:
            loop.add_writer(self._child.master, self._write)
            self._writing = True
        elif self._writing:
            loop.remove_writer(self._child.master)
            self._writing = False
        if len(self._backlog) > MOST_TYPED:
            self._channel.pause_reading()
        else:
            self._channel.resume_reading()

    def _look(self) -> None:
        """Read from the tutor exactly while somebody takes it."""
        loop = asyncio.get_running_loop()
        wanted = not (self._held or self._stopped or self._waits)
        if wanted and not self._reading:
            loop.add_reader(self._child.master, self._forward)
        elif self._reading and not wanted:
            loop.remove_reader(self._child.master)
        self._reading = wanted

    def _forward(self) -> None:
        """From the tutor to the learner."""
        data = self._read()
        if data is None:
            self.stop()
            self._ended()
        elif data and not self._lost:
            self.shown = monotonic()
            self._channel.write(data)
            self._pay(len(data))

    def _read(self) -> bytes | None:
        """All that is there, so that a frame becomes one packet; None once the child has closed its end."""
        data = bytearray()
        while len(data) < AT_ONCE:
            try:
                piece = os.read(self._child.master, AT_ONCE - len(data))
            except BlockingIOError:
                break
            except OSError:
                piece = b""
            if not piece:
                return bytes(data) or None
            data += piece
        return bytes(data)

    def _pay(self, count: int) -> None:
        """With nothing left of its allowance the tutor waits a little."""
        if wait := self._allowance.pay(count):
            self._waits = True
            slowed, self._slowed = self._slowed, None
            if slowed is not None:
                slowed()
            self._look()
            asyncio.get_running_loop().call_later(wait, self._paid)

    def _paid(self) -> None:
        self._waits = False
        self._look()
