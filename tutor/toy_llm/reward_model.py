"""The reward model: a scorer that learns which of two answers people prefer (Bradley and Terry 1952; Christiano et al.
2017, arXiv 1706.03741, section 2.2.3)."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional

from tutor.toy_llm.answers import Rollout
from tutor.toy_llm.packed import pack_whole
from tutor.toy_llm.preferences import Preference, Said
from tutor.toy_llm.sampling import pad_left
from tutor.toy_llm.scorer import Scorer
from tutor.toy_llm.tokenizer import EOS, PAD, encode, encode_prompt
from tutor.toy_llm.training_frames import RewardModelFrame


@dataclass(frozen=True)
class RewardModelConfig:
    """How it is trained. held_out: share of the preferences that are only looked at."""

    pairs: int = 800
    epochs: int = 3
    batch: int = 64
    lr: float = 1e-3
    held_out: float = 0.2
    max_gradient_norm: float = 1.0
    seed: int = 0

    @property
    def updates(self) -> int:
        """Steps of the optimiser; the last minibatch of an epoch may be smaller."""
        learned = self.pairs - held_out_count(self.pairs, self.held_out)
        return self.epochs * -(-learned // self.batch)


def held_out_count(pairs: int, share: float) -> int:
    """How many of so many pairs are held out: at least one, and one is left."""
    return min(max(1, round(pairs * share)), pairs - 1)


def fit_reward_model(
    model: Scorer, preferences: Sequence[Preference], config: RewardModelConfig
) -> Iterator[RewardModelFrame]:
    """Train `model` in place, a frame a step, after one before the first. The last `held_out` of the preferences are
    not learned from. Raises ValueError for fewer than two preferences."""
    if len(preferences) < 2:
        raise ValueError(f"{len(preferences)} preferences; a reward model needs at least 2")
    split = len(preferences) - held_out_count(len(preferences), config.held_out)
    learned, held_out = preferences[:split], preferences[split:]
    optimiser = torch.optim.AdamW(model.parameters(), lr=config.lr, fused=True)
    generator = torch.Generator().manual_seed(config.seed)
    with torch.no_grad():
        margins = margins_of(model, learned)
    yield _frame(0, margins, model, held_out)
    update = 0
    for _ in range(config.epochs):
        for rows in torch.split(torch.randperm(split, generator=generator), config.batch):
            margins = margins_of(model, [learned[row] for row in rows.tolist()])  # (b,)
            optimiser.zero_grad()
            bradley_terry_loss(margins).backward()  # type: ignore[no-untyped-call]
            nn.utils.clip_grad_norm_(model.parameters(), config.max_gradient_norm)
            optimiser.step()
            update += 1
            yield _frame(update, margins.detach(), model, held_out)


def bradley_terry_loss(margins: Tensor) -> Tensor:
    """Mean of -log sigmoid(score of the preferred - score of the other), nats."""
    return -functional.logsigmoid(margins).mean()


def accuracy(margins: Tensor) -> float:
    """Share of the pairs whose preferred answer scores higher; a tie counts half."""
    return float((margins > 0).double().mean() + 0.5 * (margins == 0).double().mean())


def margins_of(model: Scorer, preferences: Sequence[Preference]) -> Tensor:
    """Score of the preferred less score of the other, (b,)."""
    prompts = [preference.prompt for preference in preferences]
    said = [*(p.preferred for p in preferences), *(p.other for p in preferences)]
    preferred, other = scores_of(model, prompts * 2, said).chunk(2)
    return preferred - other


def scores_of(model: Scorer, prompts: Sequence[str], answers: Sequence[Said]) -> Tensor:
    """What the model gives each answer (b,). Raises UnknownWordsError."""
    scores: Tensor = model(pack_whole(written(prompts, answers)))
    return scores


def written(prompts: Sequence[str], answers: Sequence[Said]) -> Rollout:
    """Answers as a rollout, without log-probabilities (0). Raises UnknownWordsError."""
    asked, real = pad_left([encode_prompt(prompt) for prompt in prompts])
    tokens = [[*encode(answer.text), *([EOS] if answer.ended else [])] for answer in answers]
    longest = max(1, *map(len, tokens))
    responses = torch.tensor([[*row, *[PAD] * (longest - len(row))] for row in tokens])
    mask = responses != PAD
    return Rollout(torch.from_numpy(asked), torch.from_numpy(real), responses, mask, torch.zeros(mask.shape))


@torch.no_grad()
def normalise(model: Scorer, scores: Tensor) -> None:
    """Shift and scale the head so that these scores of its own would have mean 0 and standard deviation 1. Raises
    ValueError where they are all alike."""
    spread = scores.std(correction=0)
    if not spread > 1e-6:
        raise ValueError("the reward model scores every answer alike; it has learned nothing")
    model.head.bias.sub_(scores.mean()).div_(spread)
    model.head.weight.div_(spread)


def _frame(update: int, margins: Tensor, model: Scorer, held_out: Sequence[Preference]) -> RewardModelFrame:
    with torch.no_grad():
        unseen = margins_of(model, held_out)
    return RewardModelFrame(
        update, float(bradley_terry_loss(margins)), accuracy(margins),
        float(bradley_terry_loss(unseen)), accuracy(unseen),
    )  # fmt: skip
