"""Whole runs: short ones here, long ones in a process, and nobody waits for one that is not wanted any more."""

import threading
from collections.abc import Iterator

import pytest

from tutor.experiments import ParameterError, all_frames, cached_frames, run
from tutor.experiments import long_runs as module
from tutor.experiments.long_runs import LongRuns, long_runs_elsewhere
from tutor.experiments.running import RunStoppedError, heard_by

LONG = {"seeds": 400, "episodes": 100_000}  # of sarsa: minutes


@pytest.fixture
def long_runs() -> Iterator[LongRuns]:
    made = LongRuns()
    yield made
    made.close()


def numbers(frames: object) -> list[tuple[str, int, dict[str, list[float]]]]:
    return [
        (f.series, f.update, {name: values.tolist() for name, values in f.metrics.items()})
        for f in frames  # type: ignore[attr-defined]
    ]


def test_a_short_run_needs_no_process(long_runs: LongRuns) -> None:
    assert numbers(long_runs.frames("policy-return", {})) == numbers(run("policy-return", {}))
    assert long_runs._worker is None


def test_a_long_run_is_made_in_the_process_and_is_the_same(
    long_runs: LongRuns, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "SHORT", 0.0)
    given = {"episodes": 5, "seeds": 2}
    assert numbers(long_runs.frames("sarsa", given)) == numbers(run("sarsa", given))
    assert long_runs._worker is not None
    assert long_runs._worker.pid is not None


@pytest.mark.parametrize("short", [0.0, 60.0], ids=["in the process", "here"])
def test_who_waits_is_told_how_far_it_is(
    long_runs: LongRuns, monkeypatch: pytest.MonkeyPatch, short: float
) -> None:
    monkeypatch.setattr(module, "SHORT", short)
    told: list[tuple[str, int]] = []
    token = heard_by.set(lambda id, _parameters, update: told.append((id, update)))
    try:
        long_runs.frames("policy-return", {})
        last = numbers(long_runs.frames("sarsa", {"episodes": 5}))[-1][1]
    finally:
        heard_by.reset(token)
    assert told[-1] == ("sarsa", last)


def test_a_wrong_parameter_is_said_as_ever(long_runs: LongRuns) -> None:
    with pytest.raises(ParameterError, match="gamma"):
        long_runs.frames("sarsa", {"gamma": 2})


def test_it_ends_when_nobody_waits_any_more(long_runs: LongRuns) -> None:
    stop, found = threading.Event(), []
    thread = threading.Thread(target=lambda: found.append(long_runs.frames("sarsa", LONG, stop)))
    thread.start()
    stop.set()
    thread.join(20)
    assert found == [None]


def test_closing_ends_what_is_waited_for_and_its_process() -> None:
    made, found = LongRuns(), []
    thread = threading.Thread(target=lambda: found.append(made.frames("sarsa", LONG)))
    thread.start()
    while made._worker is None:
        thread.join(0.01)
    made.close()
    thread.join(20)
    assert found == [None]
    assert made._worker.pid is None


def test_within_it_all_whole_runs_go_through_it_and_a_stopped_one_is_not_kept() -> None:
    with long_runs_elsewhere() as made:
        assert all_frames("policy-return", {"gamma": 0.25}) is not None
        made.close()
        with pytest.raises(RunStoppedError):
            cached_frames("policy-return", {"gamma": 0.123})
    assert cached_frames("policy-return", {"gamma": 0.123})
