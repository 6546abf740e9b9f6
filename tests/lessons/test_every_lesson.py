"""No shipped lesson is without a test file of its own, in which it is walked through and its numbers are checked."""

from importlib import import_module
from pathlib import Path

from tutor.course import load_course
from tutor.paths import lessons_dir


def test_every_shipped_lesson_has_its_contract() -> None:
    modules = [
        import_module(f"tests.lessons.{path.stem}") for path in Path(__file__).parent.glob("test_en_*.py")
    ]
    ids = [id for module in modules for id in module.TestLessons.ids]
    assert sorted(ids) == sorted(lesson.id for lesson in load_course(lessons_dir()).lessons)
