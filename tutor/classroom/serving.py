"""The running class: server, sessions, and the socket by which the teacher's commands speak to it."""

import asyncio
import json
import os
import signal
import socket
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

import asyncssh

from tutor.classroom import limits as limits_file
from tutor.classroom.attempts import Attempts
from tutor.classroom.audit import Audit, Often
from tutor.classroom.bridge import Session
from tutor.classroom.door import Door
from tutor.classroom.errors import ClassError
from tutor.classroom.folder import ClassFolder
from tutor.classroom.front import Front
from tutor.classroom.listening import Shortages, allow_many_descriptors, cannot_listen, take_one_at_a_time
from tutor.classroom.packets import CIPHERS, ZLIB, bound_compression
from tutor.classroom.people import Learner, People
from tutor.classroom.pool import Pool
from tutor.classroom.precedence import Precedence
from tutor.classroom.pump import MOST_TYPED
from tutor.classroom.training import Training

FAREWELL = "The class is being closed: what you did is saved. Connect again later."
BARRED = "Your teacher is removing this name from the class."
KICKED = "Closed by your teacher; your work is kept, and you may come back."
NOTICE = 1.0  # seconds that learners have to read so
ALL_GONE = 7.0  # seconds in which every session must have ended
PROBES = 3  # that a client may leave unanswered: one after each quarter of `silence`, then it is gone
ANSWER = 15.0  # seconds that the server has to answer a command: sessions end meanwhile
LATER = 10.0  # seconds that a connection has to go in which words of parting have been sent
LONGEST_REQUEST = 4096  # bytes, on the control socket


class Classroom:
    """One class, while it is served."""

    def __init__(self, folder: ClassFolder, course: Path) -> None:
        """Raises ClassError, ProgressError: what is wrong with the class's folder, in one line."""
        self.folder = folder
        self.name = folder.path.name
        self.limits = limits_file.load(folder.limits)
        self.audit = Audit(folder.audit)
        self.often = Often(self.audit)
        self.people = People(folder.database)
        self.attempts = Attempts()
        self.pool = Pool(self.limits.pool, course, folder.path, torch=bool(self.limits.torch))
        self.precedence = Precedence()
        self.training = Training(self.limits.runs, self.pool.starter)
        self.thread = ThreadPoolExecutor(1, thread_name_prefix="people")
        self.sessions: list[Session] = []  # from the moment a channel for one is granted
        self.fronts: set[Front] = set()
        self.barred: set[str] = set()  # names that are being removed
        self.door = Door(self.limits)
        self._server: Any = None
        self._control: asyncio.Server | None = None
        self._watching: asyncio.Task[None] | None = None
        self._closing = asyncio.Event()

    async def open(self, host: str, port: int) -> int:
        """Serve; the port. Raises ClassError: the port is taken, the tutor cannot be loaded."""
        allow_many_descriptors()
        key = host_key(self.folder.host_key)
        await self._open_control()
        await self.pool.open()
        bound_compression()
        asyncio.get_running_loop().set_exception_handler(Shortages(self.audit.write))
        try:
            self._server = await asyncssh.create_server(
                lambda: Front(self), host, port,
                server_host_keys=[key], encoding=None, line_editor=False,
                window=MOST_TYPED,  # no more of a paste is on its way, so that its client's end is seen behind it
                login_timeout=self.limits.login_seconds + LATER,
                compression_algs=[ZLIB, "none"], encryption_algs=CIPHERS,
                keepalive_interval=self.limits.silence / (PROBES + 1), keepalive_count_max=PROBES,
                agent_forwarding=False, x11_forwarding=False, allow_scp=False, server_version="rl-tutor",
                backlog=1, reuse_address=True,
            )  # fmt: skip
        except OSError as error:
            self._close_control()
            await self.pool.close()
            raise ClassError(cannot_listen(host, port, error)) from error
        take_one_at_a_time(self._server.sockets)
        self._watching = asyncio.create_task(self.precedence.watch())
        self.audit.write("opened", host=host, port=self._server.get_port())
        return int(self._server.get_port())

    async def until_closed(self) -> int:
        """Until SIGTERM, SIGINT or the teacher says so; then tell the learners, let them save, and end. How many
        learners were told."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self._closing.set)
        await self._closing.wait()
        return await self.close()

    async def close(self) -> int:
        """Down within ten seconds; how many learners were told."""
        self._server.close()
        told = len({session.learner.id for session in self.sessions if session.runs})
        for session in self.sessions:
            session.tell(FAREWELL)
        if self.sessions:
            await asyncio.sleep(NOTICE)
        leaving = list(self.sessions)
        for session in leaving:
            session.end(FAREWELL)
        with suppress(TimeoutError):
            await asyncio.wait_for(asyncio.gather(*(session.ended() for session in leaving)), ALL_GONE)
        self._close_control()
        if self._watching is not None:
            self._watching.cancel()
        self.training.close()
        await self.pool.close()
        self.often.close()
        self.audit.write("closed")
        self.thread.shutdown(wait=True)
        self.people.close()
        return told

    def no_room(self, learner: Learner) -> str:
        """Why this learner cannot have another session, in words for them; empty when they can."""
        if self._closing.is_set():
            return "The class is being closed."
        if learner.name in self.barred:
            return BARRED
        if len(self.sessions) >= self.limits.sessions:
            return f"The class is full: {self.limits.sessions} sessions. Try again in a while."
        own = sum(session.learner.id == learner.id for session in self.sessions)
        if own >= self.limits.sessions_per_learner:
            times = "once" if own == 1 else f"{own} times"
            wait = self.limits.silence
            words = f"You are here {times} already: leave there first (ctrl+q). One that hangs: enter ~. in its window"
            return f"{words}; one without a network ends by itself within {wait} s."
        return ""

    def forget(self, session: Session) -> None:
        """It has ended, or will not begin: its place is free."""
        if session in self.sessions:
            self.sessions.remove(session)

    def notices(self, learner: Learner) -> list[str]:  # noqa: ARG002
        """What Home should say to this learner."""
        return []

    # The teacher's commands

    async def _open_control(self) -> None:
        """Raises ClassError: a class that its teacher's commands cannot reach is not served."""
        try:
            listener = self.folder.listen()
        except OSError as error:
            where = f"{self.folder.control} ({len(str(self.folder.control))} characters)"
            raise ClassError(
                f"{where}: cannot be made ({error.strerror or error}); a shorter RL_TUTOR_HOME may help"
            ) from error
        self._control = await asyncio.start_unix_server(self._answer, sock=listener, limit=LONGEST_REQUEST)

    def _close_control(self) -> None:
        if self._control is not None:
            self._control.close()
            self.folder.control.unlink(missing_ok=True)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ValueError, OSError, KeyError):
            request = json.loads(await reader.readline())
            what, name = request["do"], str(request.get("name", ""))
            try:
                answer = await self._do(what, name)
                writer.write(json.dumps(answer).encode() + b"\n")
                await writer.drain()
                await reader.read()  # until the command has ended, however it ended
            finally:
                if what == "bar":
                    self.barred.discard(name)
        writer.close()

    async def _do(self, what: str, name: str) -> Any:
        match what:
            case "list":
                return [
                    {"name": each.learner.name, "seconds": each.seconds, "idle": each.idle}
                    for each in self.sessions
                ]
            case "kick":
                return await self._send_away(name, KICKED)
            case "bar":
                self.barred.add(name)
                closed = await self._send_away(name, BARRED)
                await self._hang_up(name)
                return closed
            case _:
                return None

    async def _send_away(self, name: str, words: str) -> int:
        """Close the sessions of a learner; how many, once they have ended."""
        leaving = [each for each in self.sessions if each.learner.name == name]
        for each in leaving:
            each.end(words)
        await asyncio.gather(*(each.ended() for each in leaving))
        return len(leaving)

    async def _hang_up(self, name: str) -> None:
        """Close the connections of a learner, and wait until they are."""
        leaving = [each for each in self.fronts if each.name == name]
        await asyncio.gather(*(each.hang_up(BARRED) for each in leaving))


def host_key(path: Path) -> Any:
    """The server's key, made at the first start. Raises ClassError."""
    try:
        if not path.exists():
            key = asyncssh.generate_private_key("ssh-ed25519", comment="rl-tutor class")
            descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
            with os.fdopen(descriptor, "wb") as stream:
                stream.write(key.export_private_key())
        return asyncssh.read_private_key(path)
    except (OSError, asyncssh.KeyImportError) as error:
        raise ClassError(f"{path}: no host key there ({error}); move it away, and another is made") from error


def reached(folder: ClassFolder) -> socket.socket | None:
    """A link to the running server, for one request; None when none is running. Raises ClassError when there is one
    that does not listen."""
    link = socket.socket(socket.AF_UNIX)
    link.settimeout(ANSWER)
    try:
        folder.reach(link)
    except OSError as error:
        link.close()
        if folder.is_held:
            raise ClassError(
                f"the server of class {folder.path.name} is starting or ending; try again in some seconds"
            ) from error
        return None
    return link


def exchange(link: socket.socket, request: Mapping[str, str]) -> Any:
    """The server's answer; None when it does not come."""
    try:
        link.sendall(json.dumps(dict(request)).encode() + b"\n")
        with link.makefile("rb") as lines:
            return json.loads(lines.readline() or b"null")
    except (OSError, ValueError):
        return None


def ask(folder: ClassFolder, request: Mapping[str, str]) -> Any:
    """The running server's answer; None when none is running."""
    link = reached(folder)
    if link is None:
        return None
    with link:
        return exchange(link, request)


async def serve(
    folder: ClassFolder, course: Path, host: str, port: int, opened: Callable[[int, People], None]
) -> int:
    """Serve until told to end; `opened` is called with port and people once learners may come. It returns how many
    learners were told to leave."""
    classroom = Classroom(folder, course)
    opened(await classroom.open(host, port), classroom.people)
    return await classroom.until_closed()
