"""The questions of the lessons that a module is about; mistakes and roundings of a `Contract` as tests of their own."""

import pytest

from tests.lessons.contract import questions_of
from tutor.course import Question


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    for argument, field in (("mistake", "mistakes"), ("rounding", "rounded")):
        if argument in metafunc.fixturenames:
            cases = getattr(metafunc.cls, field)
            metafunc.parametrize(argument, cases, ids=[f"{id}:{answer}" for id, answer in cases])


@pytest.fixture(scope="module")
def questions(request: pytest.FixtureRequest) -> dict[str, Question]:
    """The questions of the lessons that the module names in IDS."""
    return questions_of(request.module.IDS)
