"""The real tutor, used at random: what Textual would have sent and what was sent, each into its own emulators.

    python -m tests.tui.wire.session EVENTS [SEED]

Every event of the seeded random session (keys, typing, mouse, window sizes, themes, signs, labs, lessons, notices) is
followed by a comparison of all cells. It prints how many events and frames were compared, and the bytes of both.
"""

import asyncio
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from contextlib import chdir
from dataclasses import replace
from pathlib import Path

from rich.console import RenderableType
from textual._compositor import CompositorUpdate
from textual.drivers.headless_driver import HeadlessDriver
from textual.geometry import Offset
from textual.pilot import Pilot
from textual.screen import Screen

from tests.tui.wire.emulators import EMULATORS
from tutor import paths
from tutor.course import load_course
from tutor.experiments import labs
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui import app as app_module
from tutor.tui.app import TutorApp

ODD = """---
id: 00-odd
title: 日本語 and é, wide and composed
order: 0
minutes: 1
objectives: [see 本]
---
# 日本語 and é, wide and composed

## 漢字 to read

報酬 is *reward*, 方策 is **policy**; e\u0301 and n\u0303 are composed, 👍 is wide. A [page](https://example.org/日) and
[the lesson](lesson:01-reasoning-models). Half-width ｶﾅ, full-width ＡＢＣ, Hangul 강화학습.

| 語 | word |
|---|---|
| 状態 | state |
| 行動 | action |

```quiz
id: wide
kind: multiple-choice
question: Which is 報酬?
options: [日本, "e\u0301tat", 👍 yes, reward]
answer: 3
why: "報酬 is the reward."
```

## Afterwards

全部.
"""
NOTICES = [
    "[link='https://example.org/a']a link 日本[/link] and [b]bold[/b]",
    "e\u0301 [reverse]reversed[/] [u]line",
    "x",
]
KEYS = [
    *(
        "up",
        "down",
        "left",
        "right",
        "enter",
        "space",
        "tab",
        "shift+tab",
        "escape",
        "home",
        "end",
        "pageup",
        "pagedown",
    ),
    *(
        "backspace",
        "delete",
        "ctrl+p",
        "ctrl+l",
        "question_mark",
        "slash",
        "minus",
        "full_stop",
        "comma",
        "plus",
        "f1",
    ),
    *("shift+up", "shift+down", "shift+left", "shift+right", "left_square_bracket", "right_square_bracket"),
    *"qstlpehrunbcgmvdijk01235",
]
TYPED = ["日", "本", "é", "ｶ", "x", "4", "gamma", "ppo", "👍"]
SIZES = [(80, 24), (120, 40), (40, 12), (60, 18), (100, 30), (79, 23), (200, 50), (81, 24)]
NOISE = "\x1b[m\x1b[41mnoise 日本\x1b[m"


class CapturingDriver(HeadlessDriver):
    """A terminal that is there as far as the app can tell; what it is sent is kept."""

    @property
    def is_headless(self) -> bool:
        return False

    def write(self, data: str) -> None:
        self._app.sent.append(data)  # type: ignore[attr-defined]


class WatchedApp(TutorApp):
    """stock: what Textual alone would have sent. sent: what the driver was given."""

    CSS_PATH = Path(app_module.__file__).with_name("tutor.tcss")

    def watch_output(self) -> None:
        self.driver_class = CapturingDriver
        self.stock: list[str] = []
        self.sent: list[str] = []
        self.frames = 0

    def _display(self, screen: Screen[object], renderable: RenderableType | None) -> None:
        if (
            isinstance(renderable, CompositorUpdate)
            and self._running
            and not self._closed
            and not self._batch_count
        ):
            self.frames += 1
            self.stock.append(renderable.render_segments(self.console))
        super()._display(screen, renderable)


class DifferenceError(AssertionError):
    """The terminals show different things."""


class Watch:
    """Two emulators of each kind: one reads Textual's own output, the other what was sent."""

    def __init__(self, app: WatchedApp, size: tuple[int, int]) -> None:
        self.app = app
        self.pairs = [(make(*size), make(*size)) for make in EMULATORS]
        self.rows = size[1]
        self.bytes = [0, 0]
        self.events: Counter[str] = Counter()

    def compare(self, event: str) -> None:
        """Let all read what came; raises DifferenceError with the first cell that differs."""
        texts = ["".join(self.app.stock), "".join(self.app.sent)]
        self.app.stock.clear()
        self.app.sent.clear()
        self.events[event.split()[0]] += 1
        if not any(texts):
            return
        for n, text in enumerate(texts):
            self.bytes[n] += len(text.encode())
        for pair in self.pairs:
            for emulator, text in zip(pair, texts, strict=True):
                emulator.feed(text)
            for y in range(self.rows):
                if pair[0].kept(y) == pair[1].kept(y):
                    continue
                for x, (stock, sent) in enumerate(zip(pair[0].row(y), pair[1].row(y), strict=True)):
                    if stock != sent:
                        what = f"{type(pair[0]).__name__}, row {y}, column {x}, after {event}"
                        raise DifferenceError(f"{what}:\nTextual's own: {stock}\nsent:          {sent}")

    def resize(self, columns: int, rows: int, *, noise_in_both: bool) -> None:
        """The window changes; what a terminal then shows is its own affair."""
        self.rows = rows
        for pair in self.pairs:
            for emulator in pair:
                emulator.resize(columns, rows)
            for emulator in pair if noise_in_both else pair[1:]:
                emulator.feed("".join(f"\x1b[{y};{3 * y}H{NOISE}" for y in range(1, rows, 3)))


def course_folder(folder: Path) -> Path:
    """The shipped lessons, and one of wide and composed characters."""
    shutil.copytree(paths.lessons_dir() / "en", folder)
    (folder / "00-odd.md").write_text(ODD, encoding="utf-8")
    return folder


class RandomUser:
    """Draws events and carries them out."""

    def __init__(self, pilot: Pilot[None], watch: Watch, seed: int) -> None:
        self.pilot, self.watch = pilot, watch
        self.app = watch.app
        self.random = random.Random(seed)
        self.size = (80, 24)

    async def event(self) -> str:
        kinds = [self.key, self.type, self.mouse, self.resize, self.back, self.setting, self.go, self.notice]
        return await self.random.choices(kinds, [55, 8, 10, 4, 2, 3, 8, 3])[0]()

    async def settle(self) -> None:
        """Wait until closed screens are gone and the open one has its place."""
        for _ in range(100):
            await self.pilot.pause()
            gone = len(self.app._nodes) == len(self.app.screen_stack)
            if gone and self.app.screen._compositor.size == self.size:
                return

    async def key(self) -> str:
        key = self.random.choice(KEYS)
        await self.pilot.press(key)
        return f"key {key}"

    async def type(self) -> str:
        text = self.random.choice(TYPED)
        await self.pilot.press(*text)
        return f"typing {text}"

    async def mouse(self) -> str:
        columns, rows = self.size
        offset = Offset(self.random.randrange(columns), self.random.randrange(rows))
        if self.random.random() < 0.5:
            await self.pilot.click(offset=offset)
            return f"click {offset}"
        end = Offset(self.random.randrange(columns), self.random.randrange(rows))
        await self.pilot.mouse_down(offset=offset)
        await self.pilot.hover(offset=end)
        await self.pilot.mouse_up(offset=end)
        return f"drag {offset} {end}"

    async def resize(self) -> str:
        sizes = [size for size in SIZES if size != self.size]
        self.size = self.random.choice(sizes)
        self.watch.compare("before")
        self.watch.resize(*self.size, noise_in_both=True)
        await self.pilot.resize_terminal(*self.size)
        await self.pilot.pause(0.02)  # Textual gathers sizes for 1/120 s
        return f"resize {self.size}"

    async def back(self) -> str:
        """To another size and back before the app has looked: it is told the size it had."""
        self.watch.compare("before")
        self.watch.resize(*self.size, noise_in_both=False)
        await self.pilot.resize_terminal(*self.size)
        await self.pilot.pause(0.02)
        return f"same-size {self.size}"

    async def setting(self) -> str:
        old = self.app.settings
        other = self.random.choice(
            [
                {"theme": "light" if old.theme == "dark" else "dark"},
                {"symbols": "unicode" if old.symbols == "ascii" else "ascii"},
            ]
        )
        self.app.change_settings(replace(old, **other))
        return f"setting {other}"

    async def go(self) -> str:
        lessons = [lesson.id for lesson in self.app.course.lessons if not lesson.fault]
        places = [("lesson", "00-odd"), *(("lesson", id) for id in lessons), *(("lab", id) for id in labs())]
        kind, name = self.random.choice(places)
        self.app.go_home()  # a palette that is open closes before what was chosen in it opens
        (self.app.open_lesson if kind == "lesson" else self.app.open_lab)(name)
        return f"open {kind} {name}"

    async def notice(self) -> str:
        text = self.random.choice(NOTICES)
        self.app.notify(text, timeout=1)
        return f"notice {text}"


def watched_app(course: Path) -> WatchedApp:
    settings = Settings(motion=False, symbols="unicode")
    app = WatchedApp(load_course(course), open_store(None), settings)
    app.watch_output()
    return app


async def use(app: WatchedApp, events: int, seed: int) -> Watch:
    """Use the tutor for so many events; the watch that compared them. Raises DifferenceError."""
    watch = Watch(app, (80, 24))
    async with app.run_test(headless=False, size=(80, 24), notifications=True, tooltips=True) as pilot:
        await pilot.pause()
        watch.compare("start")
        user = RandomUser(pilot, watch, seed)
        for number in range(events):
            event = await user.event()
            await user.settle()
            watch.compare(f"{event} (number {number} of seed {seed})")
    app.close_store()
    return watch


def main() -> None:
    arguments: Iterator[str] = iter(sys.argv[1:])
    events, seed = int(next(arguments)), int(next(arguments, "0"))
    with tempfile.TemporaryDirectory() as home, chdir(home):  # exports go where it runs
        os.environ["RL_TUTOR_HOME"] = home
        app = watched_app(course_folder(Path(home) / "course"))
        watch = asyncio.run(use(app, events, seed))
    if app._difference is None:
        raise SystemExit("the comparison made a mistake and gave up")
    print(f"{events} events, {app.frames} frames, no difference in any cell of {len(EMULATORS)} emulators")
    print(f"bytes: Textual's own {watch.bytes[0]:,}, sent {watch.bytes[1]:,}")
    print(", ".join(f"{count} {kind}" for kind, count in watch.events.most_common()))


if __name__ == "__main__":
    main()
