"""Supervised fine-tuning, from nothing: the model learns to give the corpus's answers."""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from tutor.toy_llm import corpus
from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.tokenizer import EOS, PAD, encode, encode_prompt


@dataclass(frozen=True)
class SFTConfig:
    """How the model is trained. seed: of the corpus, and in the build of the first weights too; 3 because of the
    first seeds it comes nearest to .15 and .08, the probabilities of the worked examples."""

    steps: int = 1500
    batch: int = 128
    lr: float = 3e-3
    final_lr: float = 0.05  # of lr, at the end of the cosine
    warm_up: int = 30
    betas: tuple[float, float] = (0.9, 0.98)
    weight_decay: float = 0.01
    max_gradient_norm: float = 1.0
    seed: int = 3


@dataclass(frozen=True)
class SFTFrame:
    """One update. update: how many are done with this one. loss: nats per token of this batch's answers, `<eos>`
    included, before the update. gradient_norm: before clipping. tokens: how many were learned from."""

    update: int
    loss: float
    lr: float
    gradient_norm: float
    tokens: int


def sft(model: GPT, config: SFTConfig = SFTConfig()) -> Iterator[SFTFrame]:
    """Train `model` in place, a frame an update. On the CPU with one thread (`torch.set_num_threads(1)`) the same
    model and configuration give the same weights to the last bit."""
    stream = corpus.examples(np.random.default_rng(config.seed))
    optimiser = torch.optim.AdamW(
        model.parameters(), lr=config.lr, betas=config.betas, weight_decay=config.weight_decay, fused=True
    )
    for step in range(config.steps):
        lr = learning_rate(step, config)
        for group in optimiser.param_groups:
            group["lr"] = lr
        tokens, learned = collate(list(islice(stream, config.batch)))
        loss = answer_loss(model, tokens, learned)
        optimiser.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = nn.utils.clip_grad_norm_(model.parameters(), config.max_gradient_norm)
        optimiser.step()
        yield SFTFrame(step + 1, loss.item(), lr, norm.item(), int(learned.sum()))


def learning_rate(step: int, config: SFTConfig) -> float:
    """Linear up to `lr` over the warm-up, then half a cosine down to `final_lr` of it."""
    if step < config.warm_up:
        return config.lr * (step + 1) / config.warm_up
    done = (step - config.warm_up) / max(1, config.steps - config.warm_up)
    return config.lr * (config.final_lr + (1 - config.final_lr) * (1 + math.cos(math.pi * done)) / 2)


def collate(examples: Sequence[corpus.Example]) -> tuple[Tensor, Tensor]:
    """tokens (B, T), padded on the right, and learned (B, T): True at the answer's tokens and its `<eos>`."""
    prompts = [encode_prompt(example.prompt) for example in examples]
    answers = [[*encode(example.response), EOS] for example in examples]
    longest = max(len(prompt) + len(answer) for prompt, answer in zip(prompts, answers, strict=True))
    tokens = np.full((len(examples), longest), PAD)
    learned = np.zeros((len(examples), longest), dtype=bool)
    for row, (prompt, answer) in enumerate(zip(prompts, answers, strict=True)):
        end = len(prompt) + len(answer)
        tokens[row, :end] = prompt + answer
        learned[row, len(prompt) : end] = True
    return torch.from_numpy(tokens), torch.from_numpy(learned)


def answer_loss(model: GPT, tokens: Tensor, learned: Tensor) -> Tensor:
    """Mean cross-entropy, in nats, of the learned tokens among all tokens; the logits of token t come from token
    t - 1."""
    hidden = model.hidden(tokens[:, :-1])  # (B, T-1, C)
    at = learned[:, 1:]  # (B, T-1)
    return functional.cross_entropy(model.words(hidden[at]), tokens[:, 1:][at])
