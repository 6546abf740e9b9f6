"""One served class for the tests that leave it as it was; each takes names of its own.

A start costs three seconds of CPU: two for the process that sessions are forked from. So whatever can be shown on this
class is. It does one run at a time, has a variable of its teacher's, and its sessions tell their variables when asked.
"""

from collections.abc import Iterator

import pytest

from tests.classroom.served import OF_THE_TEACHER, TELLING, Served, serve


@pytest.fixture(scope="session")
def served(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Served]:
    home = tmp_path_factory.mktemp("class")
    telling = tmp_path_factory.mktemp("telling")
    (telling / "sitecustomize.py").write_text(TELLING)
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("A_OF_THE_TEACHER", OF_THE_TEACHER)
        running = serve(home, limits="runs = 1\n", faults=telling)
    yield running
    assert running.end() == 0
    log = running.folder / "rl-tutor.log"
    assert not log.exists(), log.read_text()
