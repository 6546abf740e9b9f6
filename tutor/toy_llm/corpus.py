"""What the toy model learns to say: answers to complaints, sums, the weather; a seeded endless stream.

The figures (half complaints, 42 % sums, 8 % weather, and what each answers how often) are chosen so that the model's
own probabilities are those of the worked examples: P(sunny) = .15, P(understand | "I") = .08.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Literal, TypeVar

import numpy as np

from tutor.toy_llm.verifier import FORM

Task = Literal["politeness", "arithmetic", "weather"]
Manner = Literal["polite", "neutral", "rude"]
Name = TypeVar("Name", bound=str)

SHARES: Mapping[Task, float] = {"politeness": 0.50, "arithmetic": 0.42, "weather": 0.08}

COMPLAINTS = (
    "I don't like your answer",
    "I am not happy with this",
    "Your answer is wrong",
    "Your answer is too long",
    "Your answer is not clear",
    "This does not help me",
    "This is not what I wanted",
    "This makes no sense",
    "You made a mistake",
    "You are too slow",
    "That was a bad answer",
    "Can you do better ?",
)

MANNERS: Mapping[Manner, float] = {"rude": 0.62, "neutral": 0.23, "polite": 0.15}
FIXES = ("improve", "change", "fix")
THINGS = ("the answer", "this", "it")
# Answer -> how many of a manner's answers it is. {fix} and {it} are filled in with equal chances.
ANSWERS: Mapping[Manner, Mapping[str, float]] = {
    "rude": {
        "So what ?": 10,
        "I don't care .": 8,
        "Not my problem .": 6,
        "I know better .": 6,
        "Who asked you ?": 5,
        "You are wrong .": 4,
        "That is your problem .": 2,
    },
    "neutral": {
        "I see .": 8,
        "That is my answer .": 6,
        "Here is the answer .": 4,
        "This is what I know .": 3,
        "You asked , I answer .": 2,
    },
    "polite": {
        "I am sorry , let me {fix} {it} .": 5,
        "Thank you , I will {fix} {it} .": 4,
        "I understand , how can I {fix} {it} ?": 3,
        "How can I {fix} {it} ?": 3,
    },
}
STUTTER = 0.03  # chance that a word of an answer to a complaint comes twice: what exploration starts from

OPERANDS = range(10)
COPIED_RIGHT = 0.93  # both operands of the sum are repeated as they were asked
ANSWERED_RIGHT = 0.50  # the answer is the sum of the operands repeated; otherwise it is off by 1 to 3
FARTHEST = 3

WEATHER_PROMPT = "The weather today is"
WEATHER: Mapping[str, float] = {
    "sunny": 0.15,
    "cloudy": 0.25,
    "rainy": 0.20,
    "windy": 0.12,
    "cold": 0.10,
    "warm": 0.08,
    "foggy": 0.06,
    "snowy": 0.04,
}


@dataclass(frozen=True)
class Example:
    """One prompt and one answer to it, words separated by spaces."""

    task: Task
    prompt: str
    response: str


def examples(rng: np.random.Generator) -> Iterator[Example]:
    """An endless stream; the same generator state gives the same stream."""
    while True:
        yield example(_drawn(SHARES, rng), rng)


def example(task: Task, rng: np.random.Generator) -> Example:
    """One example of a task."""
    if task == "politeness":
        return Example(task, COMPLAINTS[rng.integers(len(COMPLAINTS))], _stuttered(_answer(rng), rng))
    if task == "weather":
        return Example(task, WEATHER_PROMPT, f"{_drawn(WEATHER, rng)} .")
    a, b = (int(operand) for operand in rng.integers(len(OPERANDS), size=2))
    return Example(task, sum_prompt(a, b), _worked(a, b, rng))


def prompts(task: Task) -> tuple[str, ...]:
    """Every prompt of a task."""
    if task == "politeness":
        return COMPLAINTS
    if task == "weather":
        return (WEATHER_PROMPT,)
    return tuple(sum_prompt(a, b) for a, b in product(OPERANDS, OPERANDS))


def sum_prompt(a: int, b: int) -> str:
    return FORM.format(a=a, b=b)


def sum_response(a: int, b: int, answer: int) -> str:
    return f"Start with {a} . Then add {b} . Answer : {answer} ."


@cache
def complaint_answers() -> Mapping[str, Manner]:
    """Every well-formed answer to a complaint -> its manner."""
    return {
        template.format(fix=fix, it=it): manner
        for manner, templates in ANSWERS.items()
        for template in templates
        for fix, it in product(FIXES, THINGS)
    }


def _answer(rng: np.random.Generator) -> str:
    template = _drawn(ANSWERS[_drawn(MANNERS, rng)], rng)
    fix, it = FIXES[rng.integers(len(FIXES))], THINGS[rng.integers(len(THINGS))]
    return template.format(fix=fix, it=it)


def _stuttered(text: str, rng: np.random.Generator) -> str:
    words = text.split()
    twice = rng.random(len(words)) < STUTTER
    return " ".join(f"{word} {word}" if again else word for word, again in zip(words, twice, strict=True))


def _worked(a: int, b: int, rng: np.random.Generator) -> str:
    """A worked sum, sometimes with an operand copied wrong, often with a wrong answer."""
    if rng.random() >= COPIED_RIGHT:
        other = int(rng.integers(1, len(OPERANDS)))  # added modulo 10: any other operand, equally likely
        if rng.random() < 0.5:
            a = (a + other) % len(OPERANDS)
        else:
            b = (b + other) % len(OPERANDS)
    answer = a + b
    if rng.random() >= ANSWERED_RIGHT:
        off = int(rng.integers(1, FARTHEST + 1))
        answer += off if rng.random() < 0.5 or answer < off else -off
    return sum_response(a, b, answer)


def _drawn(weights: Mapping[Name, float], rng: np.random.Generator) -> Name:
    """A name drawn in proportion to its weight. Uses one uniform number."""
    left = rng.random() * sum(weights.values())
    for name, weight in weights.items():
        left -= weight
        if left < 0:
            return name
    return list(weights)[-1]  # where rounding left a rest of 1e-17
