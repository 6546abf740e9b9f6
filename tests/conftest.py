"""Every test has a home of its own: no test reads or writes the settings and progress of whoever runs it."""

import gc
import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

from tests.settling import wait_by_the_loop
from tests.sharing import parse_css_once
from tests.workers import long_ones_first, rewrite_once

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the command line sets it, before numpy
# The same examples every time, however slow the machine; `--hypothesis-profile=search` looks for new ones.
settings.register_profile(
    "same", derandomize=True, deadline=None, suppress_health_check=[HealthCheck.too_slow]
)
settings.register_profile(
    "search", deadline=None, max_examples=2000, suppress_health_check=[HealthCheck.too_slow]
)
settings.load_profile("same")
wait_by_the_loop()
parse_css_once()


def pytest_sessionstart(session: pytest.Session) -> None:
    rewrite_once(session.config)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    long_ones_first(config, items)


def pytest_collection_finish() -> None:
    """What has been imported and collected stays: no collection of garbage need look at it, up to the last five."""
    gc.collect()
    gc.freeze()


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """For `-n auto`: two a core, for tests of screens and processes spend half of their time waiting."""
    return 2 * (os.cpu_count() or 1)


@pytest.fixture(autouse=True)
def home(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest
) -> Iterator[Path]:
    """This test's home. The tutor survives its own mistakes, so what it wrote into its log fails the test here."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("RL_TUTOR_HOME", str(folder))
    monkeypatch.setenv("LC_ALL", "C.UTF-8")
    monkeypatch.setenv("TERM", "xterm-256color")
    for name in ("NO_COLOR", "COLORTERM"):
        monkeypatch.delenv(name, raising=False)
    yield folder
    if harness := sys.modules.get("tests.tui.harness"):
        harness.close_stores()
    log = folder / "rl-tutor.log"
    if request.node.get_closest_marker("mistakes") is None and log.exists():
        pytest.fail(f"the tutor made a mistake:\n{log.read_text(encoding='utf-8')}")


@pytest.fixture(autouse=True)
def smallest_numbers() -> Iterator[None]:
    """Training lets the processor take the smallest numbers for 0, in its thread for good; other tests need them."""
    yield
    if torch := sys.modules.get("torch"):
        torch.set_flush_denormal(False)
