"""Adam on all weights of a network as one vector: a step is a handful of operations, however many weights it has."""

import torch
from torch import Tensor, nn

from tutor.toy_llm.training_frames import TrainingConfig


class Descent:
    """Clips the gradient's norm, then Adam (Kingma and Ba 2015, arXiv 1412.6980, algorithm 1)."""

    def __init__(self, model: nn.Module, config: TrainingConfig) -> None:
        """From now on the weights of `model`, and their gradients, are views of the vectors here."""
        weights = list(model.parameters())
        vector = nn.utils.parameters_to_vector(weights).detach()
        vector.grad = self._gradient = torch.zeros_like(vector)
        start = 0
        for weight in weights:
            part = slice(start, start + weight.numel())
            weight.data = vector[part].view_as(weight)
            weight.grad = self._gradient[part].view_as(weight)
            start = part.stop
        self._adam = torch.optim.Adam([vector], config.lr, config.betas, config.adam_epsilon, fused=True)
        self._most = config.max_gradient_norm

    def set_rate(self, lr: float) -> None:
        """How long its steps are from now on."""
        self._adam.param_groups[0]["lr"] = lr

    def step(self, loss: Tensor) -> None:
        """One step down the loss."""
        self._gradient.zero_()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.linalg.vector_norm(self._gradient)
        self._gradient.mul_((self._most / (norm + 1e-6)).clamp_(max=1))
        self._adam.step()
