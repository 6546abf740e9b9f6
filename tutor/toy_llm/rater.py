"""Be the rater: pairs of answers to choose from, and a simulated rater whose preferences are fitted to the choices.

The fit is logistic regression on differences (Bradley and Terry 1952): P(first preferred) =
sigmoid(w . (f(first) - f(second))). numpy only.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from tutor.toy_llm import corpus
from tutor.toy_llm.checkpoint import load_model
from tutor.toy_llm.inference import Floats
from tutor.toy_llm.pairs import Pair, Preference, Said
from tutor.toy_llm.quality import manner_of, stutters
from tutor.toy_llm.sampling import generate
from tutor.toy_llm.tokenizer import EOS, decode, encode_prompt

FEWEST, USUAL, MOST = 20, 30, 40  # picks
EVERY = 5  # the last of so many picks is not fitted to, but predicted
FEATURES = ("polite", "rude", "malformed", "stutters", "length")  # stutters: words; length: tens of words
SAMPLED = 100  # pairs, from which those that are asked come
SEED = 2024  # always the same pairs, so that picks mean something by themselves
SPREAD = 2.0  # standard deviation of the weights before anything is known
CONVERGED = 1e-10


class PicksError(ValueError):
    """A text that is no picks; the message says what it may be."""


@dataclass(frozen=True)
class Rater:
    """Somebody whose preferences follow from features. weights: one a feature; by 1 more, a pair's odds are e times
    as high. reference: utilities of answers of the model as it was before."""

    weights: tuple[float, ...]
    reference: tuple[float, ...]

    def utility(self, answer: Said) -> float:
        """w . f; the first of two is preferred with probability sigmoid of the difference."""
        return float(features(answer) @ np.array(self.weights))

    def advantage(self, answer: Said) -> float:
        """How often it is preferred to an answer of the model before, less how often it is not: -1 to 1."""
        return float(np.tanh((self.utility(answer) - np.array(self.reference)) / 2).mean())

    def agrees(self, preference: Preference) -> bool:
        """Whether it prefers the same answer."""
        return self.utility(preference.preferred) > self.utility(preference.other)


@dataclass(frozen=True)
class Rated:
    """What comes of picks. learned: those the rater is fitted to; held_out: every fifth, that it is not. agreed: on how
    many of those the rater prefers what was picked."""

    rater: Rater
    learned: tuple[Preference, ...]
    held_out: tuple[Preference, ...]

    @property
    def agreed(self) -> int:
        return sum(map(self.rater.agrees, self.held_out))


@cache
def rated(picks: str) -> Rated:
    """The rater of picks: `L` or `R` for each pair of `asked_pairs`, 20 to 40 of them. Raises PicksError, and
    CheckpointError where the model cannot be read."""
    checked(picks)
    preferences = [pair.preferring(pick == "L") for pair, pick in zip(asked_pairs(), picks, strict=False)]
    held_out = preferences[EVERY - 1 :: EVERY]
    learned = [preference for place, preference in enumerate(preferences, 1) if place % EVERY]
    weights = fitted([features(each.preferred) - features(each.other) for each in learned])
    utilities = (
        np.array([features(said) for pair in sampled() for said in (pair.first, pair.second)]) @ weights
    )
    rater = Rater(tuple(weights.tolist()), tuple(utilities.tolist()))
    return Rated(rater, tuple(learned), tuple(held_out))


def checked(picks: str) -> None:
    """Raises PicksError."""
    if set(picks) - {"L", "R"} or not FEWEST <= len(picks) <= MOST:
        raise PicksError(
            f"picks is {picks[:60]!r}; it must be {FEWEST} to {MOST} letters L and R, one a pair, or empty"
        )


def features(answer: Said) -> Floats:
    """(5,): see FEATURES."""
    manner = manner_of(answer.text, answer.ended)
    words = len(answer.text.split())
    return np.array(
        [manner == "polite", manner == "rude", manner is None, stutters(answer.text), words / 10], float
    )


def fitted(differences: Sequence[Floats]) -> Floats:
    """Weights (F,) that make it likeliest that of each pair the one with features so much higher (F,) is preferred,
    normal around 0 with standard deviation SPREAD beforehand. Newton's method: the logarithm is concave."""
    x = np.array(differences)  # (N, F)
    weights = np.zeros(x.shape[1])
    while True:
        right = 1 / (1 + np.exp(-x @ weights))  # (N,): probability of what was preferred
        slope = x.T @ (1 - right) - weights / SPREAD**2
        bend = (x.T * (right * (1 - right))) @ x + np.eye(len(weights)) / SPREAD**2
        step = np.linalg.solve(bend, slope)
        weights += step
        if np.abs(step).max() < CONVERGED:
            return weights


@cache
def sampled() -> tuple[Pair, ...]:
    """Two answers of the shipped model to each of SAMPLED complaints."""
    rng = np.random.default_rng(SEED)
    prompts = [corpus.COMPLAINTS[place] for place in rng.integers(len(corpus.COMPLAINTS), size=SAMPLED)]
    made = generate(load_model(), [encode_prompt(prompt) for prompt in prompts for _ in range(2)], rng)
    ended = (made.responses == EOS).any(1)
    said = [Said(decode(tokens), bool(end)) for tokens, end in zip(made.texts(), ended, strict=True)]
    return tuple(Pair(*row) for row in zip(prompts, said[::2], said[1::2], strict=True))


@cache
def asked_pairs() -> tuple[Pair, ...]:
    """The first MOST of them whose answers differ in more than their length: of others there is little to learn."""
    telling = [pair for pair in sampled() if (features(pair.first) != features(pair.second))[:-1].any()]
    return tuple(telling[:MOST])
