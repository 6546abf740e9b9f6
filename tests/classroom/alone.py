"""A class's front alone: whoever comes is asked who they are, and there is no tutor behind it."""

import json
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncssh

from tests.classroom.served import Served
from tutor.classroom.attempts import Attempts
from tutor.classroom.audit import Audit, Often
from tutor.classroom.codes import hashed
from tutor.classroom.door import Door
from tutor.classroom.front import Front
from tutor.classroom.limits import Limits
from tutor.classroom.people import People

CODE = "AAAA-BBBB"


class Alone:
    """folder: of its list and log. fronts: a Front for every connection."""

    def __init__(self, folder: Path, server: asyncssh.SSHAcceptor, classroom: Any) -> None:
        self.server, self.classroom = server, classroom
        self.fronts: set[Front] = classroom.fronts
        self.served = Served(None, folder, server.get_port(), CODE, "")  # type: ignore[arg-type]  # it has no process
        self._folder = folder

    def refused(self) -> list[str]:
        """Why somebody was."""
        lines = map(json.loads, (self._folder / "audit.log").read_text().splitlines())
        return [line["why"] for line in lines if line["what"] == "refused"]


@asynccontextmanager
async def front_alone(folder: Path, limits: Limits) -> AsyncIterator[Alone]:
    """In this process."""
    people, audit = People(folder / "class.db"), Audit(folder / "audit.log")
    people.set_join_code(hashed(CODE))
    with ThreadPoolExecutor(1) as thread:
        classroom: Any = SimpleNamespace(
            name="rl", limits=limits, people=people, attempts=Attempts(), door=Door(limits), thread=thread,
            audit=audit, often=Often(audit), fronts=set(), barred=set(),
        )  # fmt: skip
        server = await asyncssh.create_server(
            lambda: Front(classroom), "127.0.0.1", 0,
            server_host_keys=[asyncssh.generate_private_key("ssh-ed25519")],
        )  # fmt: skip
        try:
            yield Alone(folder, server, classroom)
        finally:
            server.close()
            people.close()
