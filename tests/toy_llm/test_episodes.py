"""Stepping the model: frames, forcing, undo, the end."""

import math
from itertools import pairwise

import numpy as np
import pytest

from tutor.toy_llm.episodes import PromptError, TokenFrame, answer, first_state, policy, take_token
from tutor.toy_llm.inference import Reader, ToyModel
from tutor.toy_llm.tokenizer import BOT, EOS, UnknownWordsError, decode, encode, token_of

TWO = "How much is 2 + 2 ?"


@pytest.fixture
def reader(shipped: ToyModel) -> Reader:
    return Reader(shipped)


def forced(reader: Reader, prompt: str, text: str) -> list[TokenFrame]:
    """The frames of an answer whose every token is forced."""
    state, frames, rng = first_state(prompt), [], np.random.default_rng(0)
    for action in [*encode(text), EOS]:
        frames.append(take_token(reader, state, rng, action))
        state = frames[-1].next_state
    return frames


def test_the_first_state_is_the_prompt() -> None:
    assert decode(first_state(TWO)) == f"<bos> {TWO} <bot>"


def test_the_worked_example_of_the_sum(reader: Reader) -> None:
    """0 before the end, +1 there; every state is the one before and its action."""
    frames = forced(reader, TWO, "Start with 2 . Then add 2 . Answer : 4 .")
    assert [frame.t for frame in frames] == list(range(13))
    assert [frame.reward for frame in frames] == [0] * 12 + [1]
    assert [frame.terminated for frame in frames] == [False] * 12 + [True]
    assert not any(frame.truncated for frame in frames)
    assert all(then.state == (*now.state, now.action) for now, then in pairwise(frames))


def test_a_wrong_sum_is_paid_minus_one(reader: Reader) -> None:
    assert forced(reader, TWO, "Start with 2 . Then add 2 . Answer : 5 .")[-1].reward == -1
    assert forced(reader, TWO, "So what ?")[-1].reward == -1


def test_what_is_no_sum_is_paid_nothing(reader: Reader) -> None:
    assert [frame.reward for frame in forced(reader, "The weather today is", "sunny .")] == [0, 0, 0]


def test_the_log_probability_is_that_of_the_action_in_its_state(reader: Reader) -> None:
    frames = forced(reader, "The weather today is", "sunny .")
    assert frames[0].log_prob == pytest.approx(policy(reader, frames[0].state)[token_of("sunny")])
    assert frames[0].log_prob == pytest.approx(math.log(0.15), abs=0.15)
    assert frames[1].log_prob > math.log(0.9)  # nothing else comes after sunny
    assert frames[2].log_prob > math.log(0.9)  # eos is an action with a probability of its own


def test_the_limit_truncates_and_a_sum_without_answer_is_wrong(reader: Reader) -> None:
    state, rng = first_state(TWO), np.random.default_rng(0)
    first = take_token(reader, state, rng, token_of("Start"), limit=2)
    second = take_token(reader, first.next_state, rng, token_of("with"), limit=2)
    assert (first.ended, first.reward) == (False, 0)
    assert (second.truncated, second.terminated, second.ended, second.reward) == (True, False, True, -1)


def test_eos_as_the_last_token_terminates_and_does_not_truncate(reader: Reader) -> None:
    last = take_token(reader, first_state(TWO), np.random.default_rng(0), EOS, limit=1)
    assert (last.terminated, last.truncated) == (True, False)


def test_undo_and_the_same_key_draw_the_same_token(reader: Reader) -> None:
    rng = np.random.default_rng(4)
    state = first_state("I don't like your answer")
    seen = []
    for _ in range(3):
        seen.append(take_token(reader, state, rng))
        state = seen[-1].next_state
    rng.bit_generator.state = dict(seen[1].rng_state)
    assert take_token(reader, seen[1].state, rng) == seen[1]
    assert take_token(reader, seen[2].state, rng) == seen[2]


def test_a_forced_token_leaves_the_dice_where_a_sampled_one_does(reader: Reader) -> None:
    state = first_state("I don't like your answer")
    sampled, pushed = np.random.default_rng(4), np.random.default_rng(4)
    take_token(reader, state, sampled)
    take_token(reader, state, pushed, token_of("So"))
    assert sampled.bit_generator.state == pushed.bit_generator.state


def test_greedy_takes_the_likeliest_and_forcing_another_has_no_chance(reader: Reader) -> None:
    rng = np.random.default_rng(0)
    frames = list(answer(reader, TWO, rng, temperature=0))
    assert (
        decode(frames[-1].next_state) == f"<bos> {TWO} <bot> Start with 2 . Then add 2 . Answer : 4 . <eos>"
    )
    assert all(frame.log_prob == 0 for frame in frames)
    assert take_token(reader, first_state(TWO), rng, EOS, temperature=0).log_prob == -math.inf


def test_a_whole_answer_is_the_same_from_the_same_seed(reader: Reader, shipped: ToyModel) -> None:
    one = list(answer(reader, "Can you do better ?", np.random.default_rng(9)))
    two = list(answer(Reader(shipped), "Can you do better ?", np.random.default_rng(9)))
    assert [frame.action for frame in one] == [frame.action for frame in two]
    assert one[-1].ended
    assert not any(frame.ended for frame in one[:-1])


def test_sampling_follows_the_policy(reader: Reader) -> None:
    """Within four standard errors, over 2000 draws of one token."""
    state, rng = first_state("The weather today is"), np.random.default_rng(0)
    chance = math.exp(policy(reader, state)[token_of("cloudy")])
    share = np.mean([take_token(reader, state, rng).action == token_of("cloudy") for _ in range(2000)])
    assert abs(share - chance) < 4 * math.sqrt(chance * (1 - chance) / 2000)


@pytest.mark.parametrize("temperature", [0, 0.1, 1, 3, 1e9])
def test_padding_and_beginnings_are_no_actions(temperature: float, reader: Reader) -> None:
    pi = np.exp(policy(reader, first_state(TWO), temperature))
    assert pi[:EOS].tolist() == [0, 0, 0]
    assert pi.sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("prompt", "error", "message"),
    [
        ("", PromptError, "the prompt is empty"),
        ("So " * 23, PromptError, "the prompt has 23 words; at most 22"),
        ("How tall is it", UnknownWordsError, "does not know the word tall"),
    ],
)
def test_prompts_that_do_not_work(prompt: str, error: type[ValueError], message: str) -> None:
    with pytest.raises(error, match=message):
        first_state(prompt)


def test_the_longest_prompt_works(reader: Reader) -> None:
    state, rng = first_state("So " * 22), np.random.default_rng(0)
    for t in range(16):
        frame = take_token(reader, state, rng, token_of("So"))
        assert frame.ended == (t == 15)
        state = frame.next_state


@pytest.mark.parametrize(
    ("state", "action", "message"),
    [
        ((1, 5, BOT, EOS), None, "has ended"),
        ((1, 5, BOT, *[20] * 16), None, "has ended"),
        ((1, 5), None, "has no <bot>"),
        ((1, 5, BOT), 999, "999 is no action"),
        ((1, 5, BOT), -1, "-1 is no action"),
        ((1, 5, BOT), 0, r"0 \(<pad>\) is no action; actions are 3 to 107"),
        ((1, 5, BOT), 1, r"1 \(<bos>\) is no action"),
        ((1, 5, BOT), BOT, r"2 \(<bot>\) is no action"),
    ],
)
def test_steps_that_do_not_work(
    state: tuple[int, ...], action: int | None, message: str, reader: Reader
) -> None:
    with pytest.raises(ValueError, match=message):
        take_token(reader, state, np.random.default_rng(0), action)
