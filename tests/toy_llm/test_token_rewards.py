"""Rewards, advantages and whitening over tokens: fixed numbers, identities, and padding that has no effect."""

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from hypothesis import given, settings  # noqa: E402
from hypothesis import strategies as st  # noqa: E402

from tutor.toy_llm.token_rewards import (  # noqa: E402
    explained_variance,
    group_advantages,
    leave_one_out_advantages,
    masked_whiten,
    token_advantages,
    token_rewards,
)

MASK = torch.tensor([[True, True, True, False], [True, True, False, False]])
VALUES = torch.tensor([[1.0, 2.0, -3.0, 9.0], [0.5, 4.0, 9.0, 9.0]])


def test_whitening_gives_the_numbers_of_trl() -> None:
    """pip install trl==0.24.0, then
    python -c "import torch; from trl.core import masked_whiten as w; print(w(torch.tensor([[1., 2., -3., 9.],
    [.5, 4., 9., 9.]]), torch.tensor([[1, 1, 1, 0], [1, 1, 0, 0]], dtype=torch.bool)))"
    """
    trl = [0.03907324, 0.42980555, -1.52385604, -0.15629292, 1.21127009]
    whitened = masked_whiten(VALUES, MASK)
    assert whitened[MASK].tolist() == pytest.approx(trl, abs=1e-6)
    assert (whitened[~MASK] == 0).all()


def test_whitening_one_token_is_refused() -> None:
    with pytest.raises(ValueError, match="at least two tokens"):
        masked_whiten(torch.ones(1, 2), torch.tensor([[True, False]]))


def test_rewards_by_hand() -> None:
    """beta .1: every token pays for its KL, the last real one gets the score."""
    kl = torch.tensor([[1.0, -2.0, 3.0, 7.0], [0.0, 0.5, 7.0, 7.0]])
    rewards = token_rewards(torch.tensor([2.0, -1.0]), kl, MASK, 0.1)
    expected = [[-0.1, 0.2, 2 - 0.3, 0], [0, -1 - 0.05, 0, 0]]
    assert rewards.numpy() == pytest.approx(np.array(expected), abs=1e-6)


def test_gae_by_hand() -> None:
    """gamma 1, lambda .5, r = 0 0 1, V = .5 .2 .4: delta = -.3 .2 .6, A = .6 -> .2 + .3 -> -.3 + .25."""
    mask = torch.ones(1, 3, dtype=torch.bool)
    deltas, advantages = token_advantages(
        torch.tensor([[0.0, 0.0, 1.0]]), torch.tensor([[0.5, 0.2, 0.4]]), mask, 1.0, 0.5
    )
    assert deltas[0].tolist() == pytest.approx([-0.3, 0.2, 0.6])
    assert advantages[0].tolist() == pytest.approx([-0.05, 0.5, 0.6])


def test_lambda_one_is_monte_carlo_and_lambda_zero_is_td() -> None:
    generator = torch.Generator().manual_seed(0)
    rewards, values = torch.randn(2, 4, generator=generator), torch.randn(2, 4, generator=generator)
    deltas, one = token_advantages(rewards, values, MASK, 1.0, 1.0)
    _, zero = token_advantages(rewards, values, MASK, 1.0, 0.0)
    assert torch.equal(zero, deltas)
    for row, length in ((0, 3), (1, 2)):
        for t in range(length):
            left = float(rewards[row, t:length].sum() - values[row, t])
            assert float(one[row, t]) == pytest.approx(left, abs=1e-5)


@settings(max_examples=50, deadline=None)
@given(
    lengths=st.lists(st.integers(1, 6), min_size=2, max_size=5),
    gamma=st.floats(0, 1),
    lambda_=st.floats(0, 1),
    rubbish=st.floats(-1e6, 1e6),
    seed=st.integers(0, 99),
)
def test_what_stands_on_padding_has_no_effect(
    lengths: list[int], gamma: float, lambda_: float, rubbish: float, seed: int
) -> None:
    """Each answer alone, unpadded, has the same rewards and advantages as in the batch with rubbish behind it."""
    generator = torch.Generator().manual_seed(seed)
    B, N = len(lengths), max(lengths) + 1
    mask = torch.arange(N) < torch.tensor(lengths)[:, None]
    kl, values = (torch.randn(B, N, generator=generator).masked_fill(~mask, rubbish) for _ in range(2))
    scores = torch.randn(B, generator=generator)
    rewards = token_rewards(scores, kl, mask, 0.3)
    deltas, advantages = token_advantages(rewards, values, mask, gamma, lambda_)
    for row, n in enumerate(lengths):
        alone = torch.ones(1, n, dtype=torch.bool)
        own = token_rewards(scores[row : row + 1], kl[row : row + 1, :n], alone, 0.3)
        its = token_advantages(own, values[row : row + 1, :n], alone, gamma, lambda_)
        assert torch.equal(own[0], rewards[row, :n])
        assert torch.equal(its[0][0], deltas[row, :n])
        assert torch.equal(its[1][0], advantages[row, :n])
        for padded in (rewards, deltas, advantages):
            assert (padded[row, n:] == 0).all()
    assert torch.equal(
        masked_whiten(advantages.masked_fill(~mask, rubbish), mask), masked_whiten(advantages, mask)
    ) or (mask.sum() < 2)


def test_a_groups_advantages_by_hand() -> None:
    """1, -1, -1, 1: mean 0, sample standard deviation sqrt(4/3) = 1.1547. Equal rewards: nothing to learn."""
    advantages = group_advantages(torch.tensor([1.0, -1.0, -1.0, 1.0, 1.0, 1.0, 1.0, 1.0]), 4)
    one = 1 / (1.1547005 + 1e-4)
    assert advantages.tolist() == pytest.approx([one, -one, -one, one, 0, 0, 0, 0], abs=1e-6)
    for group in (1, 3):
        with pytest.raises(ValueError, match=f"8 answers do not make groups of {group}"):
            group_advantages(torch.ones(8), group)


def test_the_baseline_is_the_mean_of_the_others() -> None:
    """1, 2, 6: less (2 + 6) / 2, (1 + 6) / 2, (1 + 2) / 2."""
    assert leave_one_out_advantages(torch.tensor([1.0, 2.0, 6.0])).tolist() == pytest.approx([-3, -1.5, 4.5])
    with pytest.raises(ValueError, match="at least two"):
        leave_one_out_advantages(torch.ones(1))


def test_explained_variance() -> None:
    returns = torch.tensor([[1.0, 2.0, 3.0, 99.0], [0.0, 5.0, 99.0, 99.0]])
    assert explained_variance(returns - 7, returns, MASK) == pytest.approx(1)
    assert explained_variance(torch.zeros(2, 4), returns, MASK) == pytest.approx(0)
    assert explained_variance(-returns, returns, MASK) == pytest.approx(-3, abs=1e-5)
    assert explained_variance(returns, torch.ones(2, 4), MASK) == 0
