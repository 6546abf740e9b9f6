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
        self._gradient = torch.zeros_like(vector)
        start = 0
        for weight in weights:
            part = slice(start, start + weight.numel())
            weight.data = vector[part].view_as(weight)
            weight.grad = self._gradient[part].view_as(weight)
            start = part.stop
        self._weights, self._mean, self._square = vector, torch.zeros_like(vector), torch.zeros_like(vector)
        self._steps, self._config, self._lr = torch.zeros(()), config, config.lr

    def set_rate(self, lr: float) -> None:
        """How long its steps are from now on."""
        self._lr = lr

    def step(self, loss: Tensor) -> None:
        """One step down the loss."""
        self._gradient.zero_()
        loss.backward()  # type: ignore[no-untyped-call]
        norm = torch.linalg.vector_norm(self._gradient)
        self._gradient.mul_((self._config.max_gradient_norm / (norm + 1e-6)).clamp_(max=1))
        self._adam()

    def _adam(self) -> None:
        """What `torch.optim.Adam(fused=True)` calls; that class loads torch's compiler, for a second and 60 MB."""
        self._steps += 1
        b1, b2 = self._config.betas
        torch._fused_adam_(
            [self._weights], [self._gradient], [self._mean], [self._square], [], [self._steps],
            lr=self._lr, beta1=b1, beta2=b2, weight_decay=0.0, eps=self._config.adam_epsilon,
            amsgrad=False, maximize=False,
        )  # fmt: skip
