"""Runs in a process of their own: what they give, how they are steered, what comes of their death."""

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from threading import Condition

import numpy as np
import pytest

from tutor.experiments import Frame, run
from tutor.experiments.worker import Worker
from tutor.experiments.worker_run import Run
from tutor.rl.changes import Change

LONG = {"grid": "cliff", "policy": "random", "steps": 2000}
PATIENCE = 60.0  # seconds until a test gives up


class Watch:
    """Waits for what a run reports from its thread."""

    def __init__(self) -> None:
        self._heard = Condition()

    def __call__(self, _run: Run) -> None:
        with self._heard:
            self._heard.notify_all()

    def until(self, holds: Callable[[], bool]) -> None:
        with self._heard:
            assert self._heard.wait_for(holds, PATIENCE)


@pytest.fixture
def worker() -> Iterator[Worker]:
    one = Worker()
    yield one
    one.close()


def test_it_gives_what_a_run_here_gives_to_the_last_bit(worker: Worker):
    watch = Watch()
    parameters = {"grid": "mouse", "policy": "random", "seeds": 5}
    there = worker.run("episode", parameters, changed=watch)
    watch.until(lambda: there.ended)
    here = list(run("episode", parameters))
    assert there.state == "done"
    assert [(f.series, f.update) for f in there.frames] == [(f.series, f.update) for f in here]
    for far, near in zip(there.frames, here, strict=True):
        assert far.metrics.keys() == near.metrics.keys()
        assert all(np.array_equal(far.metrics[name], near.metrics[name]) for name in near.metrics)


def test_it_stands_back_behind_the_screen(worker: Worker):
    watch = Watch()
    made = worker.run("episode", LONG, changed=watch, paused=True)
    watch.until(lambda: bool(made.frames))
    assert worker.pid is not None
    ours, its = (os.getpriority(os.PRIO_PROCESS, pid) for pid in (0, worker.pid))
    assert its > ours or ours == 19  # the last there is


def test_it_pauses_steps_and_goes_on(worker: Worker):
    watch = Watch()
    there = worker.run("episode", LONG, changed=watch, paused=True)
    watch.until(lambda: len(there.frames) == 1)
    there.step(3)
    watch.until(lambda: len(there.frames) == 4)
    assert there.state == "paused"
    there.step()
    watch.until(lambda: len(there.frames) == 5)
    there.resume()
    watch.until(lambda: there.ended)
    assert [frame.update for frame in there.frames] == list(range(len(there.frames)))
    assert there.state == "done"


def test_another_run_takes_the_place_of_the_first(worker: Worker):
    watch = Watch()
    first = worker.run("episode", LONG, changed=watch, paused=True)
    watch.until(lambda: len(first.frames) == 1)
    second = worker.run("policy-return", {"grid": "mouse"}, changed=watch)
    watch.until(lambda: second.ended)
    assert first.state == "stopped"
    assert len(first.frames) == 1
    assert [frame.series for frame in second.frames] == ["policy-return"]


def test_a_stopped_run_keeps_its_frames_and_takes_no_orders(worker: Worker):
    watch = Watch()
    there = worker.run("episode", LONG, changed=watch, paused=True)
    watch.until(lambda: len(there.frames) == 1)
    there.stop()
    there.resume()
    assert there.state == "stopped"
    again = worker.run("policy-return", {}, changed=watch)
    watch.until(lambda: again.ended)
    assert len(there.frames) == 1


def test_wrong_parameters_are_said_in_one_line(worker: Worker):
    watch = Watch()
    there = worker.run("episode", {"slip": 3}, changed=watch)
    watch.until(lambda: there.ended)
    assert (there.state, there.traceback) == ("failed", "")
    assert there.problem == "slip is '3'; it must be a number between 0 and 1"
    unknown = worker.run("nothing", {}, changed=watch)
    watch.until(lambda: unknown.ended)
    assert unknown.problem.startswith("there is no experiment 'nothing'")


def test_a_killed_process_is_told_and_the_next_run_has_a_new_one(worker: Worker):
    watch = Watch()
    there = worker.run("episode", LONG, changed=watch, paused=True)
    watch.until(lambda: len(there.frames) == 1)
    assert worker.pid is not None
    os.kill(worker.pid, signal.SIGKILL)
    watch.until(lambda: there.ended)
    assert there.state == "dead"
    assert there.problem == "the process of this run died (signal 9); what it had done is kept"
    assert len(there.frames) == 1
    again = worker.run("policy-return", {}, changed=watch)
    watch.until(lambda: again.ended)
    assert again.state == "done"


def test_closing_ends_the_process_in_the_midst_of_its_work():
    worker, watch = Worker(), Watch()
    there = worker.run("episode", LONG, changed=watch, paused=True)
    watch.until(lambda: len(there.frames) == 1)
    pid = worker.pid
    worker.close()
    assert pid is not None
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)
    assert there.state == "stopped"


PARENT = """
import os, signal, sys, threading
from tutor.experiments.worker import Worker
worker, ready = Worker(), threading.Event()
worker.run("episode", {"grid": "cliff", "steps": 2000}, changed=lambda run: ready.set(), speed=1)
ready.wait(60)
print(worker.pid, flush=True)
os.kill(os.getpid(), signal.SIGKILL)
"""


def test_no_orphan_is_left_when_its_owner_is_killed():
    # The worker holds the other end of this pipe as its parent's, so its end is the end of the file.
    read, write = os.pipe()
    code = f"import os; os.set_inheritable({write}, True)\n" + PARENT
    code = code.replace("worker, ready = Worker()", f"hold({write}); worker, ready = Worker()")
    code = code.replace("from tutor", HOLD + "from tutor", 1)
    owner = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, pass_fds=[write], timeout=PATIENCE, check=False
    )
    os.close(write)
    assert owner.returncode == -signal.SIGKILL
    with os.fdopen(read, "rb") as pipe:
        assert pipe.read() == b""  # every copy of the other end is closed: no process is left that held one


HOLD = """
import subprocess
started = subprocess.Popen
def hold(descriptor):
    subprocess.Popen = lambda *a, pass_fds=(), **k: started(*a, pass_fds=[*pass_fds, descriptor], **k)
"""


def test_a_change_holds_from_the_first_episode_that_has_not_begun(worker: Worker):
    """What came before is that of the run without it, and the run with it as a parameter is the same throughout."""
    watch = Watch()
    parameters = {"episodes": 30, "seeds": 2}
    there = worker.run("cliff", parameters, changed=watch, paused=True)
    there.step(12 * 4 - 1)
    watch.until(lambda: len(there.frames) == 12 * 4)  # 0 to 11 of each of the four curves
    there.change("epsilon", 0.9)
    watch.until(lambda: len(there.changes) == 1)
    assert there.changes == [Change(12, "epsilon", 0.9)]
    there.resume()
    watch.until(lambda: there.ended)
    again = list(run("cliff", {**parameters, "changes": "12:epsilon=0.9"}))
    assert [marks(frame) for frame in there.frames] == [marks(frame) for frame in again]
    without = list(run("cliff", parameters))
    same = [marks(one) == marks(other) for one, other in zip(there.frames, without, strict=True)]
    assert same.index(False) == 12 * 4
    assert all(same[: 12 * 4])


def marks(frame: Frame) -> tuple[object, ...]:
    return frame.series, frame.update, {name: values.tobytes() for name, values in frame.metrics.items()}
