"""Everything that a learner's session needs, loaded and once used, before any session is forked from it.

Imported by the forkserver alone. One tutor has run here without a terminal, so that a child finds modules imported,
style sheets read and caches warm; what is there then is frozen, and shared between all children.
"""

import gc
import os
import tempfile
import threading
from importlib import import_module
from pathlib import Path
from typing import Any

from tutor.classroom.preload_name import COURSE_VARIABLE
from tutor.course import load_course
from tutor.course.types import Course
from tutor.progress import open_store
from tutor.settings import Settings
from tutor.tui.app import TutorApp
from tutor.tui.warm_up import MODULES

BESIDES = (
    "numpy.random",
    "tutor.experiments.running",
    "tutor.rl.evaluation",
    "plotext",
    "tutor.charts",
    "tutor.progress.writer",
    "tutor.tui.leaving",
    "tutor.tui.palette",
)


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


def _load() -> Course:
    for module in (*MODULES, *BESIDES):
        import_module(module)
    course = load_course(Path(os.environ[COURSE_VARIABLE]))
    _warm(course)
    for thread in threading.enumerate():
        if thread is not threading.main_thread():
            thread.join(5.0)  # a process with threads must not be forked
    gc.collect()
    gc.freeze()
    return course


course = _load()
