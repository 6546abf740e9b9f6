"""Random keys, mouse and sizes over every screen: 2,000 here; 20,000 by `python -m tests.monkey`."""

from pathlib import Path

import pytest

from tests.monkey import FaultError, Monkey, course_beside_a_broken_lesson
from tutor.tui.screens.home import HomeScreen


@pytest.mark.parametrize("seed", [1, 2, 3, 4])
async def test_a_monkey_finds_no_fault(seed: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # where exports go
    monkey = Monkey(seed, course_beside_a_broken_lesson(tmp_path / "course"))
    await monkey.shake(500)
    assert len(monkey.seen) >= 5


@pytest.mark.mistakes
async def test_the_monkey_would_find_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*arguments: object) -> None:
        raise RuntimeError("put in")

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(HomeScreen, "action_settings", fail)
    monkey = Monkey(2, course_beside_a_broken_lesson(tmp_path / "course"))
    with pytest.raises(FaultError, match="put in"):
        await monkey.shake(2_000)
