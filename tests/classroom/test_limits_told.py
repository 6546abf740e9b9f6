"""Whoever meets a limit is told so, and the log says it."""

import asyncio
import json
from collections.abc import Iterator
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import asyncssh
import pytest

from tests.benchmarks.classroom import join_everybody
from tests.classroom.processes import sessions, until
from tests.classroom.served import Served, connect, open_terminal, serve
from tests.classroom.test_login import come, joined, leave, new_key, personal_code
from tutor.classroom import bridge
from tutor.classroom.limits import Limits

HOME = "Agent and environment"
REDRAW = "\x0c"


class Narrow:
    """A class of two with room for one, which sends as little as can be."""

    def __init__(self, home: Path) -> None:
        self.names, key = join_everybody(home, 2)
        self.keys = (asyncssh.import_private_key(key),)
        self.served: Served = serve(home, limits="sessions = 1\noutput_kb = 16\npool = 1\n")

    def lines(self, name: str, what: str) -> list[dict[str, Any]]:
        lines = map(json.loads, self.served.log().splitlines())
        return [line for line in lines if line["what"] == what and line.get("name") == name]


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Narrow]:
    running = Narrow(tmp_path_factory.mktemp("narrow"))
    yield running
    assert running.served.end() == 0


async def test_a_class_that_is_full_and_a_screen_that_comes_slower_are_told_and_logged(
    narrow: Narrow,
) -> None:
    one, other = narrow.names
    async with (
        await connect(narrow.served, one, keys=narrow.keys) as connection,
        await connect(narrow.served, other, keys=narrow.keys) as late,
    ):
        terminal = await open_terminal(connection, size=(400, 150))  # a frame of it is more
        await terminal.until(HOME)
        with pytest.raises(asyncssh.ChannelOpenError, match="The class is full: 1 sessions"):
            await open_terminal(late)
        (line,) = narrow.lines(other, "refused")
        assert line["asked"] == "a session"
        assert line["why"].startswith("The class is full")
        terminal.type(REDRAW)
        await terminal.until("sends at most 16 kB a")
        terminal.type(REDRAW)
        await terminal.until("? keys")
        (line,) = narrow.lines(one, "slowed")
        assert line["why"] == "more than 16 kB of screen a second"


async def test_a_first_visit_to_a_full_class_is_a_first_visit_again(narrow: Narrow) -> None:
    served, (of_eve, others, of_first) = narrow.served, (new_key() for _ in range(3))
    await until(lambda: not sessions(served))
    connection, _, _ = await come(served, "first", served.code, keys=(of_first,))
    assert connection is not None
    await (await open_terminal(connection)).until("enter opens the tutor")
    for name, keys in (("eve", (of_eve,)), ("fred", ())):
        late, _, _ = await come(served, name, served.code, keys=keys)
        assert late is not None
        with pytest.raises(asyncssh.ChannelOpenError, match="The class is full"):
            await open_terminal(late)
        await leave(late)
    await leave(connection)
    with pytest.raises(asyncssh.PermissionDenied):
        await come(served, "eve", served.code, keys=(others,))  # the name is her key's
    who_left = "first"
    for name, codes, keys in (("eve", (), (of_eve,)), ("fred", (served.code,), ())):
        await until(partial(narrow.lines, who_left, "left"))  # the place is free
        code = personal_code(await joined(served, name, *codes, keys=keys))
        late, _, _ = await come(served, name, code)
        await leave(late)
        who_left = name


class _Channel:
    def __init__(self) -> None:
        self.written = b""
        self._send_pktsize = 32_768
        self.status: int | None = None

    def set_encoding(self, _encoding: None) -> None: ...

    def write(self, data: bytes) -> None:
        self.written += data

    def exit(self, status: int) -> None:
        self.status = status


class _Front:
    def __init__(self) -> None:
        self.lines: list[tuple[str, Any]] = []

    async def greeting(self) -> list[str]:
        return ["Welcome"]

    def session_changed(self) -> None: ...

    def audit(self, what: str, **values: Any) -> None:
        self.lines.append((what, values["why"]))


async def test_the_idle_limit_is_told_a_minute_before_and_a_key_takes_that_back(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    now = 1000.0
    monkeypatch.setattr(bridge, "monotonic", lambda: now)
    classroom = SimpleNamespace(limits=Limits(idle_minutes=10))
    session = bridge.Session(cast(Any, classroom), cast(Any, None), cast(Any, None))
    said: list[Any] = []
    session._child = cast(Any, SimpleNamespace(say=said.append))
    session._pump = cast(Any, SimpleNamespace(type=lambda _data: None))
    told = {"warn": "No key for long: this closes within 60 s. Any key keeps it open."}
    for then, words in ((1539.0, []), (1540.0, [told]), (1590.0, [told])):
        now = then
        session._warn()
        assert said == words
    session.data_received(b"x", None)
    session.data_received(b"x", None)
    assert said == [told, {"warn": ""}]
    now += 599.0
    session._warn()
    assert said[2:] == [{"warn": "No key for long: this closes within 1 s. Any key keeps it open."}]
    assert not session._too_idle()


async def test_the_idle_limit_runs_on_the_page_of_welcome_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bridge, "LOOK_EVERY", 0.02)
    now = 1000.0
    monkeypatch.setattr(bridge, "monotonic", lambda: now)
    limits, front, channel = Limits(idle_minutes=1), _Front(), _Channel()
    classroom = SimpleNamespace(limits=limits, forget=lambda _session: None)
    session = bridge.Session(
        cast(Any, classroom), cast(Any, SimpleNamespace(id="1", name="x")), cast(Any, front)
    )
    session.connection_made(channel)
    session.pty_requested("xterm", (80, 24, 0, 0), {})
    assert session.shell_requested()
    session.session_started()
    now = 1059.0
    await asyncio.sleep(0.1)
    assert session.runs
    assert b"enter opens the tutor" in channel.written
    now = 1062.0
    await until(lambda: not session.runs, 5.0)
    assert channel.written.endswith(b"Closed after 1 minute without typing; your place is kept.\r\n")
    assert channel.status == 1
    assert front.lines == [("left", "Closed after 1 minute without typing; your place is kept.")]
