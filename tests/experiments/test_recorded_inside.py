"""The inside of updates in a recording, whole: as the run gives it, its identities, and what a damaged one says."""

import gzip
import json
from collections.abc import Callable
from functools import cache
from importlib.util import find_spec
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from tutor.experiments import Frame, run
from tutor.experiments.recorded_inside import inside_of, raw_inside
from tutor.experiments.recordings import Recorded, RecordingError, read_recording, record, recorded_named
from tutor.rl.returns import gae_advantages
from tutor.rl.surrogate import clip_is_active
from tutor.toy_llm.training_frames import Inside

needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
SHIPPED = recorded_named("ppo-inside-tokens")
GIVEN = (("batch", 8), ("beta", 0.05), ("controller", "fixed"), ("inside", True), ("learning_rate", 0.003))
QUICK = Recorded("quick", "rlhf", (*GIVEN, ("updates", 2)), samples=0, whole=True)
OF_BATCH = (
    "tokens", "mask", "old_log_prob", "ref_log_prob", "kl", "kl_k1", "reward", "value", "next_value", "delta",
    "advantage", "returns", "weight", "score", "gold",
)  # fmt: skip
OF_EPOCH = ("log_prob", "ratio", "objective", "value", "surrogate", "clip_fraction", "approx_kl")


@cache
def frames() -> tuple[Frame, ...]:
    return tuple(run(QUICK.experiment, QUICK.values, QUICK.seeds))


def inside_at(update: int) -> Inside:
    """Of the shipped recording."""
    found = read_recording(SHIPPED).frames[update].detail.inside  # type: ignore[attr-defined]
    assert isinstance(found, Inside)
    return found


UPDATES = pytest.mark.parametrize("update", range(1, 7))


def check_same(found: Inside, made: Inside, rel: float, abs: float) -> None:
    for name in OF_BATCH:
        kept, there = getattr(found.batch, name), getattr(made.batch, name)
        np.testing.assert_allclose(kept, there, rtol=rel, atol=abs, err_msg=name)
    for kept, epoch in zip(found.epochs, made.epochs, strict=True):
        assert kept.epoch == epoch.epoch
        np.testing.assert_array_equal(kept.clipped, epoch.clipped)
        for name in OF_EPOCH:
            there = getattr(epoch, name)
            if np.ndim(there):  # on padding the engine may leave what it likes
                there = np.where(made.batch.mask, there, getattr(kept, name))
            np.testing.assert_allclose(getattr(kept, name), there, rtol=rel, atol=abs, err_msg=name)
    assert (found.batch.prompts, found.config) == (made.batch.prompts, made.config)
    assert (found.beta, found.watched) == (made.beta, pytest.approx(made.watched, rel=1e-4))


@needs_torch
def test_every_number_of_every_token_is_what_was_there() -> None:
    """Five digits of each that is written; a sum of three of them is off by three units of the fifth at most."""
    for frame in frames()[1:]:
        made = frame.detail.inside  # type: ignore[attr-defined]
        assert any(epoch.clipped.any() for epoch in made.epochs)
        check_same(inside_of(json.loads(json.dumps(raw_inside(made, whole=True)))), made, 5e-5, 1e-4)


@needs_torch
def test_the_shipped_one_is_what_the_run_gives() -> None:
    """To a thousandth: another processor adds float32 in another order."""
    *_, made = islice(run(SHIPPED.experiment, SHIPPED.values, SHIPPED.seeds), 2)
    check_same(inside_at(1), made.detail.inside, 1e-3, 1e-3)  # type: ignore[attr-defined]


@needs_torch
def test_the_first_updates_do_not_depend_on_how_many_follow() -> None:
    """So what is recorded is also the beginning of the longer run that the lab makes with torch."""
    longer = {**QUICK.values, "updates": 60}
    for short, long in zip(frames(), islice(run(QUICK.experiment, longer, QUICK.seeds), 3), strict=True):
        assert short.metrics == long.metrics


@needs_torch
def test_it_is_written_by_the_mechanism_of_all(tmp_path: Path) -> None:
    path = tmp_path / "quick.json.gz"
    record(QUICK, path=path)
    found = read_recording(QUICK, path).frames
    assert [frame.update for frame in found] == [0, 1, 2]
    check_same(found[2].detail.inside, frames()[2].detail.inside, 5e-5, 1e-4)  # type: ignore[attr-defined]
    assert found[0].detail.inside is None  # type: ignore[attr-defined]


def test_it_is_small() -> None:
    assert SHIPPED.path.stat().st_size < 100_000


@UPDATES
def test_advantages_are_those_of_gae(update: int) -> None:
    inside = inside_at(update)
    batch = inside.batch
    for row, n in enumerate(batch.mask.sum(1)):
        values = np.append(batch.value[row, :n], 0)[:, None]
        discounts = np.append(np.full(n - 1, inside.config.gamma), 0)[:, None]
        reward = batch.reward[row, :n, None]
        expected = gae_advantages(reward, discounts, values, inside.config.lambda_)[:, 0]
        np.testing.assert_allclose(batch.advantage[row, :n], expected, atol=3e-4)
    np.testing.assert_allclose(batch.returns, batch.advantage + batch.value, atol=1e-9)


@UPDATES
def test_weights_are_whitened_and_the_clip_is_where_the_ratio_says(update: int) -> None:
    inside = inside_at(update)
    mask, weight = inside.batch.mask, inside.batch.weight
    assert weight[mask].mean() == pytest.approx(0, abs=1e-4)
    assert weight[mask].std(ddof=1) == pytest.approx(1, abs=1e-3)
    for epoch in inside.epochs:
        active = clip_is_active(epoch.ratio, weight, inside.config.epsilon)
        edge = np.abs(np.abs(epoch.ratio - 1) - inside.config.epsilon) < 1e-5
        np.testing.assert_array_equal(epoch.clipped[mask & ~edge], active[mask & ~edge])
        assert epoch.clipped[mask].mean() == pytest.approx(epoch.clip_fraction, abs=1e-4)
        assert epoch.objective[mask].mean() == pytest.approx(epoch.surrogate, abs=1e-4)
        log_ratio = epoch.log_prob - inside.batch.old_log_prob
        assert 0.5 * (log_ratio[mask] ** 2).mean() == pytest.approx(epoch.approx_kl, rel=1e-3, abs=1e-6)


@UPDATES
def test_nothing_stands_on_padding_and_nothing_is_unknown(update: int) -> None:
    inside = inside_at(update)
    padding = ~inside.batch.mask
    for name in OF_BATCH[2:-2]:
        values = getattr(inside.batch, name)
        assert np.isfinite(values).all(), name
        assert not values[padding].any(), name
    assert not any(epoch.clipped[padding].any() for epoch in inside.epochs)


def shorter(raw: dict[str, Any]) -> None:
    raw["batch"]["kl"].pop()


def unknown(raw: dict[str, Any]) -> None:
    raw["batch"]["weight"][3] = None


def without_epochs(raw: dict[str, Any]) -> None:
    del raw["epochs"]


def without_means(raw: dict[str, Any]) -> None:
    raw["epochs"][1]["means"] = [None, 0, 0]


def clipped_beyond(raw: dict[str, Any]) -> None:
    raw["epochs"][1]["clipped"] = [10_000]


def no_ratio(raw: dict[str, Any]) -> None:
    raw["epochs"][1]["ratio"][0] = -1


def a_word_less(raw: dict[str, Any]) -> None:
    raw["tokens"][0].pop()


def of_no_config(raw: dict[str, Any]) -> None:
    raw["config"]["epochs"] = 0


@pytest.mark.parametrize(
    "damage",
    [shorter, unknown, without_epochs, without_means, clipped_beyond, no_ratio, a_word_less, of_no_config],
)
def test_a_damaged_inside_is_one_line(tmp_path: Path, damage: Callable[[dict[str, Any]], None]) -> None:
    content = json.loads(gzip.decompress(SHIPPED.path.read_bytes()))
    damage(content["frames"][3]["detail"]["inside"])
    path = tmp_path / SHIPPED.path.name
    path.write_bytes(gzip.compress(json.dumps(content).encode(), 1))
    with pytest.raises(RecordingError, match="is damaged: install the tutor again") as error:
        read_recording(SHIPPED, path)
    assert "\n" not in str(error.value)
