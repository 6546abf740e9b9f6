"""The clinic by its keys: nothing tells the fault before it is named, what speaks against a wrong one, the mended run.
The toy model's frames are made up, those of a grid are real."""

import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
from textual.pilot import Pilot

from tutor.course.types import Course
from tutor.experiments.clinic import CASES
from tutor.experiments.clinic_faults import BY_ID, FAULTS
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.glyphs import UNICODE
from tutor.tui.labs.clinic import Lab
from tutor.tui.labs.clinic_answers import AnswersScreen
from tutor.tui.labs.clinic_session import ClinicSession, Diagnosis
from tutor.tui.labs.clinic_words import TITLES, metrics, short
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.widgets.chart import ChartView

from .fake_runs import FakeRuns, run_all, run_lab, shown
from .harness import LARGE, SMALL
from .made_frames import clinic_frames

TOY, GRID = 7, 10  # a reference that moves; a truncation taken for a termination
TINY = (60, 18)
SIZES = pytest.mark.parametrize("size", [SMALL, LARGE, TINY], ids=["80x24", "120x40", "60x18"])
BOTH = pytest.mark.parametrize("case", [TOY, GRID], ids=["toy", "grid"])
NUMBER = {fault.id: str(place) for place, fault in enumerate(FAULTS, 1)}


@asynccontextmanager
async def lab(
    tmp_path: Path, case: int = TOY, size: tuple[int, int] = SMALL, symbols: str = "unicode"
) -> AsyncIterator[tuple[Pilot[None], Lab, FakeRuns]]:
    runs = FakeRuns(clinic_frames if case == TOY else None)
    async with run_lab(tmp_path, "clinic", {"case": case}, runs, size, symbols) as (pilot, view, _):
        assert isinstance(view, Lab)
        yield pilot, view, runs


async def press(pilot: Pilot[None], view: Lab, *keys: str) -> str:
    """Each drawn whole; what is shown in the end."""
    for name in keys:
        view._plots_drawn_at = 0.0
        await pilot.press(name)
        await pilot.app.workers.wait_for_complete()
        await pilot.pause()
    return shown(pilot)


async def answer(pilot: Pilot[None], view: Lab, fault: str) -> str:
    """Name it from the list."""
    await press(pilot, view, *([] if isinstance(pilot.app.screen, AnswersScreen) else ["p"]))
    return await press(pilot, view, *NUMBER[fault], "enter")


def squeezed(screen: str) -> str:
    return " ".join(screen.split())


def given_away(text: str) -> list[str]:
    """What of the names and causes of the faults stands in a text."""
    return [f.id for f in FAULTS if f.name in text or f.cause[:30] in text or f.id in text]


@SIZES
@BOTH
async def test_before_it_is_named_nothing_on_the_screen_tells_the_fault(
    tmp_path: Path, size: tuple[int, int], case: int
) -> None:
    async with lab(tmp_path, case, size) as (pilot, view, runs):
        screen = await run_all(pilot, view, runs)
        assert not [line for line in screen.splitlines() if "…" in line and "steps, " not in line], screen
        assert "mended" not in screen
        assert f"case {case}" in screen
        assert "0 of 12 solved" in screen
        assert all(TITLES[metric] in screen for metric in metrics(view.session))
        assert {s.name for s in view.query(ChartView).first().chart.series} == {"broken"}
        pages = [screen]
        for key in ("c", "o", "question_mark"):
            pages.append(await press(pilot, view, key))
            if pilot.app.screen.is_modal:
                await press(pilot, view, "escape")
        await press(pilot, view, "e")
        assert isinstance(pilot.app.screen, ReaderScreen)
        pages.append(" ".join(paragraph.plain for paragraph in pilot.app.screen.paragraphs))
        assert [given_away(squeezed(page)) for page in pages] == [[]] * len(pages)


@SIZES
@BOTH
async def test_a_wrong_answer_is_told_what_speaks_against_it_and_the_right_one_brings_the_mended_run(
    tmp_path: Path, size: tuple[int, int], case: int
) -> None:
    async with lab(tmp_path, case, size) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        screen = squeezed(await answer(pilot, view, "many-epochs"))
        clipped = view.session.reading("broken").curve("policy/clipfrac_avg")
        assert isinstance(pilot.app.screen, AnswersScreen)
        against = pilot.app.screen.said
        assert against.startswith(
            "Not too many epochs on each batch. The clip fraction of the middle update would be"
        )
        assert "at least 0.12; here it is 0.0" in against
        assert all(word in screen for word in against.split())
        assert 0 < sorted(clipped.tolist())[len(clipped) // 2] < 0.12
        assert "esc back" in screen, "the keys are in sight"
        assert view.session.diagnosis == Diagnosis(("many-epochs",))
        assert {frame.series for frame in view.session.frames} == {"broken"}
        right = view.session.fault
        await answer(pilot, view, right.id)
        assert not isinstance(pilot.app.screen, AnswersScreen)
        view._plots_drawn_at = 0.0
        runs.more(10_000)
        await pilot.pause()
        screen = await press(pilot, view, "end")
        assert "1 of 12 solved" in screen
        assert view.session.state == "done"
        assert {frame.series for frame in view.session.frames} == {"broken", "mended"}
        assert [s.name for s in view.query(ChartView).first().chart.series] == ["broken", "mended"]
        assert [s.style for s in view.query(ChartView).first().chart.series] == ["line", "dashed"]
        assert "broken" in screen
        assert "mended" in screen
        assert not [line for line in screen.splitlines() if "…" in line and "steps, " not in line], screen
        await press(pilot, view, "e")
        assert isinstance(pilot.app.screen, ReaderScreen)
        said = " ".join(paragraph.plain for paragraph in pilot.app.screen.paragraphs)
        assert right.cause in said
        assert "You said: too many epochs" in said
        assert "mended: " in said
        await press(pilot, view, "escape", "c")
        assert isinstance(pilot.app.screen, ReaderScreen)
        code = "\n".join(paragraph.plain for paragraph in pilot.app.screen.paragraphs)
        assert f"def {right.where[0][1].rsplit('.', 1)[-1]}(" in code


async def test_the_mended_run_is_made_no_sooner_than_the_fault_is_known(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        await press(pilot, view, "space", "r", "space")
        assert len(view.session.frames) == 41
        assert "The run is over" in shown(pilot)


async def test_v_twice_shows_the_answer_and_solves_nothing(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        assert "v once more" in await press(pilot, view, "v")
        assert not view.session.known
        assert BY_ID["moving-reference"].name in await press(pilot, view, "v")
        assert "0 of 12 solved, 1 shown" in shown(pilot)


async def test_an_answer_may_come_early(tmp_path: Path) -> None:
    """After two updates the right one is right, and of a wrong one nothing is made up."""
    async with lab(tmp_path) as (pilot, view, _):
        await press(pilot, view, "space", "space")
        screen = squeezed(await answer(pilot, view, "raw-reward"))
        assert "Nothing in the curves so far speaks against it" in screen
        await answer(pilot, view, "moving-reference")
        assert view.session.diagnosis == Diagnosis(("raw-reward",), "solved")
        assert view.session.state == "running"


async def test_plots_cases_and_samples_by_their_keys(tmp_path: Path) -> None:
    async with lab(tmp_path, GRID) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        begun = len(runs.begun)
        titles = [chart.chart.title for chart in view.query(ChartView) if chart.display]
        await press(pilot, view, "down")
        assert view.query(ChartView).first().chart.title == titles[1]
        before = view._panes.plain
        await press(pilot, view, "a")
        assert view._panes.plain != before
        assert len(runs.begun) == begun
        await press(pilot, view, "left_square_bracket")
        assert (view.session.case, view.session.reached) == (9, 0) or runs.begun[-1][1]["case"] == 9
        for case in (10, 11, 12, 1):
            view.session._start = lambda: FakeRuns(clinic_frames)
            view.session.next_case()
            assert view.session.case == case


async def test_a_case_that_was_left_comes_back_with_its_answers(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, runs):
        await run_all(pilot, view, runs)
        await answer(pilot, view, "no-kl")
        await press(pilot, view, "escape")
        state = json.loads(json.dumps(view.lab_state()))
        again = restored(view, state)
        again.open()
        again.take()
        assert (again.case, again.diagnosis, again.state) == (TOY, Diagnosis(("no-kl",)), "done")
        assert len(again.frames) == 41
        again.answer("no-kl")
        assert again.diagnosis.tried == ("no-kl",)
        again.answer("moving-reference")
        again.take()
        assert again.count("solved") == 1
        carried = restored(view, {"diagnoses": again.to_state()["diagnoses"]})
        assert carried.count("solved") == 1


@pytest.mark.parametrize(
    "told", [None, [], {"7": 3}, {"7": [["no such fault"], ""]}, {"99": [[], "solved"]}, {"7": [[], "won"]}]
)
async def test_answers_that_make_no_sense_are_left_out(tmp_path: Path, told: object) -> None:
    async with lab(tmp_path) as (_, view, _runs):
        assert restored(view, {**view.lab_state(), "diagnoses": told}).diagnoses == {}


def restored(view: Lab, state: dict[str, Any]) -> ClinicSession:
    given = view.experiment, view.description, view.parameters, lambda: FakeRuns(clinic_frames), lambda: None
    return ClinicSession(*given, state)


async def test_what_was_solved_outlasts_opening_it_at_another_case(tmp_path: Path) -> None:
    app = TutorApp(Course(tmp_path, "en", ()), open_store(tmp_path / "progress.db"), Settings())
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Lab, "worker", lambda: FakeRuns(clinic_frames))
        async with app.run_test(size=SMALL) as pilot:
            await app.recorder.record("lab", lab="clinic", state={"diagnoses": {"3": [[], "solved"]}})
            app.open_lab("clinic", {"case": TOY})
            await pilot.pause()
            await pilot.pause()
            view = app.screen.query_one(Lab)
            assert (view.session.case, view.session.count("solved")) == (TOY, 1)
    app.close_store()


@BOTH
async def test_in_ascii(tmp_path: Path, case: int) -> None:
    async with lab(tmp_path, case, symbols="ascii") as (pilot, view, runs):
        assert (await run_all(pilot, view, runs)).isascii()
        for key in ("e", "escape", "p"):
            await press(pilot, view, key)
            assert shown(pilot).isascii()
        assert (await press(pilot, view, "1", "enter")).isascii()
        await press(pilot, view, "escape", "v", "v")
        runs.more(10_000)
        for key in ("end", "e"):
            assert (await press(pilot, view, key)).isascii()


async def test_without_torch_it_says_what_to_install(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, runs):
        runs.fail(
            "training the toy language model needs torch, which is not installed: pip install torch==2.13.0"
        )
        screen = squeezed(await press(pilot, view, "end"))
        assert "pip install torch==2.13.0" in screen


async def test_embedded_it_is_whole_at_80_by_17(tmp_path: Path) -> None:
    async with lab(tmp_path) as (pilot, view, _):
        inside = Lab(view.session.parameters, None, embedded=True)
        await pilot.app.screen.mount(inside)
        inside.styles.width, inside.styles.height = 80, 17
        await pilot.pause()
        view.display = False
        await pilot.pause()
        assert inside.size == (80, 17)
        assert inside.query(ChartView).first().size.height >= 6
        assert len(inside._panes.plain.splitlines()) == 9


@pytest.mark.parametrize(
    ("value", "said"),
    [(0.0, "0"), (2e-5, "0.000"), (-0.982, "−0.982"), (4.4936, "4.49"), (22.41, "22.4"), (249.3, "249")],
)
def test_numbers_have_six_columns(value: float, said: str) -> None:
    assert short(value, UNICODE) == said


def test_every_case_of_the_list_can_be_chosen_by_its_number() -> None:
    assert sorted(NUMBER) == sorted(case.fault for case in CASES)
