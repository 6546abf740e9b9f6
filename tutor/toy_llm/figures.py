"""What the model can do, in numbers: measured by `rl-tutor toy-llm build` and by the tests; numpy only."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby, islice

import numpy as np

from tutor.toy_llm import corpus, verifier
from tutor.toy_llm.inference import Reader, ToyModel
from tutor.toy_llm.sampling import generate, pad_left
from tutor.toy_llm.tokenizer import EOS, decode, encode, encode_prompt, token_of

BATCH = 100


@dataclass(frozen=True)
class Figures:
    """nats_per_token: mean of -log pi over answers that the model never saw, `<eos>` included. sunny: P(sunny | "The
    weather today is"). understand: P(understand | "I") after "I don't like your answer". sampled, greedy: share of
    right sums. malformed: share of sampled answers that are none of the corpus's, stuttered words allowed."""

    nats_per_token: float
    sunny: float
    understand: float
    sampled: float
    greedy: float
    malformed: float


def measure(model: ToyModel, seed: int = 12345) -> Figures:
    """All figures, from a seed of their own."""
    rng = np.random.default_rng(seed)
    sums = corpus.prompts("arithmetic")
    spoken = corpus.prompts("politeness") * 50
    sampled = answers(model, sums * 10, rng)
    said = [*sampled[::2], *answers(model, spoken, rng)]  # about as many sums as complaints, as in the corpus
    return Figures(
        nats_per_token=nats_per_token(model, islice(corpus.examples(rng), 2000)),
        sunny=probability(model, corpus.WEATHER_PROMPT, "sunny"),
        understand=probability(model, corpus.COMPLAINTS[0], "I understand"),
        sampled=right_share(sampled),
        greedy=right_share(answers(model, sums, rng, temperature=0)),
        malformed=sum(not well_formed(prompt, answer) for prompt, answer in said) / len(said),
    )


def probability(model: ToyModel, prompt: str, text: str) -> float:
    """pi(last word of text | prompt, the words of text before it). Raises UnknownWordsError."""
    *before, last = text.split()
    state = [*encode_prompt(prompt), *encode(" ".join(before))]
    return float(np.exp(Reader(model).next_log_probs(state)[token_of(last)]))


def answers(
    model: ToyModel, prompts: Sequence[str], rng: np.random.Generator, temperature: float = 1.0
) -> list[tuple[str, str]]:
    """Each prompt with an answer to it."""
    said: list[tuple[str, str]] = []
    for start in range(0, len(prompts), BATCH):
        batch = prompts[start : start + BATCH]
        made = generate(model, [encode_prompt(prompt) for prompt in batch], rng, temperature)
        said += zip(batch, map(decode, made.texts()), strict=True)
    return said


def right_share(answers: Iterable[tuple[str, str]]) -> float:
    """Share of sums answered right."""
    return float(np.mean([verifier.score(prompt, answer) == verifier.RIGHT for prompt, answer in answers]))


def well_formed(prompt: str, answer: str) -> bool:
    """Whether an answer is one that the corpus has for such a prompt; words said twice in a row count once."""
    words = [word for word, _ in groupby(answer.split())]
    if verifier.asked_sum(prompt):
        return _is_worked_sum(words)
    if prompt == corpus.WEATHER_PROMPT:
        return len(words) == 2 and words[0] in corpus.WEATHER and words[1] == "."
    return " ".join(words) in corpus.complaint_answers()


def nats_per_token(model: ToyModel, examples: Iterable[corpus.Example]) -> float:
    """Mean of -log pi over the tokens of the examples' answers, `<eos>` included."""
    pairs = [(encode_prompt(e.prompt), [*encode(e.response), EOS]) for e in examples]
    total = 0.0
    for start in range(0, len(pairs), BATCH):
        batch = pairs[start : start + BATCH]
        tokens, real = pad_left([prompt + answer for prompt, answer in batch])
        log_probs = model.log_probs(tokens[:, :-1], real[:, :-1])  # (B, T-1, V): place t-1 scores token t
        for row, (_, answer) in zip(log_probs, batch, strict=True):
            total -= float(row[np.arange(-len(answer), 0), answer].sum())
    return total / sum(len(answer) for _, answer in pairs)


def _is_worked_sum(words: Sequence[str]) -> bool:
    numbers = [int(word) for word in words if word.isascii() and word.isdigit()]
    return len(numbers) == 3 and " ".join(words) == corpus.sum_response(*numbers)
