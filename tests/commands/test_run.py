"""`rl-tutor run`: what it prints, writes, refuses, and keeps when it is stopped."""

import csv
import json
import re
import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tests.experiments.test_worker import LONG
from tutor.cli import main
from tutor.commands.run import parse_seeds
from tutor.experiments import catalogue, metric_value, run


def run_json(capsys: pytest.CaptureFixture[str], *words: str) -> dict[str, Any]:
    assert main(["run", *words, "--json", "-"]) == 0
    written: dict[str, Any] = json.loads(capsys.readouterr().out)
    return written


def test_the_json_has_every_frame_and_the_summary(capsys: pytest.CaptureFixture[str]):
    written = run_json(capsys, "episode", "--grid", "mouse", "--seeds", "3")
    frames = list(run("episode", {"grid": "mouse", "seeds": 3}))
    assert written["experiment"] == "episode"
    assert written["parameters"]["slip"] == 0.1
    assert written["seeds"] == [0, 1, 2]
    assert written["complete"] is True
    assert len(written["frames"]) == 3 * len(frames)
    for row in written["frames"]:
        frame = next(f for f in frames if f.update == row["update"])
        assert row["objective/episode_return"] == frame.metrics["objective/episode_return"][row["seed"]]
    returns = written["summary"]["episode"]["objective/episode_return"]
    assert returns["mean"] == metric_value(frames, "episode", "objective/episode_return", "last")
    assert set(returns) == {"mean", "std", "min", "max"}
    assert "worst_fall" not in written["summary"]["episode"]  # nobody learns: returns only differ


@pytest.mark.parametrize(
    "words",
    [
        ["episode", "--grid", "mouse", "--seeds", "2"],
        ["episode", "--seeds", "5-7", "--set", "gamma=0.5"],
        ["episode", "--seeds", "3,11", "--policy", "optimal", "--step-reward", "-0.1"],
        ["policy-return", "--grid", "rooms", "--gamma", "1", "--policy", "optimal"],
        ["next-token", "--prompt", "The weather today is", "--temperature", "0.5"],
    ],
)
def test_its_command_gives_the_same_again_to_the_last_bit(
    words: list[str], capsys: pytest.CaptureFixture[str]
):
    first = run_json(capsys, *words)
    program, command, *again = shlex.split(first["command"])
    assert (program, command) == ("rl-tutor", "run")
    assert run_json(capsys, *again) == first


def test_the_table_of_frames(tmp_path: Path, capsys: pytest.CaptureFixture[str]):
    path = tmp_path / "frames.csv"
    assert main(["run", "policy-return", "--grid", "cliff", "--policy", "optimal", "--csv", str(path)]) == 0
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert rows == [
        {
            "series": "policy-return",
            "seed": "0",
            "update": "0",
            "objective/return": rows[0]["objective/return"],
        }
    ]
    assert float(rows[0]["objective/return"]) == pytest.approx(-13)
    assert [p.name for p in tmp_path.iterdir()] == ["frames.csv"]
    assert "-13" in capsys.readouterr().out


def test_plain_is_a_table_with_tabs_alone(capsys: pytest.CaptureFixture[str]):
    assert main(["run", "clip", "--ratio", "1.875", "--advantage", "1.8", "--plain"]) == 0
    printed = capsys.readouterr()
    assert printed.err == ""
    rows = [line.split("\t") for line in printed.out.splitlines()]
    assert rows[0] == ["series", "metric", "mean", "std", "min", "max", "mean fall", "worst fall", "stuck"]
    assert rows[1][:3] == ["clip", "objective/surrogate", "2.16"]


def test_what_people_read(capsys: pytest.CaptureFixture[str]):
    assert main(["run", "episode", "--grid", "mouse", "--seeds", "4"]) == 0
    printed = capsys.readouterr().out
    assert "objective/episode_return" in printed
    assert "seeds 0 to 3" in printed
    assert "the same again: rl-tutor run episode --grid mouse --seeds 4" in printed
    assert "░" in printed  # the band over the seeds
    assert not re.search(r"\x1b", printed)  # this is no terminal


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["episode", "--slip", "3"], "run episode: slip is '3'; it must be a number between 0 and 1"),
        (["episode", "--seeds", "0"], "seeds is '0'; it must be a number of seeds from 1 to 1000"),
        (["episode", "--seeds", "1e9"], "seeds is '1e9'"),
        (["episode", "--seeds", "3,3"], "seeds is '3,3'"),
        (["episode", "--set", "seeds=0"], "seeds is '0'; it must be a whole number between 1 and 1000"),
        (["episode", "--set", "gamma"], "--set gamma: write NAME=VALUE"),
        (["episode", "--set", "gama=1"], "unknown parameter 'gama'"),
        (["episode", "--gamma", "1", "--set", "gamma=1"], "gamma is given twice"),
        (["episode", "--metric", "loss"], "metric is 'loss'; it must be one of episode/reward"),
        (["episode", "--series", "ppo"], "series has 'ppo'; the series are: episode"),
        (["episode", "--json", "/nowhere/at/all.json"], "there is no folder /nowhere/at"),
        (["episode", "--csv", "/"], "/ is a folder"),
        (["eposide"], "there is no 'eposide'"),
        (["eposide"], "did you mean 'episode'?"),
        (["episode", "--bogus"], "unknown: --bogus"),
        (["episode", "--gama", "1"], "unknown: --gama 1; did you mean '--gamma'?"),
        (["episode", "--gama=1"], "unknown: --gama=1; did you mean '--gamma'?"),
        (["episode", "--set", "gama=1"], "did you mean 'gamma'?"),
        (["episode", "--grid", "russel"], "did you mean 'russell-norvig'?"),
        (["episode", "--metric", "episode/rewrad"], "did you mean 'episode/reward'?"),
        (["cliff", "--series", "sarssa"], "did you mean 'sarsa'?"),
    ],
)
def test_wrong_usage_is_one_line(words: list[str], message: str, capsys: pytest.CaptureFixture[str]):
    try:
        status = main(["run", *words])
    except SystemExit as end:
        status = int(end.code or 0)
    printed = capsys.readouterr()
    assert status == 2
    assert printed.out == ""
    assert message in printed.err
    assert printed.err.startswith("rl-tutor: ")
    assert printed.err.count("\n") == 1


def test_parameters_that_have_no_answer_together(capsys: pytest.CaptureFixture[str]):
    assert main(["run", "policy-return", "--gamma", "1", "--policy", "up", "--slip", "0"]) == 2
    assert capsys.readouterr().err.startswith(
        "rl-tutor: run policy-return: gamma is 1, and on russell-norvig"
    )


def test_a_schedule_that_cannot_be_is_wrong_usage(capsys: pytest.CaptureFixture[str]):
    assert main(["run", "sarsa", "--epsilon-schedule", "exponential"]) == 2
    assert "both must be above 0" in capsys.readouterr().err


def test_more_minibatches_than_samples_are_wrong_usage(capsys: pytest.CaptureFixture[str]):
    assert main(["run", "ppo", "--set", "minibatches=1000"]) == 2
    assert "minibatches is 1000; it must be a whole number between 1 and 512" in capsys.readouterr().err


def printed(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *words: str, columns: int = 80
) -> str:
    monkeypatch.setenv("COLUMNS", str(columns))
    main(["run", *words])
    return capsys.readouterr().out


def test_a_narrow_terminal_shows_the_result(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    out = printed(capsys, monkeypatch, "policy-return", "--grid", "cliff", "--policy", "optimal", columns=40)
    assert re.search(r"^ objective/return +-13 *$", out, re.MULTILINE)
    assert "stuck" not in out  # nobody was looking for a better policy
    assert "worst fall" not in out


def test_the_falls_of_the_seeds_and_their_mean(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
):
    words = ("ppo", "--updates", "6", "--learning-rate", "0.3", "--seeds", "4")
    csv_file = tmp_path / "frames.csv"
    rows = printed(capsys, monkeypatch, *words, "--plain", "--csv", str(csv_file)).splitlines()
    said = dict(zip(rows[0].split("\t"), rows[1].split("\t"), strict=True))
    curves: dict[str, list[float]] = {}
    with csv_file.open() as lines:
        for row in csv.DictReader(lines):
            curves.setdefault(row["seed"], []).append(float(row["objective/return"]))
    falls = [max(max(c[: u + 1]) - c[u] for u in range(7)) for c in curves.values()]
    assert max(falls) > 0
    assert float(said["worst fall"]) == pytest.approx(max(falls), rel=1e-3)
    assert float(said["mean fall"]) == pytest.approx(sum(falls) / 4, rel=1e-3)
    narrow = printed(capsys, monkeypatch, *words)
    assert "mean fall" in narrow
    assert "worst fall" in narrow


def test_what_walks_in_circles_is_said_in_words(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    words = ("sarsa", "--episodes", "3", "--seeds", "2")
    out = printed(capsys, monkeypatch, *words)
    assert re.search(r"objective/return +does not arrive", out)
    assert "walks in circles" in out
    assert "stuck: seeds that end more than 0.1 below" in out
    assert "return, mean of the last 100 episodes" in out  # what is drawn, in words
    assert re.search(r"\d +episode\b", out)  # the axis
    summary = run_json(capsys, *words)["summary"]["sarsa"]
    assert summary["does_not_arrive"] == 1
    assert summary["objective/return"]["mean"] is None


def test_the_cliff_says_who_is_stuck(capsys: pytest.CaptureFixture[str]):
    stuck = {
        name: s["stuck"] for name, s in run_json(capsys, "cliff", "--episodes", "150")["summary"].items()
    }
    assert stuck["q-learning"] == 0
    assert stuck["sarsa"] == 1


def test_a_run_that_blows_up_says_so_before_anything_else(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    words = (
        "--grid",
        "rooms",
        "--method",
        "td-lambda",
        "--lambda",
        "1",
        "--alpha",
        "0.3",
        "--episodes",
        "99",
    )
    out = printed(capsys, monkeypatch, "td-prediction", *words)
    said, drawn, table = (out.index(text) for text in ("diverged", "(before it failed)", "metric  "))
    assert said < drawn < table
    assert "no result" in out[said:drawn]


PARSING = """
import sys, threading, _thread
import tutor.cli as cli
cli.COMMANDS = ("interrupted",)
class Interrupted:
    def add(self, _subparsers):
        raise KeyboardInterrupt
cli._module = lambda _name: Interrupted()
sys.exit(cli.main(["run", "cliff"]))
"""


def test_a_mistake_of_the_program_is_one_line_and_its_traceback_goes_to_the_log(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
):
    def broken(*_given: object) -> None:
        raise RuntimeError("shapes\ndiffer")

    monkeypatch.setenv("RL_TUTOR_HOME", str(tmp_path))
    monkeypatch.setattr("tutor.experiments.run", broken)
    assert main(["run", "policy-return"]) == 1
    told = capsys.readouterr().err
    assert told.count("\n") == 1
    assert "a mistake of the program, RuntimeError: shapes differ" in told
    log = Path(told.split("The details are in ")[1].strip().removesuffix("."))
    assert "Traceback" in log.read_text()


def test_ctrl_c_while_the_command_line_is_read_is_no_traceback():
    done = subprocess.run([sys.executable, "-c", PARSING], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (130, "")


def test_sigterm_is_as_ctrl_c(tmp_path: Path):
    path = tmp_path / "part.json"
    command = [sys.executable, "-m", "tutor", "run", "cliff", "--episodes", "100000", "--json", str(path)]
    started = "import sys, tutor.cli, tutor.experiments as e; whole = e.run\n"
    started += "def run(*a):\n    for f in whole(*a):\n        yield f\n        print(f.update, flush=True)\n"
    started += "e.run = run; sys.exit(tutor.cli.main(sys.argv[1:]))"
    process = subprocess.Popen(
        [sys.executable, "-c", started, *command[3:]],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    assert process.stdout.readline() == "0\n"
    process.terminate()
    out, _ = process.communicate(timeout=120)
    assert process.returncode == 130
    assert "Stopped before its end" in out
    assert json.loads(path.read_text())["complete"] is False


def test_ctrl_c_keeps_what_was_done(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    whole = run

    def interrupted(*arguments: Any, **options: Any) -> Any:
        for frame in whole(*arguments, **options):
            yield frame
            if frame.update == 5:
                raise KeyboardInterrupt

    monkeypatch.setattr("tutor.experiments.run", interrupted)
    path = tmp_path / "part.json"
    words = [f"--{name}={value}" for name, value in LONG.items()]
    assert main(["run", "episode", *words, "--json", str(path)]) == 130
    written = json.loads(path.read_text())
    assert written["complete"] is False
    assert [row["update"] for row in written["frames"]] == [0, 1, 2, 3, 4, 5]
    assert "Stopped before its end" in capsys.readouterr().out


def test_every_experiment_is_listed_and_has_help(capsys: pytest.CaptureFixture[str]):
    assert main(["run"]) == 0
    listed = capsys.readouterr().out
    for id, experiment in catalogue().items():
        assert f"\n{id} " in f"\n{listed}"
        with pytest.raises(SystemExit) as end:
            main(["run", id, "--help"])
        assert end.value.code == 0
        told = " ".join(capsys.readouterr().out.split())
        for parameter in experiment.parameters:
            assert f"--{parameter.name.replace('_', '-')} " in told


def test_seeds_by_number_and_by_name():
    assert parse_seeds("3") == (0, 1, 2)
    assert parse_seeds("5-7") == (5, 6, 7)
    assert parse_seeds("7, 3") == (7, 3)


def test_a_seed_alone_gives_what_it_gives_among_others(capsys: pytest.CaptureFixture[str]):
    among = run_json(capsys, "episode", "--grid", "mouse", "--seeds", "8")
    alone = run_json(capsys, "episode", "--grid", "mouse", "--seeds", "6-6")
    one = [r["objective/episode_return"] for r in alone["frames"]]
    many = [r["objective/episode_return"] for r in among["frames"] if r["seed"] == 6]
    assert np.array_equal(one, many[: len(one)])
