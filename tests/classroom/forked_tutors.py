"""Prints what tutors show that were forked from a prepared one: python -m tests.classroom.forked_tutors FOLDER"""

import fcntl
import json
import os
import pty
import select
import sys
import termios
from pathlib import Path

import pyte

from tutor.classroom.prepared import PreparedTutor
from tutor.classroom.terminal import packed
from tutor.course import load_course
from tutor.paths import lessons_dir
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.screens.home import HomeScreen

SIZES = {  # columns, rows
    "new": (80, 24), "half": (110, 32), "fails": (80, 24), "fails-large": (110, 32),
}  # fmt: skip
PATIENCE = 20.0  # seconds
LEAVE = b"\x11"


def main() -> None:
    folder = Path(sys.argv[1])
    course = load_course(lessons_dir())
    tutor = PreparedTutor(course)
    prepared = tutor.prepare()
    threads = len(os.listdir("/proc/self/task"))  # a process of more than one must not be forked
    with open_store(folder / "half.db") as store:
        store.record("visit", course.lessons[1].id, course.lessons[1].step_ids[0])
    screens = {name: _screens(tutor, folder, name) for name in SIZES}
    print(json.dumps({"prepared": prepared, "threads": threads, "screens": screens}), flush=True)
    os._exit(0)  # nobody ends the one that stands still


def _screens(tutor: PreparedTutor, folder: Path, name: str) -> list[str]:
    """The first, the one after a key, and how the process ended."""
    pid, terminal = pty.fork()
    if pid == 0:
        _be(tutor, folder, name)
    fcntl.ioctl(terminal, termios.TIOCSWINSZ, packed(SIZES[name]))
    os.write(terminal, b"go\n")
    screen = pyte.Screen(*SIZES[name])
    stream = pyte.ByteStream(screen)
    shown = [_until(terminal, screen, stream, "? keys")]
    os.write(terminal, b"l")
    shown.append(_until(terminal, screen, stream, "Gridworld"))
    os.write(terminal, LEAVE)
    while select.select([terminal], [], [], PATIENCE)[0]:
        try:
            os.read(terminal, 65536)
        except OSError:
            break
    return [*shown, str(os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]))]


def _be(tutor: PreparedTutor, folder: Path, name: str) -> None:
    """The learner's, in a process of its own."""
    for number, stream in enumerate(("stdin", "stdout", "stderr")):
        setattr(sys, f"__{stream}__", open(number, "r" if number == 0 else "w", closefd=False))  # noqa: SIM115
    input()  # until the terminal has its size
    os.environ |= {"RL_TUTOR_HOME": str(folder), "TERM": "xterm-256color", "LC_ALL": "C.UTF-8"}
    if name.startswith("fails"):
        _show_home_once_in_vain()
    settings = Settings()
    if not tutor.suits(settings):
        os._exit(3)
    tutor.belong_to(open_store(folder / f"{name}.db"), settings, (f"A notice for {name}.",))
    tutor.run()
    tutor.close_store()
    os._exit(tutor.return_code or 0)


def _show_home_once_in_vain() -> None:
    show = HomeScreen._show

    def fails(_home: HomeScreen) -> None:
        HomeScreen._show = show  # type: ignore[method-assign]
        raise ValueError("put in by a test")

    HomeScreen._show = fails  # type: ignore[method-assign]


def _until(terminal: int, screen: pyte.Screen, stream: pyte.ByteStream, words: str) -> str:
    """The screen, once it has these words."""
    while words not in "\n".join(screen.display) and select.select([terminal], [], [], PATIENCE)[0]:
        stream.feed(os.read(terminal, 65536))
    return "\n".join(screen.display)


if __name__ == "__main__":
    main()
