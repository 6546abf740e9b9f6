"""README keeps its word: its picture is what the program draws, its commands are the ones that exist."""

import re
import subprocess
import sys
from pathlib import Path

from tests import pictures

ROOT = Path(__file__).parent.parent
README = (ROOT / "README.md").read_text(encoding="utf-8")


async def test_the_picture_is_what_the_program_draws_today(tmp_path: Path) -> None:
    await pictures.gridworld(tmp_path / "gridworld.svg")
    drawn, shown = (
        (folder / "gridworld.svg").read_text(encoding="utf-8") for folder in (tmp_path, ROOT / "docs")
    )
    assert drawn == shown, "draw it anew: python -m tests.pictures"


def test_every_command_that_is_named_exists() -> None:
    named = set(re.findall(r"`rl-tutor ([a-z][a-z-]*)", README))
    usage = subprocess.run(
        [sys.executable, "-m", "tutor.cli", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert named <= set(re.findall(r"^    ([a-z][a-z-]*)", usage, re.MULTILINE))
    assert {"lesson", "lab", "check", "progress", "doctor"} <= named
