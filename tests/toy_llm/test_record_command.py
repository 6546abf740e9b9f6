"""`rl-tutor toy-llm record`: what it writes, and each way in which it cannot."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from tutor.cli import main
from tutor.experiments.recordings import RECORDED, read_recording

QUICKEST = next(recorded for recorded in RECORDED if recorded.name == "reward-model")


def test_an_unknown_name_lists_those_that_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["toy-llm", "record", "nothing"]) == 2
    assert "there are kl-control, rlvr, sft, reward-model, rlhf" in capsys.readouterr().err


def test_without_torch_one_line_says_what_to_install(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("tutor.experiments.recordings.find_spec", lambda _name: None)
    assert main(["toy-llm", "record"]) == 1
    assert (
        capsys.readouterr().err
        == "rl-tutor: training needs torch, which is not installed: pip install torch==2.13.0\n"
    )


@pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
def test_it_writes_a_run_into_a_folder(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["toy-llm", "record", "reward-model", "--output", str(tmp_path)]) == 0
    assert "rl-tutor run reward-model" in capsys.readouterr().out
    recording = read_recording(QUICKEST, tmp_path / QUICKEST.path.name)
    assert len(recording.frames) == len(read_recording(QUICKEST).frames)


def test_a_folder_that_is_not_there_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    if find_spec("torch") is None:
        pytest.skip("needs torch")
    assert main(["toy-llm", "record", "--output", str(tmp_path / "nowhere")]) == 1
    assert "is no folder" in capsys.readouterr().err
