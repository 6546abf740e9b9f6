"""A lesson whose front matter cannot be read opens, and says so."""

from pathlib import Path

import pytest

from tests.tui.harness import ONE, SMALL, make_app, screen_text, write_course
from tutor.course import load_course

BROKEN = [
    "---\nid: [\n---\n# A\n\n## Step\n\nText.\n",
    "---\nid: 1\ntitle: [x\n---\n# A\n\n## Step\n\nText.\n",
    "---\nid: 1\ntitle: never closed\n\n# A\n\n## Step\n\nText.\n",
]


@pytest.mark.parametrize("text", BROKEN)
async def test_home_marks_it_and_says_what_is_wrong(tmp_path: Path, text: str) -> None:
    course = write_course(tmp_path / "course", one=ONE)
    (course / "zz.md").write_text(text, encoding="utf-8")
    index = tmp_path / "index.json"
    for _ in range(2):  # read, and then found in the index
        infos = load_course(course, index=index).lessons
        assert [bool(info.remark) for info in infos] == [False, True]
        assert not infos[1].fault
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("down")
        await pilot.pause()
        shown = screen_text(app)
        assert "! " in shown
        assert "It opens, but front matter" in shown
    app.close_store()


async def test_saving_a_broken_front_matter_keeps_the_open_lesson(tmp_path: Path) -> None:
    course = write_course(tmp_path / "course", one=ONE)
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-first")
        await pilot.pause()
        (course / "one.md").write_text(ONE.replace("id: 01-first", "id: [01"), encoding="utf-8")
        await app.screen._reopen()  # type: ignore[attr-defined]
        await pilot.pause()
        shown = screen_text(app)
        assert "01 The first lesson" in shown
        assert "! one.md: front matter" in shown
    app.close_store()
