"""Words to tokens and back."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.toy_llm.tokenizer import (
    BOS,
    BOT,
    EOS,
    PAD,
    SPECIALS,
    VOCABULARY,
    WORDS,
    UnknownWordsError,
    decode,
    encode,
    encode_prompt,
    similar_words,
    tidy,
    token_of,
    unknown_words,
    word,
)

SPACES = st.sampled_from([" ", "  ", "\t", "\n"])


def test_specials_come_first_and_pad_is_zero() -> None:
    assert (PAD, BOS, BOT, EOS) == (0, 1, 2, 3)
    assert VOCABULARY[:4] == SPECIALS == ("<pad>", "<bos>", "<bot>", "<eos>")


def test_about_110_words_each_once() -> None:
    assert 100 <= len(VOCABULARY) <= 120
    assert len(set(VOCABULARY)) == len(VOCABULARY)
    assert not any(word.split() != [word] for word in VOCABULARY)


@given(st.lists(st.tuples(st.sampled_from(WORDS), SPACES)))
def test_decoding_what_was_encoded_gives_the_words_again(pieces: list[tuple[str, str]]) -> None:
    text = "".join(word + space for word, space in pieces)
    assert decode(encode(text)) == " ".join(text.split())


@given(st.lists(st.integers(len(SPECIALS), len(VOCABULARY) - 1)))
def test_encoding_what_was_decoded_gives_the_tokens_again(tokens: list[int]) -> None:
    assert encode(decode(tokens)) == tokens


@given(st.text())
def test_any_text_is_encoded_or_its_unknown_words_are_named(text: str) -> None:
    unknown = unknown_words(text)
    if unknown:
        with pytest.raises(UnknownWordsError) as caught:
            encode(text)
        assert list(caught.value.words) == unknown
        assert all(word in str(caught.value) for word in unknown)
    else:
        assert decode(encode(text)) == " ".join(text.split())


def test_unknown_words_are_named_once_each_in_order() -> None:
    assert unknown_words("please is tomorrow please sunny") == ["please", "tomorrow"]
    with pytest.raises(UnknownWordsError, match="does not know the words please, tomorrow"):
        encode("please is tomorrow")


def test_a_typing_error_gets_a_suggestion() -> None:
    with pytest.raises(UnknownWordsError, match="did you mean understand"):
        encode("undrstand")
    assert similar_words("Sunny") == ["sunny"]
    assert similar_words("xylophone") == []


@pytest.mark.parametrize("special", SPECIALS)
def test_nobody_types_a_special_token(special: str) -> None:
    with pytest.raises(UnknownWordsError):
        encode(f"So {special} what")
    assert token_of(special) == SPECIALS.index(special)


def test_a_prompt_stands_between_bos_and_bot() -> None:
    assert decode(encode_prompt("So what ?")) == "<bos> So what ? <bot>"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("How much is 2+2?", "How much is 2 + 2 ?"),
        ("I don’t like your answer", "I don't like your answer"),
        ("  So what ?  ", "So what ?"),
        ("Answer: 4.", "Answer : 4 ."),
        ("", ""),
    ],
)
def test_what_people_type_becomes_words(typed: str, meant: str) -> None:
    assert tidy(typed) == meant
    assert tidy(meant) == meant
    encode(meant)


@pytest.mark.parametrize("number", [-1, len(VOCABULARY)])
def test_a_number_that_is_no_token(number: int) -> None:
    with pytest.raises(IndexError, match="is no token"):
        word(number)
