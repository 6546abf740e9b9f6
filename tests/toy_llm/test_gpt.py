"""The model in torch: shapes, what it may look at, padding."""

import math

import pytest

torch = pytest.importorskip("torch")

from tests.toy_llm.batches import left_padded, model_of, random_tokens  # noqa: E402
from tutor.toy_llm.gpt import GPT, load_arrays  # noqa: E402
from tutor.toy_llm.inference import Array  # noqa: E402
from tutor.toy_llm.shape import SHAPE, Shape  # noqa: E402
from tutor.toy_llm.tokenizer import BOS, BOT, EOS, PAD  # noqa: E402


@pytest.fixture
def model(random_weights: dict[str, Array]) -> GPT:
    return model_of(random_weights)


def test_shapes(model: GPT) -> None:
    tokens = random_tokens(5, 7)
    assert model.hidden(tokens).shape == (5, 7, 48)
    assert model(tokens).shape == (5, 7, SHAPE.vocabulary)


def test_the_weights_are_those_that_the_checkpoint_has() -> None:
    assert {name: tuple(w.shape) for name, w in GPT().named_parameters()} == SHAPE.weights()
    small = Shape(vocabulary=9, context=6, width=4, layers=3, heads=2)
    assert {name: tuple(w.shape) for name, w in GPT(small).named_parameters()} == small.weights()


def test_parameters_by_hand() -> None:
    """A block: two norms 192, qkv 7,056, project 2,352, widen 9,408, narrow 9,264. Head and embedding are one."""
    count = sum(weight.numel() for weight in GPT().parameters())
    assert count == 2 * 28_272 + 96 + 40 * 48 + SHAPE.vocabulary * 48


def test_the_same_seed_gives_the_same_weights_whatever_else_was_drawn() -> None:
    first = GPT(seed=3)
    torch.rand(10)
    second = GPT(seed=3)
    pairs = zip(first.parameters(), second.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
    assert not torch.equal(first.word.weight, GPT(seed=4).word.weight)


def test_a_fresh_model_knows_nothing() -> None:
    """Its loss is about that of a guess among all actions."""
    log_probs = GPT()(random_tokens(4, 10)).log_softmax(-1)[..., EOS:]
    assert -log_probs.mean().item() == pytest.approx(math.log(105), abs=0.05)


def test_what_is_no_action_has_probability_zero_and_breaks_no_sum(model: GPT) -> None:
    """Also at a high temperature; entropy, divergence and gradients stay numbers."""
    log_probs = (model(random_tokens(4, 10)) / 3).log_softmax(-1)
    assert (log_probs[..., [PAD, BOS, BOT]].exp() == 0).all()
    assert torch.allclose(log_probs[..., EOS:].exp().sum(-1), torch.ones(4, 10))
    other = GPT()(random_tokens(4, 10)).log_softmax(-1)
    entropy = -(log_probs.exp() * log_probs).sum(-1)
    divergence = (log_probs.exp() * (log_probs - other)).sum(-1)
    (entropy + divergence).sum().backward()
    assert (entropy <= math.log(105)).all()
    assert (divergence >= -1e-5).all()
    assert all(weight.grad.isfinite().all() for weight in model.parameters())


@pytest.mark.parametrize("padded", [False, True])
def test_no_token_sees_a_later_one(model: GPT, padded: bool) -> None:
    tokens = random_tokens(3, 9)
    mask = torch.ones_like(tokens, dtype=torch.bool) if padded else None
    before = model(tokens, mask)
    for t in range(1, 9):
        changed = tokens.clone()
        changed[:, t] = (changed[:, t] + 1) % SHAPE.vocabulary
        after = model(changed, mask)
        assert torch.allclose(after[:, :t], before[:, :t], atol=1e-5)
        assert not torch.allclose(after[:, t], before[:, t], atol=1e-2)


def test_no_token_s_gradient_reaches_a_later_one(model: GPT) -> None:
    embedded: list[torch.Tensor] = []
    handle = model.word.register_forward_hook(
        lambda _module, _inputs, output: embedded.append(output) or output.retain_grad()
    )
    model(random_tokens(1, 8))[0, 4].sum().backward()
    handle.remove()
    reached = embedded[0].grad[0].abs().sum(-1) > 0
    assert reached.tolist() == [True] * 5 + [False] * 3


def test_padding_on_the_left_changes_nothing(model: GPT) -> None:
    rows = [random_tokens(1, length, seed=length)[0] for length in (4, 9, 6)]
    tokens, mask = left_padded(rows)
    together = model(tokens, mask).log_softmax(-1)
    assert torch.isfinite(together).all()
    for row, alone in enumerate(rows):
        expected = model(alone[None]).log_softmax(-1)[0]
        assert torch.allclose(together[row, -len(alone) :], expected, atol=1e-5)


def test_what_stands_in_the_padding_does_not_matter(model: GPT) -> None:
    tokens, mask = left_padded([random_tokens(1, 3)[0], random_tokens(1, 8)[0]])
    other = tokens.masked_fill(~mask, 17)
    first, second = model(tokens, mask), model(other, mask)
    assert torch.allclose(first[mask], second[mask], atol=1e-6)


def test_weights_of_another_model_are_refused(random_weights: dict[str, Array]) -> None:
    with pytest.raises(RuntimeError, match=r"norm\.bias"):
        load_arrays(GPT(), {name: w for name, w in random_weights.items() if name != "norm.bias"}.items())
