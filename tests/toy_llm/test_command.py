"""`rl-tutor toy-llm build`, short."""

import argparse
from pathlib import Path

import pytest

from tutor.commands import toy_llm
from tutor.toy_llm.checkpoint import about, read, shipped_path


def run(*words: str) -> int:
    parser = argparse.ArgumentParser(prog="rl-tutor")
    toy_llm.add(parser.add_subparsers())
    args = parser.parse_args(["toy-llm", *words])
    return int(args.run(args))


def test_a_short_build_twice_makes_the_same_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    for name in "ab":
        assert run("build", "--output", str(tmp_path / name), "--steps", "2") == 0
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()
    read(tmp_path / "a")
    assert about(tmp_path / "a")["steps"] == "2"
    said = capsys.readouterr().out
    for words in ("nats per token", "P(sunny", "P(understand", "sampled", "greedy", "malformed", "sha256"):
        assert words in said


def test_ctrl_c_leaves_the_old_file(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("torch")
    import tutor.toy_llm.build

    def stopped(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(tutor.toy_llm.build, "build", stopped)
    (tmp_path / "model").write_text("the old one")
    assert run("build", "--output", str(tmp_path / "model")) == 130
    assert (tmp_path / "model").read_text() == "the old one"
    assert list(tmp_path.iterdir()) == [tmp_path / "model"]
    assert f"rl-tutor: stopped; {tmp_path / 'model'} is as it was" in capsys.readouterr().err


def test_a_shorter_training_never_replaces_the_shipped_model(capsys: pytest.CaptureFixture[str]) -> None:
    before = shipped_path().read_bytes()
    assert run("build", "--steps", "5") == 2
    assert "--output FILE" in capsys.readouterr().err
    assert shipped_path().read_bytes() == before


def test_without_torch_it_says_what_to_install(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(toy_llm, "find_spec", lambda _: None)
    assert run("build") == 1
    assert "pip install torch==2.13.0" in capsys.readouterr().err


def test_a_place_that_cannot_be_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    pytest.importorskip("torch")
    (tmp_path / "file").write_text("in the way")
    assert run("build", "--output", str(tmp_path), "--steps", "1") == 1
    assert run("build", "--output", str(tmp_path / "file" / "model"), "--steps", "1") == 1
    said = capsys.readouterr().err
    assert "is a folder" in said
    assert "cannot be written" in said


@pytest.mark.parametrize("steps", ["0", "-3", "many", "1e9", "1000000000", "٣"])
def test_numbers_of_steps_that_there_are_not(steps: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        run("build", "--output", "x", f"--steps={steps}")
    assert caught.value.code == 2
    assert "1 to 100000" in capsys.readouterr().err
