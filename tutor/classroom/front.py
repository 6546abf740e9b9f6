"""Who may come in, by names, keys and codes; and what a connection may hold."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from time import monotonic
from typing import TYPE_CHECKING, Any

import asyncssh

from tutor.classroom.bridge import Session
from tutor.classroom.errors import ClassError
from tutor.classroom.login import Login, RefusedError, how_to_come
from tutor.classroom.packets import allow_so_much, bound_what_waits, send_nothing_empty
from tutor.classroom.people import Learner
from tutor.classroom.refusals import Refusals
from tutor.classroom.visit import UNREADABLE, FirstVisit
from tutor.tui.mistakes import write_down

if TYPE_CHECKING:
    from tutor.classroom.serving import Classroom

TO_OPEN = 10.0  # seconds that somebody who is logged in may be without a session
SPARE = 2  # connections that a learner may have beside those of their sessions
TO_SAY_WHO = 60.0  # seconds in which a client must have said its name
TO_GO = 1.0  # seconds in which a client should have taken its words of parting
TOO_LATE = "No code came in time, so this connection is closed. Connect again, with the code at hand."
NOT_OPENED = (
    "You are logged in, but asked for no session: there is nothing here but the tutor. Leave -N away."
)
NOTHING_LEFT = "The tutor has ended, and this connection with it."
TOO_MUCH = "Your terminal has sent too much for too long: this connection is closed. What you did is kept."
GIVES_WAY = "Another connection of yours has taken the place of this one, which had no session."
DISCONNECT = 11  # SSH_DISCONNECT_BY_APPLICATION


class Front(Refusals):
    """One connection."""

    def __init__(self, classroom: "Classroom") -> None:
        super().__init__()
        self._classroom = classroom
        self._connection: Any = None
        self._since = monotonic()
        self._address = "?"
        self._login = Login(classroom, "?", "", self.audit)
        self._learner: Learner | None = None
        self._sessions: list[Session] = []
        self._full: set[str] = set()  # why its sessions must say nothing just now
        self._visit: FirstVisit | None = None
        self._gone = asyncio.Event()
        self._knocking = False  # counted at the door
        self._had_session = False
        self._is_slow = False  # has met what its packets may cost
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, conn: Any) -> None:
        self._connection = conn
        send_nothing_empty(conn)
        peer = conn.get_extra_info("peername")
        self._address = str(peer[0]) if peer else "?"
        self._login = Login(self._classroom, self._address, how_to_come(conn), self.audit)
        if not self._classroom.door.knock(self._address, self._crowded_out):
            self._audit_often("refused", why="too many connections")
            conn.abort()  # before anything is computed for it
            return
        self._knocking = True
        self._classroom.fronts.add(self)
        self._in(TO_SAY_WHO, conn.abort)
        self.refuse_what_has_no_hook(conn)
        allow_so_much(conn, self._slowed, self._too_much)
        bound_what_waits(conn, partial(self._hold, "keys"), self._reads_nothing)
        conn.pause_writing = partial(
            self._hold, "connection", True
        )  # the client does not read what waits for it
        conn.resume_writing = partial(self._hold, "connection", False)

    @property
    def name(self) -> str:
        """As whom somebody comes; empty before they have said it."""
        return self._login.name

    def connection_lost(self, exc: Exception | None) -> None:
        self._let_in()
        if exc is not None:
            self._audit_whoever("lost", why=f"{type(exc).__name__}: {exc}")
            if not isinstance(exc, asyncssh.Error | OSError):
                write_down(exc)
        self._classroom.fronts.discard(self)
        for session in self._sessions:
            session.connection_lost(exc)  # one whose channel was never opened is not told by asyncssh
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
            self._in(self._classroom.limits.login_seconds, self.send_away, TOO_LATE, "no code in time")
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
            self.send_away(str(error), error.why)
        except ClassError as error:
            self.send_away(UNREADABLE, str(error))
        return False

    async def auth_completed(self) -> None:
        self._let_in()
        try:
            self._login.check_list()
        except RefusedError as error:
            self.send_away(str(error), error.why)
            return
        known = self._learner = self._login.known
        if known is not None and not known.has_come:
            by_own = self._login.by_own_code
            self._visit = FirstVisit(self._classroom, known, self.audit, by_own_code=by_own)
        self.audit("came", version=self._connection.get_extra_info("client_version", ""))
        self._make_room()
        self.session_changed()

    def _make_room(self) -> None:
        """Of too many connections of a learner, the oldest without a session gives way."""
        own = [each for each in self._classroom.fronts if each._learner and each.name == self.name]
        idle = [each for each in own if each is not self and not each.has_session]
        if len(own) > self._classroom.limits.sessions_per_learner + SPARE and idle:
            min(idle, key=lambda each: each._since).send_away(
                GIVES_WAY, "more connections than a learner may have"
            )

    # What a logged-in client may ask for

    def session_requested(self) -> Any:
        learner = self._learner
        if learner is None or self._connection is None:
            return False
        if words := self._classroom.no_room(learner):
            self.refuse("a session", why=words)
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, words)
        session = Session(self._classroom, learner, self)
        for what in self._full:
            session.hold(what, True)
        self._sessions = [*(each for each in self._sessions if each.is_open), session]
        self._classroom.sessions.append(session)  # from here on it counts
        return session

    @property
    def has_session(self) -> bool:
        """Whether the tutor, or what comes before it, runs here."""
        return any(each.runs for each in self._sessions)

    def session_changed(self) -> None:
        """One has begun or ended: without any, the connection has some seconds."""
        if self.has_session:
            self._had_session = True
            self._stop_timer()
        elif not self._gone.is_set():
            words = NOTHING_LEFT if self._had_session else NOT_OPENED
            self._in(TO_OPEN, self.send_away, words, "no session asked for")

    def _slowed(self) -> None:
        """What this connection sends costs too much, and waits: told and logged once."""
        if not self._is_slow:
            self._is_slow = True
            self.audit("slowed", why="its packets cost more than one connection may")
            for session in self._sessions:
                session.tell("Your terminal sends more than the class takes: it is read more slowly.")

    def _hold(self, what: str, held: bool) -> None:
        (self._full.add if held else self._full.discard)(what)
        for session in self._sessions:
            session.hold(what, held)

    def _too_much(self) -> None:
        self.send_away(TOO_MUCH, "its packets cost more than one connection may, for long")

    def _reads_nothing(self) -> None:
        self._audit_whoever("refused", why="it does not read what it asks for")
        self._connection.abort()

    async def greeting(self) -> list[str]:
        """What the learner must read before the tutor opens."""
        lines, self.notices = self.notices, []
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

    def send_away(self, words: str, why: str) -> None:
        self.audit("refused", why=why)
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

    def _audit_whoever(self, what: str, **values: Any) -> None:
        (self.audit if self.name else self._audit_often)(what, **values)

    def audit(self, what: str, **values: Any) -> None:
        self._classroom.audit.write(what, name=self.name, address=self._address, **values)
