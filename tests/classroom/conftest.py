"""One served class for the tests that leave it as it was; each takes names of its own."""

from collections.abc import Iterator

import pytest

from tests.classroom.served import Served, serve


@pytest.fixture(scope="session")  # a start costs two seconds of CPU
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = serve(tmp_path_factory.mktemp("class"))
    yield running
    assert running.end() == 0
    log = running.folder / "rl-tutor.log"
    assert not log.exists(), log.read_text()
