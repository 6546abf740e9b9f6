"""Questions of every kind, driven by keys."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from threading import Event

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual import events
from textual.binding import Binding
from textual.pilot import Pilot
from textual.widgets import Input

from tests.tui.harness import LARGE, SMALL, make_app, screen_text, write_course
from tutor.course.types import Option, Question
from tutor.progress import QuestionProgress
from tutor.tui import examiner
from tutor.tui.app import TutorApp
from tutor.tui.lesson_status import lesson_status
from tutor.tui.question_state import LONGEST, QuestionState, as_json, from_json, question_state, typed
from tutor.tui.screens.lesson import LessonScreen
from tutor.tui.widgets.keybar import acting_bindings
from tutor.tui.widgets.question import QuestionView
from tutor.tui.widgets.question_choice import OrderQuestion
from tutor.tui.widgets.question_typed import AnswerInput, placeholder

HEAD = """---
id: 01-kinds
title: Kinds
order: 1
minutes: 1
objectives: [answer]
---
# Kinds
"""
BLOCKS = {
    "choice": """kind: choice
question: Which one?
options:
  - {text: alpha, correct: true, why: alpha is it}
  - {text: beta, why: beta is not it}
  - {text: delta, why: delta is not it either}
hints: [the first letter, of the alphabet]
why: because of the alphabet""",
    "multiple": """kind: multiple
question: Which ones?
options:
  - {text: two, correct: true, why: two is even}
  - {text: three, why: three is odd}
  - {text: four, correct: true, why: four is even}
""",
    "numeric": """kind: numeric
question: How much is one half of one?
answer: 1 / 2
tolerance: 0.001
hints: [less than one]
why: "half is {{ 1 / 2 | .1f }}"
""",
    "text": """kind: text
question: Say hello.
accept: [hello, good day]
why: it is polite
""",
    "order": """kind: order
question: Put them in order.
items: [one, two, three]
why: as one counts
""",
    "predict": """kind: predict
question: What will the run give?
experiment: policy-return
set: {grid: russell-norvig, policy: optimal, slip: 0, gamma: 1, step_reward: -0.04}
answer: metric("policy-return", "objective/return", "last")
tolerance: 0.001
why: four steps and the goal
""",
}
OUTCOMES = """kind: predict
question: Will the walk pay?
experiment: policy-return
set: {grid: russell-norvig, policy: optimal, slip: 0, gamma: 1, step_reward: -0.04}
options:
  - {text: It pays, when: 'metric("policy-return", "objective/return", "last") > 0', why: the goal is worth more}
  - {text: It costs, when: 'metric("policy-return", "objective/return", "last") <= 0', why: the steps are cheap}
hints: [add up]
why: 'four moves at 0.04 and then 1: {{ metric("policy-return", "objective/return", "last") | .1f }}'
"""
ALL = {**BLOCKS, "outcomes": OUTCOMES}


def lesson_of(*kinds: str) -> str:
    """A lesson with one step a kind."""
    if kinds == ("long",):  # text, and two questions in one step
        text = "\n\n".join(
            f"Paragraph {number} of a long step, so long that it fills lines." for number in range(9)
        )
        blocks = "\n".join(f"```quiz\nid: q-{k}\n{ALL[k].rstrip()}\n```\n" for k in ("choice", "numeric"))
        return f"{HEAD}\n## Long\n\n{text}\n\n{blocks}"
    steps = [f"## Step {kind}\n\n```quiz\nid: q-{kind}\n{ALL[kind].rstrip()}\n```\n" for kind in kinds]
    return HEAD + "\n" + "\n".join(steps)


@asynccontextmanager
async def lesson(
    folder: Path, *kinds: str, size: tuple[int, int] = SMALL
) -> AsyncIterator[tuple[TutorApp, LessonScreen, Pilot[None]]]:
    app = make_app(write_course(folder / "course", kinds=lesson_of(*kinds)))
    async with app.run_test(size=size) as pilot:
        app.open_lesson("01-kinds")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, LessonScreen)
        yield app, screen, pilot
    app.close_store()


def state_of(screen: LessonScreen, kind: str) -> QuestionState:
    assert screen.state is not None
    return screen.state.question(f"q-{kind}")


async def settle(app: TutorApp, pilot: Pilot[None]) -> None:
    """Answers are graded and kept by workers."""
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_choice_wrong_then_right(tmp_path: Path, size: tuple[int, int]) -> None:
    async with lesson(tmp_path, "choice", size=size) as (app, screen, pilot):
        state = state_of(screen, "choice")
        wrong, right = state.shown.index(1), state.shown.index(0)
        await pilot.press("tab", str(wrong + 1), "enter")
        await settle(app, pilot)
        assert "Not yet" in screen_text(app)
        assert "beta is not it" in screen_text(app)
        assert "alpha is it" not in screen_text(app)
        assert not state.finished
        await pilot.press(str(right + 1), "enter")
        await settle(app, pilot)
        text = screen_text(app)
        assert "✓ Right" in text
        assert "delta is not it either" in text  # every reason may be read now
        kept = app.progress.lesson("01-kinds").questions["q-choice"]
        assert (kept.attempts, kept.right, kept.first_try) == (2, True, False)


async def test_arrows_move_and_stop_at_the_ends(tmp_path: Path) -> None:
    async with lesson(tmp_path, "choice") as (_, screen, pilot):
        state = state_of(screen, "choice")
        await pilot.press("tab", "down", "up", "up")
        assert state.cursor == 0
        await pilot.press("down", "down", "down", "down")
        assert state.cursor == 2
        await pilot.press("k")
        assert state.cursor == 1
        await pilot.press("j", "9")
        assert state.cursor == 2


@pytest.mark.parametrize("kind", ["choice", "outcomes"])
async def test_no_option_is_the_answer_before_one_is_chosen(tmp_path: Path, kind: str) -> None:
    async with lesson(tmp_path, kind) as (app, screen, pilot):
        state = state_of(screen, kind)
        await pilot.press("tab", "up", "enter")
        await settle(app, pilot)
        assert "●" not in screen_text(app)
        assert "Choose first: up and down, or a number." in screen_text(app)
        assert (state.attempts, state.draft()) == (0, None)
        await pilot.press("down")
        await settle(app, pilot)
        assert "● 1" in screen_text(app)
        assert state.response() == state.shown[0]
        assert state.draft() == state.shown[0]  # chosen, though it is the first: kept


async def test_space_leaves_a_choice_that_was_not_answered_only_the_second_time(tmp_path: Path) -> None:
    async with lesson(tmp_path, "choice", "order") as (app, screen, pilot):
        await pilot.press("tab", "down", "space")
        await settle(app, pilot)
        assert "Chosen, but not answered: enter answers, space goes on." in screen_text(app)
        assert screen.state is not None
        assert screen.state.index == 0
        await pilot.press("space")
        await settle(app, pilot)
        assert screen.state.index == 1


async def test_a_clean_sheet_has_nothing_chosen(tmp_path: Path) -> None:
    async with lesson(tmp_path, "choice") as (app, screen, pilot):
        state = state_of(screen, "choice")
        await pilot.press("tab", str(state.shown.index(1) + 1), "enter")
        await settle(app, pilot)
        await pilot.press("t")
        assert state.response() is None


async def test_a_click_chooses(tmp_path: Path) -> None:
    async with lesson(tmp_path, "choice") as (_, screen, pilot):
        view = screen.query_one(QuestionView)
        assert await pilot.click(
            QuestionView, offset=(8, 3)
        )  # the border, the header and the question are above
        assert state_of(screen, "choice").cursor == 1
        assert view.has_focus


async def test_hints_come_one_at_a_time_and_after_success(tmp_path: Path) -> None:
    async with lesson(tmp_path, "choice") as (app, screen, pilot):
        assert "hint 1 of 2: h" in screen_text(app)
        await pilot.press("h")  # the keys are with the text: the first question that can be seen
        await settle(app, pilot)
        assert "the first letter" in screen_text(app)
        assert "of the alphabet" not in screen_text(app)
        state = state_of(screen, "choice")
        await pilot.press("tab", str(state.shown.index(0) + 1), "enter")
        await settle(app, pilot)
        await pilot.press("h")
        await settle(app, pilot)
        assert "of the alphabet" in screen_text(app)
        assert app.progress.lesson("01-kinds").questions["q-choice"].hints == 2


async def test_multiple_needs_all_and_no_other(tmp_path: Path) -> None:
    async with lesson(tmp_path, "multiple") as (app, screen, pilot):
        state = state_of(screen, "multiple")
        await pilot.press("tab", "enter")
        await settle(app, pilot)
        assert "Choose first" in screen_text(app)
        assert state.attempts == 0
        await pilot.press(str(state.shown.index(0) + 1), "enter")
        await settle(app, pilot)
        assert not state.finished
        state.cursor = state.shown.index(2)
        await pilot.press("space", "enter")
        await settle(app, pilot)
        assert state.finished
        assert "three is odd" in screen_text(app)


async def test_numbers_are_typed(tmp_path: Path) -> None:
    async with lesson(tmp_path, "numeric") as (app, screen, pilot):
        state = state_of(screen, "numeric")
        await pilot.press("tab", *"h?", "enter")
        await settle(app, pilot)
        assert state.text == "h?"  # while typing, letters are letters
        assert state.attempts == 0
        assert state.note
        await pilot.press("ctrl+t", "backspace", "backspace", *"1/2", "enter")
        await settle(app, pilot)
        text = screen_text(app)
        assert "less than one" in text
        assert "✓ Right" in text
        assert "half is 0.5" in text
        await pilot.press("h")
        assert screen.focused is screen.query_one(QuestionView)


async def test_text_is_typed_and_pasted(tmp_path: Path) -> None:
    async with lesson(tmp_path, "text") as (app, screen, pilot):
        await pilot.press("tab")
        field = screen.query_one(Input)
        field.insert_text_at_cursor("Good\x1b  day" + "y" * 2000)
        assert len(field.value) == LONGEST
        assert "\x1b" not in field.value
        field.value = ""
        await pilot.press(*"good", "space", *"day", "enter")
        await settle(app, pilot)
        assert state_of(screen, "text").finished


async def test_items_are_carried(tmp_path: Path) -> None:
    async with lesson(tmp_path, "order") as (app, screen, pilot):
        state = state_of(screen, "order")
        assert state.arrangement != [0, 1, 2]
        await pilot.press("tab")
        for number in (3, 1, 2):  # the cursor goes along with its item
            await pilot.press(str(number))
            assert state.cursor == number - 1
        for place in range(3):  # selection sort, by keys alone
            state.cursor = state.arrangement.index(place)
            while state.cursor > place:
                await pilot.press("shift+up" if place else "K")
        await pilot.press("enter")
        await settle(app, pilot)
        assert state.arrangement == [0, 1, 2]
        assert state.finished
        await pilot.press("shift+down")
        assert state.arrangement == [0, 1, 2]  # what is right stays


async def test_a_prediction_is_graded_by_the_run(tmp_path: Path) -> None:
    async with lesson(tmp_path, "predict") as (app, screen, pilot):
        state = state_of(screen, "predict")
        await pilot.press("tab", *"0.5", "enter")
        await settle(app, pilot)
        assert state.verdict is not None
        assert not state.verdict.right
        assert "0.8" in screen_text(app)  # five steps at -0.04, and 1
        await pilot.press("t")  # it is told and done; a clean sheet is for whoever wants one
        assert state.text == ""
        await pilot.press(*"0.8", "enter")
        await settle(app, pilot)
        assert state.finished


async def test_what_a_run_says_stands_in_the_answer_that_is_shown(tmp_path: Path) -> None:
    """Wrong, again from the start, and then the answer: the number of the run, never what is written for it."""
    async with lesson(tmp_path, "outcomes") as (app, screen, pilot):
        state = state_of(screen, "outcomes")
        wrong = next(place for place, index in enumerate(state.shown) if index == 1)
        await pilot.press("tab", str(wrong + 1), "enter")
        await settle(app, pilot)
        await pilot.press("t", "v")
        await settle(app, pilot)
        text = " ".join(screen_text(app).split())
        assert "then 1: 0.8" in text
        assert "metric" not in text


async def test_a_run_that_is_waited_for_is_stopped_by_esc(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    started, stopped = Event(), Event()

    def endless(_: object, __: object, stop: Event) -> None:
        started.set()
        if stop.wait(20):
            stopped.set()

    monkeypatch.setattr(examiner, "frames_of", endless)
    async with lesson(tmp_path, "predict") as (app, screen, pilot):
        state = state_of(screen, "predict")
        await pilot.press("tab", *"0.5", "enter")
        await asyncio.to_thread(started.wait, 20)
        await pilot.pause()
        assert "esc stops it" in screen_text(app)
        await pilot.press("enter", "escape")
        await settle(app, pilot)
        assert stopped.is_set()
        assert "Stopped" in screen_text(app)
        assert (state.attempts, state.busy, state.text) == (0, "", "0.5")
        assert screen.focused is not None  # esc was for the run


async def test_an_experiment_that_fails_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def failing(*_: object) -> None:
        raise ValueError("no such grid")

    monkeypatch.setattr(examiner, "frames_of", failing)
    async with lesson(tmp_path, "predict") as (app, screen, pilot):
        await pilot.press("tab", "1", "enter")
        await settle(app, pilot)
        assert "no such grid" in screen_text(app)
        assert state_of(screen, "predict").attempts == 0


async def test_a_prediction_is_shown_with_its_number_after_coming_back(tmp_path: Path) -> None:
    async with lesson(tmp_path, "predict") as (app, _, pilot):
        await pilot.press("tab", *"0.8", "enter")
        await settle(app, pilot)
        shown = screen_text(app)
    async with lesson(tmp_path, "predict") as (app, screen, pilot):
        await settle(app, pilot)
        verdict = next(line for line in shown.splitlines() if "Right" in line)
        assert verdict in screen_text(app)
        assert state_of(screen, "predict").attempts == 1


async def test_giving_up_shows_the_answer_and_counts_as_skipped(tmp_path: Path) -> None:
    async with lesson(tmp_path, "numeric", "choice") as (app, _, pilot):
        await pilot.press("tab", "7", "enter")
        await settle(app, pilot)
        await pilot.press("escape", "right", "left", "v")
        await settle(app, pilot)
        assert "The answer is 0.5" in screen_text(app)
        kept = app.progress.lesson("01-kinds").questions["q-numeric"]
        assert kept.skipped
        assert not kept.right
        await pilot.press("tab", "t", *"3", "enter")
        await settle(app, pilot)
        assert "The answer" not in screen_text(app)
        await pilot.press("ctrl+g")
        await settle(app, pilot)
        assert "The answer is 0.5" in screen_text(app)


@pytest.mark.parametrize("kind", ["choice", "outcomes"])
async def test_the_answer_that_was_asked_for_is_marked_and_mine_crossed_out(
    tmp_path: Path, kind: str
) -> None:
    signs = {"choice": {"alpha": "✓", "beta": "✗", "delta": "○"}, "outcomes": {"pays": "✓", "costs": "✗"}}[
        kind
    ]
    reasons = {"choice": ("alpha is it", "beta is not it"), "outcomes": ("worth more", "are cheap")}[kind]
    async with lesson(tmp_path, kind) as (app, screen, pilot):
        state = state_of(screen, kind)
        await pilot.press("tab", str(state.shown.index(1) + 1), "enter")
        await settle(app, pilot)
        if kind == "outcomes":  # its answer is told at once: what is asked for is asked for on a clean sheet
            await pilot.press("t")
        await pilot.press("v")
        await settle(app, pilot)
        first = screen_text(app)
        assert "The answer is marked above" in first
        assert all(reason in first for reason in reasons)
    async with lesson(tmp_path, kind) as (app, screen, pilot):
        await settle(app, pilot)
        await settle(app, pilot)
        text = screen_text(app)
        told = "The answer is marked above" if kind == "choice" else "Computed now, the answer is different"
        assert told in text
        assert "Not yet" not in text
        assert all(reason in text for reason in reasons)
        rows = [line for line in text.splitlines() if any(f" {sign} " in line for sign in "✓✗○")]
        for option, sign in signs.items():
            assert any(f" {sign} " in row and row.rstrip().endswith(option) for row in rows), (option, text)


async def test_a_wrong_guess_among_outcomes_is_told_what_the_run_gave(tmp_path: Path) -> None:
    async with lesson(tmp_path, "outcomes") as (app, screen, pilot):
        state = state_of(screen, "outcomes")
        await pilot.press("tab", str(state.shown.index(1) + 1), "enter")
        await settle(app, pilot)
        text = screen_text(app)
        assert '✗ Computed now, the answer is different: "It pays".' in text
        assert "four moves at" in text  # the numbers of the run
        assert "Not yet" not in text
        assert "the goal is worth more" in text
        assert "the steps are cheap" in text
        assert state.finished
        assert "v show" not in text
        assert "note it" not in text
        assert not state.open  # there is nothing left to guess
        kept = app.progress.lesson("01-kinds").questions["q-outcomes"]
        assert (kept.attempts, kept.right, kept.first_try, kept.skipped) == (1, False, False, True)
    async with lesson(tmp_path, "outcomes") as (app, screen, pilot):
        await settle(app, pilot)
        await settle(app, pilot)
        assert "the answer is different" in screen_text(app)
        state = state_of(screen, "outcomes")
        assert not state.open
        await pilot.press("tab", "enter")  # nothing is left to answer
        await settle(app, pilot)
        assert state.attempts == 1
        await pilot.press("t", str(state.shown.index(0) + 1), "enter")  # but to try again is free
        await settle(app, pilot)
        assert "✓ Right" in screen_text(app)


async def test_a_wrong_guess_at_a_number_is_told_it_and_done(tmp_path: Path) -> None:
    async with lesson(tmp_path, "predict") as (app, screen, pilot):
        await pilot.press("tab", *"0.5", "enter")
        await settle(app, pilot)
        state = state_of(screen, "predict")
        assert "✗ It came otherwise. The run gave 0.8; you said 0.5." in screen_text(app)
        assert "four steps and the goal" in screen_text(app)
        assert state.finished
        assert not state.open
        await pilot.press("0", "enter")  # there is no field to type it into
        await settle(app, pilot)
        assert (state.text, state.attempts) == ("0.5", 1)
        assert lesson_status(app.course.info("01-kinds"), app.progress).done
    async with lesson(tmp_path, "predict") as (app, screen, pilot):
        await settle(app, pilot)
        await settle(app, pilot)
        assert "It came otherwise." in screen_text(app)
        assert not state_of(screen, "predict").open


@pytest.mark.parametrize(
    ("kind", "tolerance", "says"),
    [
        ("numeric", 0.001, "a number or a sum, such as 3/4 + .5 (to within 0.001)"),
        ("numeric", 0.5, "a number or a sum, such as 3/4 + .5 (a whole number)"),
        ("predict", 0.1, "your guess, a number (to within 0.1)"),
    ],
)
def test_an_empty_field_says_what_may_be_typed(kind: str, tolerance: float, says: str) -> None:
    assert placeholder(Question("q", kind, "?", 1, answer="1", tolerance=tolerance)) == says


def test_the_keys_that_carry_an_item_need_no_shifted_arrow() -> None:
    """Terminals and links on the way swallow shifted arrows; letters come through."""
    shown = [binding for binding in OrderQuestion.BINDINGS if isinstance(binding, Binding) and binding.show]
    carry = [binding.key.split(",")[0] for binding in shown if binding.action.startswith("carry")]
    assert carry == ["K", "J"]


def wrong_keys(state: QuestionState) -> list[str]:
    """What makes a wrong answer of a clean sheet; the second option is wrong everywhere here."""
    if state.question.kind == "order":
        return []
    return [str(state.shown.index(1) + 1)] if state.shown else ["7"]


@pytest.mark.parametrize("kind", ["choice", "multiple", "numeric", "order"])
async def test_the_same_wrong_answer_is_not_counted_twice(tmp_path: Path, kind: str) -> None:
    async with lesson(tmp_path, kind) as (app, screen, pilot):
        state = state_of(screen, kind)
        await pilot.press("tab", *wrong_keys(state), "enter")
        await settle(app, pilot)
        await pilot.press("enter")
        await settle(app, pilot)
        assert state.attempts == 1
        assert "Already tried" in screen_text(app)


async def test_a_wrong_number_is_offered_a_hint_while_there_is_one(tmp_path: Path) -> None:
    async with lesson(tmp_path, "numeric") as (app, _, pilot):
        await pilot.press("tab", "7", "enter")
        await settle(app, pilot)
        assert "✗ Not yet. ctrl+t gives a hint." in screen_text(app)
        await pilot.press("ctrl+t")
        await settle(app, pilot)
        assert "gives a hint" not in screen_text(app)


async def test_the_header_tells_practice_from_the_right_answer_before(tmp_path: Path) -> None:
    async with lesson(tmp_path, "choice") as (app, screen, pilot):
        state = state_of(screen, "choice")
        await pilot.press("tab", str(state.shown.index(0) + 1), "enter")
        await settle(app, pilot)
        assert "Question 1 ✓" in screen_text(app)
        await pilot.press("t", str(state.shown.index(1) + 1), "enter")
        await settle(app, pilot)
        assert "Question 1 · right before ✓" in screen_text(app)


@pytest.mark.parametrize("kind", ["choice", "multiple", "order", "numeric", "outcomes"])
@pytest.mark.parametrize("size", [SMALL, (60, 18)], ids=["80x24", "60x18"])
async def test_a_way_on_is_always_named(tmp_path: Path, kind: str, size: tuple[int, int]) -> None:
    async with lesson(tmp_path, kind, size=size) as (app, screen, pilot):
        state = state_of(screen, kind)
        await pilot.press("tab", *wrong_keys(state))
        for _ in range(2):
            bar = screen_text(app).splitlines()[-1]
            ways = ("space on", "→ next", "esc back")
            assert any(way in bar for way in ways), bar
            await pilot.press("enter")
            await settle(app, pilot)


async def test_keys_are_listed_when_they_act_and_in_our_words(tmp_path: Path) -> None:
    def listed(app: TutorApp) -> list[tuple[str, str]]:
        return [(key, b.tooltip or b.description) for key, b in acting_bindings(app.screen)]

    async with lesson(tmp_path, "numeric", "choice") as (app, _, pilot):
        assert "v" not in dict(listed(app))  # nothing was tried yet
        await pilot.press("tab")
        await pilot.pause()
        keys = dict(listed(app))
        assert "left" not in keys
        assert "slash" not in keys
        assert not any(words.startswith(("Move", "Delete", "Go to")) for words in keys.values())
        assert "tab" not in keys  # there is nothing to go to
        await pilot.press("7", "enter")
        await settle(app, pilot)
        await pilot.press("escape")
        await pilot.pause()
        assert "v" in dict(listed(app))
        await pilot.press("right", "tab")
        await pilot.pause()
        assert "1-9" in dict(listed(app))
        assert "1" not in dict(listed(app))


async def test_a_number_is_edited_with_the_usual_keys(tmp_path: Path) -> None:
    async with lesson(tmp_path, "numeric") as (_, screen, pilot):
        state = state_of(screen, "numeric")
        await pilot.press("tab", *"23", "home", *"1", "end", *"4", "left", "backspace", "delete")
        assert state.text == "12"
        await pilot.press("ctrl+u")
        assert state.text == ""
        await pilot.press(*"1+2", "left", "ctrl+k")
        assert state.text == "1+"


@pytest.mark.parametrize("kind", ["choice", "numeric"])
async def test_what_has_the_keys_stays_in_sight(tmp_path: Path, kind: str) -> None:
    async with lesson(tmp_path, "long", size=SMALL) as (_, screen, pilot):
        await pilot.press("tab", "tab" if kind == "numeric" else "shift+tab")
        await pilot.pause()
        for size in ((60, 18), (46, 14), (120, 40), (40, 12)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.pause()
            view = screen.page.part_of(screen.focused)
            assert isinstance(view, QuestionView)
            line = view.region.y + view.line_with_keys
            assert screen.page.region.y <= line < screen.page.region.bottom, size


async def test_practice_after_success_does_no_harm(tmp_path: Path) -> None:
    async with lesson(tmp_path, "choice") as (app, screen, pilot):
        state = state_of(screen, "choice")
        await pilot.press("tab", str(state.shown.index(0) + 1), "enter")
        await settle(app, pilot)
        await pilot.press("t", str(state.shown.index(1) + 1), "enter")
        await settle(app, pilot)
        kept = app.progress.lesson("01-kinds").questions["q-choice"]
        assert (kept.attempts, kept.right, kept.first_try) == (2, True, True)


async def test_an_answer_that_cannot_be_saved_is_graded_all_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with lesson(tmp_path, "choice") as (app, screen, pilot):

        async def not_saved(*_: object, **__: object) -> bool:
            return False

        monkeypatch.setattr(app.recorder, "record", not_saved)
        state = state_of(screen, "choice")
        await pilot.press("tab", str(state.shown.index(0) + 1), "enter")
        await settle(app, pilot)
        assert state.finished
        assert "could not be saved" in screen_text(app)


# What is kept

CHOICE = Question(
    "q", "choice", "?", 1, options=(Option("a", "", True), Option("b", ""), Option("c", "")), hints=("x",)
)
MULTIPLE = Question("q", "multiple", "?", 1, options=CHOICE.options)
ORDER = Question("q", "order", "?", 1, items=("a", "b", "c"))
NUMERIC = Question("q", "numeric", "?", 1, answer="1")

json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=3), inner, max_size=2),
    max_leaves=6,
)


@given(json_values, st.sampled_from([CHOICE, MULTIPLE, ORDER, NUMERIC]))
def test_a_kept_answer_is_understood_or_left_out(raw: object, question: Question) -> None:
    response = from_json(question, raw)
    if response is not None:
        assert from_json(question, as_json(response)) == response


@given(json_values, json_values, st.sampled_from([CHOICE, MULTIPLE, ORDER, NUMERIC]))
def test_any_kept_progress_opens(last: object, draft: object, question: Question) -> None:
    kept = QuestionProgress(attempts=1, last_response=last, hints=99, draft=draft, skipped=True)
    state = question_state(question, "s", 1, "l", "learner", kept)
    assert state.hints == len(question.hints)
    assert sorted(state.shown) == list(range(len(question.options or question.items)))


@given(st.text(max_size=700))
def test_typed_text_is_one_short_line(text: str) -> None:
    result = typed(text)
    assert len(result) <= LONGEST
    assert result == typed(result)
    assert all(character.isprintable() or ord(character) > 0x9F for character in result)


async def test_a_number_puts_the_item_under_the_cursor_in_that_place(tmp_path: Path) -> None:
    async with lesson(tmp_path, "order") as (_, screen, pilot):
        state = state_of(screen, "order")
        before = list(state.arrangement)
        await pilot.press("tab", "3")
        first, *others = before
        assert state.arrangement == [*others[:2], first, *others[2:]]
        assert state.cursor == 2
        await pilot.press("1")
        assert (state.arrangement, state.cursor) == (before, 0)


@pytest.mark.parametrize(
    ("keys", "answers", "left"),
    [
        (["4", "enter", "7"], ["4"], "4"),
        (["5", "enter", "ctrl+u", "4", "enter"], ["5", "4"], "4"),
        (["5", "ctrl+a", "1", "end", "backspace", "enter"], ["1"], "1"),
        (["5", "enter", "6"], ["5"], "56"),  # what is typed behind a wrong answer is not lost
        (["1", "2", "3", "escape", "b"], [], "123"),  # b is the lesson's
    ],
)
async def test_keys_that_come_at_once_act_in_the_order_in_which_they_were_typed(
    tmp_path: Path, keys: list[str], answers: list[str], left: str
) -> None:
    """As after a pause of a slow line, when all come in one packet."""
    app = make_app(write_course(tmp_path / "course"))
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-first")
        await pilot.pause()
        for key in ["tab", *keys]:
            app.post_message(events.Key(key, key if len(key) == 1 else None))
        await pilot.pause()
        await pilot.pause()
        assert app.screen.query_one(AnswerInput).value == left
    app.recorder.close()
    kept = [event.data["response"] for event in app.store.events() if event.kind == "attempt"]
    assert kept == answers
