"""The questions of the lessons that a module is about; mistakes and roundings of a `Contract` as tests of their own."""

from collections.abc import Iterator, Mapping
from functools import lru_cache
from threading import Event

import pytest

from tests.lessons.contract import questions_of
from tutor.course import Question
from tutor.experiments import Frame, find_experiment, run
from tutor.experiments.parameters import Value
from tutor.experiments.running import make_runs_by


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for argument, field in (("mistake", "mistakes"), ("rounding", "rounded")):
        if argument in metafunc.fixturenames:
            cases = getattr(metafunc.cls, field)
            metafunc.parametrize(argument, cases, ids=[f"{id}:{answer}" for id, answer in cases])
    if "lesson_id" in metafunc.fixturenames:
        # By the class, so that the tests of one lesson stand together and whoever takes them makes its runs once.
        metafunc.parametrize("lesson_id", metafunc.cls.ids, scope="class")


@lru_cache(maxsize=64)
def _whole(id: str, values: tuple[tuple[str, Value], ...]) -> tuple[Frame, ...]:
    return tuple(run(id, dict(values)))


def _once(id: str, parameters: Mapping[str, object], stop: Event | None) -> tuple[Frame, ...] | None:
    return _whole(id, tuple(sorted(find_experiment(id).values(parameters).items())))


@pytest.fixture(autouse=True)
def runs_are_made_once() -> Iterator[None]:
    """The walk through a lesson and what is asked of its numbers share the runs, which take seconds."""
    make_runs_by(_once)
    yield
    make_runs_by(None)


@pytest.fixture(scope="module")
def questions(request: pytest.FixtureRequest) -> dict[str, Question]:
    """The questions of the lessons that the module names in IDS."""
    return questions_of(request.module.IDS)
