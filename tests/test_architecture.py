"""What is imported when: starting, reading and the gridworld stay light, and nothing imports torch."""

import subprocess
import sys

HEAVY = ["torch", "numpy", "plotext", "pylatexenc", "markdown_it", "yaml"]


def modules_after(code: str, home: object) -> set[str]:
    """Top-level modules that a fresh interpreter has after `code`."""
    probe = f"import sys\n{code}\nprint(*sorted({{m.partition('.')[0] for m in sys.modules}}))"
    done = subprocess.run([sys.executable, "-c", probe], check=True, capture_output=True, text=True)
    return set(done.stdout.split())


OPEN_HOME = """
import asyncio
from tutor import paths
from tutor.course import load_course
from tutor.progress import open_store
from tutor.settings import Settings
def app():
    from tutor.tui.app import TutorApp
    course = load_course(paths.lessons_dir(), index=paths.cache_dir() / "lessons.json")
    return TutorApp(course, open_store(paths.progress_file()), Settings())
async def visit(*keys):
    tutor = app()
    async with tutor.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
    tutor.close_store()
"""


def test_the_command_line_alone_imports_almost_nothing(home: object) -> None:
    loaded = modules_after("import tutor.cli", home)
    assert loaded.isdisjoint([*HEAVY, "textual", "rich", "peewee"])


NO_WARM_UP = "import tutor.tui.warm_up\ntutor.tui.warm_up.warm_up = lambda: None\n"


def test_home_imports_no_heavy_module_once_the_index_is_there(home: object) -> None:
    modules_after(f"{OPEN_HOME}\nasyncio.run(visit())", home)
    loaded = modules_after(f"{NO_WARM_UP}{OPEN_HOME}\nasyncio.run(visit())", home)
    assert "textual" in loaded
    assert loaded.isdisjoint(HEAVY)


def test_what_is_imported_ahead_is_what_reading_needs_and_nothing_heavier(home: object) -> None:
    loaded = modules_after("from tutor.tui.warm_up import warm_up\nwarm_up().join()", home)
    assert {"markdown_it", "pylatexenc"} <= loaded
    assert loaded.isdisjoint(["torch", "numpy", "plotext", "peewee"])


def test_the_gridworld_never_imports_torch(home: object) -> None:
    loaded = modules_after(f"{OPEN_HOME}\nasyncio.run(visit('t', 'right', 'up', 'space'))", home)
    assert {"numpy", "plotext"} <= loaded
    assert "torch" not in loaded


def test_a_lesson_never_imports_torch(home: object) -> None:
    loaded = modules_after(f"{OPEN_HOME}\nasyncio.run(visit('enter', 'right', 'right'))", home)
    assert "markdown_it" in loaded
    assert "torch" not in loaded
