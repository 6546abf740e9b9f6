"""What the workers of pytest-xdist divide among themselves beside the tests."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import suppress
from importlib import import_module
from itertools import groupby, islice
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
LONG = ("lessons", "classroom", "tui/test_monkey.py", "tui/wire/test_session.py")  # tests of many seconds
SHARED = "served"  # the fixture of a class that a worker starts for all of its tests


def _place(config: pytest.Config) -> tuple[int, int] | None:
    """Which worker this is, of how many; None for a process that is no worker."""
    given = getattr(config, "workerinput", None)
    return None if given is None else (int(given["workerid"].removeprefix("gw")), given["workercount"])


def _asked_for(arguments: Sequence[str]) -> Iterator[Path]:
    """The test modules of the files and folders that were named."""
    for argument in arguments:
        path = Path(argument.partition("::")[0]).resolve()
        yield from path.rglob("test_*.py") if path.is_dir() else path.parent.glob(path.name)


def rewrite_once(config: pytest.Config) -> None:
    """Import this worker's share of the test modules before it collects them all. In a fresh clone pytest rewrites each
    module for its assertions, 10 s of CPU for them all, and keeps it in a cache: so each is rewritten by one worker.
    A module that cannot be imported is left to the collection, which says why."""
    place = _place(config)
    if place is None or sys.dont_write_bytecode:
        return
    number, count = place
    modules = sorted(set(_asked_for(config.args)), key=lambda path: (-path.stat().st_size, path))
    for path in modules[number::count]:
        with suppress(Exception, pytest.skip.Exception):
            import_module(".".join(path.relative_to(ROOT).with_suffix("").parts))


def long_ones_first(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Put modules of long tests at the head of the workers' shares. pytest-xdist cuts `items` into one share a
    worker and lets who is through take from another's end: the last that are left are short, and all end together."""
    place = _place(config)
    if place is None:
        return
    _, count = place
    modules = [(path, list(tests)) for path, tests in groupby(items, key=lambda item: item.path)]
    long = [tests for path, tests in modules if _is_long(path)]
    short = (item for path, tests in modules if not _is_long(path) for item in tests)
    dealt: list[pytest.Item] = []
    for number, head in enumerate(_heads(long, count)):
        share = (len(items) - len(dealt)) // (count - number)  # as pytest-xdist cuts
        dealt += head + list(islice(short, max(0, share - len(head))))
    items[:] = dealt + list(short)


def _heads(long: Sequence[list[pytest.Item]], count: int) -> Iterator[list[pytest.Item]]:
    """What each worker begins with: the first the modules whose tests share one served class, which so starts once."""
    sharing = [any(SHARED in getattr(item, "fixturenames", ()) for item in tests) for tests in long]
    others = [tests for tests, shares in zip(long, sharing, strict=True) if not shares]
    of_first = [tests for tests, shares in zip(long, sharing, strict=True) if shares]
    if count == 1 or not of_first:
        of_first, others = [], [*of_first, *others]
    rest = count - bool(of_first)
    for modules in ([of_first] if of_first else []) + [others[number::rest] for number in range(rest)]:
        yield [item for tests in modules for item in tests]


def _is_long(path: Path) -> bool:
    return any(path.is_relative_to(ROOT / "tests" / place) for place in LONG)
