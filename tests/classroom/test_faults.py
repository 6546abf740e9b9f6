"""What a class bears: children that die, clients that vanish, a server that is ended or killed."""

import asyncio
import json
import os
import signal
from collections.abc import Iterator
from pathlib import Path

import asyncssh
import pytest

from tests.classroom.processes import children, forkservers, gone, session_of
from tests.classroom.served import Served, connect, joined_before, open_terminal, serve

KEY = asyncssh.generate_private_key("ssh-ed25519")
HOME = "Agent and environment"  # on Home
ENTER, LEAVE = "\r", "\x11"


def _join(served: Served, name: str) -> None:
    joined_before(served.folder, name, KEY)


@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGSEGV, signal.SIGABRT])
async def test_a_session_that_dies_costs_one_learner_one_line(served: Served, how: signal.Signals) -> None:
    name = f"dies{how.value}"
    _join(served, name)
    async with await connect(served, name, keys=(KEY,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        terminal.type(ENTER)
        await terminal.until("step 1 of")
        os.kill(session_of(served, name), how)
        screen = await terminal.closed()
        assert "The tutor broke off; what you did is kept. Connect again to go on." in screen
        again = await open_terminal(connection)
        assert "step 1 of" in await again.until("step 1 of")


async def test_a_session_that_is_stopped_does_not_outlive_its_client(served: Served) -> None:
    """One that would not hear any signal but the last."""
    _join(served, "stopped")
    connection = await connect(served, "stopped", keys=(KEY,))
    terminal = await open_terminal(connection)
    await terminal.until(HOME)
    pid = session_of(served, "stopped")
    os.kill(pid, signal.SIGSTOP)
    connection.abort()
    await gone(pid, 10.0)


class Class:
    """A class that tests end; whoever has, starts it again."""

    def __init__(self, home: Path) -> None:
        self.served = serve(home, limits="pool = 2\n")

    async def start_again(self) -> Served:
        self.served = await asyncio.to_thread(serve, self.served.home, code=self.served.code)
        return self.served


@pytest.fixture(scope="module")
def mortal(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    running = Class(tmp_path_factory.mktemp("mortal"))
    yield running
    if running.served.process.poll() is None:
        running.served.end()
    elif running.served.process.stdout is not None:
        running.served.process.stdout.close()


async def test_an_end_in_good_order_tells_everybody_and_loses_nothing(mortal: Class) -> None:
    own = mortal.served
    _join(own, "ends")
    async with await connect(own, "ends", keys=(KEY,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        terminal.type(ENTER)
        await terminal.until("step 1 of")
        own.process.send_signal(signal.SIGTERM)
        assert "The class is being closed: what you did is saved." in await terminal.closed()
    assert await asyncio.to_thread(own.process.wait, 10) == 0
    assert own.process.stdout is not None
    assert own.process.stdout.read() == "Class rl is closed; 1 learner was told.\n"
    own.process.stdout.close()
    async with await connect(await mortal.start_again(), "ends", keys=(KEY,)) as connection:
        assert "step 1 of" in await (await open_terminal(connection)).until("step 1 of")


async def test_after_kill_9_of_the_server_no_process_is_left_and_learners_go_on(mortal: Class) -> None:
    own = mortal.served
    _join(own, "killed")
    connection = await connect(own, "killed", keys=(KEY,))
    terminal = await open_terminal(connection)
    await terminal.until(HOME)
    terminal.type(ENTER)
    await terminal.until("step 1 of")
    processes = children(own)
    assert processes
    own.process.kill()
    own.process.wait()
    for pid in processes:
        await gone(pid, 10.0)
    assert own.process.stdout is not None
    own.process.stdout.close()
    async with await connect(await mortal.start_again(), "killed", keys=(KEY,)) as connection:
        assert "step 1 of" in await (await open_terminal(connection)).until("step 1 of")


async def test_after_kill_9_of_the_forkserver_another_one_comes(mortal: Class) -> None:
    own, before = mortal.served, len(mortal.served.log().splitlines())
    _join(own, "forks")
    async with await connect(own, "forks", keys=(KEY,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until(HOME)
        (forkserver,) = forkservers(own)
        os.kill(forkserver, signal.SIGKILL)
        terminal.type(ENTER)
        await terminal.until("step 1 of")  # who is in stays in
        for _ in range(3):  # children that waited, and then new ones
            other = await open_terminal(connection)
            await other.until("step 1 of")
            other.type(LEAVE)
            await other.closed()
            assert other.process.exit_status == 0
    log = [json.loads(line)["what"] for line in own.log().splitlines()[before:]]
    assert "broke" not in log  # who had known how they ended is dead, but they ended in good order
