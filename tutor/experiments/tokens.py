"""The toy language model asked for its next token: `next-token`, and the parameters of everything that reads it.

Naming these needs no numpy: only the tokenizer, which is plain Python, is imported before something runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from tutor.experiments.frames import Frame
from tutor.experiments.parameters import Parameter, ParameterError, Value
from tutor.toy_llm.tokenizer import ACTIONS, VOCABULARY, similar_words, tidy, unknown_words
from tutor.toy_llm.verifier import in_form

MOST_PROMPT, MOST_TEXT = 22, 15  # words; together with an answer they fit into what the model reads
TOKENS = tuple(VOCABULARY[token] for token in ACTIONS)  # every action is a series: each word, and `<eos>`
PROMPTS = ("How much is 2 + 2 ?", "The weather today is", "I don't like your answer")


@dataclass(frozen=True)
class WordsParameter(Parameter):
    """A text of words that the toy model knows, put in its own spelling (`2+2?` becomes `2 + 2 ?`).

    fewest, most: how many words it may have.
    """

    fewest: int = 0
    most: int = MOST_PROMPT

    def allowed(self) -> str:
        return f"{self.fewest} to {self.most} words that the toy model knows"

    def parse(self, raw: object) -> Value:
        """The words, a blank between them; raises ParameterError, which names the words that are not known."""
        text = tidy(str(super().parse(raw)))
        if not self.fewest <= len(text.split()) <= self.most:
            raise self._refuse(raw)
        if unknown := unknown_words(text):
            raise ParameterError(f"{self.name}: {unknown_sentence(unknown)}")
        return text


class PromptParameter(WordsParameter):
    """Words asked; a sum however it is asked becomes `How much is 2 + 2 ?`, for the model has learned no other way."""

    def parse(self, raw: object) -> Value:
        return in_form(str(super().parse(raw)))


def unknown_sentence(words: Sequence[str]) -> str:
    """`the toy model does not know 'sun'; did you mean 'sunny'?`"""
    named = ", ".join(repr(word[:20]) for word in words[:4]) + (" and others" if len(words) > 4 else "")
    similar = list(dict.fromkeys(near for word in words for near in similar_words(word[:20])[:1]))
    hint = f"; did you mean {', '.join(map(repr, similar[:4]))}?" if similar else ""
    return f"the toy model does not know {named}{hint}"


PROMPT = PromptParameter("prompt", "text", PROMPTS[0], "What the model is asked.", fewest=1)
TEXT = WordsParameter("text", "text", "", "How the answer begins: words put into its mouth.", most=MOST_TEXT)
TEMPERATURE = Parameter(
    "temperature",
    "float",
    1.0,
    "Below 1 the likeliest tokens become likelier, above 1 all become alike; 1 is the model's own policy.",
    low=0.1,
    high=3,
    step=0.1,
)


def next_token(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """One frame a token that may come next, named after it: `policy/probability`, pi(token | prompt, text).

    Nothing is random: every seed agrees. Raises ParameterError when the model cannot be read.
    """
    import numpy as np

    from tutor.toy_llm.checkpoint import CheckpointError, load_model
    from tutor.toy_llm.episodes import first_state, policy
    from tutor.toy_llm.inference import Reader
    from tutor.toy_llm.tokenizer import encode

    try:
        reader = Reader(load_model())
    except CheckpointError as error:
        raise ParameterError(str(error)) from error
    state = (*first_state(str(values["prompt"])), *encode(str(values["text"])))
    pi = np.exp(policy(reader, state, float(values["temperature"])))  # (V,)
    for token, name in zip(ACTIONS, TOKENS, strict=True):
        yield Frame(name, 0, {"policy/probability": np.full(len(seeds), pi[token])})
