"""The model in numpy: equal to torch's, and a reader that reads nothing twice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.toy_llm.weights import random_arrays
from tutor.toy_llm.inference import Array, KVCache, Reader, ToyModel, log_softmax
from tutor.toy_llm.sampling import pad_left
from tutor.toy_llm.shape import SHAPE
from tutor.toy_llm.tokenizer import BOS, BOT, PAD, encode_prompt

MODEL = ToyModel(random_arrays())  # of a module: property tests take no fixtures of a function's scope
TEXTS = ("The weather today is", "How much is 2 + 2 ?", "I don't like your answer", "So what ?")


@pytest.fixture(scope="module")
def random_model(random_weights: dict[str, Array]) -> ToyModel:
    return ToyModel(random_weights)


@pytest.mark.parametrize("which", ["shipped", "random_model"])
def test_equal_to_torch(which: str, random_weights: dict[str, Array], request: pytest.FixtureRequest) -> None:
    torch = pytest.importorskip("torch")
    from tests.toy_llm.batches import model_of
    from tutor.toy_llm.checkpoint import read, shipped_path

    ours: ToyModel = request.getfixturevalue(which)
    theirs = model_of(read(shipped_path()) if which == "shipped" else random_weights)
    tokens, mask = pad_left([encode_prompt(text) for text in TEXTS])
    expected = theirs(torch.from_numpy(tokens), torch.from_numpy(mask)).log_softmax(-1).detach().numpy()
    assert np.abs(ours.log_probs(tokens, mask) - expected)[mask].max() < 1e-5
    whole = np.arange(SHAPE.context)[None] + 4
    expected = theirs(torch.from_numpy(whole)).log_softmax(-1).detach().numpy()
    assert np.abs(ours.log_probs(whole) - expected).max() < 1e-5


@pytest.mark.parametrize("which", ["shipped", "random_model"])
def test_equal_to_torch_on_any_text(
    which: str, random_weights: dict[str, Array], request: pytest.FixtureRequest
) -> None:
    """Texts at random, most of which no corpus would have: within 1e-10 of torch in float64, so that all that is left
    against torch in float32 is torch's own rounding, less than 1e-5."""
    torch = pytest.importorskip("torch")
    from tests.toy_llm.batches import model_of
    from tutor.toy_llm.checkpoint import read, shipped_path

    ours: ToyModel = request.getfixturevalue(which)
    weights = read(shipped_path()) if which == "shipped" else random_weights
    single, double = model_of(weights), model_of(weights).double()
    for seed in range(5):
        texts = np.random.default_rng(seed).integers(1, SHAPE.vocabulary, (40, SHAPE.context))
        found = ours.log_probs(texts)
        exact, rounded = (
            model(torch.from_numpy(texts)).log_softmax(-1).detach().numpy() for model in (double, single)
        )
        assert np.abs(found - exact).max() < 1e-10
        assert np.abs(found - rounded).max() < 1e-5


def test_probabilities(random_model: ToyModel) -> None:
    log_probs = random_model.log_probs(np.array([[1, 5, 9], [2, 7, 7]]))
    assert log_probs.shape == (2, 3, SHAPE.vocabulary)
    assert log_probs.dtype == np.float64
    assert (np.exp(log_probs[..., [PAD, BOS, BOT]]) == 0).all()
    assert np.exp(log_probs).sum(-1) == pytest.approx(np.ones((2, 3)))


def test_no_token_sees_a_later_one(random_model: ToyModel) -> None:
    tokens = np.arange(10)[None] + 4
    before = random_model.log_probs(tokens)
    for t in range(1, 10):
        changed = tokens.copy()
        changed[:, t] += 1
        after = random_model.log_probs(changed)
        assert np.abs(after - before)[:, :t].max() < 1e-5
        assert np.abs(after - before)[:, t].max() > 1e-2


def test_padding_on_the_left_changes_nothing(random_model: ToyModel) -> None:
    rows = [encode_prompt(text) for text in TEXTS]
    tokens, mask = pad_left(rows)
    together = random_model.log_probs(tokens, mask)
    assert np.isfinite(together).all()
    for row, alone in enumerate(rows):
        expected = random_model.log_probs(np.array([alone]))[0]
        assert np.abs(together[row, -len(alone) :] - expected).max() < 1e-5


@given(st.lists(st.integers(1, 4), min_size=1, max_size=6))
def test_a_cache_changes_nothing(pieces: list[int]) -> None:
    tokens = (np.arange(2 * sum(pieces)).reshape(2, -1) * 7) % SHAPE.vocabulary
    expected = MODEL.log_probs(tokens)
    cache, parts = KVCache(2), []
    for some in np.split(tokens, np.cumsum(pieces)[:-1], axis=1):
        parts.append(MODEL.log_probs(some, cache=cache))
    assert np.abs(np.concatenate(parts, 1) - expected).max() < 1e-5


def test_a_cache_goes_on_with_the_sequences_it_is_told(random_model: ToyModel) -> None:
    """Padded prompts of unlike length; one goes on in two ways, two are dropped, and so on."""
    texts = [encode_prompt(text) for text in TEXTS]
    tokens, mask = pad_left(texts)
    read, cache = KVCache(len(texts)), KVCache(5, room=30)
    random_model.hidden(tokens, mask, read)
    for kept, said in (([2, 0, 0, 1, 3], [9, 30, 31, 8, 7]), ([1, 2], [6, 5]), ([1], [11])):
        cache.put(read, np.array(kept))
        found = random_model.log_probs(np.array(said)[:, None], cache=cache)[:, 0]
        texts = [[*texts[parent], word] for parent, word in zip(kept, said, strict=True)]
        for text, said_so in zip(texts, found, strict=True):
            assert np.abs(said_so - random_model.log_probs(np.array([text]))[0, -1]).max() < 1e-10
        read = cache


def test_in_single_precision_it_rounds_no_more_than_torch(random_weights: dict[str, Array]) -> None:
    single, double = ToyModel(random_weights, dtype=np.float32), ToyModel(random_weights)
    texts = np.random.default_rng(0).integers(1, SHAPE.vocabulary, (40, SHAPE.context))
    found = single.log_probs(texts)
    assert found.dtype == np.float32
    assert np.abs(found - double.log_probs(texts)).max() < 1e-5


class Counting(ToyModel):
    """Counts the tokens that it reads."""

    read = 0

    def hidden(self, tokens, mask=None, cache=None):  # type: ignore[no-untyped-def]
        self.read += tokens.shape[1]
        return super().hidden(tokens, mask, cache)


def test_a_reader_reads_no_token_twice(random_weights: dict[str, Array]) -> None:
    model = Counting(random_weights)
    reader = Reader(model)
    prompt = encode_prompt(TEXTS[0])
    reader.next_log_probs(prompt)
    assert model.read == len(prompt)
    first = reader.next_log_probs([*prompt, 50])
    reader.next_log_probs([*prompt, 50, 60])
    assert model.read == len(prompt) + 2
    reader.next_log_probs(prompt)  # undone
    assert np.array_equal(reader.next_log_probs([*prompt, 50]), first)  # and done again
    assert model.read == len(prompt) + 2
    reader.next_log_probs([*prompt, 70])  # another branch
    assert model.read == len(prompt) + 3


@given(st.lists(st.lists(st.integers(0, 5), min_size=1, max_size=8), min_size=1, max_size=8))
def test_whatever_is_read_in_whatever_order_the_numbers_are_right(texts: list[list[int]]) -> None:
    reader = Reader(MODEL)
    for text in texts:
        expected = MODEL.log_probs(np.array([text]))[0, -1]
        assert np.abs(reader.next_log_probs(text) - expected).max() < 1e-5


@pytest.mark.parametrize("count", [0, 41])
def test_a_text_that_does_not_fit(random_model: ToyModel, count: int) -> None:
    with pytest.raises(ValueError, match="the model reads 1 to 40"):
        Reader(random_model).next_log_probs([5] * count)


def test_what_the_reader_gives_is_the_caller_s_own(random_model: ToyModel) -> None:
    reader = Reader(random_model)
    reader.next_log_probs([5, 6])[:] = 0
    assert np.exp(reader.next_log_probs([5, 6])).sum() == pytest.approx(1)


def test_log_softmax_by_hand() -> None:
    assert log_softmax(np.log([[1.0, 3.0]])) == pytest.approx(np.log([[0.25, 0.75]]))
    assert log_softmax(np.array([1000.0, 1000.0])) == pytest.approx(np.log([0.5, 0.5]))
