"""Sampling and scoring batches in torch: what the log-probabilities belong to, <eos> as an action."""

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from tests.toy_llm.batches import model_of  # noqa: E402
from tutor.toy_llm import sampling  # noqa: E402
from tutor.toy_llm.answers import Rollout, response_log_probs, response_logits  # noqa: E402
from tutor.toy_llm.checkpoint import read, shipped_path  # noqa: E402
from tutor.toy_llm.generation import generate  # noqa: E402
from tutor.toy_llm.gpt import GPT  # noqa: E402
from tutor.toy_llm.inference import Array, ToyModel  # noqa: E402
from tutor.toy_llm.shape import SHAPE  # noqa: E402
from tutor.toy_llm.tokenizer import BOT, EOS, PAD, encode_prompt  # noqa: E402

PROMPTS = [
    encode_prompt(text)
    for text in ("The weather today is", "How much is 2 + 2 ?", "I don't like your answer", "So what ?") * 4
]


@pytest.fixture(scope="module")
def trained() -> GPT:
    return model_of(read(shipped_path()))


class Chain(GPT):
    """A model by hand: after token k it says k + 1 with probability .7, spreading the rest evenly."""

    def hidden(self, tokens, mask=None):
        return torch.nn.functional.one_hot(tokens, SHAPE.vocabulary).float()

    def head(self, hidden):
        following = hidden.roll(1, dims=-1)
        return (following * 0.7 + (1 - following) * 0.3 / (SHAPE.vocabulary - 1)).log()


def test_logits_before_a_token_score_it() -> None:
    """Response 10 11 12 after <bot> = 2: the first has .3/(V-1), for 2 is followed by 3; the others .7. A score off
    by one would give three other numbers."""
    rollout = Rollout(
        prompts=torch.tensor([[PAD, 1, 5, BOT]]),
        prompt_mask=torch.tensor([[False, True, True, True]]),
        responses=torch.tensor([[10, 11, 12]]),
        mask=torch.ones(1, 3, dtype=torch.bool),
        log_probs=torch.zeros(1, 3),
    )
    rest = math.log(0.3 / (SHAPE.vocabulary - 1))
    scored = response_log_probs(Chain(), rollout)
    assert scored.tolist()[0] == pytest.approx([rest, math.log(0.7), math.log(0.7)], abs=1e-5)
    assert response_logits(Chain(), rollout).argmax(-1).tolist() == [[BOT + 1, 11, 12]]


def test_eos_is_an_action_and_padding_is_none() -> None:
    rollout = Rollout(
        prompts=torch.tensor([[1, BOT], [1, BOT]]),
        prompt_mask=torch.ones(2, 2, dtype=torch.bool),
        responses=torch.tensor([[EOS, PAD, PAD], [10, 11, 12]]),
        mask=torch.tensor([[True, False, False], [True, True, True]]),
        log_probs=torch.zeros(2, 3),
    )
    scored = response_log_probs(Chain(), rollout)
    assert scored[0].tolist() == pytest.approx([math.log(0.7), 0, 0], abs=1e-5)  # <bot> = 2 is followed by 3


def test_the_score_is_the_log_probability_that_the_token_was_drawn_with(trained: GPT) -> None:
    """Drawn with a cache, scored without, from left-padded prompts of unlike length."""
    rollout = generate(trained, PROMPTS, torch.Generator().manual_seed(0))
    again = response_log_probs(trained, rollout)
    assert torch.allclose(again, rollout.log_probs, atol=1e-5)
    assert (rollout.log_probs[rollout.mask] < 0).all()
    assert (rollout.log_probs[~rollout.mask] == 0).all()


def test_an_answer_ends_with_eos_or_at_the_limit(trained: GPT) -> None:
    for limit in (4, 16):
        rollout = generate(trained, PROMPTS, torch.Generator().manual_seed(1), limit=limit)
        lengths = rollout.mask.sum(1)
        assert rollout.responses.shape[1] == lengths.max() <= limit
        for row, length in zip(rollout.responses, lengths.tolist(), strict=True):
            ended = (row == EOS).nonzero().flatten().tolist()
            assert ended == [length - 1] if ended else length == limit
            assert (row[length:] == PAD).all()


def test_the_same_generator_draws_the_same_answers(trained: GPT) -> None:
    one, two = (generate(trained, PROMPTS, torch.Generator().manual_seed(2)) for _ in range(2))
    assert torch.equal(one.responses, two.responses)
    assert torch.equal(one.log_probs, two.log_probs)


def test_however_warm_every_token_of_an_answer_is_an_action(trained: GPT) -> None:
    rollout = generate(trained, PROMPTS * 16, torch.Generator().manual_seed(3), temperature=3)
    assert rollout.responses[rollout.mask].min() >= EOS
    logits = response_logits(trained, rollout)
    assert (logits.log_softmax(-1).exp()[..., :EOS] == 0).all()
    assert response_log_probs(trained, rollout).isfinite().all()


def test_numpy_gives_the_same_batch_the_same_scores(trained: GPT, shipped: ToyModel) -> None:
    made = sampling.generate(shipped, PROMPTS, np.random.default_rng(0))
    rollout = Rollout(
        torch.from_numpy(made.prompts),
        torch.from_numpy(made.prompts != PAD),
        torch.from_numpy(made.responses),
        torch.from_numpy(made.mask),
        torch.from_numpy(made.log_probs),
    )
    scored = response_log_probs(trained, rollout).detach().numpy()
    assert np.abs(scored - made.log_probs).max() < 1e-5


def test_a_temperature_of_its_own(random_weights: dict[str, Array]) -> None:
    """Log-probabilities are those of the policy that drew, so at T = 1/2 another score than at 1."""
    model = model_of(random_weights)
    rollout = generate(model, PROMPTS[:4], torch.Generator().manual_seed(0), temperature=0.5, limit=3)
    sharpened = (2 * response_logits(model, rollout)).log_softmax(-1)
    expected = sharpened.gather(2, rollout.responses[:, :, None])[:, :, 0]
    assert torch.allclose(rollout.log_probs[rollout.mask], expected[rollout.mask], atol=1e-4)
