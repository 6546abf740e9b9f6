"""The engines' own frames in a recording: what the labs show of them. Numbers that the frame's metrics have are not
written twice.

Of the inside of an update there is what the lab names: every answer's tokens, score and KL, and at its first two
tokens the value, the return, the weight and the last ratio. What is not recorded is nan, never 0.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor.experiments.entries.llm_training import LOSS
from tutor.experiments.recordings import DIGITS, shortened
from tutor.toy_llm.clip_frames import Change, ClipTruthFrame, FollowedToken
from tutor.toy_llm.training_frames import (
    Answer,
    Floats,
    Inside,
    RewardModelFrame,
    ScoredPair,
    StageFrame,
    TokenBatch,
    TokenEpoch,
    TrainingConfig,
    TrainingFrame,
)

Raw = Mapping[str, Any]
OF_PARTS = 9  # digits of what a step consists of: its parts nearly cancel
FIRST = 2  # tokens of an answer of which the lab names more than the KL


def raw_detail(detail: object, samples: int = 8) -> Raw | None:
    """JSON-able, with so many sampled answers at most."""
    match detail:
        case TrainingFrame(answers=answers, inside=inside):
            raw = None if inside is None else _raw_inside(inside)
            shown = [_cells(answer) for answer in answers[:samples]]
            return {"kind": "training", "answers": shown, "inside": raw}
        case StageFrame(answers=said):
            return {"kind": "stage", "answers": [list(each) for each in said]}
        case RewardModelFrame(pairs=pairs):
            return {"kind": "reward-model", "pairs": [_cells(pair) for pair in pairs]}
        case ClipTruthFrame(step=step, tokens=tokens, kl=kl, clip_fraction=clipped):
            return {
                "kind": "clip-truth",
                "step": step,
                "tokens": [_raw_token(token) for token in tokens],
                "of_batch": [shortened(kl), shortened(clipped)],
            }
    return None


def detail_of(raw: Raw | None, update: int, metrics: Mapping[str, NDArray[np.float64]]) -> object:
    """What `raw_detail` was given; its metrics are those of the first seed. Raises KeyError, TypeError, ValueError,
    IndexError where it is none."""
    if raw is None:
        return None
    first = {name: float(values[0]) for name, values in metrics.items()}
    match raw["kind"]:
        case "training":
            answers = tuple(Answer(*cells) for cells in raw["answers"])
            inside = None if raw["inside"] is None else _inside(raw["inside"])
            return TrainingFrame(update, first, answers, inside)
        case "stage":
            return StageFrame(update, first, tuple((str(a), str(b)) for a, b in raw["answers"]))
        case "reward-model":
            pairs = tuple(ScoredPair(*cells) for cells in raw["pairs"])
            return RewardModelFrame(update, pairs=pairs, **{name: first[of] for name, of in LOSS.items()})
        case "clip-truth":
            tokens = tuple(_token(cells) for cells in raw["tokens"])
            return ClipTruthFrame(int(raw["step"]), tokens, *raw["of_batch"])
    raise KeyError(raw["kind"])


def _cells(one: Answer | ScoredPair | Change, digits: int = DIGITS) -> list[object]:
    return [shortened(value, digits) if isinstance(value, float) else value for value in asdict(one).values()]


def _raw_token(token: FollowedToken) -> list[object]:
    """Its fields in their order; the last, the change, as a list of its own."""
    own = [getattr(token, field.name) for field in fields(token)[:-1]]
    shown = [shortened(value) if isinstance(value, float) else value for value in own]
    return [*shown, None if token.change is None else _cells(token.change, OF_PARTS)]


def _token(cells: list[Any]) -> FollowedToken:
    *own, change = cells
    return FollowedToken(*[*own, None if change is None else Change(*change)])


def _raw_inside(inside: Inside) -> Raw:
    batch, last = inside.batch, inside.epochs[-1]
    words = [row[mask].tolist() for row, mask in zip(batch.tokens, batch.mask, strict=True)]
    return {
        "beta": shortened(inside.beta),
        "watched": [shortened(each) for each in inside.watched],
        "config": asdict(inside.config),
        "width": batch.tokens.shape[1],
        "tokens": words,
        "prompts": list(batch.prompts),
        "kl_k1": [_row(row[mask]) for row, mask in zip(batch.kl_k1, batch.mask, strict=True)],
        "score": _row(batch.score),
        "gold": _row(batch.gold),
        "value": _begun(batch.value),
        "returns": _begun(batch.returns),
        "weight": _begun(batch.weight),
        "ratio": _begun(last.ratio),
        "epoch": last.epoch,
        "means": [shortened(each) for each in (last.surrogate, last.clip_fraction, last.approx_kl)],
    }


def _row(values: Floats) -> list[float | None]:
    return [shortened(float(value)) for value in values]


def _begun(values: Floats) -> list[list[float | None]]:
    return [_row(row[:FIRST]) for row in values]


def _inside(raw: Raw) -> Inside:
    shape = len(raw["tokens"]), int(raw["width"])
    mask = np.zeros(shape, np.bool_)
    for row, words in zip(mask, raw["tokens"], strict=True):
        row[: len(words)] = True
    kl_k1 = _spread(raw["kl_k1"], shape, 0.0)
    score, beta = np.array(raw["score"], np.float64), float(raw["beta"])
    reward = -beta * kl_k1
    reward[np.arange(shape[0]), mask.sum(1) - 1] += score
    unknown = np.full(shape, np.nan)
    batch = TokenBatch(
        tokens=_spread(raw["tokens"], shape, 0.0).astype(np.int64),
        mask=mask,
        old_log_prob=unknown,
        ref_log_prob=unknown,
        kl=unknown,
        kl_k1=kl_k1,
        reward=reward,
        value=_spread(raw["value"], shape),
        next_value=unknown,
        delta=unknown,
        advantage=unknown,
        returns=_spread(raw["returns"], shape),
        weight=_spread(raw["weight"], shape),
        prompts=tuple(raw["prompts"]),
        score=score,
        gold=np.array(raw["gold"], np.float64),
    )
    ratio = _spread(raw["ratio"], shape)
    no_mask = np.zeros(shape, np.bool_)
    last = TokenEpoch(int(raw["epoch"]), unknown, ratio, no_mask, unknown, unknown, *raw["means"])
    config = TrainingConfig(**{**raw["config"], "betas": tuple(raw["config"]["betas"])})
    return Inside(batch, (last,), beta, tuple(raw["watched"]), config)


def _spread(rows: list[list[float]], shape: tuple[int, int], padding: float = np.nan) -> Floats:
    """Rows of several lengths, each from the left."""
    found = np.full(shape, padding)
    for row, values in zip(found, rows, strict=True):
        row[: len(values)] = values
    return found
