"""What an SSH client may ask for that is no lesson: refused, in words where there is a place for them, and logged."""

from typing import Any

import asyncssh

from tutor.classroom.login import how_to_come
from tutor.classroom.terminal import Terminal, terminal

LEAST_PACKET = (
    256  # bytes that a client must take at once: each packet costs the same, and a frame would be thousands
)
MOST_REFUSED = 50  # requests of one connection that are refused; then it is closed
NO_FORWARDING = "The tutor forwards no connections."
ENOUGH = f"{MOST_REFUSED} requests of this connection were refused: leave -L, -R, -D and commands away."


class Refusals(asyncssh.SSHServer):
    """What a connection may not have. Whoever inherits logs, and turns away."""

    def __init__(self) -> None:
        self._refused = 0
        self.notices: list[str] = []  # what was refused that only a session has a place to tell

    def audit(self, what: str, **values: Any) -> None:
        """A line of the log."""
        raise NotImplementedError

    def send_away(self, words: str, why: str) -> None:
        """Close the connection. why: for the log."""
        raise NotImplementedError

    def refuse(self, asked: str, **values: Any) -> None:
        """Log what was asked for; the last of too many costs the connection."""
        self._refused += 1
        if self._refused < MOST_REFUSED:
            self.audit("refused", asked=asked, **values)
        elif self._refused == MOST_REFUSED:
            self.send_away(ENOUGH, "too many requests that are refused")

    def refuse_what_has_no_hook(self, connection: Any) -> None:
        """-A and -X: asyncssh asks no server about them."""
        connection.create_agent_listener = self._agent_refused
        connection.attach_x11_listener = self._x11_refused

    def connection_requested(self, dest_host: str, dest_port: int, orig_host: str, orig_port: int) -> Any:  # noqa: ARG002
        self._prohibit(f"forwarding to {dest_host}:{dest_port}", NO_FORWARDING)

    def unix_connection_requested(self, dest_path: str) -> Any:
        self._prohibit(f"forwarding to {dest_path}", NO_FORWARDING)

    def tun_requested(self, unit: int | None) -> Any:  # noqa: ARG002
        self._prohibit("a tunnel (-w)", "The tutor makes no tunnels.")

    def tap_requested(self, unit: int | None) -> Any:
        self.tun_requested(unit)

    def server_requested(self, listen_host: str, listen_port: int) -> Any:
        self.refuse(f"listening on {listen_host}:{listen_port}")
        return False

    def unix_server_requested(self, listen_path: str) -> Any:
        self.refuse(f"listening on {listen_path}")
        return False

    def _prohibit(self, asked: str, words: str) -> None:
        self.refuse(asked)
        raise asyncssh.ChannelOpenError(asyncssh.OPEN_ADMINISTRATIVELY_PROHIBITED, words)

    async def _agent_refused(self) -> bool:
        self.refuse("agent forwarding")
        notice = "Your ssh offered its agent (-A): it was refused, and is not needed here."
        if notice not in self.notices:
            self.notices.append(notice)
        return False

    async def _x11_refused(self, *_asked: object) -> None:
        self.refuse("X11 forwarding")


class ShellOnly(asyncssh.SSHServerSession[bytes]):
    """A channel on which everything but a shell on a terminal is refused, in one line.

    channel: once it is open. terminal: what the client says it has. refusal: what was asked for, and why not; empty
    while nothing is refused.
    """

    def __init__(self) -> None:
        self.channel: Any = None
        self.terminal: Terminal | None = None
        self.refusal = ("", "")

    def connection_made(self, chan: Any) -> None:
        self.channel = chan
        if (most := chan._send_pktsize) < LEAST_PACKET:
            words = (
                f"Your SSH client takes {most} bytes at once, and must take {LEAST_PACKET}: try another one."
            )
            self._refuse(f"packets of {most} bytes", words)

    def pty_requested(self, term_type: str, term_size: Any, term_modes: Any) -> bool:  # noqa: ARG002
        self.terminal = terminal(term_type, term_size[0], term_size[1])
        return True

    def shell_requested(self) -> bool:
        if self.terminal is None:
            self._refuse(
                "a session without a terminal", "This is the tutor's door: it needs a terminal. Try ssh -t."
            )
        elif not self.terminal.term:
            self._refuse(
                "TERM=dumb",
                f"Your TERM says that nothing can be drawn: try TERM=xterm-256color {how_to_come(self.channel)}",
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
        self.refusal = (what, words)
