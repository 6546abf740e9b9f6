"""While a lesson is open, saving its file reloads the step and keeps the place."""

import os
from pathlib import Path
from threading import Event

import pytest
from textual.pilot import Pilot
from textual.widgets import Input, Static

from tests.tui.harness import SMALL, make_app, screen_text, write_course
from tutor.course.types import Lesson, LessonInfo
from tutor.tui import lesson_file
from tutor.tui.app import TutorApp
from tutor.tui.lesson_file import LessonFile
from tutor.tui.lesson_state import read_lesson
from tutor.tui.screens.lesson import LessonScreen

FRONT = "---\nid: a\ntitle: {title}\norder: 1\n---\n# A\n\n"
NUMBER = """```quiz
id: number
kind: numeric
question: How much is {sum}?
answer: {sum}
hints: [Count.]
```
"""
CHOICE = """```quiz
id: choice
kind: choice
question: Which?
options:
  - {{text: the right one, correct: true, why: so}}
  - {{text: the {wrong} one, why: not so}}
```
"""
LONG = "\n\n".join(f"Paragraph {n}." for n in range(30))


def lesson(first: str = "", second: str = "", title: str = "A", last: str = "The end.") -> str:
    second = second or f"{LONG}\n\n{NUMBER.format(sum='2 + 2')}\n{CHOICE.format(wrong='other')}"
    return f"{FRONT.format(title=title)}## First\n\n{first or 'Text.'}\n\n## Second\n\n{second}\n\n## Last\n\n{last}\n"


@pytest.fixture(autouse=True)
def by_hand(monkeypatch: pytest.MonkeyPatch) -> None:
    """The file is looked at when a test says so."""
    monkeypatch.setattr(lesson_file, "EVERY", 1e6)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course", a=lesson()) / "a.md"


def open_app(file: Path) -> TutorApp:
    return make_app(file.parent, open_first=("lesson", "a"))


def lesson_screen(app: TutorApp) -> LessonScreen:
    assert isinstance(app.screen, LessonScreen)
    return app.screen


async def save(app: TutorApp, pilot: Pilot[None], file: Path, text: str | bytes) -> None:
    """Save the file as an editor does, have the watch look at it, and wait for what comes of it."""
    new = file.with_suffix(".new")
    new.write_bytes(text.encode() if isinstance(text, str) else text)
    os.replace(new, file)
    await look(app, pilot)


async def look(app: TutorApp, pilot: Pilot[None]) -> None:
    lesson_screen(app)._file.look()
    await app.workers.wait_for_complete()
    await pilot.pause()
    await pilot.pause()


async def test_the_open_step_is_read_again(file: Path) -> None:
    app = open_app(file)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await save(app, pilot, file, lesson("Other words.", title="New title"))
        assert "Other words." in screen_text(app)
        assert "New title" in screen_text(app).split("\n")[0]
        await pilot.press("escape")
        assert "New title" in screen_text(app)  # Home knows it, too


async def test_the_place_is_kept_when_steps_come_before_it(file: Path) -> None:
    app = open_app(file)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("right", *["down"] * 7)
        page = lesson_screen(app).page
        assert page is not None
        assert page.scroll_offset.y == 7
        text = (
            lesson()
            .replace("## Second", "## Between\n\nNew.\n\n## Second")
            .replace("Paragraph 9", "Changed 9")
        )
        await save(app, pilot, file, text)
        assert "step 3 of 4" in screen_text(app)
        assert "Changed 9" in screen_text(app)
        assert page.scroll_offset.y == 7


async def test_answers_hints_and_what_is_being_typed_are_kept(file: Path) -> None:
    app = open_app(file)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("right", "tab", "ctrl+t", "1", "2", "left")
        await pilot.pause()
        await save(app, pilot, file, lesson().replace("Paragraph 29", "Changed 29"))
        state = lesson_screen(app).state
        assert state is not None
        assert state.question("number").hints == 1
        field = app.focused
        assert isinstance(field, Input)
        assert (field.value, field.cursor_position) == ("12", 1)
        await pilot.press("delete", "backspace", "4", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "Right" in screen_text(app)
        await save(app, pilot, file, lesson().replace("Paragraph 29", "Changed again"))
        assert "Right" in screen_text(app)


async def test_a_question_that_has_changed_begins_anew_and_the_other_does_not(file: Path) -> None:
    app = open_app(file)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("right", "tab", "ctrl+t", "7", "tab", "down", "enter")
        await app.workers.wait_for_complete()
        await pilot.pause()
        state = lesson_screen(app).state
        assert state is not None
        answered = state.question("choice").verdict
        assert answered is not None
        await save(app, pilot, file, lesson().replace("2 + 2", "3 + 3"))
        assert state.question("number").question.answer == "3 + 3"
        assert state.question("number").text == ""
        assert state.question("choice").verdict == answered
        assert app.focused is not None  # the keys are where they were, in the second question
        await save(app, pilot, file, lesson().replace("2 + 2", "3 + 3").replace("other one", "wrong one"))
        assert state.question("choice").question.options[1].text == "the wrong one"


async def test_a_lesson_that_only_moved_is_not_drawn_anew(file: Path) -> None:
    app = open_app(file)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        page = lesson_screen(app).page
        assert page is not None
        widgets = list(page.children)
        await save(app, pilot, file, lesson(last="Another end."))
        assert list(page.children) == widgets
        await pilot.press("right", "right")
        assert "Another end." in screen_text(app)


async def test_questions_are_numbered_anew_when_one_comes_before_them(file: Path) -> None:
    app = open_app(file)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("right", "tab")
        assert "Question 1" in screen_text(app)
        more = NUMBER.format(sum="5 + 5").replace("id: number", "id: more")
        await save(app, pilot, file, lesson(f"Text.\n\n{more}"))
        assert "Question 2" in screen_text(app)
        assert "Question 1" not in screen_text(app)


async def test_the_end_of_the_lesson_moves_when_steps_are_added(file: Path) -> None:
    app = open_app(file)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("right", "right")
        assert "The end of this lesson" in screen_text(app)
        await save(app, pilot, file, lesson() + "\n## More\n\nText.\n")
        assert "The end of this lesson" not in screen_text(app)
        assert "step 3 of 4" in screen_text(app)
        await save(app, pilot, file, FRONT.format(title="A") + "## First\n\nText.\n")
        assert "step 1 of 1" in screen_text(app)
        assert "The end of this lesson" in screen_text(app)


async def test_a_file_broken_while_it_is_edited_leaves_the_step_and_says_why(file: Path) -> None:
    app = open_app(file)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("right", "tab", "1")
        for broken, says in {
            lesson().replace("kind: numeric", "kind: nmeric").replace("2 + 2?", "2 + 2, do you think?"): (
                r"! a.md: line 76: quiz: unknown kind 'nmeric'"
            ),
            b"caf\xe9": "! a.md:1:4: the lesson cannot be opened: it is not UTF-8 (line 1)",
        }.items():
            await save(app, pilot, file, broken)
            assert says in screen_text(app)
            assert "How much is 2 + 2?" in screen_text(app)
            assert isinstance(app.focused, Input)
        file.unlink()
        await look(app, pilot)
        assert "not UTF-8" in screen_text(app)  # missing once: an editor may be replacing it
        await look(app, pilot)
        assert "No such file" in screen_text(app)
        await save(app, pilot, file, lesson().replace("2 + 2?", "2 + 2, do you think?"))
        assert "How much is 2 + 2, do you think?" in screen_text(app)
        assert not app.screen.query_one("#fault", Static).display


async def test_a_lesson_that_could_not_be_opened_comes_when_it_is_mended(file: Path) -> None:
    file.write_bytes(b"caf\xe9")
    app = make_app(file.parent, open_first=("lesson", "a"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert "not UTF-8" in screen_text(app)
        await save(app, pilot, file, lesson("It is here."))
        assert "It is here." in screen_text(app)
        assert "step 1 of 3" in screen_text(app)
        await pilot.press("right")
        assert "step 2 of 3" in screen_text(app)


async def test_a_long_lesson_is_read_off_the_screens_thread(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The screen is there, and its keys act, before the lesson has been read."""
    may_read = Event()

    def read_slowly(info: LessonInfo) -> tuple[Lesson | None, list[str]]:
        assert may_read.wait(20)
        return read_lesson(info)

    monkeypatch.setattr(lesson_file, "AT_ONCE", 10)
    monkeypatch.setattr(lesson_file, "read_lesson", read_slowly)
    app = open_app(file)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert "reading the lesson" in screen_text(app)
        await pilot.press("question_mark")
        assert not isinstance(app.screen, LessonScreen)
        await pilot.press("escape")
        may_read.set()
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "step 1 of 3" in screen_text(app)
        await pilot.press("right")
        assert "Paragraph 0" in screen_text(app)


async def test_it_looks_once_a_second_only_while_the_lesson_is_shown_and_writable(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = open_app(file)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        watch = lesson_screen(app)._file
        assert watch._timer is not None
        await pilot.press("question_mark")
        await pilot.pause()
        assert watch._timer is None
        await pilot.press("escape")
        await pilot.pause()
        assert watch._timer is not None
        await pilot.press("escape")
        await pilot.pause()
        assert watch._timer is None
    access = os.access
    monkeypatch.setattr(
        lesson_file.os, "access", lambda path, mode: Path(path) != file and access(path, mode)
    )
    app = open_app(file)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert lesson_screen(app)._file._timer is None


async def test_the_watch_goes_on_by_itself(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Not only when a test looks: a change is seen within the time between two looks."""
    monkeypatch.setattr(lesson_file, "EVERY", 0.01)
    app = open_app(file)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        file.write_text(lesson("Seen by itself."), encoding="utf-8")
        for _ in range(500):
            await pilot.pause(0.01)
            if "Seen by itself." in screen_text(app):
                break
        assert "Seen by itself." in screen_text(app)


def test_what_changed_before_it_was_read_is_no_change(file: Path) -> None:
    from tutor.course import load_course

    calls: list[int] = []
    (info,) = load_course(file.parent).lessons
    watch = LessonFile(info, lambda: calls.append(1))
    watch.read_now()
    watch.look()
    assert calls == []
    file.write_text("other", encoding="utf-8")
    watch.look()
    watch.look()
    assert calls == [1]
