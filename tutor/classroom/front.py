"""Who may come in: names, keys and codes; and everything an SSH client may ask for that is no lesson."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

import asyncssh

from tutor.classroom.bridge import Session
from tutor.classroom.errors import ClassError
from tutor.classroom.login import Login, RefusedError, how_to_come
from tutor.classroom.packets import send_nothing_empty
from tutor.classroom.people import Learner
from tutor.classroom.visit import UNREADABLE, FirstVisit
from tutor.tui.mistakes import write_down

if TYPE_CHECKING:
    from tutor.classroom.serving import Classroom

TO_OPEN = 10.0  # seconds after logging in, in which a client must ask for a session
TO_SAY_WHO = 60.0  # seconds in which a client must have said its name
TO_GO = 1.0  # seconds in which a client should have taken its words of parting
TOO_LATE = "No code came in time, so this connection is closed. Connect again, with the code at hand."
DISCONNECT = 11  # SSH_DISCONNECT_BY_APPLICATION


class Front(asyncssh.SSHServer):
    """One connection."""

    def __init__(self, classroom: "Classroom") -> None:
        self._classroom = classroom
        self._connection: Any = None
        self._address = "?"
        self._login = Login(classroom, "?", "", self._audit)
        self._learner: Learner | None = None
        self._sessions: list[Session] = []
        self._notices: list[str] = []
        self._visit: FirstVisit | None = None
        self._gone = asyncio.Event()
        self._knocking = False  # counted at the door
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, conn: Any) -> None:
        self._connection = conn
        send_nothing_empty(conn)
        peer = conn.get_extra_info("peername")
        self._address = str(peer[0]) if peer else "?"
        self._login = Login(self._classroom, self._address, how_to_come(conn), self._audit)
        if not self._classroom.door.knock(self._address, self._crowded_out):
            self._audit_often("refused", why="too many connections")
            conn.abort()  # before anything is computed for it
            return
        self._knocking = True
        self._classroom.fronts.add(self)
        self._in(TO_SAY_WHO, conn.abort)
        conn.create_agent_listener = (
            self._agent_refused
        )  # asked for by -A; asyncssh has no other hooks for these
        conn.attach_x11_listener = self._x11_refused
        conn.pause_writing = partial(self._hold, True)  # the client does not read what waits for it
        conn.resume_writing = partial(self._hold, False)

    @property
    def name(self) -> str:
        """As whom somebody comes; empty before they have said it."""
        return self._login.name

    def connection_lost(self, exc: Exception | None) -> None:
        self._let_in()
        if exc is not None:
            write = self._audit if self.name else self._audit_often
            write("lost", why=f"{type(exc).__name__}: {exc}")
            if not isinstance(exc, asyncssh.Error | OSError):
                write_down(exc)
        self._classroom.fronts.discard(self)
        self._gone.set()
        self._stop_timer()

    async def hang_up(self, words: str) -> None:
        """Close the connection, whatever the client does."""
        self._connection.disconnect(DISCONNECT, words)
        try:
            await asyncio.wait_for(self._gone.wait(), TO_GO)
        except TimeoutError:
            self._connection.abort()
            await self._gone.wait()

    # Logging in

    async def begin_auth(self, username: str) -> bool:
        if not self._login.name:  # else asked again for the same connection
            self._in(self._classroom.limits.login_seconds, self._send_away, TOO_LATE, "no code in time")
            await self._unless_refused(self._login.begin(username))
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002
        return self._login.is_key(" ".join(key.export_public_key().decode().split()[:2]))

    def password_auth_supported(self) -> bool:
        return False

    def kbdint_auth_supported(self) -> bool:
        return True

    async def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:  # noqa: ARG002
        return await self._unless_refused(self._login.ask())

    async def validate_kbdint_response(self, username: str, responses: Any) -> Any:  # noqa: ARG002
        return await self._unless_refused(self._login.answer(responses))

    async def _unless_refused(self, step: Awaitable[Any]) -> Any:
        try:
            return await step
        except RefusedError as error:
            self._send_away(str(error), error.why)
        except ClassError as error:
            self._send_away(UNREADABLE, str(error))
        return False

    async def auth_completed(self) -> None:
        self._let_in()
        try:
            self._login.check_list()
        except RefusedError as error:
            self._send_away(str(error), error.why)
            return
        known = self._learner = self._login.known
        if known is not None and not known.has_come:
            by_own = self._login.by_own_code
            self._visit = FirstVisit(self._classroom, known, self._audit, by_own_code=by_own)
        self._audit("came", version=self._connection.get_extra_info("client_version", ""))
        words = (
            "You are logged in, but asked for no session: there is nothing here but the tutor. Leave -N away."
        )
        self._in(TO_OPEN, self._send_away, words, "no session asked for")

    # What a logged-in client may ask for

    def session_requested(self) -> Any:
        learner = self._learner
        if learner is None or self._connection is None:
            return False
        self._stop_timer()
        if words := self._classroom.no_room(learner):
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, words)
        self._sessions = [each for each in self._sessions if each.is_open]
        self._sessions.append(Session(self._classroom, learner, self))
        return self._sessions[-1]

    def _hold(self, held: bool) -> None:
        for session in self._sessions:
            session.hold("connection", held)

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> Any:  # noqa: ARG002
        self._audit("refused", asked=f"forwarding to {dest_host}:{dest_port}")
        raise asyncssh.ChannelOpenError(
            asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "The tutor forwards no connections."
        )

    def unix_connection_requested(self, dest_path: str) -> Any:
        self._audit("refused", asked=f"forwarding to {dest_path}")
        raise asyncssh.ChannelOpenError(
            asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, "The tutor forwards no connections."
        )

    def server_requested(self, listen_host: str, listen_port: int) -> Any:
        self._audit("refused", asked=f"listening on {listen_host}:{listen_port}")
        return False

    def unix_server_requested(self, listen_path: str) -> Any:
        self._audit("refused", asked=f"listening on {listen_path}")
        return False

    async def _agent_refused(self) -> bool:
        self._audit("refused", asked="agent forwarding")
        self._notices.append("Your ssh offered its agent (-A): it was refused, and is not needed here.")
        return False

    async def _x11_refused(self, *_asked: object) -> None:
        self._audit("refused", asked="X11 forwarding")

    async def greeting(self) -> list[str]:
        """What the learner must read before the tutor opens."""
        lines, self._notices = self._notices, []
        return lines + (await self._visit.page() if self._visit else [])

    async def greeted(self) -> None:
        """It has been read."""
        if self._visit:
            await self._visit.read()

    def _let_in(self) -> None:
        """It has said who it is, or has gone: others may knock."""
        if self._knocking:
            self._knocking = False
            self._classroom.door.gone(self._address, self._crowded_out)

    def _crowded_out(self) -> None:
        """Others need the place of one that has not said who it is."""
        self._audit_often("refused", why="too many connections, and most of this address")
        self._let_in()
        self._connection.abort()

    # Turning away

    def _send_away(self, words: str, why: str) -> None:
        self._audit("refused", why=why)
        self._connection.disconnect(DISCONNECT, words)

    def _in(self, seconds: float, what: Callable[..., None], *arguments: Any) -> None:
        """Do it unless something else comes first."""
        self._stop_timer()
        self._timer = asyncio.get_running_loop().call_later(seconds, what, *arguments)

    def _stop_timer(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _audit_often(self, what: str, **values: Any) -> None:
        """Of somebody who need not have said a name for it."""
        self._classroom.often.write(what, address=self._address, **values)

    def _audit(self, what: str, **values: Any) -> None:
        self._classroom.audit.write(what, name=self.name, address=self._address, **values)
