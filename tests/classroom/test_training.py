"""Runs of a class: who gets a process when, and what a learner sees meanwhile."""

import asyncio
import gc
import os
import socket
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import asyncssh
import pytest

from tests.classroom.served import Served, connect, joined_before, open_terminal
from tutor.classroom import training as training_module
from tutor.classroom.training import Training
from tutor.experiments import worker_process

KEY = asyncssh.generate_private_key("ssh-ed25519")


class Process:
    """Stands for a process that serves a run."""

    pid, exitcode = 0, 0  # it has ended: nothing is to be killed


@pytest.fixture
def lent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Who has got a process so far, in order."""

    def started() -> tuple[Any, socket.socket]:
        ours, theirs = socket.socketpair()
        theirs.close()
        return Process(), ours

    monkeypatch.setattr(training_module, "_started", started)
    return []


def _wanted(training: Training, lent: list[str], places: dict[str, list[int]]) -> Callable[[str], Any]:
    def want(learner: str) -> Any:
        return training.borrow(
            learner, lambda _link: lent.append(learner),
            lambda before, _wait: places.setdefault(learner, []).append(before),
        )  # fmt: skip

    return want


async def test_who_has_none_comes_before_who_had_one_and_everybody_is_told_their_place(
    lent: list[str],
) -> None:
    with ThreadPoolExecutor(1) as starter:
        training = Training(1, starter)
        places: dict[str, list[int]] = {}
        want = _wanted(training, lent, places)
        first = want("ada")
        second = want("ada")  # the same learner wants another one …
        grace = want("grace")
        want("alan")
        await _settled(training)
        assert lent == ["ada"]
        assert [ticket.learner for ticket in training.queue()] == ["grace", "alan", "ada"]  # … and comes last
        training.give_back(first)
        await _settled(training)
        assert lent == ["ada", "grace"]
        training.give_back(grace)
        await _settled(training)
        assert lent == ["ada", "grace", "alan"]
        assert places == {"ada": [1, 2, 3, 2, 1], "grace": [1], "alan": [2, 1]}
        training.give_back(second)  # nobody waits any more
        assert not training.queue()
        training.close()


async def test_a_run_that_is_paused_takes_nobodys_place_and_queues_again(lent: list[str]) -> None:
    with ThreadPoolExecutor(1) as starter:
        training = Training(1, starter)
        places: dict[str, list[int]] = {}
        want = _wanted(training, lent, places)
        ada, grace = want("ada"), want("grace")
        await _settled(training)
        training.rest(ada)
        await _settled(training)
        assert lent == ["ada", "grace"]
        training.work(ada)
        assert [ticket.learner for ticket in training.queue()] == ["ada"]
        training.give_back(grace)
        await _settled(training)
        assert lent == ["ada", "grace", "ada"]
        training.close()


async def test_a_wait_is_told_by_how_long_runs_had_their_place(
    lent: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr(training_module, "monotonic", lambda: now)
    told: list[tuple[str, int, float | None]] = []
    with ThreadPoolExecutor(1) as starter:
        training = Training(2, starter)

        def want(learner: str) -> Any:
            return training.borrow(
                learner, lambda _link: lent.append(learner), lambda *it: told.append((learner, *it))
            )

        tickets = [want(learner) for learner in ("a", "b", "c", "d", "e")]
        await _settled(training)
        assert [(learner, before) for learner, before, _ in told] == [("c", 2), ("d", 3), ("e", 4)]
        assert {wait for *_, wait in told} == {None}  # no run has ended yet
        now += 100.0
        told.clear()
        training.give_back(tickets[0])  # 100 s: c has its place
        await _settled(training)
        assert lent == ["a", "b", "c"]
        assert told == [("d", 2, 50.0), ("e", 3, 100.0)]  # a place comes free every 50 s: there are two
        training.close()


def test_a_run_collects_its_garbage(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process that all are forked from does not: what it has, it keeps."""
    collects: list[bool] = []

    def begins(link: int) -> None:
        os.close(link)
        collects.append(gc.isenabled())

    monkeypatch.setattr(worker_process, "main", begins)
    monkeypatch.setattr("tutor.classroom.training.resource.setrlimit", lambda _what, _most: None)
    ours, theirs = socket.socketpair()
    gc.disable()
    try:
        training_module._main(theirs)
    finally:
        gc.enable()
        ours.close()
    assert collects == [True]


async def _settled(training: Training) -> None:
    while training._lending:
        await asyncio.sleep(0)


async def _at_control(served: Served, name: str) -> tuple[asyncssh.SSHClientConnection, Any]:
    """In the lab of control."""
    joined_before(served.folder, name, KEY)
    connection = await connect(served, name, keys=(KEY,))
    terminal = await open_terminal(connection, size=(100, 30))
    await terminal.until("Agent and environment")
    terminal.type("l")
    await terminal.until("Labs")
    titles = [line.strip(" \u25b8●○") for line in terminal.text.splitlines()]
    down = next(n for n, line in enumerate(titles) if line.startswith("Control"))
    up = next(n for n, line in enumerate(terminal.text.splitlines()) if "\u25b8" in line)
    terminal.type("\x1b[B" * (down - up) + "\r")
    await terminal.until("r runs")  # and takes no place before
    return connection, terminal


async def test_a_run_waits_for_anothers_place_and_then_goes(served: Served) -> None:
    """The class has one process for runs."""
    first, one = await _at_control(served, "runs-first")
    one.type("r")
    await one.until(" left")  # so many seconds: it runs
    second, two = await _at_control(served, "runs-second")  # who has asked for nothing, and waits for nobody
    async with first, second:
        two.type("r")
        await two.until("1 run of another before yours")
        one.type("r")  # paused: it rests
        await two.until(" left")
        one.type("r")
        await one.until("1 run of another before yours")
        two.type("\x11")
        await two.closed()
        await one.until(" left")
