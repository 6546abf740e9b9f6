"""Every test has a home of its own: no test reads or writes the settings and progress of whoever runs it."""

from pathlib import Path

import pytest


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("RL_TUTOR_HOME", str(folder))
    monkeypatch.delenv("NO_COLOR", raising=False)
    return folder
