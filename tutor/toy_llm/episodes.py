"""The model stepped token by token, as an agent: a state, an action, a reward; like `tutor.rl.episodes`."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from tutor.toy_llm import verifier
from tutor.toy_llm.inference import Floats, Reader
from tutor.toy_llm.sampling import RESPONSE_LIMIT, drawn, tempered
from tutor.toy_llm.shape import SHAPE
from tutor.toy_llm.tokenizer import ACTIONS, BOT, EOS, decode, encode_prompt, word

PROMPTS = (
    "How much is 2 + 2 ?",
    "The weather today is",
    "I don't like your answer",
)  # of the worked examples


class PromptError(ValueError):
    """A prompt is empty or too long."""


@dataclass(frozen=True)
class TokenFrame:
    """One step: S_t, A_t, R_{t+1}.

    t: tokens answered before this one. state: the prompt and the answer so far, from `<bos>`. action: the next
    token. log_prob: log pi(action | state) of the policy at the temperature used; minus infinity for a token forced
    at temperature 0 that the policy would never take. terminated: the action was `<eos>`. truncated: only the limit
    ended the answer. rng_state: the generator's state before the step. Restored, a sampled step draws the same token
    again, and after a forced one the next step meets the same dice.
    """

    t: int
    state: tuple[int, ...]
    action: int
    log_prob: float
    reward: float
    terminated: bool
    truncated: bool
    rng_state: Mapping[str, Any]

    @property
    def next_state(self) -> tuple[int, ...]:
        return (*self.state, self.action)

    @property
    def ended(self) -> bool:
        return self.terminated or self.truncated


def first_state(prompt: str, limit: int = RESPONSE_LIMIT, context: int = SHAPE.context) -> tuple[int, ...]:
    """S_0: `<bos> prompt <bot>`. Raises UnknownWordsError, and PromptError when it is empty or leaves less than
    `limit` tokens of the context."""
    state = tuple(encode_prompt(prompt))
    most = context - limit - 2
    if len(state) == 2:
        raise PromptError("the prompt is empty; write some words that the model knows")
    if len(state) > most + 2:
        raise PromptError(f"the prompt has {len(state) - 2} words; at most {most} leave room for an answer")
    return state


def policy(reader: Reader, state: tuple[int, ...], temperature: float = 1.0) -> Floats:
    """log pi(action | state) for every token, (V,); the probability of what is no action is 0."""
    return tempered(reader.next_log_probs(state), temperature)


def take_token(
    reader: Reader,
    state: tuple[int, ...],
    rng: np.random.Generator,
    action: int | None = None,
    temperature: float = 1.0,
    limit: int = RESPONSE_LIMIT,
) -> TokenFrame:
    """Answer one token: a sampled one, or `action` when it is given.

    Draws one uniform number in both cases. Raises ValueError for a state without `<bot>`, one that has ended, and an
    `action` that is none of `tokenizer.ACTIONS`.
    """
    start = _answer_start(state)
    t = len(state) - start
    if state[-1] == EOS or t >= limit:
        raise ValueError("the answer has ended; there is no next token")
    rng_state = rng.bit_generator.state
    log_probs = policy(reader, state, temperature)  # (V,)
    sampled = int(drawn(log_probs, rng.random()))
    if action is None:
        action = sampled
    elif action not in ACTIONS:
        raise ValueError(f"{_named(action)} is no action; actions are {ACTIONS.start} to {ACTIONS.stop - 1}")
    terminated = action == EOS
    truncated = not terminated and t + 1 >= limit
    prompt, answer = decode(state[1 : start - 1]), decode((*state[start:], action))
    reward = verifier.reward(prompt, answer, terminated or truncated)
    return TokenFrame(t, state, action, float(log_probs[action]), reward, terminated, truncated, rng_state)


def answer(
    reader: Reader,
    prompt: str,
    rng: np.random.Generator,
    temperature: float = 1.0,
    limit: int = RESPONSE_LIMIT,
) -> Iterator[TokenFrame]:
    """One whole answer, a frame a token. Raises UnknownWordsError and PromptError."""
    state = first_state(prompt, limit, reader.model.shape.context)
    ended = False
    while not ended:
        frame = take_token(reader, state, rng, temperature=temperature, limit=limit)
        yield frame
        state, ended = frame.next_state, frame.ended


def _named(token: int) -> str:
    return f"{token} ({word(token)})" if 0 <= token < ACTIONS.stop else str(token)


def _answer_start(state: tuple[int, ...]) -> int:
    """Where the answer begins: after the first `<bot>`."""
    if BOT not in state:
        raise ValueError("the state has no <bot>: begin with first_state(prompt)")
    return state.index(BOT) + 1
