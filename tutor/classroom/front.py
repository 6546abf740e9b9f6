"""Who may come in: names, keys and codes; and everything an SSH client may ask for that is no lesson."""

import asyncio
from functools import partial
from typing import TYPE_CHECKING, Any

import asyncssh

from tutor.classroom.attempts import address_key, name_key
from tutor.classroom.bridge import Session
from tutor.classroom.codes import JOIN_SIGNS, NAME_RULE, PERSONAL_SIGNS, hashed, is_name, is_right, new_code
from tutor.classroom.errors import ClassError
from tutor.classroom.packets import send_nothing_empty
from tutor.classroom.people import Learner
from tutor.tui.mistakes import write_down

if TYPE_CHECKING:
    from tutor.classroom.serving import Classroom

TO_OPEN = 10.0  # seconds after logging in, in which a client must ask for a session
TO_SAY_WHO = 60.0  # seconds in which a client must have logged in
LOOK_AGAIN = 1.0  # seconds at most between looks at whether it has to wait any more
LONGEST_WAIT = 20.0  # seconds that a client is kept waiting before its next try; beyond it is sent away
DISCONNECT = 11  # SSH_DISCONNECT_BY_APPLICATION


class Front(asyncssh.SSHServer):
    """One connection."""

    def __init__(self, classroom: "Classroom") -> None:
        self._classroom = classroom
        self._connection: Any = None
        self._address = "?"
        self._name = ""
        self._offered: list[str] = []
        self._known: Learner | None = None
        self._learner: Learner | None = None
        self._personal_code = ""  # shown once, at the first visit
        self._sessions: list[Session] = []
        self._notices: list[str] = []
        self._settled = asyncio.Event()  # the name is bound
        self._knocking = False  # counted at the door
        self._timer: asyncio.TimerHandle | None = None

    def connection_made(self, conn: Any) -> None:
        self._connection = conn
        send_nothing_empty(conn)
        peer = conn.get_extra_info("peername")
        self._address = str(peer[0]) if peer else "?"
        if not self._classroom.door.knock(self._address, self._crowded_out):
            self._audit("refused", why="too many connections")
            conn.abort()  # before anything is computed for it
            return
        self._knocking = True
        conn.create_agent_listener = (
            self._agent_refused
        )  # asked for by -A; asyncssh has no other hooks for these
        conn.attach_x11_listener = self._x11_refused
        conn.pause_writing = partial(self._hold, True)  # the client does not read what waits for it
        conn.resume_writing = partial(self._hold, False)

    def connection_lost(self, exc: Exception | None) -> None:
        self._let_in()
        if exc is not None:
            self._audit("lost", why=f"{type(exc).__name__}: {exc}")
            if not isinstance(exc, asyncssh.Error | OSError):
                write_down(exc)
        if self._timer is not None:
            self._timer.cancel()

    # Logging in

    async def begin_auth(self, username: str) -> bool:
        if self._name:  # asked again for the same connection
            return True
        self._name = username
        if not is_name(username):
            self._send_away(f"{username[:40]!a}: {NAME_RULE}. Try: ssh NAME@HOST", "no name")
            return True
        self._known = await self._asked(self._classroom.people.find, username)
        listed = self._known is not None and self._known.listed
        if not listed and await self._asked(self._classroom.people.has_roster):
            self._known = None
            self._send_away(f"{username} is not on this class's list; ask your teacher.", "not on the roster")
        return True

    def public_key_auth_supported(self) -> bool:
        return True

    def validate_public_key(self, username: str, key: asyncssh.SSHKey) -> bool:  # noqa: ARG002
        shown = " ".join(key.export_public_key().decode().split()[:2])
        if self._known is not None and shown in self._known.keys:
            return True
        if shown not in self._offered:
            self._offered.append(shown)
        return False

    def password_auth_supported(self) -> bool:
        return False

    def kbdint_auth_supported(self) -> bool:
        return True

    async def get_kbdint_challenge(self, username: str, lang: str, submethods: str) -> Any:  # noqa: ARG002
        if not is_name(username):
            return False
        if not await self._waited():
            return False
        if self._known is not None and self._known.has_come:
            return "", f"Welcome back, {self._known.name}.", "", [("Your personal code: ", False)]
        title = f"Class {self._classroom.name}: your first visit as {username}."
        return "", title, "", [("The join code of the class: ", False)]

    async def validate_kbdint_response(self, username: str, responses: Any) -> Any:
        code = responses[0] if len(responses) == 1 else ""
        if not await self._waited():  # others may have failed since it was asked
            return False
        self._classroom.attempts.wrong(*self._keys)  # so that many at once are no way around the wait
        known = self._known
        if known is not None and known.has_come:
            right = await self._asked(is_right, code, known.code)
        else:
            right = await self._asked(is_right, code, await self._asked(self._classroom.people.join_code))
        if not right:
            self._audit(
                "refused", why="wrong code", wait=round(self._classroom.attempts.wait(*self._keys), 1)
            )
            return False
        self._classroom.attempts.forgive(address_key(self._address))
        self._classroom.attempts.right(name_key(username))
        if known is None or not known.has_come:
            return await self._bound(username)
        return True

    async def _bound(self, username: str) -> bool:
        """A first visit: the name is theirs from now on."""
        self._personal_code = new_code(PERSONAL_SIGNS)
        hash_ = await self._asked(hashed, self._personal_code)
        try:
            self._known = await self._asked(
                self._classroom.people.first_visit, username, hash_, self._offered
            )
        except ClassError:
            return False  # somebody of the same name was faster
        self._audit("joined", keys=len(self._offered))
        return True

    async def _waited(self) -> bool:
        """Whether a code may be tried now, after the wait that earlier wrong ones cost."""
        while wait := self._classroom.attempts.wait(*self._keys):
            if wait > LONGEST_WAIT:
                self._send_away(f"Too many wrong codes; try again in {wait:.0f} s.", "too many wrong codes")
                return False
            await asyncio.sleep(min(wait, LOOK_AGAIN))
        return True

    @property
    def _keys(self) -> tuple[str, str]:
        return address_key(self._address), name_key(self._name)

    async def auth_completed(self) -> None:
        self._learner = self._known  # first: a client asks for its session meanwhile
        self._let_in()
        if self._known is not None and not self._known.has_come:  # by a key that the roster gave
            await self._bound(self._name)
        self._settled.set()
        self._audit("came", version=self._connection.get_extra_info("client_version", ""))
        words = (
            "You are logged in, but asked for no session: there is nothing here but the tutor. Leave -N away."
        )
        self._timer = asyncio.get_running_loop().call_later(TO_OPEN, self._send_away_idle, words)

    # What a logged-in client may ask for

    def session_requested(self) -> Any:
        learner = self._learner
        if learner is None or self._connection is None:
            return False
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if words := self._classroom.no_room(learner):
            raise asyncssh.ChannelOpenError(asyncssh.OPEN_RESOURCE_SHORTAGE, words)
        self._sessions = [each for each in self._sessions if each.is_open]
        self._sessions.append(Session(self._classroom, learner, self._greeting))
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

    async def _greeting(self) -> list[str]:
        """What the learner must read before the tutor opens: once."""
        await self._settled.wait()
        lines, self._notices = self._notices, []
        if code := self._personal_code:
            self._personal_code = ""
            key = "Your key was bound to your name: from this computer you need no code."
            lines += [
                f"Welcome to class {self._classroom.name}, {self._name}.",
                "",
                f"Your personal code:  {code}",
                "",
                "It lets you in from any computer. It is shown this once: write it down.",
                *([key] if self._offered else []),
            ]
        return lines

    def _let_in(self) -> None:
        """It has said who it is, or has gone: others may knock."""
        if self._knocking:
            self._knocking = False
            self._classroom.door.gone(self._address, self._crowded_out)

    def _crowded_out(self) -> None:
        """Others need the place of one that has not said who it is."""
        self._audit("refused", why="too many connections, and most of this address")
        self._let_in()
        self._connection.abort()

    # Turning away

    def _send_away(self, words: str, why: str) -> None:
        self._audit("refused", why=why)
        self._connection.disconnect(DISCONNECT, words)

    def _send_away_idle(self, words: str) -> None:
        self._send_away(words, "no session asked for")

    async def _asked(self, function: Any, *arguments: Any) -> Any:
        """Hashing and the database take milliseconds that other learners' keys would wait for."""
        return await asyncio.get_running_loop().run_in_executor(self._classroom.thread, function, *arguments)

    def _audit(self, what: str, **values: Any) -> None:
        self._classroom.audit.write(what, name=self._name, address=self._address, **values)


def new_join_code() -> str:
    return new_code(JOIN_SIGNS)
