"""Names and codes, and what wrong codes cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.classroom.attempts import FREE, LONGEST, Attempts
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


def test_every_wrong_code_beyond_the_first_costs_twice_as_long() -> None:
    clock = Clock()
    attempts = Attempts(clock)
    waits = []
    for _ in range(FREE + 8):
        waits.append(attempts.wait("address 10.0.0.1"))
        clock.now += waits[-1]
        attempts.wrong("address 10.0.0.1")
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, LONGEST]
    assert attempts.wait("address 10.0.0.2") == 0  # others are not slowed
    assert attempts.wait("address 10.0.0.2", "address 10.0.0.1") == LONGEST
    clock.now += 20
    assert attempts.wait("address 10.0.0.1") == pytest.approx(LONGEST - 20)
    attempts.right("address 10.0.0.1")
    assert attempts.wait("address 10.0.0.1") == 0


def test_many_addresses_do_not_fill_the_memory() -> None:
    attempts = Attempts(Clock())
    for number in range(30_000):
        attempts.wrong(f"address {number}")
    assert len(attempts._records) == 10_000
