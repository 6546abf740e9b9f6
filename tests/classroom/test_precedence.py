"""A session that keeps a core busy stands back behind those who type, and comes forward when it is calm."""

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tutor.classroom.precedence import BURST, LOOK_EVERY, MOST, SHARE, STANDS_BACK, Process

PATIENCE = 60.0
LOOP = "print(flush=True)\nwhile True: pass"


@pytest.fixture
def looping() -> Iterator[subprocess.Popen[bytes]]:
    """In a session of its own, as every learner's is."""
    with subprocess.Popen(
        [sys.executable, "-c", LOOP], stdout=subprocess.PIPE, start_new_session=True
    ) as program:
        assert program.stdout is not None
        program.stdout.readline()
        yield program
        program.kill()


def niceness(pid: int) -> int:
    return os.getpriority(os.PRIO_PROCESS, pid)


def niceness_of_session(pid: int) -> int:
    """Between the sessions of this machine; as that of the process where the kernel knows no such thing."""
    try:
        found = re.search(r"nice (-?\d+)", Path(f"/proc/{pid}/autogroup").read_text())
    except FileNotFoundError:
        return niceness(pid)
    assert found
    return int(found[1])


def run_until_back(process: Process) -> None:
    """Look at it until it stands back, as if no time passed: others may take most of this machine meanwhile."""
    end = time.monotonic() + PATIENCE
    while not process.stands_back and time.monotonic() < end:
        time.sleep(0.01)
        process.look(0.0)


def test_a_loop_stands_back_and_comes_forward_after_it_was_calm(looping: subprocess.Popen[bytes]) -> None:
    process = Process(looping.pid, comes_forward=True)
    run_until_back(process)
    assert (niceness(looping.pid), niceness_of_session(looping.pid)) == (STANDS_BACK, STANDS_BACK)
    looping.send_signal(signal.SIGSTOP)
    process.look(BURST)
    assert process.stands_back  # one look at calm is not enough
    process.look(MOST / SHARE)
    assert not process.stands_back
    if os.geteuid() == 0:
        assert niceness(looping.pid) == 0
    assert niceness_of_session(looping.pid) == 0


def test_who_could_not_come_forward_again_becomes_nice_after_a_long_time_only(
    looping: subprocess.Popen[bytes],
) -> None:
    process = Process(looping.pid, comes_forward=False)
    run_until_back(process)
    assert (niceness(looping.pid), niceness_of_session(looping.pid)) == (0, STANDS_BACK)
    process.count(MOST, 0.0)
    assert niceness(looping.pid) == STANDS_BACK


def test_who_types_without_a_pause_never_stands_back() -> None:
    """Ten keys a second that draw both plots, 22 ms each."""
    process = Process(os.getpid(), comes_forward=True)
    for look in range(1000):
        process.count(0.044 * (look % 2), LOOK_EVERY)
        assert not process.stands_back


def test_a_process_that_has_gone_is_no_concern(looping: subprocess.Popen[bytes]) -> None:
    process = Process(looping.pid, comes_forward=True)
    looping.kill()
    looping.wait()
    process.look(1.0)
    with pytest.raises(ProcessLookupError):
        Process(looping.pid, comes_forward=True)
