"""Names and codes, and what wrong codes cost."""

import asyncio
from itertools import cycle
from time import monotonic

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.classroom.attempts import ADDRESS, PLACE, Attempts
from tutor.classroom.codes import JOIN_SIGNS, PERSONAL_SIGNS, SIGNS, hashed, is_name, is_right, new_code


@pytest.mark.parametrize("name", ["a", "alice", "a1", "anna.smith", "x_y-z", "a" * 32])
def test_names_of_people(name: str) -> None:
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "Alice",
        "1a",
        "-a",
        ".a",
        "a b",
        "a/b",
        "../a",
        "a\n",
        "a" * 33,
        "é",
        "a\x1b[2J",
        "root;ls",
        "a%00",
    ],
)
def test_names_that_lead_elsewhere_are_none(name: str) -> None:
    assert not is_name(name)


def test_a_code_is_right_however_it_is_typed_and_nothing_else_is() -> None:
    code = new_code(PERSONAL_SIGNS)
    kept = hashed(code)
    assert code not in kept
    assert code.replace("-", "") not in kept
    for typed in (code, code.lower(), code.replace("-", ""), f" {code.replace('-', ' ')} "):
        assert is_right(typed, kept)
    for typed in ("", code[:-1], f"{code}A", code[::-1], "x" * 10_000):
        assert not is_right(typed, kept)
    assert not is_right(code, "")
    assert not is_right(code, "no hash")


def test_codes_are_drawn_from_signs_that_cannot_be_mistaken() -> None:
    drawn = [new_code(JOIN_SIGNS) for _ in range(200)]
    assert len(set(drawn)) == len(drawn)
    assert set("".join(drawn)) <= {*SIGNS, "-"}
    assert not set("01OIL") & set(SIGNS)
    assert all(len(code) == 9 and code[4] == "-" for code in drawn)


@given(st.text(max_size=80))
def test_whatever_is_typed_is_judged_and_never_raises(text: str) -> None:
    assert is_right(text, "$argon2id$broken") is False


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


HERE, THERE = "10.0.0.1", "10.0.0.2"


@pytest.mark.parametrize(
    ("names", "costs"),
    [
        (["ada"], [0, 0, 0, 1, 2, 4, 8, 15, 15]),  # a name at an address
        (
            [f"name{number}" for number in range(40)],
            [0] * 20 + [1, 2, 4, 5, 5],
        ),  # an address: a class may share one
    ],
)
def test_every_wrong_code_beyond_the_free_ones_costs_twice_as_long(
    names: list[str], costs: list[float]
) -> None:
    attempts = Attempts(Clock())
    assert [attempts.wrong(HERE, name) for name, _ in zip(cycle(names), costs, strict=False)] == costs


def test_a_name_that_is_tried_everywhere_costs_too_and_others_are_not_slowed() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    costs = [attempts.wrong(f"10.0.1.{number}", "ada") for number in range(25)]
    assert costs == [0] * 20 + [1, 2, 4, 5, 5]
    assert attempts.wrong(HERE, "grace") == 0
    attempts.right(HERE, "ada")
    assert attempts.wrong(HERE, "ada") == 0
    clock.now += 901  # forgotten after a quarter of an hour without one
    assert attempts.wrong("10.0.1.0", "ada") == 0


def test_whoever_has_one_right_code_does_not_make_their_address_new() -> None:
    attempts = Attempts(Clock())
    for number in range(30):
        attempts.wrong(HERE, f"name{number}")
        attempts.right(HERE, "ada")
    assert attempts.wrong(HERE, "other") == 5


async def test_who_has_failed_least_goes_first_and_then_who_has_waited_longest() -> None:
    attempts = Attempts()
    went: list[str] = []

    async def try_(who: str, failed: int) -> None:
        async with attempts.turn(HERE, who, failed):
            went.append(who)
            await asyncio.sleep(0)

    async with asyncio.TaskGroup() as group:
        for who, failed in (("a", 2), ("b", 2), ("c", 0), ("d", 1), ("e", 0)):
            group.create_task(try_(who, failed))
    assert went == ["a", "c", "e", "d", "b"]  # a found nobody


async def test_whoever_leaves_while_they_wait_or_have_their_turn_keeps_nobody_waiting() -> None:
    attempts = Attempts()

    async def try_(inside: asyncio.Event | None = None) -> None:
        async with attempts.turn(HERE, "ada", 0):
            if inside:
                inside.set()
                await asyncio.Event().wait()

    inside = asyncio.Event()
    holds, waits, last = (asyncio.create_task(try_(event)) for event in (inside, None, None))
    await inside.wait()
    waits.cancel()
    holds.cancel()
    await asyncio.wait_for(last, 10)


async def test_an_address_that_guesses_gets_its_codes_one_after_another_however_often_it_connects() -> None:
    """Fifteen a second, and one in two seconds under a name; others have no part in it."""
    attempts = Attempts()
    for number in range(25):
        attempts.wrong(HERE, f"name{number}")
    start = monotonic()

    async def guess(address: str, name: str) -> float:
        async with attempts.turn(address, name, 0):
            attempts.wrong(address, name)
            return monotonic() - start

    took = await asyncio.gather(*(guess(HERE, f"new{number}") for number in range(16)), guess(THERE, "new0"))
    assert took[-1] < took[8]
    assert took[15] >= 15 * ADDRESS.gap - 0.01
    assert attempts.wait(HERE, "new0") == 0
    for _ in range(5):
        attempts.wrong(HERE, "ada")
    await guess(HERE, "ada")
    assert attempts.wait(HERE, "ada") == pytest.approx(PLACE.gap, abs=0.5)
    assert attempts.wait(THERE, "ada") == 0


def test_many_addresses_do_not_fill_the_memory() -> None:
    attempts = Attempts(Clock())
    for number in range(30_000):
        attempts.wrong(f"address {number}", "ada")
    assert len(attempts._records) == 10_000


def test_addresses_of_one_ipv6_network_are_one() -> None:
    attempts = Attempts(Clock())
    costs = [attempts.wrong(f"2001:db8::{number:x}", f"name{number}") for number in range(22)]
    assert costs[-2:] == [1, 2]
    assert attempts.wrong("2001:db8:0:1::1", "other") == 0
    assert attempts.wrong("::ffff:10.0.0.7", "more") == 0
    assert attempts.wrong("fe80::1%eth0", "others") == 0
