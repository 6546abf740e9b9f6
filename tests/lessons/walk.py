"""A shipped lesson from first step to last: with keys alone at 80x24, every question wrong and then right; in ASCII."""

from collections.abc import Iterator, Sequence

import pytest
from textual import events
from textual.app import App
from textual.pilot import Pilot

from tests.monkey import named
from tests.tui.harness import SMALL, make_app, screen_text, shipped_course
from tutor.course import decided, evaluate, load_lesson
from tutor.course.metrics import question_metrics
from tutor.course.types import Question
from tutor.settings import Settings
from tutor.tui.lesson_status import lesson_status
from tutor.tui.question_state import QuestionState, is_typed
from tutor.tui.screens.home import HomeScreen
from tutor.tui.screens.lesson import LessonScreen
from tutor.tui.widgets.question import QuestionView


def written(question: Question) -> str:
    """The right answer, typed."""
    if question.kind == "text":
        return question.accept[0]
    metric = question_metrics(question, None) if question.kind == "predict" else None
    return f"{evaluate(question.answer, metric):.6g}"


def order_keys(state: QuestionState) -> Iterator[str]:
    """Keys that bring the items into the right order, each carried up to its place."""
    now = list(state.arrangement)
    yield from ["up"] * len(now)
    row = 0
    for place in range(len(now)):
        at = now.index(place)
        yield from ["up" if at < row else "down"] * abs(at - row)
        yield from ["shift+up"] * (at - place)
        now.insert(place, now.pop(at))
        row = place


def keys_for(state: QuestionState, right: bool) -> list[str]:
    """What to press in a focused question for a right or a wrong answer."""
    question = state.question
    if is_typed(question):
        return ["end", "ctrl+u", *(written(question) if right else "987"), "enter"]
    if question.kind == "order":
        return [*order_keys(state), *([] if right else ["shift+down", "shift+up", "shift+up"]), "enter"]
    good = {index for index, option in enumerate(question.options) if option.correct}
    if question.kind == "predict":
        good = {decided(question, question_metrics(question, None))}
    rows = [row for row, option in enumerate(state.shown) if (option in good) == right]
    if question.kind == "multiple":
        wanted = {row for row, option in enumerate(state.shown) if option in good} if right else {rows[0]}
        now = {state.shown.index(option) for option in state.chosen}
        return [*(str(row + 1) for row in sorted(wanted ^ now)), "enter"]
    return [str(rows[0] + 1), "enter"]


async def focus(pilot: Pilot[None], screen: LessonScreen, question: Question) -> None:
    """tab until the question has the keys."""
    for _ in range(9):
        part = screen.page.part_of(screen.focused)
        if isinstance(part, QuestionView) and part.state.question.id == question.id:
            return
        await pilot.press("tab")
        await pilot.pause()
    pytest.fail(f"tab never reaches {question.id}")


def type_ahead(app: App[None], keys: Sequence[str]) -> None:
    """Type as somebody who waits for no picture in between: a frame for each key is two thirds of a walk."""
    assert app._driver is not None
    for key in keys:
        event = events.Key(*named(key))
        event.set_sender(app)
        app._driver.send_message(event)


async def answer(pilot: Pilot[None], screen: LessonScreen, question: Question, right: bool) -> QuestionState:
    state = screen.state.question(question.id)
    before = state.attempts
    if state.outcome_shown:  # it is done; whoever wants to answer again takes a clean sheet
        await pilot.press("t")
        await pilot.pause()
    type_ahead(pilot.app, keys_for(state, right))
    await pilot.pause()
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()
    assert state.attempts == before + 1, f"{question.id}: the answer was not taken\n{screen_text(pilot.app)}"
    return state


async def walk_through(lesson_id: str) -> None:
    """Do the lesson; it is done then, and nothing in it was right at the first try."""
    app = make_app(shipped_course())
    lesson = load_lesson(app.course.info(lesson_id))
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson(lesson_id)
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, LessonScreen)
        for number, step in enumerate(lesson.steps):
            assert screen.state.index == number
            for block in step.blocks:
                if not isinstance(block, Question):
                    continue
                await focus(pilot, screen, block)
                assert not (await answer(pilot, screen, block, right=False)).verdict.right, block.id
                assert (await answer(pilot, screen, block, right=True)).verdict.right, block.id
            while screen.focused is not None:
                await pilot.press("escape")
                await pilot.pause()
            if number + 1 < len(lesson.steps):
                await pilot.press("right")
                await app.workers.wait_for_complete()
                await pilot.pause()
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, HomeScreen)
        status = lesson_status(app.course.info(lesson_id), app.progress)
        assert status.done
        assert status.first_try == 0
        assert f"{status.questions}/{status.questions} right" in screen_text(app)
    app.close_store()


async def ascii_throughout(lesson_id: str) -> None:
    """Each step as a whole page, not only what fits, once its runs are done; few signs had to be guessed."""
    app = make_app(shipped_course(), Settings(motion=False, symbols="ascii"))
    async with app.run_test(size=(SMALL[0], 120)) as pilot:
        app.open_lesson(lesson_id)
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, LessonScreen)
        for index, step in enumerate(app.course.info(lesson_id).step_ids):
            await screen.turn_to(index)
            await app.workers.wait_for_complete()
            await pilot.pause()
            assert screen.state.step.id == step
            text = screen_text(app)
            assert text.isascii(), step
            assert "??" not in text, step
