"""The objective is that of `tutor.rl.surrogate`, value and gradient; the value loss by hand."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tutor.rl import surrogate  # noqa: E402
from tutor.toy_llm.objectives import clip_is_active, clipped_surrogate, clipped_value_loss  # noqa: E402

RATIOS = torch.tensor([0.3, 0.79, 0.81, 1.0, 1.19, 1.21, 1.875, 4.0], dtype=torch.float64)
ADVANTAGES = torch.tensor([-2.0, -0.5, 0.5, 1.8], dtype=torch.float64)


@pytest.mark.parametrize("epsilon", [0.0, 0.2, 0.5])
def test_it_equals_the_formula_of_the_gridworlds(epsilon: float) -> None:
    ratio, advantage = torch.cartesian_prod(RATIOS, ADVANTAGES).T
    ours = clipped_surrogate(ratio, advantage, epsilon)
    assert np.array_equal(ours.numpy(), surrogate.clipped_surrogate(ratio, advantage, epsilon))
    active = clip_is_active(ratio, advantage, epsilon)
    assert np.array_equal(active.numpy(), surrogate.clip_is_active(ratio, advantage, epsilon))


def test_autograds_gradient_is_the_formulas() -> None:
    ratio, advantage = torch.cartesian_prod(RATIOS, ADVANTAGES).T
    ratio = ratio.clone().requires_grad_()
    clipped_surrogate(ratio, advantage, 0.2).sum().backward()
    away_from_the_middle = (
        ratio.detach().numpy() != 1
    )  # where both branches are equal torch takes half of each
    expected = surrogate.clipped_surrogate_gradient(ratio.detach(), advantage, 0.2)
    assert np.array_equal(ratio.grad.numpy()[away_from_the_middle], expected[away_from_the_middle])


def test_at_ratio_one_the_push_is_the_whole_advantage() -> None:
    """Both branches are equal there; inside the clip range their gradients are, too, and add up to A."""
    ratio = torch.ones(4, dtype=torch.float64, requires_grad=True)
    clipped_surrogate(ratio, ADVANTAGES, 0.2).sum().backward()
    assert ratio.grad.tolist() == ADVANTAGES.tolist()


def test_the_articles_example() -> None:
    """.15 / .08 = 1.875 at A = 1.8: 3.375 unclipped, 1.2 x 1.8 = 2.16 in the objective."""
    ratio = torch.tensor([0.15 / 0.08], dtype=torch.float64)
    assert clipped_surrogate(ratio, torch.tensor([1.8]), 0.2).item() == pytest.approx(2.16)
    assert clipped_surrogate(ratio, torch.tensor([1.8]), 9.0).item() == pytest.approx(3.375)


def test_the_value_loss_by_hand() -> None:
    """Old value 1, return 2, clip .2. At 1.1 inside: .9^2 / 2. At 1.5 the clipped 1.2 is farther off: .8^2 / 2, and no
    push. At .5 the value itself is farther off: 1.5^2 / 2, and it pushes."""
    value = torch.tensor([1.1, 1.5, 0.5], dtype=torch.float64, requires_grad=True)
    loss = clipped_value_loss(value, torch.ones(3), torch.full((3,), 2.0), 0.2)
    assert loss.tolist() == pytest.approx([0.405, 0.32, 1.125])
    loss.sum().backward()
    assert value.grad.tolist() == pytest.approx([-0.9, 0, -1.5])
