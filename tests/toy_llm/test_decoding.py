"""Word by word, each different text once: what comes next is what the whole text would give."""

import pytest

torch = pytest.importorskip("torch")

from tests.toy_llm.batches import model_of  # noqa: E402
from tutor.toy_llm.decoding import Decoder  # noqa: E402
from tutor.toy_llm.gpt import GPT  # noqa: E402
from tutor.toy_llm.sampling import pad_left  # noqa: E402
from tutor.toy_llm.tokenizer import encode_prompt  # noqa: E402

PROMPTS = [
    encode_prompt(text) for text in ("So what ?", "How much is 2 + 2 ?", "So what ?", "The weather today is")
]


@pytest.fixture(scope="module")
def model(random_weights) -> GPT:
    return model_of(random_weights)


def following(model: GPT, texts: list[list[int]]) -> torch.Tensor:
    """Log-probabilities of the next word, each text alone."""
    return torch.stack([model(torch.tensor([text]))[0, -1].log_softmax(-1) for text in texts])


@torch.no_grad()
def test_texts_branch_and_end_as_they_are_told(model: GPT) -> None:
    """Three prompts that differ; then two texts go on from one of them and one is dropped, and so on."""
    tokens, mask = map(torch.from_numpy, pad_left(PROMPTS))
    decoder = Decoder(model, tokens, mask, 4)
    assert decoder.at[0] == decoder.at[2]
    assert len(set(decoder.at)) == len(decoder.logits()) == 3
    texts = [PROMPTS[list(decoder.at).index(row)] for row in range(3)]
    assert torch.allclose(decoder.logits().log_softmax(-1), following(model, texts), atol=1e-5)
    for parents, said in (([2, 0, 0], [9, 30, 31]), ([0, 1, 1, 2], [8, 7, 6, 5]), ([3], [11])):
        decoder.say(torch.tensor(parents), torch.tensor(said))
        texts = [[*texts[parent], word] for parent, word in zip(parents, said, strict=True)]
        assert torch.allclose(decoder.logits().log_softmax(-1), following(model, texts), atol=1e-5)
