"""One session: the learner's channel on one side, the child's terminal on the other, and the limits between them."""

import asyncio
import fcntl
import json
import os
import signal
import termios
from collections.abc import Callable
from contextlib import suppress
from time import monotonic
from typing import TYPE_CHECKING, Any

import asyncssh

from tutor.classroom.errors import ClassError
from tutor.classroom.pool import PATIENCE, Child
from tutor.classroom.terminal import RESET, Terminal, Typed, packed, sound_size, terminal
from tutor.classroom.training import Ticket

if TYPE_CHECKING:
    from tutor.classroom.people import Learner
    from tutor.classroom.serving import Classroom

AT_ONCE = 64 * 1024  # bytes read from a terminal
MOST_TYPED = 256 * 1024  # bytes that wait for a tutor that does not read: more are not taken from the network
LOOK_EVERY = 2.0  # seconds between looks at a session's CPU and memory
MOST_HEARD = 4096  # bytes of a line from a child
MOST_TICKETS = 4  # runs of one session that wait or run
WINDOW = 30.0  # seconds over which its CPU counts


class Session(asyncssh.SSHServerSession[bytes]):
    """What asyncssh calls for one channel. Everything but a shell on a terminal is refused in one line."""

    def __init__(self, classroom: "Classroom", learner: "Learner", greeting: Callable[[], list[str]]) -> None:
        """greeting: lines that are shown, and wait for enter, before the tutor opens."""
        self.learner = learner
        self.began = monotonic()
        self.last_key = monotonic()
        self._classroom = classroom
        self._greeting = greeting
        self._channel: Any = None
        self._terminal: Terminal | None = None
        self._refusal = ""
        self._refused_what = ""
        self._child: Child | None = None
        self._typed = Typed()
        self._backlog = bytearray()
        self._reading = False
        self._paused = False
        self._last_words = ""
        self._task: asyncio.Task[None] | None = None
        self._enter = asyncio.Event()
        self._stir = asyncio.Event()  # something about the child is to be looked at now
        self._open = True
        self._budget = float(classroom.limits.output_kb * 1024)
        self._budget_at = monotonic()
        self._heard = b""
        self._tickets: dict[int, Ticket] = {}
        self._cpu: list[tuple[float, float]] = []

    # What asyncssh calls

    def connection_made(self, chan: Any) -> None:
        self._channel = chan

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Any) -> bool:  # noqa: ARG002
        self._terminal = terminal(term_type, term_size[0], term_size[1])
        return True

    def shell_requested(self) -> bool:
        if self._terminal is None:
            self._refuse(
                "a session without a terminal", "This is the tutor's door: it needs a terminal. Try ssh -t."
            )
        elif not self._terminal.term:
            self._refuse(
                "TERM=dumb", "Your TERM says that nothing can be drawn: try TERM=xterm-256color ssh NAME@HOST"
            )
        return True

    def exec_requested(self, command: str) -> bool:
        self._refuse(
            f"exec {command[:80]}", "Only the tutor can be opened here, no command: leave the command away."
        )
        return True

    def subsystem_requested(self, subsystem: str) -> bool:
        self._refuse(
            f"subsystem {subsystem[:40]}",
            "Only the tutor can be opened here: no files are copied, no subsystem.",
        )
        return True

    def _refuse(self, what: str, words: str) -> None:
        """Remember it until the session has begun: only then can words be sent."""
        self._refused_what, self._refusal = what, words

    def session_started(self) -> None:
        if self._refusal:
            self._classroom.audit.write("refused", name=self.learner.name, asked=self._refused_what)
            self._channel.write_stderr(f"rl-tutor: {self._refusal}\r\n".encode())
            self._channel.exit(1)
            return
        self._channel.set_encoding(None)
        self._task = asyncio.get_running_loop().create_task(self._serve())

    def terminal_size_changed(self, width: int, height: int, pixwidth: int, pixheight: int) -> None:  # noqa: ARG002
        if self._terminal is not None:
            self._terminal = Terminal(self._terminal.term, *sound_size(width, height))
            self._resize()

    def data_received(self, data: bytes, datatype: Any) -> None:  # noqa: ARG002
        self.last_key = monotonic()
        if self._child is None:
            if b"\r" in data or b"\n" in data:
                self._enter.set()
            if b"\x03" in data or b"\x04" in data:
                self._end("")
            return
        self._backlog += self._typed.sound(data)
        self._write_backlog()

    def eof_received(self) -> bool:
        return False

    def pause_writing(self) -> None:
        self._paused = True
        self._watch_output()

    def resume_writing(self) -> None:
        self._paused = False
        self._watch_output()

    def connection_lost(self, exc: Exception | None) -> None:  # noqa: ARG002
        self._open = False
        self._enter.set()
        self._stir.set()

    # For the classroom

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
        self._end(words)

    async def ended(self) -> None:
        if self._task is not None:
            with suppress(Exception):
                await self._task

    # A session's life

    async def _serve(self) -> None:
        status = 1
        self._classroom.sessions.append(self)
        try:
            if await self._greeted():
                status = await self._run()
        except ClassError as error:
            self._last_words = str(error)
        finally:
            self._classroom.sessions.remove(self)
            self._classroom.audit.write(
                "left", name=self.learner.name, seconds=round(monotonic() - self.began), why=self._last_words
            )
            if self._open:
                if self._last_words:
                    self._channel.write(f"rl-tutor: {self._last_words}\r\n".encode())
                self._channel.exit(status if 0 <= status < 256 else 1)

    async def _greeted(self) -> bool:
        lines = self._greeting()
        if lines:
            self._channel.write("\r\n".join([*lines, "", "enter opens the tutor", ""]).encode())
            await self._enter.wait()
        return self._open and not self._last_words

    async def _run(self) -> int:
        """The child's life; its exit status."""
        child = await self._classroom.pool.take()
        if not self._open:
            await self._leave(child)
            return 1
        self._child = child
        loop = asyncio.get_running_loop()
        try:
            self._resize()
            child.say(self._order())
            child.link.setblocking(False)
            loop.add_reader(child.link, self._hear, child)
            self._watch_output()
            await self._watch(child)
            await self._leave(child)
        finally:
            loop.remove_reader(child.link)
            for ticket in self._tickets.values():
                self._classroom.training.give_back(ticket)
            self._stop_reading()
            loop.remove_writer(child.master)
        self._drain(child)
        status = child.status
        status = 1 if status is None else status
        self._child = None
        child.close()
        if status not in (0, 1) and self._open:
            self._channel.write(RESET)
            if not self._last_words:
                self._last_words = "The tutor broke off; what you did is kept. Connect again to go on."
            self._classroom.audit.write("broke", name=self.learner.name, status=status)
        return status

    def _hear(self, child: Child) -> None:
        """What the child says: it wants a process for a run, or gives it back. Nothing it says can harm the class."""
        try:
            data = child.link.recv(AT_ONCE)
        except BlockingIOError:
            return
        except OSError:
            data = b""
        if not data or len(self._heard) > MOST_HEARD:
            asyncio.get_running_loop().remove_reader(child.link)
            return
        *lines, self._heard = (self._heard + data).split(b"\n")
        for line in lines:
            with suppress(ValueError, TypeError, AttributeError):
                self._obey(child, json.loads(line))

    def _obey(self, child: Child, message: dict[str, Any]) -> None:
        training, number = self._classroom.training, message.get("borrow")
        if isinstance(number, int) and number not in self._tickets and len(self._tickets) < MOST_TICKETS:
            self._tickets[number] = training.borrow(
                self.learner.id,
                lambda link: child.say({"loan": number, "lent" if link else "work": True}, link),
                lambda before: child.say({"loan": number, "before": before}),
            )
        if (ticket := self._tickets.get(message.get("rest", -1))) is not None:
            training.rest(ticket)
        if (ticket := self._tickets.get(message.get("work", -1))) is not None:
            training.work(ticket)
        if (ticket := self._tickets.pop(message.get("give_back", -1), None)) is not None:
            training.give_back(ticket)

    def _order(self) -> dict[str, Any]:
        assert self._terminal is not None  # noqa: S101  (a shell without one was refused)
        folder = self._classroom.folder
        sent = {_text(name): _text(value) for name, value in self._channel.get_environment().items()}
        return {
            "learner": self.learner.id,
            "database": str(folder.database),
            "home": str(folder.home(self.learner.id)),
            "exports": str(folder.exports / self.learner.name),
            "terminal": self._terminal.environment(sent),
            "memory_mb": self._classroom.limits.memory_mb,
            "notices": self._classroom.notices(self.learner),
        }

    async def _watch(self, child: Child) -> None:
        """Until the child has ended, the learner has gone, or a limit is met."""
        loop = asyncio.get_running_loop()
        loop.add_reader(child.sentinel, self._stirred, child)
        try:
            while child.is_alive and self._open and not self._last_words:
                with suppress(TimeoutError):
                    await asyncio.wait_for(self._stir.wait(), LOOK_EVERY)
                self._stir.clear()
                if child.is_alive and (words := self._over_limit(child)):
                    self._end(words)
        finally:
            loop.remove_reader(child.sentinel)

    def _stirred(self, child: Child) -> None:
        """The child has ended, or the forkserver has: that is told once."""
        asyncio.get_running_loop().remove_reader(child.sentinel)
        self._stir.set()

    async def _leave(self, child: Child) -> None:
        """Ask the child to go (it saves), and after PATIENCE make it go."""
        for number in (signal.SIGHUP, signal.SIGKILL):
            if not child.is_alive:
                return
            child.signal(number)
            deadline = monotonic() + PATIENCE
            while child.is_alive and monotonic() < deadline:
                await asyncio.sleep(0.02)

    def _end(self, words: str) -> None:
        self._last_words = self._last_words or words or "Good-bye."
        self._enter.set()
        self._stir.set()

    def _over_limit(self, child: Child) -> str:
        """Why the session must end, in words for the learner; empty while it need not."""
        limits = self._classroom.limits
        if monotonic() - self.last_key > limits.idle_minutes * 60:
            return f"Closed after {limits.idle_minutes} minutes without a key; your place is kept."
        used = _used(child.pid)
        if used is None:
            return ""
        seconds, megabytes = used
        now = monotonic()
        self._cpu = [*((at, cpu) for at, cpu in self._cpu if now - at <= WINDOW), (now, seconds)]
        if seconds - self._cpu[0][1] > limits.cpu_seconds:
            return (
                f"Closed: it used more than {limits.cpu_seconds} s of the class's computer in half a minute."
            )
        if megabytes > 2 * limits.memory_mb:
            return f"Closed: it used more than {2 * limits.memory_mb} MB of the class's memory."
        return ""

    # Bytes

    def _write_backlog(self) -> None:
        """To the tutor, as much as it takes; while much waits, nothing more is taken from the network."""
        child = self._child
        if child is None:
            return
        loop = asyncio.get_running_loop()
        try:
            written = os.write(child.master, self._backlog)
            del self._backlog[:written]
        except BlockingIOError:
            pass
        except OSError:
            self._backlog.clear()
        if self._backlog:
            loop.add_writer(child.master, self._write_backlog)
        else:
            loop.remove_writer(child.master)
        if len(self._backlog) > MOST_TYPED:
            self._channel.pause_reading()
        else:
            self._channel.resume_reading()

    def _watch_output(self) -> None:
        child = self._child
        if child is None or not self._open or self._paused:
            self._stop_reading()
        elif not self._reading:
            self._reading = True
            asyncio.get_running_loop().add_reader(child.master, self._forward)

    def _stop_reading(self) -> None:
        if self._reading and self._child is not None:
            asyncio.get_running_loop().remove_reader(self._child.master)
        self._reading = False

    def _forward(self) -> None:
        """From the tutor to the learner."""
        assert self._child is not None  # noqa: S101
        try:
            data = os.read(self._child.master, AT_ONCE)
        except BlockingIOError:
            return
        except OSError:  # the child has closed its end
            self._stop_reading()
            self._stir.set()
            return
        if not self._open:
            return
        self._channel.write(data)
        self._pay(len(data))

    def _pay(self, count: int) -> None:
        """Bytes come out of a budget that fills by the second; with none left the tutor waits a little."""
        rate = self._classroom.limits.output_kb * 1024
        now = monotonic()
        self._budget = min(self._budget + (now - self._budget_at) * rate, float(rate)) - count
        self._budget_at = now
        if self._budget < 0:
            self._stop_reading()
            asyncio.get_running_loop().call_later(-self._budget / rate, self._watch_output)

    def _drain(self, child: Child) -> None:
        """What the child wrote last."""
        with suppress(OSError):
            while self._open and (data := os.read(child.master, AT_ONCE)):
                self._channel.write(data)

    def _resize(self) -> None:
        if self._child is not None and self._terminal is not None:
            size = packed((self._terminal.columns, self._terminal.rows))
            with suppress(OSError):
                fcntl.ioctl(self._child.master, termios.TIOCSWINSZ, size)


def _text(value: Any) -> str:
    return value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)


def _used(pid: int) -> tuple[float, float] | None:
    """CPU seconds and MB of resident memory of a process; None when it has gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="utf-8", errors="replace") as stream:
            fields = stream.read().rpartition(")")[2].split()
    except OSError:
        return None
    ticks = int(fields[11]) + int(fields[12])
    return ticks / os.sysconf("SC_CLK_TCK"), int(fields[21]) * os.sysconf("SC_PAGE_SIZE") / 1e6
