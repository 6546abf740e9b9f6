"""Drawing tokens: temperature, the generator, batches."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.toy_llm import corpus
from tutor.toy_llm.inference import ToyModel
from tutor.toy_llm.sampling import drawn, generate, pad_left, tempered
from tutor.toy_llm.tokenizer import EOS, PAD, decode, encode_prompt

HALF = np.log([0.5, 0.25, 0.25])


def test_temperature_by_hand() -> None:
    assert np.exp(tempered(HALF, 1)) == pytest.approx([0.5, 0.25, 0.25])
    assert np.exp(tempered(HALF, 0.5)) == pytest.approx([4 / 6, 1 / 6, 1 / 6])  # squared, normalised
    root = np.sqrt([0.5, 0.25, 0.25])
    assert np.exp(tempered(HALF, 2)) == pytest.approx(root / root.sum())
    assert np.exp(tempered(HALF, 1e9)) == pytest.approx([1 / 3] * 3)


def test_temperature_zero_is_greedy_and_the_first_of_equals_wins() -> None:
    assert np.exp(tempered(HALF, 0)).tolist() == [1, 0, 0]
    assert np.exp(tempered(np.log([0.2, 0.4, 0.4]), 0)).tolist() == [0, 1, 0]
    assert np.exp(tempered(np.stack([HALF, HALF[::-1]]), 0)).tolist() == [[1, 0, 0], [0, 0, 1]]


@pytest.mark.parametrize("temperature", [-1, float("nan"), float("inf")])
def test_no_such_temperature(temperature: float) -> None:
    with pytest.raises(ValueError, match="the temperature is"):
        tempered(HALF, temperature)


@pytest.mark.parametrize(
    ("uniform", "token"), [(0.0, 0), (0.4999, 0), (0.5, 1), (0.7499, 1), (0.75, 2), (0.999999, 2)]
)
def test_drawing_inverts_the_cumulative_probabilities(uniform: float, token: int) -> None:
    assert drawn(HALF, uniform) == token


@given(
    st.lists(st.floats(0, 1), min_size=2, max_size=6).filter(lambda p: sum(p) > 0.1),
    st.floats(0, 1, exclude_max=True),
)
def test_what_has_no_probability_is_never_drawn(weights: list[float], uniform: float) -> None:
    with np.errstate(divide="ignore"):
        log_probs = np.log(np.array(weights) / sum(weights))
    assert weights[int(drawn(log_probs, uniform))] > 0


def test_padding_on_the_left() -> None:
    tokens, mask = pad_left([[1, 9, 2], [1, 8, 7, 6, 2]])
    assert tokens.tolist() == [[0, 0, 1, 9, 2], [1, 8, 7, 6, 2]]
    assert mask.tolist() == [[False, False, True, True, True], [True] * 5]


PROMPTS = [
    encode_prompt(text) for text in (*corpus.COMPLAINTS, corpus.WEATHER_PROMPT, "How much is 2 + 2 ?") * 4
]


def test_the_same_generator_draws_the_same_answers(shipped: ToyModel) -> None:
    one, two = (generate(shipped, PROMPTS, np.random.default_rng(0)) for _ in range(2))
    assert np.array_equal(one.responses, two.responses)
    assert np.array_equal(one.log_probs, two.log_probs)


@pytest.mark.parametrize("limit", [1, 4, 16])
def test_an_answer_ends_with_eos_or_at_the_limit(shipped: ToyModel, limit: int) -> None:
    made = generate(shipped, PROMPTS, np.random.default_rng(1), limit=limit)
    lengths = made.mask.sum(1)
    assert made.responses.shape == made.mask.shape == made.log_probs.shape
    assert made.responses.shape[1] == lengths.max() <= limit
    for row, mask, length in zip(made.responses, made.mask, lengths, strict=True):
        ended = np.flatnonzero(row == EOS).tolist()
        assert ended == [length - 1] if ended else length == limit
        assert mask.tolist() == [True] * length + [False] * (len(row) - length)
        assert (row[length:] == PAD).all()


def test_however_warm_every_token_of_an_answer_is_an_action(shipped: ToyModel) -> None:
    """So that what is judged is what was said: no token is lost when the answer is put into words."""
    made = generate(shipped, PROMPTS * 4, np.random.default_rng(3), temperature=3)
    assert made.responses[made.mask].min() >= EOS
    for row, mask, text in zip(made.responses, made.mask, made.texts(), strict=True):
        assert row[mask].tolist() in (text, [*text, EOS])


def test_log_probs_are_those_of_the_tokens_drawn(shipped: ToyModel) -> None:
    made = generate(shipped, PROMPTS, np.random.default_rng(2))
    tokens = np.concatenate([made.prompts, made.responses], 1)
    mask = np.concatenate([made.prompts != PAD, made.mask], 1)
    P, N = made.prompts.shape[1], made.responses.shape[1]
    scored = shipped.log_probs(tokens, mask)[:, P - 1 : P - 1 + N]
    chosen = np.take_along_axis(scored, made.responses[:, :, None], 2)[:, :, 0]
    assert np.abs(np.where(made.mask, chosen - made.log_probs, 0)).max() < 1e-5
    assert (made.log_probs[~made.mask] == 0).all()


def test_greedy_is_the_same_whatever_the_dice(shipped: ToyModel) -> None:
    one, two = (generate(shipped, PROMPTS, np.random.default_rng(seed), temperature=0) for seed in (1, 2))
    assert np.array_equal(one.responses, two.responses)
    assert (one.log_probs == 0).all()


def test_texts_are_without_padding_and_eos(shipped: ToyModel) -> None:
    made = generate(shipped, [encode_prompt("How much is 2 + 2 ?")], np.random.default_rng(0), temperature=0)
    assert [decode(text) for text in made.texts()] == ["Start with 2 . Then add 2 . Answer : 4 ."]


def test_a_prompt_that_leaves_no_room(shipped: ToyModel) -> None:
    with pytest.raises(ValueError, match="do not fit into a context of 40"):
        generate(shipped, [[1, *[20] * 30, 2]], np.random.default_rng(0))
