"""The first stage, as a run to look at: supervised fine-tuning with what it has learned so far."""

from collections.abc import Iterator
from itertools import islice

import numpy as np
import torch

from tutor.toy_llm import corpus
from tutor.toy_llm.generation import generate
from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.sft import SFTConfig, answer_loss, collate, sft
from tutor.toy_llm.tasks import WATCHED
from tutor.toy_llm.tokenizer import encode, encode_prompt, token_of
from tutor.toy_llm.training_frames import StageFrame

EVERY = 25  # updates from one look at the unseen answers to the next
UNSEEN = 200  # examples that are never trained on, always the same
UNSEEN_SEED = 54321
ASKED = (corpus.COMPLAINTS[0], corpus.sum_prompt(2, 2), corpus.WEATHER_PROMPT)


def sft_frames(updates: int, batch: int, lr: float, seed: int) -> Iterator[StageFrame]:
    """A frame before the first update and one after each. The shipped model's run is that of seed 3, 1500 updates."""
    config = SFTConfig(steps=updates, batch=batch, lr=lr, seed=seed, warm_up=min(30, updates))
    model, generator = GPT(seed=seed), torch.Generator().manual_seed(seed)
    unseen = collate(list(islice(corpus.examples(np.random.default_rng(UNSEEN_SEED)), UNSEEN)))

    def looked() -> tuple[dict[str, float], tuple[tuple[str, str], ...]]:
        with torch.no_grad():
            loss = answer_loss(model, *unseen).item()
        made = generate(model, [encode_prompt(prompt) for prompt in ASKED], generator)
        now = {"loss/sft_held_out": loss, "policy/probability": probability(model, *WATCHED)}
        return now, tuple(zip(ASKED, made.texts(), strict=True))

    further, answers = looked()
    for frame in sft(model, config):
        yield StageFrame(frame.update - 1, {"loss/sft": frame.loss, **further}, answers)
        due = frame.update % EVERY == 0 or frame.update == updates
        further, answers = looked() if due else ({}, ())
    yield StageFrame(updates, further, answers)


@torch.no_grad()
def probability(model: GPT, prompt: str, before: str, word: str) -> float:
    """pi(word | prompt, words of the answer before)."""
    state = torch.tensor([[*encode_prompt(prompt), *encode(before)]])
    return float(model(state)[0, -1].softmax(-1)[token_of(word)])
