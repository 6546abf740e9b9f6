"""What is known of the experiments that train the toy language model, beyond the contract of all."""

from importlib.util import find_spec
from itertools import pairwise

import numpy as np
import pytest

from tutor.commands import run as run_command
from tutor.experiments import ParameterError, catalogue, run
from tutor.experiments.entries.llm_training import HELD_OUT_METRICS
from tutor.experiments.long_runs import LongRuns
from tutor.toy_llm import checkpoint

TORCH = [id for id, experiment in catalogue().items() if experiment.torch]
needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
TINY = {"updates": 2, "batch": 8}


def test_which_need_torch() -> None:
    assert TORCH == ["clip-truth", "sft", "reward-model", "rlhf", "kl-control", "rlvr", "clinic"]


@pytest.mark.parametrize("id", TORCH)
def test_without_torch_one_line_says_what_to_install(
    id: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tutor.experiments.llm_training.find_spec", lambda _name: None)
    with pytest.raises(ValueError, match="pip install torch") as caught:
        next(run(id, {}))
    assert "\n" not in str(caught.value)
    assert _command("run", id) == 1
    said = capsys.readouterr().err
    assert said == f"rl-tutor: run {id}: {caught.value}\n"


@pytest.mark.parametrize("id", ["rlhf", "kl-control"])
@needs_torch
def test_a_damaged_reward_model_is_said_with_the_command(
    id: str, tmp_path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    broken = tmp_path / "reward-model.safetensors"
    broken.write_bytes(checkpoint.shipped_reward_model_path().read_bytes()[:999])
    monkeypatch.setattr(checkpoint, "shipped_reward_model_path", lambda: broken)
    assert _command("run", id) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    assert said.endswith("make it anew with: rl-tutor toy-llm build-reward-model\n")


@needs_torch
def test_parameters_that_do_not_fit_each_other_are_refused() -> None:
    for id, given, message in (
        ("rlvr", {"batch": 12, "group": 8}, "group is 8"),
        ("rlhf", {"batch": 4, "minibatches": 5}, "minibatches is 5"),
        ("rlhf", {"beta": 0}, "beta is 0"),
    ):
        with pytest.raises(ParameterError, match=message):
            list(run(id, given))


@needs_torch
def test_the_last_update_is_the_one_that_was_said_beforehand() -> None:
    for id in TORCH:
        experiment = catalogue()[id]
        given = {name: few for name, few in {**TINY, "pairs": 130}.items() if name in experiment.values({})}
        last = {frame.series: frame.update for frame in run(id, given, [1])}
        assert set(last.values()) == {experiment.updates(experiment.values(given))}


@needs_torch
def test_three_regimes_begin_as_one_policy() -> None:
    """The same seed, the same answers; the first update without a price and the others' differ."""
    first, after = {}, {}
    for frame in run("kl-control", TINY):
        (first if frame.update == 0 else after)[frame.series] = frame
    answers = [frame.detail.answers for frame in first.values()]
    assert answers[0] == answers[1] == answers[2]
    assert [float(frame.metrics["beta"][0]) for frame in first.values()] == [0.0, 0.05, 0.8]
    assert len({float(frame.metrics["objective/kl"][0]) for frame in after.values()}) > 1


@needs_torch
def test_the_fair_comparison_aims_at_the_fixed_runs_kl() -> None:
    """Its target is the mean KL of the fixed run's last updates (here all three frames); beta by hand from it."""
    frames = list(run("kl-control", {**TINY, "fair": True}))
    assert [frame.series for frame in frames] == ["none", "fixed"] * 3 + ["adaptive"] * 3
    target = np.mean([frame.metrics["objective/kl"][0] for frame in frames if frame.series == "fixed"])
    beta = 0.8
    for before, after in pairwise(frames[-3:]):
        beta *= 1 + 0.3 * np.clip(before.metrics["objective/kl_k1"][0] / target - 1, -0.2, 0.2)
        assert after.metrics["beta"][0] == pytest.approx(beta)


@needs_torch
def test_held_out_sums_are_measured_where_there_are_any() -> None:
    frames = list(run("rlvr", {**TINY, "held_out": 20}))
    for metric in HELD_OUT_METRICS:
        assert any(metric in frame.metrics for frame in frames)


@needs_torch
def test_tokens_are_inside_when_asked_for() -> None:
    assert all(frame.detail.inside is None for frame in run("rlhf", TINY))
    *_, last = run("rlhf", {**TINY, "inside": True})
    assert last.detail.inside.batch.tokens.shape[0] == 8


def test_a_lessons_run_never_loads_torch_into_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever needs torch goes to the process of long runs at once."""
    gone: list[str] = []
    monkeypatch.setattr(LongRuns, "_elsewhere", lambda _self, id, *_rest: gone.append(id) or ())
    monkeypatch.setattr("tutor.experiments.long_runs.run", lambda *_: pytest.fail("it ran here"))
    for id in TORCH:
        assert LongRuns().frames(id, {}) == ()
    assert gone == TORCH


def _command(*words: str) -> int:
    import argparse

    parser = argparse.ArgumentParser(prog="rl-tutor")
    run_command.add(parser.add_subparsers())
    args = parser.parse_args(list(words))
    return int(args.run(args))
