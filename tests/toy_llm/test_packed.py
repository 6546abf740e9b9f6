"""The packed forward pass says what the padded one says."""

import pytest

torch = pytest.importorskip("torch")

from tests.toy_llm.batches import model_of  # noqa: E402
from tutor.toy_llm.answers import Rollout, response_log_probs, response_logits  # noqa: E402
from tutor.toy_llm.generation import generate  # noqa: E402
from tutor.toy_llm.gpt import GPT  # noqa: E402
from tutor.toy_llm.packed import action_log_probs, pack_states, pack_whole, stream, token_log_probs  # noqa: E402
from tutor.toy_llm.tokenizer import EOS, encode_prompt  # noqa: E402

PROMPTS = [
    encode_prompt(text) for text in ("So what ?", "How much is 2 + 2 ?", "I don't like your answer") * 5
]


@pytest.fixture(scope="module")
def model(random_weights) -> GPT:
    return model_of(random_weights)


@pytest.fixture(scope="module")
def rollout(model: GPT) -> Rollout:
    made = generate(model, PROMPTS, torch.Generator().manual_seed(0), limit=9)
    lengths = torch.arange(15) % 9 + 1  # of every length, also 1; an early end is written in
    mask = torch.arange(made.responses.shape[1]) < lengths[:, None]
    responses = made.responses.masked_fill(~mask, 0)
    responses[torch.arange(15), lengths - 1] = EOS
    return Rollout(made.prompts, made.prompt_mask, responses, mask, made.log_probs)


def test_log_probabilities_are_those_of_the_padded_pass(model: GPT, rollout: Rollout) -> None:
    padded = response_logits(model, rollout).log_softmax(-1)[rollout.mask]
    packed = pack_states(rollout)
    assert torch.allclose(packed.each(action_log_probs(model, packed)), padded, atol=1e-5)


def test_gradients_are_those_of_the_padded_pass(model: GPT, rollout: Rollout) -> None:
    packed, gradients = pack_states(rollout), []
    for said in (
        response_log_probs(model, rollout)[rollout.mask],
        token_log_probs(action_log_probs(model, packed), packed, rollout.responses[rollout.mask]),
    ):
        model.zero_grad()
        (said * torch.linspace(-1, 2, len(said))).sum().backward()
        gradients.append([weight.grad.clone() for weight in model.parameters()])
    for one, other in zip(*gradients, strict=True):
        assert torch.allclose(one, other, atol=1e-5)


def test_a_whole_text_is_judged_after_its_last_token(model: GPT, rollout: Rollout) -> None:
    """Each text alone, unpadded."""
    packed = pack_whole(rollout)
    judged = packed.each(stream(model, packed))
    for row in range(15):
        prompt, answer = (
            rollout.prompts[row][rollout.prompt_mask[row]],
            rollout.responses[row][rollout.mask[row]],
        )
        alone = model.hidden(torch.cat([prompt, answer])[None])[0, -1]
        assert torch.allclose(judged[row], alone, atol=1e-4)


def test_rubbish_on_padding_changes_nothing(model: GPT, rollout: Rollout) -> None:
    soiled = Rollout(
        rollout.prompts.masked_fill(~rollout.prompt_mask, 50),
        rollout.prompt_mask,
        rollout.responses.masked_fill(~rollout.mask, 60),
        rollout.mask,
        rollout.log_probs,
    )
    for pack in (pack_states, pack_whole):
        assert torch.equal(stream(model, pack(rollout)), stream(model, pack(soiled)))
