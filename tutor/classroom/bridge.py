"""One session: a learner's channel, the child that answers it, and what ends them."""

import asyncio
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

from tutor.classroom.errors import ClassError
from tutor.classroom.loans import Loans
from tutor.classroom.meter import Meter
from tutor.classroom.pool import UNKNOWN, Child
from tutor.classroom.pump import Pump
from tutor.classroom.refusals import ShellOnly
from tutor.classroom.terminal import RESET, Sent, Terminal, sound_size

if TYPE_CHECKING:
    from tutor.classroom.front import Front
    from tutor.classroom.people import Learner
    from tutor.classroom.serving import Classroom

LOOK_EVERY = 2.0  # seconds between looks at a session's CPU and memory
WARNED = 60  # seconds before the idle limit that its end is told, but not before half of it


class Session(ShellOnly):
    """What asyncssh calls for one channel."""

    def __init__(self, classroom: "Classroom", learner: "Learner", front: "Front") -> None:
        """front: whose connection it is. It counts among the class's sessions already."""
        super().__init__()
        self.learner = learner
        self.began = monotonic()
        self.last_key = monotonic()
        self._classroom = classroom
        self._front = front
        self._child: Child | None = None
        self._pump: Pump | None = None  # while there is a child
        self._last_words = ""
        self._task: asyncio.Task[None] | None = None
        self._enter = asyncio.Event()
        self._stir = asyncio.Event()  # something about the child is to be looked at now
        self._signalled = False  # the child may have ended: until then it has not
        self._open = True
        self._full: set[str] = set()  # what takes nothing more
        self._is_warned = False  # that it ends soon without a key

    # What asyncssh calls

    def connection_made(self, chan: Any) -> None:
        super().connection_made(chan)
        chan._env = Sent()  # asyncssh keeps all that is sent

    def session_started(self) -> None:
        asked, words = self.refusal
        if words:
            self._classroom.forget(self)
            self._front.refuse(asked)
            self.channel.write_stderr(f"rl-tutor: {words}\r\n".encode())
            self.channel.exit(1)
            return
        self.channel.set_encoding(None)
        self._task = asyncio.get_running_loop().create_task(self._serve())
        self._task.add_done_callback(lambda _task: self._front.session_changed())
        self._front.session_changed()

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:  # noqa: ARG002
        if self.terminal is not None:
            self.terminal = Terminal(self.terminal.term, *sound_size(width, height))
            if self._pump is not None:
                self._pump.resize(self.terminal)

    def data_received(self, data: bytes, datatype: Any) -> None:  # noqa: ARG002
        self.last_key = monotonic()
        self._is_awake()
        if self._pump is not None:
            self._pump.type(data)
        else:
            if b"\r" in data or b"\n" in data:
                self._enter.set()
            if b"\x03" in data or b"\x04" in data:
                self.end("")

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self.hold("channel", True)

    def resume_writing(self) -> None:
        self.hold("channel", False)

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._open = False
        if self._task is None:
            self._classroom.forget(self)
        if self._pump is not None:
            self._pump.lose()
        self._enter.set()
        self._stir.set()

    # For the classroom

    @property
    def is_open(self) -> bool:
        """Whether the channel is still there."""
        return self._open

    @property
    def runs(self) -> bool:
        """Whether it has begun, and has not ended."""
        return self._task is not None and not self._task.done()

    def hold(self, what: str, held: bool) -> None:
        """Whether `what` (the channel, the whole connection) takes nothing more just now."""
        (self._full.add if held else self._full.discard)(what)
        if self._pump is not None:
            self._pump.hold(bool(self._full))

    @property
    def seconds(self) -> int:
        """Since it began."""
        return round(monotonic() - self.began)

    @property
    def idle(self) -> int:
        """Seconds since the last key."""
        return round(monotonic() - self.last_key)

    def tell(self, words: str) -> None:
        """A line on the learner's screen."""
        if self._child is not None:
            self._child.say({"tell": words})

    def end(self, words: str) -> None:
        """Let the tutor save and leave; then say why."""
        self._last_words = self._last_words or words or "Good-bye."
        self._enter.set()
        self._stir.set()

    async def ended(self) -> None:
        if self._task is not None:
            with suppress(Exception):
                await self._task

    # A session's life

    async def _serve(self) -> None:
        status = 1
        try:
            if await self._is_greeted():
                status = await self._run()
        except ClassError as error:
            self._last_words = str(error)
        finally:
            self._classroom.forget(self)
            self._front.audit("left", seconds=self.seconds, why=self._last_words)
            if self._open:
                if self._last_words:
                    self.channel.write(f"rl-tutor: {self._last_words}\r\n".encode())
                self.channel.exit(status if 0 <= status < 256 else 1)

    async def _is_greeted(self) -> bool:
        """Whether the tutor may open: what stands before it has been read, if there is anything."""
        lines = await self._front.greeting()
        if lines and self._may_go_on:
            self._enter.clear()  # one that was typed ahead has read nothing
            self.channel.write("\r\n".join([*lines, "", "enter opens the tutor", ""]).encode())
            while not await _within(LOOK_EVERY, self._enter):
                if words := self._too_idle():
                    self.end(words)
            if self._may_go_on:
                await self._front.greeted()
        return self._may_go_on

    @property
    def _may_go_on(self) -> bool:
        return self._open and not self._last_words

    async def _run(self) -> int:
        """The child's life; its exit status."""
        child = await self._classroom.pool.take()
        if not self._open:
            await child.leave()
            return 1
        self._child = child
        said = await self._with(child)
        self._child = None
        status = said if child.status is None else child.status
        child.close()
        if status and self._open:
            self._broke(status)
        return status

    async def _with(self, child: Child) -> int:
        """From the order to the end of the child; the status that it said it would end with, UNKNOWN if it did not."""
        assert self.terminal is not None  # noqa: S101  (a shell without one was refused)
        limits = self._classroom.limits
        pump = Pump(self.channel, child, limits.output_kb * 1024, self._slowed, self._stir.set)
        loans = Loans(self._classroom.training, self.learner.id, child, self._mistaken)
        try:
            pump.resize(self.terminal)
            child.say(self._order(self.terminal))
            loans.open()
            self._pump = pump
            pump.hold(bool(self._full))
            await self._watch(child, pump)
            await child.leave()
        finally:
            self._pump = None
            loans.close()
            pump.stop()
        pump.drain()
        return UNKNOWN if loans.ends is None else loans.ends

    def _slowed(self) -> None:
        """The tutor draws more than may be sent, for the first time."""
        most = self._classroom.limits.output_kb
        self._front.audit("slowed", why=f"more than {most} kB of screen a second")
        self.tell(f"A session here sends at most {most} kB a second: what is beyond comes slower.")

    def _mistaken(self, kind: str) -> None:
        """The tutor has come back to Home after an error, which stands in the learner's own log."""
        self._front.audit("mistake", why=kind)

    def _broke(self, status: int) -> None:
        """The child has not ended in good order; with status 1 it has said why, and left the terminal as it was."""
        self._front.audit("broke", status=status)
        if status == 1:
            return
        self.channel.write(RESET)
        if not self._last_words:
            self._last_words = "The tutor broke off; what you did is kept. Connect again to go on."

    def _order(self, terminal: Terminal) -> dict[str, Any]:
        folder = self._classroom.folder
        return {
            "learner": self.learner.id,
            "database": str(folder.database),
            "home": str(folder.home(self.learner.id)),
            "exports": str(folder.exports / self.learner.name),
            "terminal": terminal.environment(self.channel.get_environment_bytes()),
            "memory_mb": self._classroom.limits.memory_mb,
            "disk_mb": self._classroom.limits.disk_mb,
            "notices": self._classroom.notices(self.learner),
        }

    async def _watch(self, child: Child, pump: Pump) -> None:
        """Until the child has ended, the learner has gone, or a limit is met."""
        loop = asyncio.get_running_loop()
        loop.add_reader(child.sentinel, self._stirred, child)
        meter = Meter(child.pid, self._classroom.limits)
        self._classroom.precedence.add(child.pid)
        try:
            while (not self._signalled or child.is_alive) and self._open and not self._last_words:
                stirred = await _within(LOOK_EVERY, self._stir)
                self._stir.clear()
                self._warn()
                if not stirred and (words := self._too_idle() or meter.excess(monotonic() - pump.shown)):
                    self.end(words)
        finally:
            self._classroom.precedence.forget(child.pid)
            loop.remove_reader(child.sentinel)

    def _stirred(self, child: Child) -> None:
        """The child has ended, or the forkserver has: that is told once."""
        asyncio.get_running_loop().remove_reader(child.sentinel)
        self._signalled = True
        self._stir.set()

    def _warn(self) -> None:
        """Once, as long as no key comes."""
        limit = self._classroom.limits.idle_minutes * 60
        if self._child is not None and not self._is_warned and self.idle >= limit - min(WARNED, limit // 2):
            self._is_warned = True
            left = max(limit - self.idle, 1)
            self._child.say({"warn": f"No key for long: this closes within {left} s. Any key keeps it open."})

    def _is_awake(self) -> None:
        """A key has come: the warning goes."""
        if self._is_warned and self._child is not None:
            self._child.say({"warn": ""})
        self._is_warned = False

    def _too_idle(self) -> str:
        minutes = self._classroom.limits.idle_minutes
        if self.idle > minutes * 60:
            how_long = "1 minute" if minutes == 1 else f"{minutes} minutes"
            return f"Closed after {how_long} without typing; your place is kept."
        return ""


async def _within(seconds: float, event: asyncio.Event) -> bool:
    """Wait for the event, so long at most; whether it has come."""
    with suppress(TimeoutError):
        async with asyncio.timeout(seconds):  # wait_for makes a task of it
            await event.wait()
    return event.is_set()
