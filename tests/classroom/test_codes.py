"""Names and codes, and what wrong codes cost."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.classroom.attempts import ADDRESS, NAME, Attempts, Rule, address_key, name_key
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


@pytest.mark.parametrize(
    ("key", "other", "rule", "costs"),
    [
        (name_key("ada"), name_key("grace"), NAME, [1, 2, 4, 8, 16, 32, 60]),
        (address_key("10.0.0.1"), address_key("10.0.0.2"), ADDRESS, [1, 2, 4, 5]),  # a class may share one
    ],
)
def test_every_wrong_code_beyond_the_free_ones_costs_twice_as_long(
    key: str, other: str, rule: Rule, costs: list[float]
) -> None:
    clock = Clock()
    attempts = Attempts(clock)
    waits = []
    for _ in range(rule.free + 1 + len(costs)):
        waits.append(attempts.wait(key))
        clock.now += waits[-1]
        attempts.wrong(key)
    assert waits == [*[0] * (rule.free + 1), *costs]
    assert attempts.wait(other) == 0  # others are not slowed
    assert attempts.wait(other, key) == rule.longest
    clock.now += 3
    assert attempts.wait(key) == pytest.approx(rule.longest - 3)
    attempts.right(key)
    assert attempts.wait(key) == 0


def test_a_code_that_was_right_after_all_costs_nothing() -> None:
    attempts = Attempts(Clock())
    for _ in range(50):  # a class that comes at once, from one address
        attempts.wrong(address_key("10.0.0.1"))
        attempts.forgive(address_key("10.0.0.1"))
    assert attempts.wait(address_key("10.0.0.1")) == 0


def test_many_addresses_do_not_fill_the_memory() -> None:
    attempts = Attempts(Clock())
    for number in range(30_000):
        attempts.wrong(f"address {number}")
    assert len(attempts._records) == 10_000
