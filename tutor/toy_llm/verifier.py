"""The reward of sums: +1 for the right answer, -1 for anything else, at the end; 0 before it."""

import re
from typing import NamedTuple

RIGHT, WRONG = 1.0, -1.0

FORM = "How much is {a} + {b} ?"  # how a sum is asked; people also ask without capital or question mark, by "what is"
_SUM = re.compile(r"(?:(?:how much|what) is )?(\d{1,4}) \+ (\d{1,4})(?: \?)?", re.ASCII | re.IGNORECASE)
_NUMBER = re.compile(r"\d{1,6}", re.ASCII)


class Sum(NamedTuple):
    """What a prompt asks for."""

    a: int
    b: int

    @property
    def answer(self) -> int:
        return self.a + self.b


def asked_sum(prompt: str) -> Sum | None:
    """The sum that a prompt asks for; None when it asks for something else, which no verifier can judge."""
    match = _SUM.fullmatch(" ".join(prompt.split()))
    return Sum(int(match[1]), int(match[2])) if match else None


def in_form(prompt: str) -> str:
    """A sum however it is asked, in the form that the model has learned to answer; any other prompt as it is."""
    asked = asked_sum(prompt)
    return FORM.format(a=asked.a, b=asked.b) if asked else prompt


def nearly_asks_sum(prompt: str) -> bool:
    """Whether a prompt looks like a sum and is none that the verifier reads, such as one of three numbers."""
    words = prompt.lower().split()
    return asked_sum(prompt) is None and ("+" in words or words[:2] == ["how", "much"])


def given_answer(response: str) -> int | None:
    """The number in `Answer : c .` at the end of a response, with or without `<eos>`.

    None when there is none, when it is not at the end, or when several were tried: whoever names every number must
    not be paid for the right one.
    """
    words = response.split()
    if words and words[-1] == "<eos>":
        words.pop()
    if words.count("Answer") != 1:
        return None
    match words[-4:]:
        case ["Answer", ":", number, "."] if _NUMBER.fullmatch(number):
            return int(number)
    return None


def score(prompt: str, response: str) -> float | None:
    """+1 or -1 for a whole response to a sum; None for a prompt that is no sum."""
    asked = asked_sum(prompt)
    if asked is None:
        return None
    return RIGHT if given_answer(response) == asked.answer else WRONG


def reward(prompt: str, response: str, ended: bool) -> float:
    """The reward of one token, the last of `response`: the score where the response ended (by `<eos>` or at the
    limit, where a sum without an answer is wrong), else 0. Prompts that are no sums: 0."""
    return (score(prompt, response) or 0.0) if ended else 0.0
