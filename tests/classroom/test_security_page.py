"""SECURITY.md names a test for every way that it lists, and the test is there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
ROWS = [
    line
    for line in (ROOT / "SECURITY.md").read_text(encoding="utf-8").splitlines()
    if line.startswith("|") and not line.startswith(("| way", "|---"))
]


@pytest.mark.parametrize("row", ROWS, ids=[row.split("|")[1].strip() for row in ROWS])
def test_every_way_has_a_test_that_is_there(row: str) -> None:
    shown = row.rsplit("|", 2)[1]
    named = re.findall(r"`(test_\w+\.py)::(test_\w+)`", shown)
    assert named
    for file, name in named:
        (path,) = [*ROOT.glob(f"tests/{file}"), *ROOT.glob(f"tests/classroom/{file}")]
        assert re.search(rf"^(async )?def {name}\(", path.read_text(encoding="utf-8"), re.MULTILINE), name


def test_the_page_lists_ways() -> None:
    assert len(ROWS) > 20
