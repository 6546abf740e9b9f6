import subprocess
import sys
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.progress.events import LEARNER, OTHER, random_events
from tutor.progress import Event, Progress, ProgressError, ProgressStore, derive, open_store
from tutor.progress.events import MAX_DATA


@pytest.fixture(params=["file", "memory"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[ProgressStore]:
    with open_store(tmp_path / "deep" / "progress.db" if request.param == "file" else None) as opened:
        yield opened


def test_what_is_recorded_is_there(store: ProgressStore) -> None:
    assert store.progress() == Progress()
    store.record("visit", "l", "s")
    told = store.record("attempt", "l", "s", "q", response="γ = 0.9", right=True, hints=1)
    assert store.events()[-1] == told
    assert store.progress().lesson("l").question("q").last_response == "γ = 0.9"
    assert store.progress() == derive(store.events())


def test_the_clock_is_one_more_than_all_that_is_known(store: ProgressStore) -> None:
    assert [store.record("visit", "l", "s").clock for _ in range(3)] == [1, 2, 3]
    foreign = store.events()[0]._replace(id="f" * 32, clock=40)
    assert store.add([foreign]) == (1, False)
    assert store.record("visit", "l", "s").clock == 41


def test_a_progress_once_taken_never_changes(store: ProgressStore) -> None:
    store.record("visit", "l", "s1")
    before = store.progress()
    store.record("visit", "l", "s2")
    assert before.lesson("l").steps_read == {"s1"}
    assert store.progress().lesson("l").steps_read == {"s1", "s2"}


def test_unsound_events_are_no_progress(store: ProgressStore) -> None:
    with pytest.raises(ProgressError, match="not saved: attempt without a sound 'right'"):
        store.record("attempt", "l", "s", "q", response="1", hints=0)
    assert store.events() == []


def test_data_that_is_too_big_is_refused_kindly(store: ProgressStore) -> None:
    with pytest.raises(ProgressError, match="not saved") as caught:
        store.record("draft", "l", "s", "q", response="x" * MAX_DATA)
    assert caught.value.reason == "unsound"


def test_a_reset_of_everything(store: ProgressStore) -> None:
    store.record("visit", "l", "s")
    store.record("reset")
    assert store.progress() == Progress()
    assert len(store.events()) == 2


def test_everything_is_there_after_opening_again(tmp_path: Path) -> None:
    with open_store(tmp_path / "p.db") as store:
        store.record("attempt", "l", "s", "q", response=[1, 2], right=False, hints=0)
        learner, progress = store.learner, store.progress()
    with open_store(tmp_path / "p.db") as store:
        assert (store.learner, store.progress()) == (learner, progress)


def test_two_open_stores_of_one_file_see_each_other(tmp_path: Path) -> None:
    with open_store(tmp_path / "p.db") as one, open_store(tmp_path / "p.db") as two:
        one.record("visit", "l", "s1")
        assert two.progress().lesson("l").position == "s1"
        two.record("visit", "l", "s2")
        assert one.progress().lesson("l").position == "s2"
        assert [event.clock for event in one.events()] == [1, 2]


def test_two_files_in_one_process_stay_apart(tmp_path: Path) -> None:
    with open_store(tmp_path / "a.db") as one, open_store(tmp_path / "b.db") as two:
        one.record("visit", "l", "s1")
        two.record("visit", "m", "s1")
        assert set(one.progress().lessons) == {"l"}
        assert set(two.progress().lessons) == {"m"}
        assert one.learner != two.learner


def test_learners_who_share_a_file_stay_apart(tmp_path: Path) -> None:
    with (
        open_store(tmp_path / "p.db", learner_hint=LEARNER) as one,
        open_store(tmp_path / "p.db", learner_hint=OTHER) as two,
    ):
        event = one.record("visit", "l", "s1")
        assert event.learner == LEARNER
        assert two.progress() == Progress()
        assert two.record("visit", "m", "s1").clock == 1
        assert set(one.progress().lessons) == {"l"}
        assert two.add([event]) == (1, False)
        assert set(two.progress().lessons) == {"l", "m"}


def test_a_new_file_becomes_the_learners_who_is_given(tmp_path: Path) -> None:
    open_store(tmp_path / "p.db", learner_hint=LEARNER).close()
    with open_store(tmp_path / "p.db") as store:
        assert store.learner == LEARNER


def test_a_time_of_day_set_back_changes_no_order(tmp_path: Path) -> None:
    times = iter([datetime(2026, 5, 1, tzinfo=UTC), datetime(2025, 5, 1, tzinfo=UTC)])
    with open_store(tmp_path / "p.db", clock=lambda: next(times)) as store:
        store.record("visit", "l", "s1")
        store.record("visit", "l", "s2")
        assert store.progress().lesson("l").position == "s2"
        assert store.events()[1].at == "2025-05-01T00:00:00.000Z"


@given(random_events(), st.lists(st.integers(0, 25), max_size=4))
def test_growing_by_parts_gives_what_all_at_once_gives(events: list[Event], cuts: list[int]) -> None:
    store = open_store(None, learner_hint=LEARNER)
    for start, end in zip([0, *sorted(cuts)], [*sorted(cuts), len(events)], strict=True):
        store.add(events[start:end])
        assert store.progress() == derive(events[:end])


def test_every_commit_waits_for_the_disk(tmp_path: Path) -> None:
    with open_store(tmp_path / "p.db") as store:
        database: Any = vars(vars(store)["_log"])["_writer"]._database
        assert (database.synchronous, database.journal_mode) == (2, "wal")  # 2 is FULL


def test_ids_are_kept_to_the_letter(store: ProgressStore) -> None:
    store.record("visit", "Mon cours  nº 1 — γ", "l'été")
    assert store.progress().lesson("Mon cours  nº 1 — γ").position == "l'été"


def test_a_closed_store_says_so_and_blames_no_file(tmp_path: Path) -> None:
    store = open_store(tmp_path / "p.db")
    store.record("visit", "l", "s")
    store.close()
    with pytest.raises(Exception, match=r"closed|not opened") as caught:
        store.progress()
    assert not isinstance(caught.value, ProgressError)
    with pytest.raises(Exception, match=r"closed|not opened") as caught:
        store.record("visit", "l", "s")
    assert not isinstance(caught.value, ProgressError)


def test_a_learner_is_32_hexadecimal_digits(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="hexadecimal"):
        open_store(tmp_path / "p.db", learner_hint="ada")


def test_threads_may_write_and_read_at_once(tmp_path: Path) -> None:
    with open_store(tmp_path / "p.db") as store:
        seen: list[int] = []

        def write(name: str) -> None:
            for number in range(25):
                store.record("visit", name, f"s{number}")

        def read() -> None:
            for _ in range(100):
                seen.append(sum(len(lesson.steps_read) for lesson in store.progress().lessons.values()))

        threads = [threading.Thread(target=write, args=(f"l{n}",)) for n in range(3)]
        threads += [threading.Thread(target=read) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert max(seen) <= 75
        assert [event.clock for event in store.events()] == list(range(1, 76))
        assert store.progress() == derive(store.events())


def test_events_that_differ_under_one_id_are_refused_as_a_whole(store: ProgressStore) -> None:
    event = store.record("visit", "l", "s1")
    other = event._replace(id="e" * 32)
    with pytest.raises(ProgressError, match=event.id):
        store.add([other, event._replace(step="s2")])
    assert store.events() == [event]


def test_more_events_than_one_statement_holds(store: ProgressStore) -> None:
    first = store.record("visit", "l", "s")
    more = [first._replace(id=f"{n:032x}", clock=n) for n in range(2, 1300)]
    assert store.add(more) == (1298, False)
    assert store.add(more) == (0, False)
    assert len(store.events()) == 1299


def test_importing_and_reading_need_no_database_library(tmp_path: Path) -> None:
    with open_store(tmp_path / "p.db") as store:
        store.record("visit", "l", "s")
    code = """
import sys
from pathlib import Path
from typing import Any
import tutor.progress
with tutor.progress.open_store(Path(sys.argv[1])) as store:
    assert store.progress().last_lesson == "l"
assert "peewee" not in sys.modules
"""
    subprocess.run([sys.executable, "-c", code, str(tmp_path / "p.db")], check=True)


def test_moments_are_written_in_utc_to_the_millisecond(tmp_path: Path) -> None:
    from datetime import timezone

    noon = datetime(2026, 1, 31, 14, 0, 0, 5999, tzinfo=timezone(timedelta(hours=2)))
    with open_store(tmp_path / "p.db", clock=lambda: noon) as store:
        assert store.record("visit", "l", "s").at == "2026-01-31T12:00:00.005Z"


def test_a_second_store_of_one_process_leaves_the_locks_of_the_first(tmp_path: Path) -> None:
    """Closing any descriptor of a file gives up the process's locks on it (fcntl(2)); without them another process
    takes itself for the last one, and removes the log that the first goes on writing to."""
    file = tmp_path / "progress.db"
    look = f"import sqlite3; sqlite3.connect({str(file)!r}).execute('SELECT * FROM event').fetchall()"  # noqa: S608
    with open_store(file) as first:
        first.record("visit", "l", "s")
        with open_store(file) as second:
            assert second.events()
        subprocess.run([sys.executable, "-c", look], check=True)
        assert Path(f"{file}-wal").exists()
        first.record("visit", "l", "t")
        with open_store(file) as second:
            assert [event.step for event in second.events()] == ["s", "t"]
