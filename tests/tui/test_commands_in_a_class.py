"""Commands that lessons name, read where there is no shell."""

import re
from pathlib import Path

import pytest

from tutor import paths
from tutor.experiments import catalogue, labs
from tutor.tui.prose.commands import LABS, instead

TOLD = re.compile(r"`(rl-tutor run (\S+)[^`]*)`")


def test_at_a_computer_of_ones_own_nothing_is_added() -> None:
    assert instead("rl-tutor run ppo") == ""


def test_every_run_of_the_lessons_is_told_elsewhere(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("RL_TUTOR_HOSTED", str(tmp_path))
    told = [
        each for file in paths.lessons_dir().rglob("*.md") for each in TOLD.findall(file.read_text("utf-8"))
    ]
    assert len(told) > 5
    for command, experiment in told:
        assert experiment in catalogue()
        assert instead(command).startswith(" [on a computer of your own")
    assert (
        instead("rl-tutor run kl-control --seeds 5") == " [on a computer of your own; here: lab KL control]"
    )
    assert instead("rl-tutor run reinforce --updates 20") == " [on a computer of your own]"
    assert instead("rl-tutor run ") == " [on a computer of your own]"
    assert instead("gamma = 1") == ""


def test_the_labs_that_are_named_are_there() -> None:
    assert set(LABS.values()) <= {lab.title for lab in labs().values()}
    assert set(LABS) <= set(catalogue())
