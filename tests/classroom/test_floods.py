"""Strangers in numbers: honest learners of other addresses still get in, the address is slowed, the log says so.

500 handshakes at once, against doors narrower than the defaults; 120 wrong codes, for the handshakes of 5,000 take a
minute of CPU: `python -m tests.benchmarks.classroom_attacks codes` tries so many, `… connections` the default doors.
"""

import json
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.benchmarks.classroom import join_everybody
from tests.classroom.flooding import comes_in, first_page, flood, guessers
from tests.classroom.processes import until
from tests.classroom.served import Served, serve
from tutor.classroom import audit
from tutor.classroom.attempts import ADDRESS, PLACE
from tutor.classroom.audit import Audit, Often
from tutor.classroom.door import Door
from tutor.classroom.limits import Limits

SOON = (
    9.0  # seconds: three times what `classroom_attacks` holds to, for the rest of the suite runs beside these
)
LIMITS = "connections = 60\nconnections_per_address = 30\npool = 2\n"


class Class:
    def __init__(self, home: Path) -> None:
        ((self.name, *_), key) = join_everybody(home, 1)
        self.key = asyncssh.import_private_key(key)
        self.served: Served = serve(home, limits=LIMITS)

    def refused(self) -> list[dict[str, Any]]:
        return [line for line in map(json.loads, self.served.log().splitlines()) if line["what"] == "refused"]


@pytest.fixture(scope="module")
def narrow(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    running = Class(tmp_path_factory.mktemp("floods"))
    yield running
    assert running.served.end() == 0


@pytest.mark.parametrize(
    ("slow", "why"),
    [
        ({"127.0.0.9": 500}, "too many connections"),  # more than an address may have
        (
            {f"127.0.0.{number}": 100 for number in range(2, 7)},
            "too many connections, and most of this address",
        ),
    ],
)
async def test_slow_handshakes_of_one_address_and_of_five_keep_no_learner_out(
    narrow: Class, slow: dict[str, int], why: str
) -> None:
    def crowded() -> set[str]:
        return {line["address"] for line in narrow.refused() if line["why"] == why}

    async with flood(narrow.served, slow=slow):
        took = [await comes_in(narrow.served, narrow.name, narrow.key)]
        await until(crowded)
        took += [await comes_in(narrow.served, narrow.name, narrow.key) for _ in range(2)]
    print(f"\nslow handshakes of {len(slow)} addresses: in after {max(took):.1f} s")
    assert max(took) < SOON
    assert crowded() <= set(slow)
    assert len(narrow.refused()) <= 2 * len(slow)  # one line each, and perhaps a sum


async def test_wrong_codes_of_one_address_are_slowed_and_keep_no_learner_of_another_out(
    narrow: Class,
) -> None:
    async with flood(narrow.served, guesses={"127.0.0.3": 120}):
        await until(lambda: any(line.get("wait", 0) > 1 for line in narrow.refused()))
        took = await comes_in(narrow.served, narrow.name, narrow.key)
        print(f"\nwrong codes: in after {took:.1f} s")
        assert took < SOON
    wrong = [line for line in narrow.refused() if line["why"] == "wrong join code"]
    assert {line["address"] for line in wrong} == {"127.0.0.3"}
    assert len(wrong) <= 60  # of 120: the address is slowed
    assert max(line["wait"] for line in wrong) <= 5  # and the log says by how much


def wrong_codes(served: Served) -> int:
    return served.log().count('"why": "wrong join code"')


async def test_a_first_visit_from_the_address_of_thirty_who_guess_takes_no_longer(served: Served) -> None:
    """They sit behind one router with the class; half of them connect anew after every code.

    `python -m tests.benchmarks.classroom_attacks neighbours` measures it with nothing beside it.
    """
    here, others = "127.0.0.5", wrong_codes(served)
    async with guessers(served, here, [f"guess{number}" for number in range(30)]):
        await until(lambda: wrong_codes(served) > others + 30)
        before, start = wrong_codes(served), time.monotonic()
        took = [await first_page(served, f"honest{number}", served.code, here) for number in range(3)]
        guessed, seconds = wrong_codes(served) - before, time.monotonic() - start
    print(
        f"\nthirty guess from here: in after {max(took):.1f} s, {guessed / seconds:.1f} wrong codes a second"
    )
    assert max(took) < SOON
    assert guessed <= seconds / ADDRESS.gap + 1


async def test_a_name_that_is_being_guessed_is_slowed_at_that_address_and_nowhere_else(
    served: Served,
) -> None:
    here, there, others = "127.0.0.6", "127.0.0.7", wrong_codes(served)
    async with guessers(served, here, ["honest"] * 3):
        await until(lambda: wrong_codes(served) > others + 8)
        before, start = wrong_codes(served), time.monotonic()
        elsewhere = await first_page(served, "honest", served.code, there)
        beside = await first_page(served, "honest", served.code, here)
        guessed, seconds = wrong_codes(served) - before, time.monotonic() - start
    print(
        f"\nthree guess this name: in after {elsewhere:.1f} s from elsewhere, {beside:.1f} s from beside them"
    )
    assert elsewhere < SOON
    assert beside < 4 * PLACE.gap + SOON  # each of them first, at the worst
    assert guessed <= seconds / PLACE.gap + 1 + PLACE.free  # a right code makes the name new


def test_who_is_let_in_no_longer_counts_at_the_door_and_who_has_most_places_gives_one() -> None:
    door = Door(Limits(connections=10, connections_per_address=6))
    left: list[str] = []

    def leave(name: str) -> Any:
        def leaves() -> None:
            left.append(name)
            door.gone(name[0], leaves)

        return leaves

    callers = {
        name: leave(name) for name in [*(f"a{n}" for n in range(7)), *(f"b{n}" for n in range(4)), "c0"]
    }
    knocked = {name: door.knock(name[0], caller) for name, caller in callers.items()}
    assert knocked == {name: name != "a6" for name in callers}  # its address has six already
    assert left == ["a0"]  # ten were there when c0 came: the oldest of those who have most
    door.gone("b", callers["b0"])
    assert door.knock("a", callers["a6"])
    assert not door.knock("a", callers["a0"])


async def test_of_lines_that_are_the_same_the_first_and_a_sum_are_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def written() -> list[tuple[str, int | None]]:
        lines = map(json.loads, (tmp_path / "audit.log").read_text().splitlines())
        return [(line["address"], line.get("times")) for line in lines]

    often = Often(Audit(tmp_path / "audit.log"))
    for address in ("a", "b", "a", "a"):
        often.write("refused", why="too many connections", address=address)
    assert written() == [("a", None), ("b", None)]
    often.close()
    assert written()[2:] == [("a", 2)]
    monkeypatch.setattr(audit, "EVERY", 0.01)
    for _ in range(100):
        often.write("refused", why="too many connections", address="c")
    await until(lambda: len(written()) == 5)  # without a further line, once the time is over
    assert written()[3:] == [("c", None), ("c", 99)]
    often.write("refused", why="too many connections", address="c")
    assert written()[5:] == [("c", None)]  # and anew
