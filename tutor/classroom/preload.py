"""Everything that a learner's session needs, loaded and once used, before any session is forked from it.

Imported by the forkserver alone. One tutor has run here without a terminal, so that a child finds modules imported,
style sheets read and caches warm; another stands still before its first frame, for the child to go on with. What is
there then is frozen, and shared between all children.
"""

import gc
import os
import sys
import tempfile
import threading
from contextlib import suppress
from importlib import import_module
from pathlib import Path
from typing import Any

from tutor.classroom.preload_name import COURSE_VARIABLE, TORCH_VARIABLE
from tutor.classroom.prepared import PreparedTutor
from tutor.course import load_course
from tutor.course.types import Course
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.mistakes import write_down
from tutor.tui.warm_up import MODULES

BESIDES = (
    "tutor.classroom.child",
    "numpy.random",
    "tutor.experiments.running",
    "tutor.rl.evaluation",
    "plotext",
    "tutor.charts",
    "tutor.progress.writer",
    "tutor.progress.patient",
    "tutor.experiments.worker",
    "tutor.experiments.long_runs",
    "tutor.tui.running",
    "tutor.tui.leaving",
    "tutor.tui.palette",
)
WITH_TORCH = ("torch", "tutor.toy_llm.training", "tutor.toy_llm.rollouts", "tutor.toy_llm.stages")
_EMPTY = sys.getsizeof(b"")
_fillings: list[list[object]] = []


def _warm(course: Course) -> None:
    """One run through Home, a lesson and a lab."""
    with tempfile.TemporaryDirectory() as home:
        os.environ["RL_TUTOR_HOME"] = home
        app = TutorApp(course, open_store(None), Settings(motion=False))

        async def walk(pilot: Any) -> None:
            for lesson in [lesson for lesson in course.lessons if not lesson.fault][:1]:
                app.open_lesson(lesson.id)
                await pilot.pause()
                app.go_home()
            app.open_lab("gridworld")
            await pilot.pause()
            await pilot.press("right", "up")
            app.exit()

        app.run(headless=True, size=(80, 24), auto_pilot=walk)
        app.close_store()
        del os.environ["RL_TUTOR_HOME"]


def _prepared(course: Course) -> PreparedTutor | None:
    """None: it could not be made, and every session begins anew."""
    try:
        tutor = PreparedTutor(course)
        return tutor if tutor.prepare() else None
    except Exception as error:
        write_down(error)
        return None


def _load() -> tuple[Course, PreparedTutor | None]:
    for module in (*MODULES, *BESIDES):
        import_module(module)
    if os.environ.get(TORCH_VARIABLE):
        with suppress(ImportError):  # not installed: the labs that need it say so
            for module in WITH_TORCH:
                import_module(module)
    course = load_course(Path(os.environ[COURSE_VARIABLE]))
    _warm(course)
    prepared = _prepared(course)
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(5.0)  # a process with threads must not be forked
    gc.collect()
    _fill_holes()
    gc.freeze()
    gc.disable()  # until a child has drawn its first frame: what that makes it keeps
    return course, prepared


def _fill_holes() -> None:
    """Put something into the free places among what there is (some 800 kB; pymalloc has sizes of 16, 32, … 512 bytes).

    What a child makes would go there, a few bytes on each page, and every one of these pages would be copied for it:
    1.4 MB and 340 page faults before its first frame.
    """
    for size in range(48, 513, 16):
        _fillings.append([bytes(size - _EMPTY) for _ in range(3000 if size <= 128 else 300)])


course, prepared = _load()
