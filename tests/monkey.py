"""A monkey at the keyboard: random keys, mouse and window sizes over every screen. `python -m tests.monkey 20000`.

The tutor survives its own mistakes, so the monkey looks for them in the log. Prints what was seen; on a fault, the
events that led to it (the same seed gives the same events), exit status 1.
"""

import argparse
import asyncio
import os
import random
import signal
import sys
import tempfile
import traceback
from collections import Counter, deque
from collections.abc import Iterator
from contextlib import chdir
from pathlib import Path
from time import monotonic, process_time

from textual import events
from textual.message_pump import MessagePump
from textual.pilot import Pilot

from tests.tui.harness import make_app, screen_text
from tutor import paths, settings
from tutor.course import load_course
from tutor.experiments import labs
from tutor.tui.app import TutorApp
from tutor.tui.screens.lab import LabScreen
from tutor.tui.screens.lesson import LessonScreen

MOST_PASSES = 20_000  # of the event loop, until every widget has answered an event
MOST_SECONDS = 30.0  # of CPU, the same for code that does not give the loop back
LONGEST_WAIT = 600.0  # seconds, for code that waits for what never comes: a busy machine takes its time
MOVES = [
    "up",
    "down",
    "left",
    "right",
    "home",
    "end",
    "pageup",
    "pagedown",
    "tab",
    "shift+tab",
    "space",
    "enter",
]
LAB = ["space", "u", "r", "plus", "minus", "equals_sign", "0", "s", "p", "e", "c", "x", "n", "o", "v", "t", "g",
       "left_square_bracket", "right_square_bracket", "w", "d", "a", *MOVES]  # fmt: skip
LESSON = [
    "space",
    "b",
    "h",
    "v",
    "m",
    "1",
    "2",
    "3",
    "4",
    "ctrl+t",
    "shift+up",
    "shift+down",
    "j",
    "k",
    *MOVES,
]
ODD = ["question_mark", "f1", "ctrl+p", "slash", "ctrl+l", "ctrl+c", "ctrl+z", "f5", "ctrl+w", "delete", "ctrl+a",
       "ctrl+k", "ctrl+u", "ctrl+x", "ctrl+v", "shift+left", "ctrl+right", "insert", "tilde", "underscore"]  # fmt: skip
TYPED = [
    *"abcdefghijklmnopqrstuvwxyz0123456789.,-+*/^ ()%",
    "é",
    "λ",
    "🙂",
    "\u200b",
    "backspace",
    "enter",
    "tab",
]
PASTES = ["0.5", "1e-3\n", "\x1b[31mred", "x" * 3000, "", "γ\t1\r\n2", "-1/3 + sqrt(2)", "understand"]
BROKEN = "---\nid: [\n"  # a lesson that cannot be opened stands beside the others
SIZES = {
    ((40, 130), (12, 45)): 6,
    ((40, 300), (12, 100)): 2,
    ((1, 39), (1, 11)): 1,
}  # columns, rows: how often
MOODS = {"moves": 3, "lab": 4, "lesson": 4, "typing": 2, "sizes": 1, "mouse": 1}


class FaultError(AssertionError):
    """What the monkey found."""


class Monkey:
    """Shakes one app after another in one home."""

    def __init__(self, seed: int, course: Path) -> None:
        self.dice = random.Random(seed)
        self.course = load_course(course)
        self.seen: Counter[str] = Counter()
        self.last: deque[str] = deque(maxlen=40)
        self._moods = self._mood()
        self.longest = (0.0, "")  # CPU seconds until the answer, to what

    async def shake(self, count: int) -> None:
        """Give `count` events. Raises FaultError."""
        before = [(number, signal.signal(number, stuck)) for number in (signal.SIGPROF, signal.SIGALRM)]
        given = 0
        try:
            while given < count:
                given += await self._one_app(count - given)
        finally:
            signal.setitimer(signal.ITIMER_PROF, 0)
            signal.setitimer(signal.ITIMER_REAL, 0)
            for number, handler in before:
                signal.signal(number, handler)

    async def _one_app(self, most: int) -> int:
        chosen, _ = settings.load(paths.settings_file())
        app = make_app(self.course, chosen)
        given = 0
        try:
            async with app.run_test(size=(80, 24)) as pilot:
                while given < most and app.is_running and not app._exit:
                    await self._give(pilot, app, next(self._moods))
                    given += 1
        except FaultError:
            raise
        except Exception:
            self._fail(traceback.format_exc())
        app.close_store()
        self._look()
        self.last.append("(a new tutor)")
        return given

    async def _give(self, pilot: Pilot[None], app: TutorApp, mood: str) -> None:
        signal.setitimer(
            signal.ITIMER_PROF, MOST_SECONDS
        )  # code that never comes back: `stuck` breaks into it
        signal.setitimer(signal.ITIMER_REAL, LONGEST_WAIT)
        start = process_time()
        self.last.append(self._act(app, mood))
        if not app._exit:
            try:
                await answered(app)
            except FaultError as fault:
                self._look()
                self._fail(str(fault))
        self.longest = max(
            self.longest,
            (process_time() - start, f"{self.last[-1]} on {place(app)}" if not app._exit else ""),
        )
        self._look()
        if app._exit:
            return
        self.seen[place(app)] += 1
        if self.dice.random() < 0.2:  # a headless app draws nothing by itself
            self._check_picture(app)

    def _act(self, app: TutorApp, mood: str) -> str:
        """Do something; what it was, in words."""
        if self.dice.random() < 0.02:
            return self._jump(app)
        driver = app._driver
        assert driver is not None
        for event in self._events(app, mood):
            event.set_sender(app)
            driver.send_message(event)
        return f"{mood}: {event!r}"[:120]

    def _events(self, app: TutorApp, mood: str) -> Iterator[events.Event]:
        dice = self.dice
        width, height = app.size
        if mood == "sizes":
            columns, rows = dice.choices(
                [((40, 130), (12, 45)), ((40, 300), (12, 100)), ((1, 39), (1, 11))], [6, 2, 1]
            )[0]
            size = dice.randint(*columns), dice.randint(*rows)
            yield events.Resize.from_dimensions(size, None)
        elif mood == "mouse":
            x, y = dice.randrange(max(1, width)), dice.randrange(max(1, height))
            spot = (None, x, y, 0, 0)
            kind = dice.choice(["click", "move", "up", "down"])
            if kind == "click":
                yield events.MouseDown(*spot, 1, False, False, False, x, y)
                yield events.MouseUp(*spot, 1, False, False, False, x, y)
            else:
                make = {"move": events.MouseMove, "up": events.MouseScrollUp, "down": events.MouseScrollDown}[
                    kind
                ]
                yield make(*spot, 0, False, False, False, x, y)
        elif mood == "typing" and dice.random() < 0.05:
            yield events.Paste(dice.choice(PASTES))
        else:
            keys = {"moves": MOVES, "lab": LAB, "lesson": LESSON, "typing": TYPED}[mood]
            if dice.random() < 0.12:
                keys = ["escape", "escape", "q", *ODD, *"lps"]
            key = dice.choice(keys)
            yield events.Key(*named(key))

    def _jump(self, app: TutorApp) -> str:
        lessons = [lesson.id for lesson in app.course.lessons if not lesson.fault]
        if self.dice.random() < 0.5:
            lab = self.dice.choice(list(labs()))
            fresh = self.dice.choice([None, {}])
            app.call_later(app.open_lab, lab, fresh)
            return f"open lab {lab}"
        info = app.course.info(self.dice.choice(lessons))
        step = self.dice.choice(info.step_ids)
        app.call_later(app.open_lesson, info.id, step)
        return f"open lesson {info.id} at {step}"

    def _mood(self) -> Iterator[str]:
        while True:
            mood = self.dice.choices(list(MOODS), list(MOODS.values()))[0]
            for _ in range(self.dice.randint(1, 8 if mood in ("sizes", "mouse") else 40)):
                yield mood
                if self.dice.random() < 0.03:
                    yield "sizes"

    def _check_picture(self, app: TutorApp) -> None:
        text = screen_text(app)
        if bad := {sign for sign in text if not sign.isprintable() and sign != "\n"}:
            self._fail(f"signs that no terminal should get: {bad!r}")
        if app.ascii and (signs := {sign for sign in text if ord(sign) > 126}):
            line = next(line for line in text.split("\n") if signs & set(line))
            self._fail(f"signs beyond ASCII in ASCII mode: {signs!r} in {line!r}")

    def _look(self) -> None:
        log = paths.log_file()
        if log.exists():
            self._fail(log.read_text(encoding="utf-8"))

    def _fail(self, what: str) -> None:
        raise FaultError("\n".join([*self.last, "", what]))


def stuck(*_: object) -> None:
    """Called by the timer in the midst of whatever takes so long; the traceback, in the log, says what that is."""
    raise FaultError("this takes too long")


def named(key: str) -> tuple[str, str | None]:
    """(key, character) as the terminal's parser would give them."""
    from textual.keys import _character_to_key

    if len(key) == 1:
        return _character_to_key(key), key
    return key, {"space": " ", "question_mark": "?", "slash": "/", "plus": "+", "minus": "-", "tilde": "~",
                 "underscore": "_", "left_square_bracket": "[", "right_square_bracket": "]",
                 "equals_sign": "="}.get(key)  # fmt: skip


def place(app: TutorApp) -> str:
    """The screen that the app is on: its class, and which lab or lesson."""
    screen = app.screen
    name = type(screen).__name__
    if isinstance(screen, LabScreen):
        return f"{name} {screen.lab_id}"
    return f"{name} {screen.info.id}" if isinstance(screen, LessonScreen) else name


async def answered(app: TutorApp) -> None:
    """Wait until everything on the screen has worked off its messages.

    Raises FaultError after MOST_PASSES of the event loop that took MOST_SECONDS: a thread may be waited for in between.
    """
    waiting: set[MessagePump] = {app, *app.screen.walk_children(with_self=True)}

    def answers(pump: MessagePump) -> None:
        waiting.discard(pump)

    for pump in list(waiting):
        if not pump.call_later(answers, pump):
            answers(pump)
    end = monotonic() + MOST_SECONDS
    passes = 0
    while any(pump._running and not pump._closing and not pump._closed for pump in waiting):
        await asyncio.sleep(0)
        passes += 1
        if passes > MOST_PASSES and monotonic() > end:
            raise FaultError(f"no answer from {waiting}")


def course_beside_a_broken_lesson(folder: Path) -> Path:
    """The shipped lessons and one that cannot be read."""
    target = folder / "en"
    target.mkdir(parents=True)
    for lesson in (paths.lessons_dir() / "en").glob("*.md"):
        (target / lesson.name).symlink_to(lesson)
    (target / "99-broken.md").write_text(BROKEN, encoding="utf-8")
    return folder


def main() -> int:
    """20,000 events unless told otherwise."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("count", nargs="?", type=int, default=20_000)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as home, chdir(home):
        os.environ["RL_TUTOR_HOME"] = f"{home}/home"
        os.environ["LC_ALL"] = "C.UTF-8"
        monkey = Monkey(args.seed, course_beside_a_broken_lesson(Path(home) / "course"))
        start = monotonic()
        try:
            asyncio.run(monkey.shake(args.count))
        except FaultError as fault:
            print(f"seed {args.seed}, after {sum(monkey.seen.values())} events:\n{fault}")
            return 1
        print(f"{args.count} events, seed {args.seed}, {monotonic() - start:.0f} s, no fault")
        print("longest wait for an answer: {:.2f} s of CPU, {}".format(*monkey.longest))
        for name, count in sorted(monkey.seen.items()):
            print(f"{count:>7} {name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
