"""The engines' own frames in a recording: what the labs show of them. Numbers that the frame's metrics have are not
written twice.
"""

from collections.abc import Mapping
from dataclasses import asdict, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tutor.experiments.entries.llm_training import LOSS
from tutor.experiments.recorded_inside import inside_of, raw_inside
from tutor.experiments.recordings import DIGITS, shortened
from tutor.toy_llm.clip_frames import Change, ClipTruthFrame, FollowedToken
from tutor.toy_llm.training_frames import (
    Answer,
    RewardModelFrame,
    ScoredPair,
    StageFrame,
    TrainingFrame,
)

Raw = Mapping[str, Any]
OF_PARTS = 9  # digits of what a step consists of: its parts nearly cancel


def raw_detail(detail: object, samples: int = 8, *, whole: bool = False) -> Raw | None:
    """JSON-able, with so many sampled answers at most. whole: with every number of the inside of an update."""
    match detail:
        case TrainingFrame(answers=answers, inside=inside):
            raw = None if inside is None else raw_inside(inside, whole=whole)
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
            inside = None if raw["inside"] is None else inside_of(raw["inside"])
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
