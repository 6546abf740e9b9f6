"""What the workers of pytest-xdist divide: nothing is lost, and each share begins with its part of the long tests."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.workers import LONG, ROOT, long_ones_first


def config(number: int, count: int) -> pytest.Config:
    return cast(pytest.Config, SimpleNamespace(workerinput={"workerid": f"gw{number}", "workercount": count}))


def items_of(sizes: dict[str, int]) -> list[pytest.Item]:
    """So many tests of each module."""
    named: list[Any] = [
        SimpleNamespace(path=ROOT / "tests" / module, number=number)
        for module, size in sizes.items()
        for number in range(size)
    ]
    return named


MODULES = {"a.py": 9, "lessons/b.py": 3, "lessons/c.py": 5, "d.py": 20, LONG[2]: 1, "tui/e.py": 7}


@pytest.mark.parametrize("count", [1, 2, 3, 4, 50])
def test_every_test_is_dealt_once_and_each_worker_deals_the_same(count: int) -> None:
    before = items_of(MODULES)
    dealt = before.copy()
    long_ones_first(config(0, count), dealt)
    assert len(dealt) == len(before)
    assert all(any(item is other for other in dealt) for item in before)
    other = before.copy()
    long_ones_first(config(count - 1, count), other)
    assert dealt == other


def test_each_of_two_shares_begins_with_long_tests_in_their_order() -> None:
    items = items_of(MODULES)
    long_ones_first(config(0, 2), items)
    names = [cast(Path, item.path).name for item in items]
    assert names[:4] == ["b.py"] * 3 + ["test_monkey.py"]
    assert names[22:27] == ["c.py"] * 5, "of 45 tests the first worker gets 22"
    assert {names[21], names[27]} == {"d.py"}


def test_without_workers_nothing_is_moved() -> None:
    items = items_of(MODULES)
    before = items.copy()
    long_ones_first(cast(pytest.Config, SimpleNamespace()), items)
    assert items == before


def test_what_is_called_long_exists() -> None:
    assert all((ROOT / "tests" / place).exists() for place in LONG)
