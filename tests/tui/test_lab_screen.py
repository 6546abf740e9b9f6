"""A lab on its own screen, and the list of labs."""

from pathlib import Path

import pytest

from tutor.course.types import Course
from tutor.experiments import labs
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.labs.gridworld import Lab
from tutor.tui.screens.home import HomeScreen
from tutor.tui.screens.lab import LabScreen
from tutor.tui.screens.labs import LabsScreen
from tutor.tui.widgets.rows import RowList

from .harness import LARGE, SMALL, screen_text


def make(tmp_path: Path, symbols: str = "unicode", **options: object) -> TutorApp:
    store = open_store(tmp_path / "progress.db")
    settings = Settings(motion=False, symbols=symbols)
    return TutorApp(Course(tmp_path, "en", ()), store, settings, **options)  # type: ignore[arg-type]


async def test_the_lab_is_found_as_it_was_left_also_by_another_tutor(tmp_path: Path) -> None:
    app = make(tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lab("gridworld", {"slip": "0", "grid": "rooms"})
        await pilot.pause()
        await pilot.press("right", "down", "escape")
        await pilot.pause()
    app.close_store()
    app = make(tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lab("gridworld")
        await pilot.pause()
        session = app.screen.query_one(Lab).session
        assert session.parameters["grid"] == "rooms"
        assert [frame.action for frame in session.frames] == [1, 2]
        assert "step 2" in screen_text(app)
    app.close_store()


async def test_leaving_the_tutor_keeps_the_lab_too(tmp_path: Path) -> None:
    app = make(tmp_path, open_first=("lab", "gridworld", {"slip": 0}))
    async with app.run_test(size=SMALL) as pilot:
        await pilot.pause()
        await pilot.press("up", "ctrl+q")
    app.close_store()
    state = open_store(tmp_path / "progress.db").progress().lesson("").labs["gridworld"]
    assert state["actions"] == "0"


async def test_the_way_out_is_named_after_where_it_leads(tmp_path: Path) -> None:
    app = make(tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lab("gridworld", {})
        await pilot.pause()
        assert "esc home" in screen_text(app)
        await pilot.press("escape")
        app.push_screen(LabsScreen())
        await pilot.pause()
        app.open_lab("gridworld", {})
        await pilot.pause()
        assert "esc back" in screen_text(app)
    app.close_store()


async def test_given_parameters_begin_anew(tmp_path: Path) -> None:
    app = make(tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lab("gridworld", {"slip": 0})
        await pilot.pause()
        await pilot.press("up", "escape")
        await pilot.pause()
        app.open_lab("gridworld", {"grid": "mouse"})
        await pilot.pause()
        session = app.screen.query_one(Lab).session
        assert (session.t, session.parameters["grid"], session.parameters["slip"]) == (0, "mouse", 0.1)
    app.close_store()


@pytest.mark.parametrize(
    ("lab_id", "given", "said"),
    [
        ("nothing", None, "there is no lab 'nothing'"),
        ("gridworld", {"slip": "7"}, "between 0 and 1"),
        ("gridworld", {"colour": "red"}, "unknown parameter"),
        ("gridworld", {"grid": "nowhere"}, "one of"),
        ("gridworld", {"gamma": [1]}, "gamma is"),
    ],
)
async def test_what_cannot_be_opened_says_so_and_goes_back(
    tmp_path: Path, lab_id: str, given: dict[str, object] | None, said: str
) -> None:
    app = make(tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lab(lab_id, given)
        await pilot.pause()
        assert said in screen_text(app)
        await pilot.press("up", "space", "tab", "o", "escape")
        await pilot.pause()
        assert len(app.screen_stack) == 1
    app.close_store()


async def test_damaged_progress_gives_a_fresh_lab(tmp_path: Path) -> None:
    open_store(tmp_path / "progress.db").record(
        "lab", lab="gridworld", state={"actions": "9", "parameters": 3}
    )
    app = make(tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lab("gridworld")
        await pilot.pause()
        assert app.screen.query_one(Lab).session.t == 0
    app.close_store()


async def test_the_lab_keeps_the_keys_on_its_own_screen(tmp_path: Path) -> None:
    app = make(tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lab("gridworld", {"slip": 0})
        await pilot.pause()
        await pilot.press("shift+tab", "up")
        view = app.screen.query_one(Lab)
        assert view.session.t == 1
        await pilot.press("tab", "up")
        assert view.session.t == 2
        app.screen.set_focus(None)
        await pilot.pause()
        await pilot.press("right")
        assert view.session.t == 3
        assert "esc text" not in screen_text(app)
        await pilot.press("question_mark")
        await pilot.pause()
        assert "back to the text" not in screen_text(app)
        assert "into the lab" not in screen_text(app)
    app.close_store()


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_list_of_labs(tmp_path: Path, size: tuple[int, int]) -> None:
    app = make(tmp_path)
    async with app.run_test(size=size) as pilot:
        app.push_screen(LabsScreen())
        await pilot.pause()
        assert "Gridworld" in screen_text(app)
        assert "step reward" in screen_text(app)
        told = " ".join(screen_text(app).split())
        assert told.count("Walk a grid step by step, slip, and watch the reward and the return.") >= 1
        await pilot.press("down")
        await pilot.pause()
        sentence = list(labs().values())[1].sentence
        assert sentence in " ".join(screen_text(app).split("You can change")[0].split())
        await pilot.press("up")
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, LabScreen)
        await pilot.press("up", "escape")
        await pilot.pause()
        await pilot.press("f")
        await pilot.pause()
        assert app.screen.query_one(Lab).session.t == 0
        await pilot.press("escape", "escape")
        await pilot.pause()
        assert len(app.screen_stack) == 1
    app.close_store()


@pytest.mark.parametrize(("symbols", "mark"), [("unicode", "…"), ("ascii", "...")])
@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_the_list_of_labs_has_two_columns_and_marks_what_is_cut(
    tmp_path: Path, size: tuple[int, int], symbols: str, mark: str
) -> None:
    app = make(tmp_path, symbols)
    begins = max(len(lab.title) for lab in labs().values()) + 2
    async with app.run_test(size=size) as pilot:
        app.push_screen(LabsScreen())
        await pilot.pause()
        rows = app.screen.query_one(RowList)
        for lab in labs().values():
            y = rows.content_region.y + rows.cursor - rows.scroll_offset.y
            line = screen_text(app).splitlines()[y][rows.content_region.x + 2 :]
            name, told = line[:begins], line[begins : rows.scrollable_content_region.width - 2].rstrip()
            assert name == lab.title.ljust(begins)
            assert told == lab.sentence or (
                told.endswith(mark) and lab.sentence.startswith(told[: -len(mark)])
            )
            await pilot.press("down")
            await pilot.pause()
    app.close_store()


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_who_was_torn_out_of_a_lab_is_told_where_they_were_and_gets_back_by_a_key(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    app = make(tmp_path)
    async with app.run_test(size=size) as pilot:
        app.open_lab("gridworld", {"slip": 0})
        await pilot.pause()
        await pilot.press("up", "up")
        app.exit()  # the line is broken: no key was pressed
    app.close_store()
    app = make(tmp_path)
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        assert "b       back into the lab where you were: Gridworld" in screen_text(app)
        await pilot.press("b")
        await pilot.pause()
        assert isinstance(app.screen, LabScreen)
        assert app.screen.query_one(Lab).session.t == 2
    app.close_store()


@pytest.mark.parametrize("lab", ["", "no-such-lab"])
async def test_home_offers_no_way_back_into_a_lab_that_there_is_not(tmp_path: Path, lab: str) -> None:
    with open_store(tmp_path / "progress.db") as store:
        if lab:
            store.record("lab", lab=lab, state={})
    app = make(tmp_path)
    async with app.run_test(size=SMALL) as pilot:
        await pilot.press("b")
        await pilot.pause()
        assert "back into the lab" not in screen_text(app)
        assert isinstance(app.screen, HomeScreen)
    app.close_store()
