"""The inside of an update of RLHF in a recording, in one of two extents.

Brief: what the lab rlhf names: every answer's tokens, score and KL, and at its first two tokens the value, the return,
the weight and the last ratio; the rest is nan, never 0. Whole: every number of every token after every epoch. Numbers
that others give by their definition (`TokenBatch`, `TokenEpoch`) are not written but made from those when it is read.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np

from tutor.experiments.recordings import shortened
from tutor.rl.surrogate import clipped_surrogate
from tutor.toy_llm.training_frames import Floats, Inside, Mask, TokenBatch, TokenEpoch, TrainingConfig

Raw = Mapping[str, Any]
FIRST = 2  # tokens of an answer of which the lab rlhf names more than the KL
OF_BATCH = ("old_log_prob", "kl", "kl_k1", "value", "advantage", "weight")  # that are written of the whole
OF_EPOCH = ("ratio", "value")


def raw_inside(inside: Inside, *, whole: bool) -> Raw:
    """JSON-able."""
    batch = inside.batch
    common = {
        "beta": shortened(inside.beta),
        "watched": _row(inside.watched),
        "config": asdict(inside.config),
        "width": batch.tokens.shape[1],
        "tokens": [row[mask].tolist() for row, mask in zip(batch.tokens, batch.mask, strict=True)],
        "prompts": list(batch.prompts),
        "score": _row(batch.score),
        "gold": _row(batch.gold),
    }
    return {**common, **(_raw_whole(inside) if whole else _raw_brief(inside))}


def inside_of(raw: Raw) -> Inside:
    """What `raw_inside` was given. Raises KeyError, TypeError, ValueError, IndexError where it is none."""
    mask = _mask(raw)
    config = TrainingConfig(**{**raw["config"], "betas": tuple(raw["config"]["betas"])})
    batch, epochs = _whole(raw, mask, config) if "batch" in raw else _brief(raw, mask)
    return Inside(batch, epochs, float(raw["beta"]), tuple(raw["watched"]), config)


def _row(values: Sequence[float] | Floats) -> list[float | None]:
    return [shortened(float(value)) for value in values]


def _mask(raw: Raw) -> Mask:
    """(B, N)"""
    mask = np.zeros((len(raw["tokens"]), int(raw["width"])), np.bool_)
    for row, words in zip(mask, raw["tokens"], strict=True):
        row[: len(words)] = True
    return mask


def _batch(raw: Raw, mask: Mask, kl_k1: Floats, **known: Floats) -> TokenBatch:
    """With what both extents have; where nothing is known, nan."""
    score = np.array(raw["score"], np.float64)
    reward = -float(raw["beta"]) * kl_k1
    reward[np.arange(len(mask)), mask.sum(1) - 1] += score
    unknown = np.full(mask.shape, np.nan)
    names = (
        "old_log_prob",
        "ref_log_prob",
        "kl",
        "value",
        "next_value",
        "delta",
        "advantage",
        "returns",
        "weight",
    )
    return TokenBatch(
        tokens=_spread(raw["tokens"], mask.shape, 0.0).astype(np.int64),
        mask=mask,
        kl_k1=kl_k1,
        reward=reward,
        prompts=tuple(raw["prompts"]),
        score=score,
        gold=np.array(raw["gold"], np.float64),
        **{name: known.get(name, unknown) for name in names},
    )


def _spread(rows: Sequence[Sequence[float]], shape: tuple[int, ...], rest: float = np.nan) -> Floats:
    """The rows from the left; what is not recorded is `rest`."""
    spread = np.full(shape, rest)
    for row, values in zip(spread, rows, strict=True):
        row[: len(values)] = values
    return spread


# Brief


def _raw_brief(inside: Inside) -> dict[str, Any]:
    batch, last = inside.batch, inside.epochs[-1]
    return {
        "kl_k1": [_row(row[mask]) for row, mask in zip(batch.kl_k1, batch.mask, strict=True)],
        **{name: _begun(getattr(batch, name)) for name in ("value", "returns", "weight")},
        "ratio": _begun(last.ratio),
        "epoch": last.epoch,
        "means": _means(last),
    }


def _begun(values: Floats) -> list[list[float | None]]:
    return [_row(row[:FIRST]) for row in values]


def _means(epoch: TokenEpoch) -> list[float | None]:
    return _row((epoch.surrogate, epoch.clip_fraction, epoch.approx_kl))


def _brief(raw: Raw, mask: Mask) -> tuple[TokenBatch, tuple[TokenEpoch, ...]]:
    shape = mask.shape
    known = {name: _spread(raw[name], shape) for name in ("value", "returns", "weight")}
    batch = _batch(raw, mask, _spread(raw["kl_k1"], shape, 0.0), **known)
    unknown, ratio = np.full(shape, np.nan), _spread(raw["ratio"], shape)
    no_mask = np.zeros(shape, np.bool_)
    return batch, (TokenEpoch(int(raw["epoch"]), unknown, ratio, no_mask, unknown, unknown, *raw["means"]),)


# Whole


def _raw_whole(inside: Inside) -> dict[str, Any]:
    mask = inside.batch.mask
    return {
        "batch": {name: _row(getattr(inside.batch, name)[mask]) for name in OF_BATCH},
        "epochs": [
            {
                **{name: _row(getattr(epoch, name)[mask]) for name in OF_EPOCH},
                "clipped": epoch.clipped[mask].nonzero()[0].tolist(),
                "means": _means(epoch),
            }
            for epoch in inside.epochs
        ],
    }


def _whole(raw: Raw, mask: Mask, config: TrainingConfig) -> tuple[TokenBatch, tuple[TokenEpoch, ...]]:
    known = {name: _filled(raw["batch"][name], mask) for name in OF_BATCH}
    value, kl_k1 = known["value"], known.pop("kl_k1")
    after = np.append(
        value[:, 1:], np.zeros((len(mask), 1)), axis=1
    )  # 0 on padding, so after the last token, too
    known |= {
        "ref_log_prob": known["old_log_prob"] - kl_k1,
        "next_value": after,
        "returns": known["advantage"] + value,
    }
    rewarded = _batch(raw, mask, kl_k1, **known)
    delta = rewarded.reward + config.gamma * after - value
    batch = _batch(raw, mask, kl_k1, **known, delta=delta)
    return batch, tuple(_epochs(raw, batch, config.epsilon))


def _filled(values: Sequence[float], mask: Mask) -> Floats:
    """(B, N), 0 on padding. Raises ValueError where they are not as many as there are tokens, or none is a number."""
    filled = np.zeros(mask.shape)
    numbers = np.array(values, np.float64)
    if numbers.shape != (int(mask.sum()),) or not np.isfinite(numbers).all():
        raise ValueError("not a number for every token")
    filled[mask] = numbers
    return filled


def _epochs(raw: Raw, batch: TokenBatch, epsilon: float) -> Iterator[TokenEpoch]:
    for number, each in enumerate(raw["epochs"]):
        ratio, value = (_filled(each[name], batch.mask) for name in OF_EPOCH)
        if not (ratio[batch.mask] > 0).all():
            raise ValueError("a ratio of probabilities is above 0")
        moved = np.log(ratio, out=np.zeros_like(ratio), where=batch.mask)
        clipped = np.zeros(batch.mask.sum(), np.bool_)
        clipped[each["clipped"]] = True
        where = np.zeros_like(batch.mask)
        where[batch.mask] = clipped
        objective = clipped_surrogate(ratio, batch.weight, epsilon) * batch.mask
        means = map(float, each["means"])
        yield TokenEpoch(number, batch.old_log_prob + moved, ratio, where, objective, value, *means)
