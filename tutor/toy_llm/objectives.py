"""What PPO maximises and what its critic minimises, in torch: the formulas of `tutor.rl.surrogate`, with gradients.
Elementwise on tensors of any shape."""

import torch
from torch import Tensor


def clipped_surrogate(ratio: Tensor, advantage: Tensor, epsilon: float) -> Tensor:
    """min(r A, clip(r, 1 - epsilon, 1 + epsilon) A), to be maximised (Schulman et al. 2017, equation 7)."""
    return torch.minimum(ratio * advantage, ratio.clamp(1 - epsilon, 1 + epsilon) * advantage)


def clip_is_active(ratio: Tensor, advantage: Tensor, epsilon: float) -> Tensor:
    """Whether the sample no longer pushes: (A > 0 and r > 1 + epsilon) or (A < 0 and r < 1 - epsilon)."""
    return ((advantage > 0) & (ratio > 1 + epsilon)) | ((advantage < 0) & (ratio < 1 - epsilon))


def clipped_value_loss(value: Tensor, old_value: Tensor, returns: Tensor, epsilon: float) -> Tensor:
    """max((V - G)^2, (clip(V, V_old ± epsilon) - G)^2) / 2, to be minimised; as in OpenAI's PPO and TRL."""
    clipped = torch.minimum(torch.maximum(value, old_value - epsilon), old_value + epsilon)
    return 0.5 * torch.maximum((value - returns) ** 2, (clipped - returns) ** 2)
