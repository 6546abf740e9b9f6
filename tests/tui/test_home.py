"""Home, the greeting, and the ways from there: every key, at both sizes."""

from pathlib import Path

import pytest
from textual.content import Content
from textual.screen import Screen
from textual.strip import Strip

from tests.tui.harness import LARGE, ONE, SMALL, TWO, make_app, screen_text, write_course
from tutor import paths, settings
from tutor.tui.screens.help import HelpScreen
from tutor.tui.screens.home import HomeScreen
from tutor.tui.screens.lab import LabScreen
from tutor.tui.screens.labs import LabsScreen
from tutor.tui.screens.lesson import LessonScreen
from tutor.tui.screens.progress import ProgressScreen
from tutor.tui.screens.settings import SettingsScreen
from tutor.tui.widgets.about import About
from tutor.tui.widgets.keybar import KeyBar
from tutor.tui.widgets.rows import RowList

BOTH = pytest.mark.parametrize("size", [SMALL, LARGE], ids=["80x24", "120x40"])


@BOTH
async def test_the_first_start_greets_and_offers_three_ways(tmp_path: Path, size: tuple[int, int]) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        text = screen_text(app)
    assert "begin: The first lesson" in text
    assert "try the gridworld" in text
    assert "choose a lesson" in text
    assert "You will be able to add two numbers and say why." in text
    assert "0 of 2 lessons" in text


@BOTH
@pytest.mark.parametrize(
    ("key", "screen"),
    [
        ("enter", LessonScreen),
        ("l", LabsScreen),
        ("t", LabScreen),
        ("p", ProgressScreen),
        ("s", SettingsScreen),
        ("question_mark", HelpScreen),
        ("f1", HelpScreen),
    ],
)
async def test_a_key_goes_there_and_esc_comes_back(
    tmp_path: Path, size: tuple[int, int], key: str, screen: type
) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=size) as pilot:
        await pilot.press(key)
        await pilot.pause()
        assert isinstance(app.screen, screen)
        for _ in range(3):  # a lab or question inside may hold the focus first
            if not isinstance(app.screen, HomeScreen):
                await pilot.press("escape")
                await pilot.pause()
        assert isinstance(app.screen, HomeScreen)


async def test_the_cursor_moves_and_tells_about_the_lesson(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("down")
        await pilot.pause()
        text = screen_text(app)
        assert "You will be able to read." in text
        assert "Best after The first lesson." in text
        await pilot.press("up", "end", "home", "pagedown", "pageup")
        assert app.screen.query_one(RowList).cursor == 0


async def test_after_a_lesson_that_was_named_the_cursor_is_where_one_goes_on(tmp_path: Path) -> None:
    """`rl-tutor lesson 1` puts the lesson before Home, whose cursor stands elsewhere."""
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("down")
        app.open_lesson(app.course.lessons[0].id)
        await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)
        assert app.screen.query_one(RowList).cursor == 0
        await pilot.press("down", "l", "escape")
        await pilot.pause()
        assert app.screen.query_one(RowList).cursor == 1  # no lesson was opened meanwhile


async def test_q_and_ctrl_q_leave(tmp_path: Path) -> None:
    for key in ("q", "ctrl+q"):
        app = make_app(write_course(tmp_path / "course"))
        async with app.run_test(size=SMALL) as pilot:
            await pilot.press(key)
        assert app.return_code == 0


@BOTH
@pytest.mark.parametrize("steps", [(), ("enter",), ("enter", "tab")], ids=["home", "lesson", "answer field"])
async def test_ctrl_c_says_how_to_leave_in_the_place_of_the_keys_and_stays(
    tmp_path: Path, size: tuple[int, int], steps: tuple[str, ...]
) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=size, notifications=True) as pilot:
        await pilot.press(*steps)
        await pilot.pause()
        *before, keys = screen_text(app).splitlines()
        await pilot.press("ctrl+c")
        await pilot.pause()
        *after, told = screen_text(app).splitlines()
        assert after == before  # nothing that is being read is covered
        assert told.strip() == "ctrl+q leaves the tutor; your place is kept."
        assert app.is_running
        until = app.screen.query_one(KeyBar)._until
        assert until is not None
        assert until._callback is not None
        until._callback()  # its time has come
        await pilot.pause()
        assert screen_text(app).splitlines()[-1] == keys


async def test_a_click_opens_a_lesson(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.click(RowList, offset=(10, 1))
        await pilot.pause()
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.info.id == "02-second"


async def test_a_broken_lesson_hides_no_other_and_says_why(tmp_path: Path) -> None:
    course = write_course(tmp_path / "course", one=ONE)
    (course / "bad.md").write_bytes(b"---\nid: bad\n---\n# \xff\xfe")
    app = make_app(course)
    async with app.run_test(size=SMALL, notifications=True) as pilot:
        await pilot.pause()
        text = screen_text(app)
        assert "The first lesson" in text
        assert "cannot be opened" in text
        bad = [lesson.id for lesson in app.course.lessons if lesson.fault]
        app.screen.query_one(RowList).cursor = [lesson.id for lesson in app.course.lessons].index(bad[0])
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)
        assert len(app._notifications) == 1


async def test_an_empty_course_says_so(tmp_path: Path) -> None:
    (tmp_path / "course").mkdir()
    app = make_app(tmp_path / "course")
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("enter", "down", "up", "p", "escape")
        await pilot.pause()
        assert "No lessons in" in screen_text(app)


async def test_settings_change_at_once_and_are_kept(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("s", "right")
        await pilot.pause()
        assert app.theme == "rl-light"
        await pilot.press("down", "enter", "down", "space", "down", "left")
        await pilot.pause()
        assert settings.load(paths.settings_file()) == (app.settings, [])
        assert app.settings == settings.Settings(theme="light", symbols="ascii", motion=True, plot_rate=4)
        await pilot.press("escape")
        await pilot.pause()
        assert screen_text(app).isascii()


async def test_every_key_that_help_names_is_bound_and_every_line_fits(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("question_mark")
        await pilot.pause()
        text = screen_text(app)
        for words in (
            "labs",
            "progress",
            "settings",
            "leave",
            "try the gridworld",
            "find and do anything",
            "leave the tutor",
        ):
            assert words in text
        await pilot.press("question_mark")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)


async def test_the_palette_finds_lessons_steps_labs_and_settings(tmp_path: Path) -> None:
    for query, expected in [
        ("second", "lesson: The second lesson"),
        ("afterw", "step: afterwards"),
        ("gridw", "lab: Gridworld"),
        ("theme", "theme: light"),
        ("progr", "progress"),
    ]:
        app = make_app(write_course(tmp_path / "course"))
        async with app.run_test(size=SMALL) as pilot:
            await pilot.press("ctrl+p", *query)
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert expected in screen_text(app), query
            await pilot.press("escape")


async def test_the_palette_goes_to_a_step(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("ctrl+p", *"afterwards")
        await app.workers.wait_for_complete()
        await pilot.press("enter")
        await pilot.pause()
        await pilot.pause()
        assert isinstance(app.screen, LessonScreen)
        assert "That was all." in screen_text(app)


async def test_notices_stand_on_home(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"), notices=("Nothing will be saved this time. disk full",))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        assert "Nothing will be saved this time. disk full" in screen_text(app)


async def test_why_nothing_is_saved_ends_the_sentence_that_says_so(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    app.not_saved = "the disk of the class is full; tell your teacher"
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        shown = " ".join(screen_text(app).split())
        assert "only remembered until you leave: the disk of the class is full; tell your teacher." in shown


async def test_ctrl_l_draws_everything_anew_and_keeps_all(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("down")
        await pilot.pause()
        before = screen_text(app)
        await pilot.press("ctrl+l")
        await pilot.pause()
        assert screen_text(app) == before


async def test_slash_searches(tmp_path: Path) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("slash", *"second")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "Only text · step 1 · 02 The second lesson" in screen_text(app)
        await pilot.press("escape", "ctrl+p", *"second")
        await app.workers.wait_for_complete()
        await pilot.pause()
        assert "lesson: The second lesson" in screen_text(app)


async def test_a_lesson_that_home_marks_says_so_in_one_line_when_it_is_open(tmp_path: Path) -> None:
    broken = ONE.replace("order: 1", "order: [1")
    app = make_app(write_course(tmp_path / "course", one=broken, two=TWO))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        marked = next(lesson for lesson in app.course.lessons if lesson.remark)
        for lesson in app.course.lessons:
            app.open_lesson(lesson.id)
            await pilot.pause()
            shown = [line for line in screen_text(app).split("\n") if "for its author to mend" in line]
            assert len(shown) == (lesson is marked)
            await pilot.press("escape")
            await pilot.pause()
    app.close_store()


async def test_the_cursor_moves_without_a_layout_while_what_is_said_takes_as_many_rows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("s")  # the first two settings are told in a row each
        await pilot.pause()
        rows, about = app.screen.query_one(RowList), app.screen.query_one(About)
        laid_out: list[bool] = []
        lay_out = Screen._refresh_layout

        def watched(screen: Screen[None], **more: bool) -> None:
            laid_out.append(True)
            lay_out(screen, **more)

        monkeypatch.setattr(Screen, "_refresh_layout", watched)
        drawn: list[int] = []
        draw = RowList.render_line

        def drawing(rows: RowList, y: int) -> Strip:
            drawn.append(y)
            return draw(rows, y)

        monkeypatch.setattr(RowList, "render_line", drawing)
        said = str(about.visual)
        await pilot.press("down")
        await pilot.pause()
        assert rows.cursor == 1
        assert str(about.visual) != said
        assert (laid_out, sorted(drawn)) == ([], [0, 1])
        about.show(Content("One row.\nAnd another.\nAnd a third."))
        await pilot.pause()
        assert laid_out
        assert about.content_size.height == 3
