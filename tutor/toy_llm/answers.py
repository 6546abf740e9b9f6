"""A batch of sampled answers, and what the model says of them."""

from dataclasses import dataclass, replace
from functools import cached_property

import torch
from torch import Tensor

from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.tokenizer import EOS, decode


@dataclass(frozen=True)
class Rollout:
    """Sampled answers of B prompts. prompts (B, P): padded on the left; prompt_mask (B, P). responses (B, N): padded
    on the right; mask (B, N): True at the answer's tokens, `<eos>` included. log_probs (B, N): of each token under
    the policy that drew it (at its temperature), 0 on padding."""

    prompts: Tensor
    prompt_mask: Tensor
    responses: Tensor
    mask: Tensor
    log_probs: Tensor

    def take(self, rows: Tensor) -> "Rollout":
        """Some of the answers."""
        return replace(
            self,
            prompts=self.prompts[rows],
            prompt_mask=self.prompt_mask[rows],
            responses=self.responses[rows],
            mask=self.mask[rows],
            log_probs=self.log_probs[rows],
        )

    @cached_property
    def _texts(self) -> list[str]:
        return [decode(token for token in row if token > EOS) for row in self.responses.tolist()]

    def texts(self) -> list[str]:
        """Each answer's words, without `<eos>`."""
        return self._texts

    def ended(self) -> list[bool]:
        """Whether each answer came to its `<eos>`."""
        ended: list[bool] = (self.responses == EOS).any(1).tolist()
        return ended


def response_logits(model: GPT, rollout: Rollout) -> Tensor:
    """Logits (B, N, V) that chose each answer token: those at P - 1 + t score token t, for its state ends there."""
    P = rollout.prompts.shape[1]
    tokens = torch.cat([rollout.prompts, rollout.responses], 1)  # (B, P + N)
    mask = torch.cat([rollout.prompt_mask, rollout.mask], 1)  # (B, P + N)
    hidden = model.hidden(tokens[:, :-1], mask[:, :-1])  # (B, P + N - 1, C)
    return model.head(hidden[:, P - 1 :])


def response_log_probs(model: GPT, rollout: Rollout) -> Tensor:
    """log pi(token | its state) at temperature 1, (B, N), 0 on padding; `<eos>` is an action like any other."""
    log_probs = response_logits(model, rollout).log_softmax(-1)  # (B, N, V)
    chosen = log_probs.gather(2, rollout.responses[:, :, None])[:, :, 0]  # (B, N)
    return chosen.masked_fill(~rollout.mask, 0)
