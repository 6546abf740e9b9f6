"""Words to numbers and back: one word is one token, words are what stands between spaces."""

from collections.abc import Iterable, Sequence

SPECIALS = (
    "<pad>",
    "<bos>",
    "<bot>",
    "<eos>",
)  # padding, begin of sequence, begin of the answer, end of sequence
PAD, BOS, BOT, EOS = range(4)

_PLAIN = """+ ? . , :
How much is Start with Then add Answer
The weather today sunny cloudy rainy windy cold warm foggy snowy
I am don't like care know see understand will your my you me it this
You are wrong made a mistake too slow long not happy bad clear Your answer
This does help what wanted makes no sense That was Can do better
So Not problem Who asked Here the how can improve change fix sorry let Thank"""
WORDS = (*(str(number) for number in range(22)), *_PLAIN.split())
VOCABULARY = (*SPECIALS, *WORDS)  # a word's place is its token
ACTIONS = range(
    EOS, len(VOCABULARY)
)  # what an answer is made of: the end and every word; nobody says the others

_TOKENS = {word: token for token, word in enumerate(VOCABULARY)}


class UnknownWordsError(ValueError):
    """A text has words that the model does not know.

    words: those words, in order, each once.
    """

    def __init__(self, words: Sequence[str]) -> None:
        self.words = tuple(words)
        many = "words" if len(words) > 1 else "word"
        super().__init__(f"the model does not know the {many} {', '.join(words)}{_advice(words)}")


def encode(text: str) -> list[int]:
    """The tokens of a text, one a word. Raises UnknownWordsError, also for the four special tokens: nobody types
    those."""
    words = text.split()
    if unknown := unknown_words(text):
        raise UnknownWordsError(unknown)
    return [_TOKENS[word] for word in words]


def encode_prompt(text: str) -> list[int]:
    """`<bos> prompt <bot>`: the state in which the model starts to answer."""
    return [BOS, *encode(text), BOT]


def decode(tokens: Iterable[int]) -> str:
    """The text of some tokens; specials are shown by name. Raises IndexError for a number that is no token."""
    return " ".join(word(token) for token in tokens)


def word(token: int) -> str:
    """The word of one token. Raises IndexError."""
    if not 0 <= token < len(VOCABULARY):
        raise IndexError(f"{token} is no token; tokens are 0 to {len(VOCABULARY) - 1}")
    return VOCABULARY[token]


def token_of(text: str) -> int:
    """The token of one word, or of a special such as `<eos>`. Raises UnknownWordsError."""
    if text not in _TOKENS:
        raise UnknownWordsError([text])
    return _TOKENS[text]


def unknown_words(text: str) -> list[str]:
    """The words of a text that the model does not know, each once."""
    return [word for word in dict.fromkeys(text.split()) if word not in _TOKENS or word in SPECIALS]


def tidy(text: str) -> str:
    """A text as people type it, made into words with spaces between: `How much is 2+2?` -> `How much is 2 + 2 ?`."""
    text = text.replace("’", "'")
    for sign in "+?.,:":
        text = text.replace(sign, f" {sign} ")
    return " ".join(text.split())


def similar_words(word: str) -> list[str]:
    """Up to three words of the vocabulary that look like this one, the likest first."""
    from difflib import get_close_matches

    folded = {known.lower(): known for known in reversed(WORDS)}
    return [folded[match] for match in get_close_matches(word.lower(), folded, n=3, cutoff=0.7)]


def _advice(words: Sequence[str]) -> str:
    """What could have been meant, for one unknown word."""
    close = similar_words(words[0]) if len(words) == 1 else []
    return f"; did you mean {' or '.join(close)}?" if close else ""
