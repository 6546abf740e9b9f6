"""Many texts through the model at once, each different beginning of a text once: what training and scoring read.

A causal model's stream after a token depends on the text up to it alone. Texts that begin alike, as the answers to one
prompt do, share what is computed for their common beginning: n beginnings that differ instead of the tokens of B texts.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from tutor.toy_llm.answers import Rollout
from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.stream import Layout, stream_of

_Ints = NDArray[np.int64]
_Mask = NDArray[np.bool_]


@dataclass(frozen=True)
class Packed:
    """Texts laid out for `stream`. layout: the n different beginnings and which S of them are asked for. which (R,):
    the one of the S that each of the R wanted tokens is the end of, text by text."""

    layout: Layout
    which: Tensor

    def each(self, values: Tensor) -> Tensor:
        """What is known of the S, (S, ...), for each of the R wanted tokens (R, ...)."""
        return values.index_select(0, self.which)


def pack(tokens: _Ints, mask: _Mask, wanted: _Mask) -> Packed:
    """tokens, mask, wanted (B, T'). mask: the real tokens, which stand together in each row, padding on either side.
    wanted: the real tokens after which the stream is asked for."""
    lengths = mask.sum(1)  # (B,)
    T = int(lengths.max())
    real = np.arange(T) < lengths[:, None]  # (B, T): aligned on the left
    aligned = np.zeros((len(lengths), T), np.uint8 if int(tokens.max()) < 256 else np.int64)
    aligned[real] = tokens[mask]
    order = np.lexsort(aligned.T[::-1])  # texts that begin alike stand together
    rows, real = aligned[order], real[order]
    alike = _alike(rows, real)
    new = real & (np.arange(T) >= alike[:, None])  # where a beginning is met for the first time
    row, position = np.nonzero(new)
    number = np.zeros(new.shape, np.int64)
    number[new] = np.arange(len(row))
    number = np.maximum.accumulate(number, 0)  # (B, T): further down it has the number of the row above
    kept = np.append(alike[1:] < real[:-1].sum(1), True)  # a text that begins the next one needs no line
    line = (np.cumsum(kept) - kept)[row]
    ends = np.empty_like(number)
    ends[order] = number
    ends = ends[np.arange(T) < lengths[:, None]][wanted[mask]]  # (R,): of each wanted token, which of the n
    asked = np.zeros(len(row), bool)
    asked[ends] = True
    which = (np.cumsum(asked) - 1)[ends]
    layout = Layout(
        tokens=torch.from_numpy(rows[row, position].astype(np.int64)),
        positions=torch.from_numpy(position),
        line=torch.from_numpy(line),
        at_place=torch.from_numpy(np.where(real, number, 0)[kept]),
        wanted=torch.from_numpy(np.flatnonzero(asked)),
    )
    return Packed(layout, torch.from_numpy(which))


def _alike(rows: NDArray[Any], real: NDArray[np.bool_]) -> _Ints:
    """How many tokens each sorted text begins with that the one above begins with, too."""
    differ = (rows[1:] != rows[:-1]) | ~real[1:] | ~real[:-1]
    together = np.where(differ.any(1), differ.argmax(1), rows.shape[1])
    return np.concatenate([[0], together])


def pack_states(rollout: Rollout) -> Packed:
    """Wanted: the state of every answer token, R = the number of True in `rollout.mask`, in its order. The last token
    of an answer is left out: nothing comes after it."""
    prompts, prompt_mask, responses, mask = _arrays(rollout)
    tokens = np.concatenate([prompts, responses[:, :-1]], 1)  # (B, P + N - 1)
    followed = np.concatenate([prompt_mask, mask[:, 1:]], 1)
    return pack(tokens, followed, np.concatenate([np.zeros_like(prompt_mask[:, 1:]), mask], 1))


def pack_whole(rollout: Rollout) -> Packed:
    """Wanted: the last token of every text, R = B; what a reward model judges by."""
    prompts, prompt_mask, responses, mask = _arrays(rollout)
    tokens = np.concatenate([prompts, responses], 1)  # (B, P + N)
    real = np.concatenate([prompt_mask, mask], 1)
    last = np.zeros_like(real)
    last[np.arange(len(real)), prompts.shape[1] - 1 + mask.sum(1)] = True
    return pack(tokens, real, last)


def _arrays(rollout: Rollout) -> tuple[_Ints, _Mask, _Ints, _Mask]:
    texts = rollout.prompts, rollout.prompt_mask, rollout.responses, rollout.mask
    return tuple(each.numpy() for each in texts)  # type: ignore[return-value]


def stream(model: GPT, packed: Packed) -> Tensor:
    """The stream before the head (S, C) after each of the S beginnings asked for."""
    return stream_of(model, packed.layout)


def action_log_probs(model: GPT, packed: Packed) -> Tensor:
    """log pi(token | state) of every token in each of the S states, (S, V), at temperature 1."""
    return model.head(stream(model, packed)).log_softmax(-1)


def token_log_probs(log_probs: Tensor, packed: Packed, tokens: Tensor) -> Tensor:
    """log pi of the R tokens that were said (R,), in states whose distributions are log_probs (S, V)."""
    return log_probs.view(-1).gather(0, packed.which * log_probs.shape[1] + tokens)
