"""A step of the vector is a step of torch's own Adam, weight by weight."""

from dataclasses import replace

import pytest

torch = pytest.importorskip("torch")

from torch import nn  # noqa: E402

from tutor.toy_llm.descent import Descent  # noqa: E402
from tutor.toy_llm.training_frames import TrainingConfig  # noqa: E402


def two_layers() -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 5), nn.Tanh(), nn.Linear(5, 2)).double()


@pytest.mark.parametrize("most", [0.05, 1e6])
def test_it_is_torchs_clipping_and_adam(most: float) -> None:
    """With a norm that always clips, and one that never does; the rate changes in between."""
    config = replace(TrainingConfig(), max_gradient_norm=most)
    ours, theirs = two_layers(), two_layers()
    descent = Descent(ours, config)
    adam = torch.optim.Adam(theirs.parameters(), lr=config.lr, betas=config.betas, eps=config.adam_epsilon)
    for number in range(6):
        x = torch.randn(4, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(number))
        adam.param_groups[0]["lr"] = config.lr / (1 + number)
        descent.set_rate(config.lr / (1 + number))
        descent.step(ours(x).pow(2).mean())
        adam.zero_grad()
        theirs(x).pow(2).mean().backward()
        nn.utils.clip_grad_norm_(theirs.parameters(), most)
        adam.step()
        for one, other in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert torch.allclose(one, other, rtol=1e-10, atol=1e-12)


def test_weights_and_gradients_stay_the_models_own() -> None:
    model = two_layers()
    before = [weight.clone() for weight in model.parameters()]
    Descent(model, TrainingConfig()).step(model(torch.ones(1, 3, dtype=torch.float64)).sum())
    assert [weight.shape for weight in model.parameters()] == [weight.shape for weight in before]
    assert all((one != other).any() for one, other in zip(model.parameters(), before, strict=True))
