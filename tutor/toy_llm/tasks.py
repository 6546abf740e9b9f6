"""What the model is trained for by reinforcement: polite answers to complaints, and right sums."""

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from tutor.toy_llm import corpus, verifier
from tutor.toy_llm.answers import Rollout
from tutor.toy_llm.generation import generate
from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.packed import pack_whole
from tutor.toy_llm.quality import quality
from tutor.toy_llm.scorer import Scorer
from tutor.toy_llm.tokenizer import encode_prompt

BEST_OF = 8  # answers to each sum, of which the verifier picks
Watched = tuple[str, str, str]  # prompt, words before, word: a probability that is followed through the run


class Task(ABC):
    """Prompts, and what the answers to them are worth. watched: a probability that frames follow."""

    watched: Watched

    def __init__(self, prompts: Sequence[str]) -> None:
        """prompts: what is asked, each equally often."""
        self._prompts = tuple(prompts)

    def asked(self, count: int, generator: torch.Generator) -> list[str]:
        """So many prompts, drawn at random."""
        places = torch.randint(len(self._prompts), (count,), generator=generator)
        return [self._prompts[place] for place in places.tolist()]

    @abstractmethod
    def scores(self, prompts: Sequence[str], rollout: Rollout) -> tuple[Tensor, Tensor]:
        """(B,) each: what is learned from, and how good the answers really are."""

    @abstractmethod
    def metrics(
        self, actor: GPT, scores: Tensor, generator: torch.Generator, *, thorough: bool
    ) -> Mapping[str, float]:
        """Further measures of the policy as it is; scores (B,): of the batch. thorough: also what takes many
        answers."""


class Politeness(Task):
    """Complaints; a reward model gives the score. gold: the rule of `quality`."""

    watched = (corpus.COMPLAINTS[0], "I", "understand")

    def __init__(self, reward_model: Scorer) -> None:
        super().__init__(corpus.COMPLAINTS)
        self._reward_model = reward_model

    def scores(self, prompts: Sequence[str], rollout: Rollout) -> tuple[Tensor, Tensor]:  # noqa: ARG002  (sums need them)
        gold = [quality(text, ended) for text, ended in zip(rollout.texts(), rollout.ended(), strict=True)]
        return self._reward_model(pack_whole(rollout)), torch.tensor(gold)

    def metrics(self, *_measured: object, **_asked: object) -> Mapping[str, float]:
        """None besides those of every task."""
        return {}


class Sums(Task):
    """Sums of two digits; +1 for the right answer, -1 for anything else."""

    watched = (corpus.sum_prompt(2, 2), "Start with 2 . Then add 2 . Answer :", "4")
    repeats = 4  # answers to each held-out sum in an update

    def __init__(self, held_out: int, rng: np.random.Generator) -> None:
        """held_out: how many of the 100 sums are never trained on, drawn at random; 2 + 2 is never among them."""
        sums = corpus.prompts("arithmetic")
        others = [prompt for prompt in sums if prompt != self.watched[0]]
        self.held_out = tuple(others[place] for place in sorted(rng.permutation(len(others))[:held_out]))
        super().__init__([prompt for prompt in sums if prompt not in self.held_out])

    @property
    def trained(self) -> tuple[str, ...]:
        """The sums that are asked."""
        return self._prompts

    def scores(self, prompts: Sequence[str], rollout: Rollout) -> tuple[Tensor, Tensor]:
        pairs = zip(prompts, rollout.texts(), strict=True)
        scores = torch.tensor([verifier.reward(prompt, text, ended=True) for prompt, text in pairs])
        return scores, scores

    def metrics(
        self, actor: GPT, scores: Tensor, generator: torch.Generator, *, thorough: bool
    ) -> Mapping[str, float]:
        """`accuracy/train`: of the batch. `accuracy/held_out`: sampled, where sums are held out. Thorough:
        `accuracy/…_greedy`, every sum once at temperature 0, and `accuracy/best_of`, the verifier's pick of
        BEST_OF answers, every fourth sum."""
        measured = {"accuracy/train": _share_right(scores)}
        if self.held_out:
            measured["accuracy/held_out"] = self.accuracy(actor, self.held_out * self.repeats, generator)
        if thorough:
            measured["accuracy/best_of"] = self.best_of(actor, self.trained[::4], BEST_OF, generator)
            measured["accuracy/train_greedy"] = self.accuracy(actor, self.trained, generator, 0.0)
            if self.held_out:
                measured["accuracy/held_out_greedy"] = self.accuracy(actor, self.held_out, generator, 0.0)
        return measured

    def accuracy(
        self, actor: GPT, prompts: Sequence[str], generator: torch.Generator, temperature: float = 1.0
    ) -> float:
        """Share of these sums answered right; temperature 0: greedily."""
        encoded = [encode_prompt(prompt) for prompt in prompts]
        return _share_right(self.scores(prompts, generate(actor, encoded, generator, temperature))[0])

    def best_of(self, actor: GPT, prompts: Sequence[str], n: int, generator: torch.Generator) -> float:
        """Share of these sums for which the verifier finds a right answer among n sampled ones (pass@n)."""
        asked = [prompt for prompt in prompts for _ in range(n)]
        rollout = generate(actor, [encode_prompt(prompt) for prompt in asked], generator)
        return _share_right(self.scores(asked, rollout)[0].view(len(prompts), n).max(1).values)


def _share_right(scores: Tensor) -> float:
    return float((scores == verifier.RIGHT).double().mean())
