"""A lesson on the screen: turning pages, coming back, labs and charts in the text, and any keys in any order."""

import random
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from textual.binding import Binding
from textual.content import Content
from textual.pilot import Pilot

from tests.tui.harness import LARGE, ONE, SMALL, make_app, screen_text, write_course
from tests.tui.test_question import BLOCKS
from tutor import paths
from tutor.progress import open_store
from tutor.tui.app import TutorApp
from tutor.tui.labs.base import LabView
from tutor.tui.lesson_state import Texts
from tutor.tui.screens.lesson import LessonScreen
from tutor.tui.widgets import lesson_page
from tutor.tui.widgets.chart_block import ChartBlockView
from tutor.tui.widgets.step_list import StepList

LONG = "\n\n".join(f"Paragraph {number} of a long step." for number in range(40))
FIRST = f"""---
id: 01-all
title: All there is
order: 1
minutes: 5
objectives: [see it]
---
# All there is

## Text

Gamma is $\\gamma$; one half is {{{{ 1 / 2 | .2f }}}}; go to [the next](lesson:02-next).

## Long

{LONG}

## Lab

Try it.

```lab
name: gridworld
set: {{grid: russell-norvig, slip: 0}}
```

## Chart

It gives {{{{ metric("policy-return", {{"grid": "russell-norvig", "policy": "optimal", "slip": 0, "gamma": 1}},
"policy-return", "objective/return", "last") | .2f }}}}.

```chart
experiment: episode
set: {{grid: russell-norvig, policy: optimal, slip: 0}}
metric: objective/episode_return
```

## Questions

""" + "\n".join(f"```quiz\nid: q-{kind}\n{block.rstrip()}\n```\n" for kind, block in BLOCKS.items())
NEXT = """---
id: 02-next
title: The next
order: 2
minutes: 1
objectives: [end]
---
# The next

## The only step

Nothing more.
"""


class Counter(LabView):
    """A lab that counts how often space was pressed."""

    BINDINGS = [Binding("space", "count", "count")]

    def __init__(
        self, parameters: Mapping[str, Any], state: Mapping[str, Any] | None = None, *, embedded: bool = False
    ) -> None:
        super().__init__(parameters, state, embedded=embedded)
        self.count = int((state or {}).get("count", 0))

    def lab_state(self) -> dict[str, Any]:
        return {"count": self.count}

    def render(self) -> Content:
        return Content(f"counted {self.count}")

    def action_count(self) -> None:
        self.count += 1
        self.refresh()
        self.post_message(self.Changed(self))


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(lesson_page, "lab_class", lambda _: Counter)
    return write_course(tmp_path / "course", first=FIRST, next=NEXT)


def at(app: TutorApp) -> str:
    """The id of the step that is open."""
    assert isinstance(app.screen, LessonScreen)
    assert app.screen.state is not None
    return app.screen.state.step.id


async def settle(app: TutorApp, pilot: Pilot[None]) -> None:
    await pilot.pause()
    await app.workers.wait_for_complete()
    await pilot.pause()


@pytest.mark.parametrize("size", [SMALL, LARGE])
async def test_space_reads_the_whole_lesson(course: Path, size: tuple[int, int]) -> None:
    app = make_app(course)
    async with app.run_test(size=size) as pilot:
        app.open_lesson("01-all")
        await pilot.pause()
        assert "one half is 0.50" in screen_text(app)
        assert "step 1 of 5" in screen_text(app)
        seen = [at(app)]
        for _ in range(40):
            await pilot.press("space")
            await pilot.pause()
            if not isinstance(app.screen, LessonScreen) or app.screen.info.id != "01-all":
                break
            seen.append(at(app))
        assert list(dict.fromkeys(seen)) == ["text", "long", "lab", "chart", "questions"]
        assert seen.count("long") > 1  # it was scrolled, not skipped
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.info.id == "02-next"
        await pilot.press("space")
        await pilot.pause()
        assert not isinstance(app.screen, LessonScreen)
    app.close_store()
    progress = open_store(paths.progress_file()).progress()
    assert len(progress.lesson("01-all").steps_read) == 5
    assert progress.last_lesson == "02-next"


async def test_forwards_back_and_scrolling(course: Path) -> None:
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-all")
        await pilot.pause()
        await pilot.press("b", "left")
        assert at(app) == "text"
        await pilot.press("right")
        await pilot.pause()
        page = app.screen.query_one(lesson_page.LessonPage)
        for key, where in (("down", 1), ("j", 2), ("up", 1), ("k", 0), ("pagedown", 20), ("pageup", 0)):
            await pilot.press(key)
            assert page.scroll_offset.y == where, key
        await pilot.press("end")
        assert not page.has_more
        await pilot.press("home", "down", "down", "down", "right")
        await pilot.pause()
        assert at(app) == "lab"
        await pilot.press("b")
        await pilot.pause()
        assert at(app) == "long"
        assert page.scroll_offset.y == 3  # where it was left
    app.close_store()


async def test_latex_is_shown_on_a_key(course: Path) -> None:
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-all")
        await pilot.pause()
        assert "Gamma is γ" in screen_text(app)
        await pilot.press("m")
        await pilot.pause()
        assert "Gamma is $\\gamma$" in screen_text(app)
        await pilot.press("m")
        await pilot.pause()
        assert "Gamma is γ" in screen_text(app)
    app.close_store()


async def test_a_lab_keeps_its_state_over_pages_and_sessions(course: Path) -> None:
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-all", "lab")
        await pilot.pause()
        await pilot.press("tab", "space", "space", "escape")
        assert app.screen.focused is None
        await pilot.press("right", "left")
        await pilot.pause()
        assert "counted 2" in screen_text(app)
        await pilot.press("tab", "space")
        await pilot.pause()
    app.close_store()
    again = make_app(course)
    async with again.run_test(size=SMALL) as pilot:
        again.open_lesson("01-all")
        await pilot.pause()
        assert at(again) == "lab"
        assert "counted 3" in screen_text(again)
    again.close_store()


async def test_a_chart_is_run_and_drawn(course: Path) -> None:
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-all", "chart")
        await settle(app, pilot)
        await settle(app, pilot)
        assert "It gives 0.80." in screen_text(app)
        view = app.screen.query_one(ChartBlockView)
        assert "running" not in screen_text(app)
        await pilot.press("tab")
        assert view.has_focus
        before = screen_text(app)
        await pilot.press("e")
        await pilot.pause()
        assert screen_text(app) != before
        await pilot.press("e")
        await pilot.pause()
        assert screen_text(app) == before
    app.close_store()


async def test_a_chart_has_the_title_and_the_curves_that_the_block_names(tmp_path: Path) -> None:
    block = (
        "```chart\nexperiment: n-step-walk\nset: {episodes: 2}\nmetric: value/rms_error\n"
        "title: Three of five\nseries: [n-1, n-4]\n```\n"
    )
    course = write_course(tmp_path / "chart", one=ONE.replace("That was all.", block))
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-first", "afterwards")
        await settle(app, pilot)
        await settle(app, pilot)
        shown = screen_text(app)
        assert "Three of five" in shown
        assert "n = 4" in shown
        assert "n = 2" not in shown
        assert "n = 16" not in shown
    app.close_store()


async def test_tab_goes_through_the_questions_and_esc_back(course: Path) -> None:
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-all", "questions")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, LessonScreen)
        page = screen.query_one(lesson_page.LessonPage)
        parts = page.parts()
        assert len(parts) == 6
        for part in parts:
            await pilot.press("tab")
            await pilot.pause()
            assert page.part_of(screen.focused) is part
            assert page.is_seen(part)
        await pilot.press("tab")
        assert page.part_of(screen.focused) is parts[-1]
        await pilot.press("shift+tab")
        assert page.part_of(screen.focused) is parts[-2]
        await pilot.press("escape")
        assert screen.focused is None
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, LessonScreen)
    app.close_store()


async def test_drafts_hints_and_verdicts_come_back(course: Path) -> None:
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-all", "questions")
        await pilot.pause()
        screen = app.screen
        assert isinstance(screen, LessonScreen)
        assert screen.state is not None
        state = screen.state.question("q-choice")
        await pilot.press("tab", "h", str(state.shown.index(1) + 1), "enter")
        await settle(app, pilot)
        await pilot.press("tab", "2", "tab", *"0.4", "left")
        chosen = set(screen.state.question("q-multiple").chosen)
        assert chosen
        await pilot.resize_terminal(60, 20)
        await pilot.pause()
        assert screen.state.question("q-numeric").text == "0.4"
    app.close_store()
    again = make_app(course)
    async with again.run_test(size=SMALL) as pilot:
        again.open_lesson("01-all")
        await pilot.pause()
        assert at(again) == "questions"
        screen = again.screen
        assert isinstance(screen, LessonScreen)
        assert screen.state is not None
        assert "Not yet" in screen_text(again)
        assert "the first letter" in screen_text(again)
        assert screen.state.question("q-multiple").chosen == chosen
        assert screen.state.question("q-numeric").text == "0.4"
    again.close_store()


async def test_the_end_says_what_is_open(course: Path) -> None:
    app = make_app(course)
    async with app.run_test(size=LARGE) as pilot:
        app.open_lesson("01-all", "questions")
        await pilot.pause()
        await pilot.press("end")
        await pilot.pause()
        text = screen_text(app)
        assert "Questions right: 0 of 6" in text
        assert "Still open: questions 1, 2, 3, 4, 5, 6 in step 5." in text
        assert "enter goes to question 1" in text
        assert "enter open question" in text.splitlines()[-1]
        assert "opens the next lesson: The next" in text
        await pilot.press("enter")
        await settle(app, pilot)
        screen = app.screen
        assert isinstance(screen, LessonScreen)
        part = screen.page.part_of(screen.focused)
        assert part is screen.page.parts()[0]
        assert screen.page.is_seen(part)
        await pilot.press("escape", "end", "space")
        await pilot.pause()
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.info.id == "02-next"
    app.close_store()


async def test_the_end_leads_back_to_an_open_question_in_another_step(tmp_path: Path) -> None:
    text = f"---\nid: 01-two\ntitle: Two\norder: 1\n---\n# Two\n\n## Ask\n\n{LONG}\n\n```quiz\nid: q\n"
    text += BLOCKS["choice"].rstrip() + "\n```\n\n## End\n\nThat was all.\n"
    app = make_app(write_course(tmp_path / "course", two=text))
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-two", "end")
        await settle(app, pilot)
        assert "Still open: question 1 in step 1." in screen_text(app)
        assert "tab" not in screen_text(app).splitlines()[-1]  # no part in this step
        await pilot.press("enter")
        await settle(app, pilot)
        screen = app.screen
        assert isinstance(screen, LessonScreen)
        assert at(app) == "ask"
        assert screen.page.part_of(screen.focused) is screen.page.parts()[0]
        assert "Which one?" in screen_text(app)
    app.close_store()


async def test_tab_names_what_it_goes_to(course: Path) -> None:
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        for step, word in (("lab", "tab lab"), ("chart", "tab chart"), ("questions", "tab question")):
            app.open_lesson("01-all", step)
            await settle(app, pilot)
            await settle(app, pilot)
            assert word in screen_text(app).splitlines()[-1]
            await pilot.press("escape")
    app.close_store()


async def test_the_list_of_steps_explains_its_signs(course: Path) -> None:
    app = make_app(course)
    async with app.run_test(size=LARGE) as pilot:
        app.open_lesson("01-all")
        await pilot.pause()
        assert "✓ done  ● question open" in screen_text(app)
    app.close_store()


async def test_steps_beside_the_text_on_wide_screens_only(course: Path) -> None:
    app = make_app(course)
    async with app.run_test(size=LARGE) as pilot:
        app.open_lesson("01-all")
        await pilot.pause()
        assert app.screen.query_one(StepList).region.width
        await pilot.click(StepList, offset=(4, 2))
        await settle(app, pilot)
        assert at(app) == "lab"
        await pilot.resize_terminal(*SMALL)
        await pilot.pause()
        assert not app.screen.query_one(StepList).region.width
    app.close_store()


async def test_links_open_lessons(course: Path) -> None:
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-all")
        await pilot.pause()
        lines = screen_text(app).splitlines()
        y = next(number for number, line in enumerate(lines) if "the next" in line)
        await pilot.click(offset=(lines[y].index("the next") + 1, y))
        await settle(app, pilot)
        assert isinstance(app.screen, LessonScreen)
        assert app.screen.info.id == "02-next"
        app.screen.action_open_link("99-nowhere")
        await pilot.pause()
        assert isinstance(app.screen, LessonScreen)
    app.close_store()


async def test_text_can_be_copied(course: Path) -> None:
    app = make_app(course)
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("01-all")
        await pilot.pause()
        app.screen.query_one("ProseView").text_select_all()
        await pilot.pause()
        assert "one half is 0.50" in (app.screen.get_selected_text() or "")
    app.close_store()


async def test_a_broken_lesson_says_what_is_wrong(tmp_path: Path) -> None:
    folder = write_course(tmp_path / "course", first=FIRST, next=NEXT)
    app = make_app(folder)
    (folder / "next.md").write_bytes(b"\xff\xfe\x00\x01 \x80")
    async with app.run_test(size=SMALL) as pilot:
        app.open_lesson("02-next")
        await pilot.pause()
        assert "cannot be opened" in screen_text(app)
        await pilot.press("space", "b", "tab", "h", "m", "down", "enter", "escape")
        await pilot.pause()
        assert not isinstance(app.screen, LessonScreen)
    app.close_store()


KEYS = re.split(
    r"\s+",
    "space right left b tab shift+tab enter h m up down k j pageup pagedown home end escape v t 1 2 3 9 x J K "
    "shift+up shift+down ctrl+t ctrl+g backspace minus full_stop ctrl+u",
)


@pytest.mark.parametrize("seed", range(3))
async def test_any_keys_in_any_order(course: Path, seed: int) -> None:
    dice = random.Random(seed)
    app = make_app(course)
    async with app.run_test(size=dice.choice([SMALL, LARGE, (46, 14)])) as pilot:
        app.open_lesson("01-all", dice.choice(["text", "lab", "chart", "questions"]))
        await pilot.pause()
        for number in range(45):
            if not isinstance(app.screen, LessonScreen):
                app.open_lesson("01-all", "questions")
                await pilot.pause()
            if number == 20:
                await pilot.resize_terminal(dice.randint(40, 140), dice.randint(12, 50))
            await pilot.press(dice.choice(KEYS))
        await settle(app, pilot)
    app.close_store()


def test_a_text_that_a_thread_finishes_while_it_is_asked_for_does_not_wait_for_ever() -> None:
    source = '{{ metric("policy-return", {}, "policy-return", "objective/return", 0) }}'
    texts = Texts()

    class Late(set[str]):
        def add(self, source: str) -> None:
            texts._ready[source] = "-13"  # as `compute` in its thread, which has looked into `pending` before
            super().add(source)

    texts.pending = Late()
    assert texts.expanded(source) == "-13"
    assert not texts.pending
