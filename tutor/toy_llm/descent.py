"""Adam on all weights of a network as one vector: a step is a handful of operations, however many weights it has."""

import math

import torch
from torch import Tensor, nn

from tutor.toy_llm.training_frames import TrainingConfig


class Descent:
    """Clips the gradient's norm, then Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1)."""

    def __init__(self, model: nn.Module, config: TrainingConfig) -> None:
        """From now on the weights of `model`, and their gradients, are views of the vectors here."""
        weights = list(model.parameters())
        self._weights = nn.utils.parameters_to_vector(weights).detach()
        self._gradient, self._mean, self._square = (torch.zeros_like(self._weights) for _ in range(3))
        sizes, start = [weight.numel() for weight in weights], 0
        for weight, size in zip(weights, sizes, strict=True):
            part = slice(start, start + size)
            weight.data = self._weights[part].view_as(weight)
            weight.grad = self._gradient[part].view_as(weight)
            start += size
        self._config, self._steps, self.lr = config, 0, config.lr

    def step(self, loss: Tensor) -> None:
        """One step down the loss."""
        self._gradient.zero_()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.linalg.vector_norm(self._gradient)
        self._gradient.mul_((self._config.max_gradient_norm / (norm + 1e-6)).clamp_(max=1))
        self._adam()

    @torch.no_grad()
    def _adam(self) -> None:
        self._steps += 1
        (b1, b2), g = self._config.betas, self._gradient
        self._mean.lerp_(g, 1 - b1)
        self._square.mul_(b2).addcmul_(g, g, value=1 - b2)
        spread = self._square.sqrt().div_(math.sqrt(1 - b2**self._steps)).add_(self._config.adam_epsilon)
        self._weights.addcdiv_(self._mean, spread, value=-self.lr / (1 - b1**self._steps))
