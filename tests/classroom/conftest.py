"""One served class for the tests that leave it as it was."""

from collections.abc import Iterator

import pytest

from tests.classroom.served import Served, serve


@pytest.fixture(scope="module")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    running = serve(tmp_path_factory.mktemp("class"))
    yield running
    assert running.end() == 0
    log = running.folder / "rl-tutor.log"
    assert not log.exists(), log.read_text()
