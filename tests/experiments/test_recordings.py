"""Recorded runs: their files, what a damaged one says, and that they are what the runs give."""

import gzip
import json
import subprocess
import sys
from collections.abc import Callable
from importlib.util import find_spec
from itertools import islice
from pathlib import Path

import numpy as np
import pytest

from tutor.experiments import Frame, find_experiment, find_lab, run
from tutor.experiments import recordings as module
from tutor.experiments.recorded_details import detail_of, raw_detail
from tutor.experiments.recordings import (
    RECORDED,
    Recorded,
    RecordingError,
    check_recorded,
    find_recorded,
    read_recording,
    record,
    recorded_of,
    run_or_recorded,
)

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
EACH = pytest.mark.parametrize("recorded", RECORDED, ids=lambda recorded: recorded.name)
REWARD_MODEL = next(each for each in RECORDED if each.name == "reward-model")
QUICK = Recorded("quick", "rlhf", (("batch", 8), ("inside", True), ("updates", 1)))


@pytest.fixture
def no_torch(monkeypatch: pytest.MonkeyPatch) -> None:
    for place in ("recordings", "llm_training"):
        monkeypatch.setattr(f"tutor.experiments.{place}.find_spec", lambda _name: None)


@EACH
def test_each_is_a_whole_run(recorded: Recorded) -> None:
    recording = read_recording(recorded)
    experiment = find_experiment(recorded.experiment)
    updates = experiment.updates(recorded.values)
    assert updates is not None
    for series in experiment.series:
        assert [f.update for f in recording.frames if f.series == series] == list(range(updates + 1))
    found = {name for frame in recording.frames for name in frame.metrics}
    assert found <= set(experiment.metrics)
    assert recording.command == recorded.command
    assert recording.command.startswith(f"rl-tutor run {recorded.experiment}")
    assert recording.torch[0].isdigit()


def test_together_they_are_small() -> None:
    assert sum(recorded.path.stat().st_size for recorded in RECORDED) < 500_000


@pytest.mark.parametrize("id", ["kl", "verifier", "clip-truth", "clinic"])
def test_they_are_what_the_labs_open_with(id: str) -> None:
    experiment = find_experiment({"kl": "kl-control", "verifier": "rlvr"}.get(id, id))
    given = find_lab(id).values({})
    own = {p.name: given[p.name] for p in experiment.parameters if p.name in given}
    assert find_recorded(experiment.id, own, [int(given["seed"])]) == recorded_of(experiment.id)


def test_what_was_not_recorded_is_told_in_one_line() -> None:
    for parameters, seeds in (({"beta": 0.1}, [0]), ({}, [1]), ({}, [0, 1])):
        with pytest.raises(ValueError, match="another run needs torch: pip install torch") as error:
            check_recorded("kl-control", parameters, seeds)
        assert "\n" not in str(error.value)
    check_recorded("kl-control", {}, [0])


@needs_torch
def test_the_first_updates_are_those_that_the_run_gives() -> None:
    """To a thousandth: five digits are written, and another processor adds float32 in another order."""
    recorded = next(each for each in RECORDED if each.name == "kl-control")
    first = 3 * len(find_experiment("kl-control").series)
    for made, kept in zip(
        islice(run("kl-control", {}, [0]), first), read_recording(recorded).frames, strict=False
    ):
        assert (made.series, made.update) == (kept.series, kept.update)
        assert made.metrics.keys() == kept.metrics.keys()
        for name, values in made.metrics.items():
            assert kept.metrics[name] == pytest.approx(values, rel=1e-3, abs=1e-5, nan_ok=True), name
        assert [answer.text for answer in kept.detail.answers] == [
            answer.text for answer in made.detail.answers
        ]


@needs_torch
def test_what_is_kept_of_the_inside_of_an_update_is_what_was_there(tmp_path: Path) -> None:
    *_, frame = run(QUICK.experiment, QUICK.values, QUICK.seeds)
    raw = json.loads(json.dumps(raw_detail(frame.detail)))
    found, made = detail_of(raw, frame.update, frame.metrics).inside, frame.detail.inside  # type: ignore[attr-defined]
    close = {"rtol": 1e-4, "atol": 1e-6}
    np.testing.assert_array_equal(found.batch.tokens, made.batch.tokens)
    np.testing.assert_array_equal(found.batch.mask, made.batch.mask)
    np.testing.assert_allclose(found.batch.kl_k1, made.batch.kl_k1, **close)
    np.testing.assert_allclose(found.batch.reward, made.batch.reward, **close)
    for name in ("value", "returns", "weight"):
        kept = getattr(found.batch, name)
        np.testing.assert_allclose(kept[:, :2], getattr(made.batch, name)[:, :2], **close)
        assert np.isnan(kept[:, 2:]).all()  # not recorded, and so no number
    np.testing.assert_allclose(found.epochs[-1].ratio[:, :2], made.epochs[-1].ratio[:, :2], **close)
    assert (found.batch.prompts, found.config) == (made.batch.prompts, made.config)
    assert found.watched == pytest.approx(made.watched, rel=1e-4)


@needs_torch
def test_what_is_kept_of_a_step_on_the_batch_is_what_was_there() -> None:
    """Of the start, which no step has led to, and of a step."""
    quick = find_experiment("clip-truth").values({"batch": 8, "steps": 1})
    for frame in run("clip-truth", quick, [1]):
        raw = json.loads(json.dumps(raw_detail(frame.detail)))
        found, made = detail_of(raw, frame.update, frame.metrics), frame.detail
        assert (found.step, found.kl) == (made.step, pytest.approx(made.kl, rel=1e-4, abs=1e-9))  # type: ignore[attr-defined]
        for kept, token in zip(found.tokens, made.tokens, strict=True):  # type: ignore[attr-defined]
            assert (kept.before, kept.word, kept.count, kept.clipped) == (
                token.before,
                token.word,
                token.count,
                token.clipped,
            )
            assert kept.ratio == pytest.approx(token.ratio, rel=1e-4)
            assert (kept.change is None) == (token.change is None) == (frame.update == 0)
            if token.change is not None:
                assert kept.change.first_order == pytest.approx(token.change.first_order, rel=1e-3, abs=1e-6)


def test_a_case_on_a_grid_needs_no_torch(no_torch: None) -> None:
    check_recorded("clinic", {"case": 5}, [7])
    assert next(run_or_recorded("clinic", {"case": 5}, [7])).series == "broken"
    with pytest.raises(ValueError, match="another run needs torch"):
        check_recorded("clinic", {"case": 6}, [7])


@needs_torch
def test_a_recording_that_is_stopped_leaves_the_file_as_it_was(tmp_path: Path) -> None:
    path = tmp_path / "kept.json.gz"
    path.write_bytes(b"before")

    def stop(_frame: Frame) -> None:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(REWARD_MODEL, stop, path)
    assert [each.name for each in tmp_path.iterdir()] == ["kept.json.gz"]
    assert path.read_bytes() == b"before"


@needs_torch
def test_recorded_again_it_is_read_again(tmp_path: Path) -> None:
    path = tmp_path / "new.json.gz"
    reached: list[int] = []
    size = record(REWARD_MODEL, lambda frame: reached.append(frame.update), path)
    assert size == path.stat().st_size
    again, shipped = read_recording(REWARD_MODEL, path), read_recording(REWARD_MODEL)
    assert [frame.update for frame in again.frames] == reached
    for one, other in zip(again.frames, shipped.frames, strict=True):
        for name, values in one.metrics.items():
            assert other.metrics[name] == pytest.approx(values, rel=1e-2, abs=1e-2), name


def packed(content: object) -> bytes:
    return gzip.compress(json.dumps(content).encode())


def of_other_parameters() -> bytes:
    content = json.loads(gzip.decompress(REWARD_MODEL.path.read_bytes()))
    content["parameters"]["epochs"] = 4
    return packed(content)


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "damaged"),
        (b"not gzip", "damaged"),
        (packed([]), "damaged"),
        (packed({"experiment": "reward-model"}), "damaged"),
        (gzip.compress(b"\xff{"), "damaged"),
        (gzip.compress(b"[" * 200_000), "damaged"),
        (lambda: REWARD_MODEL.path.read_bytes()[:900], "damaged"),
        (of_other_parameters, "other parameters"),
        (None, "missing"),
    ],
    ids=[
        "empty",
        "no gzip",
        "a list",
        "no parameters",
        "no utf-8",
        "deep",
        "cut",
        "of other parameters",
        "none",
    ],
)
def test_a_file_that_is_damaged_or_missing_is_one_line(
    tmp_path: Path, content: bytes | Callable[[], bytes] | None, said: str
) -> None:
    path = tmp_path / "reward-model.json.gz"
    if content is not None:
        path.write_bytes(content() if callable(content) else content)
    with pytest.raises(RecordingError, match=said) as error:
        read_recording(REWARD_MODEL, path)
    assert "\n" not in str(error.value)
    assert "pip install torch" in str(error.value)


def test_a_file_that_unpacks_to_too_much_is_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MOST_BYTES", 1000)
    path = tmp_path / "copy.json.gz"
    path.write_bytes(REWARD_MODEL.path.read_bytes())
    with pytest.raises(RecordingError, match="damaged"):
        read_recording(REWARD_MODEL, path)


def test_without_torch_the_recorded_run_comes_in_place_of_the_run(no_torch: None) -> None:
    assert tuple(run_or_recorded("kl-control", {}, [0])) == read_recording(RECORDED[0]).frames
    with pytest.raises(ValueError, match="needs torch, which is not installed"):
        next(run_or_recorded("kl-control", {}, [1]))
    with pytest.raises(ValueError, match="needs torch, which is not installed"):
        next(run("kl-control", {}, [0]))  # a script is not given what it did not run
    assert next(run_or_recorded("policy-return", {}, [0])).update == 0


def test_reading_one_imports_no_torch_and_naming_them_no_numpy() -> None:
    code = (
        "import sys; sys.modules['torch'] = None\n"
        "from tutor.experiments.recordings import RECORDED, read_recording, find_recorded\n"
        "find_recorded('kl-control', {}, [0]); print('numpy' in sys.modules)\n"
        "print(len(read_recording(RECORDED[0]).frames))"
    )
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert done.stdout.split() == ["False", "183"]
