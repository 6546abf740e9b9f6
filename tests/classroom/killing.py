"""Learners who answer and answer, while processes of their class are killed; and what must hold after every kill."""

import asyncio
import os
import random
import signal
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import asyncssh

from tests.classroom.processes import forkservers, sessions, until
from tests.classroom.served import EndedError, Served, Terminal, connect, open_terminal, serve

COURSE = """---
id: 01-sum
title: A sum
order: 1
minutes: 5
objectives: [add]
---
# A sum

## Adding

```quiz
id: sum
kind: numeric
question: What is it?
answer: "0 - 1"
tolerance: 0
hints: ["Below nothing."]
why: "So it is."
```
"""
OPEN = "step 1 of 1 ▰"  # the lesson
WAYS = ("server", "forkserver", "child")
PAUSE = 0.1  # seconds from a verdict to the next answer, so that who waits for others leaves them the machine


@dataclass
class Answering:
    """One learner, who types 100+1, 101+1, … as an answer. acknowledged: those of which they have seen the verdict."""

    name: str
    key: asyncssh.SSHKey
    acknowledged: list[int] = field(default_factory=list)
    trouble: str = ""  # why it came back last
    over: bool = False
    _next: int = 100

    async def go_on(self, guarded: "Guarded") -> None:
        """Answer, and come back whenever the line or the session has gone, until `over`."""
        while not self.over:
            try:
                async with await connect(guarded.served, self.name, keys=(self.key,)) as connection:
                    await self._answer(await open_terminal(connection))
            except (asyncssh.Error, OSError, AssertionError) as error:
                self.trouble = f"{type(error).__name__}: {error}"
            await asyncio.sleep(0.1)  # as a person does who presses the arrow and enter

    async def _answer(self, terminal: Terminal) -> None:
        await terminal.until("A sum")
        await press(terminal, "\r", OPEN)
        await press(terminal, "\t", "enter answer")
        while not self.over:
            number, self._next = self._next, self._next + 1
            await press(terminal, "\x15", "> a number")  # ctrl+u: what stood there goes
            terminal.type(f"{number}+1")
            await terminal.until(f"> {number}+1")
            terminal.type("\r")
            await terminal.until(f"Not yet. {number}+1 = {number + 1}.")  # shown once the answer is on disk
            self.acknowledged.append(number)
            await asyncio.sleep(PAUSE)


async def press(terminal: Terminal, key: str, words: str) -> None:
    """Until the screen shows the words; again where the key was not taken, as people do."""
    while words not in terminal.text:
        terminal.type(key)
        try:
            await terminal.until(words, 1.0)
        except EndedError:
            raise
        except AssertionError:
            continue


class Guarded:
    """A class that is started again whenever its server has ended, as systemd would."""

    def __init__(self, home: Path) -> None:
        (home / "course").mkdir()
        (home / "course" / "sum.md").write_text(COURSE)
        self._home = home
        self.served = self._start(0)
        self._guard: asyncio.Task[None] | None = None

    def _start(self, port: int) -> Served:
        return serve(self._home, "--course", str(self._home / "course"), port=port)

    async def __aenter__(self) -> "Guarded":
        self._guard = asyncio.create_task(self._restart())
        return self

    async def __aexit__(self, *_error: object) -> None:
        assert self._guard is not None
        self._guard.cancel()
        await asyncio.gather(self._guard, return_exceptions=True)
        await asyncio.to_thread(self.served.end)

    async def _restart(self) -> None:
        while True:
            await until(lambda: self.served.process.poll() is not None, patience=1e9)
            if self.served.process.stdout is not None and not self.served.process.stdout.closed:
                self.served.process.stdout.close()
            try:
                self.served = await asyncio.to_thread(self._start, self.served.port)
            except AssertionError:  # it has not come up: once more, after a while
                await asyncio.sleep(1.0)

    def kill(self, what: str, dice: random.Random) -> None:
        """kill -9. After one of the forkserver another comes when a child is wanted: until then a session is killed."""
        victims = {"server": [self.served.process.pid], "forkserver": forkservers(self.served)}.get(what)
        os.kill(dice.choice(victims or sorted(sessions(self.served))), signal.SIGKILL)

    def check(self, learners: Sequence[Answering]) -> None:
        """The database is whole, and has every answer that was acknowledged until now."""
        acknowledged = {(each.name, number) for each in learners for number in each.acknowledged}
        with sqlite3.connect(self.served.folder / "class.db") as database:
            assert database.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
            rows = database.execute(
                "SELECT name, json_extract(data, '$.response') FROM event JOIN learner ON owner = learner.id "
                "WHERE kind = 'attempt'"
            ).fetchall()
        database.close()
        lost = acknowledged - {(name, int(response.removesuffix("+1"))) for name, response in rows}
        assert not lost, f"acknowledged and lost: {sorted(lost)}"


async def kill_at_random(
    guarded: Guarded, learners: Sequence[Answering], kills: int, seed: int
) -> list[float]:
    """Seconds after each kill until every learner has had another answer acknowledged."""
    dice = random.Random(seed)
    order = [WAYS[number % 3] for number in range(kills)]
    dice.shuffle(order)
    back: list[float] = []
    tasks = [asyncio.create_task(each.go_on(guarded)) for each in learners]
    try:
        for what in order:
            await _all_answer(learners, dice.randrange(1, 4))
            await until(lambda: sessions(guarded.served))
            guarded.kill(what, dice)
            back.append(await _all_answer(learners, 2))  # the first may have been on its way
            guarded.check(learners)
    finally:
        for each in learners:
            each.over = True
        await asyncio.gather(*tasks)
    return back


async def _all_answer(learners: Sequence[Answering], more: int) -> float:
    """Seconds until everybody has had so many more answers acknowledged."""
    counts = {each.name: len(each.acknowledged) + more for each in learners}

    def waiting() -> list[Answering]:
        return [each for each in learners if len(each.acknowledged) < counts[each.name]]

    try:
        return await until(lambda: not waiting())
    except AssertionError:
        raise AssertionError(
            [f"{each.name} did not come back: {each.trouble}" for each in waiting()]
        ) from None
