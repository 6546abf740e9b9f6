"""A worker whose processes another lends: what is said to one that is only just coming arrives in order."""

import threading
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection, Pipe
from typing import Any

import pytest

from tutor.experiments import lending as module
from tutor.experiments.lending import borrow_from
from tutor.experiments.worker import Worker

PATIENCE = 10.0


class Lender:
    """Lends the one end of a pipe when it is told to."""

    def __init__(self) -> None:
        self.theirs, self._ours = Pipe()

    def borrow(self, torch: bool, came: Callable[[Connection | None], None], placed: Any) -> Any:
        self.lend = lambda: came(self._ours)
        return self

    def rest(self) -> None:
        pass

    work = give_back = rest


@pytest.fixture
def lender() -> Iterator[Lender]:
    lender = Lender()
    borrow_from(lender)
    yield lender
    borrow_from(None)


def test_what_is_said_while_the_process_comes_is_said_after_the_run(
    lender: Lender, monkeypatch: pytest.MonkeyPatch
) -> None:
    starts, said = threading.Event(), threading.Event()

    class Late(threading.Thread):
        """Has started only once the other thread has had its turn, as happens on a busy machine."""

        def start(self) -> None:
            starts.set()
            said.wait(PATIENCE)
            super().start()

    monkeypatch.setattr(module, "Thread", Late)
    run = Worker().run("sarsa", {}, paused=True)
    comes = threading.Thread(target=lender.lend)
    comes.start()
    assert starts.wait(PATIENCE)
    run.step(3)
    said.set()
    comes.join(PATIENCE)
    assert [lender.theirs.recv()[1] for _ in range(2)] == ["run", "step"]
    lender.theirs.close()
