"""The reward of sums, by hand."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.toy_llm.tokenizer import WORDS
from tutor.toy_llm.verifier import asked_sum, given_answer, in_form, nearly_asks_sum, reward, score

TWO = "How much is 2 + 2 ?"
WORKED = "Start with 2 . Then add 2 . Answer : 4 ."


@pytest.mark.parametrize(
    ("response", "answer"),
    [
        (WORKED, 4),
        (f"{WORKED} <eos>", 4),
        ("Answer : 12 .", 12),
        ("So what ? Answer : 4 .", 4),
        ("  Answer :  4   . ", 4),
        ("Answer : 4", None),  # the full stop is missing
        ("Answer 4 .", None),
        ("Answer : .", None),
        ("Answer : 4 4 .", None),
        ("Answer : sunny .", None),
        ("Answer : -4 .", None),
        ("Answer : ٤ .", None),  # a digit, but none of ours
        ("answer : 4 .", None),
        ("4 .", None),
        ("", None),
        ("<eos>", None),
        ("Answer : 4 . So what ?", None),  # not at the end
        ("Answer : 4 . <eos> <eos>", None),
        ("Answer : 3 . Answer : 4 .", None),  # several tries
        ("Answer : Answer : 4 .", None),
    ],
)
def test_the_answer_that_is_given(response: str, answer: int | None) -> None:
    assert given_answer(response) == answer


@pytest.mark.parametrize(
    ("prompt", "asked"),
    [
        (TWO, (2, 2)),
        (" How much  is 9 + 0 ? ", (9, 0)),
        ("How much is 21 + 21 ?", (21, 21)),
        ("How much is 2 + 2", (2, 2)),  # as people type it
        ("how much is 2 + 2 ?", (2, 2)),
        ("what is 3 + 4 ?", (3, 4)),
        ("WHAT IS 3 + 4", (3, 4)),
        ("3 + 4", (3, 4)),
        ("2 + 2 + 2", None),
        ("How much is 2 2 ?", None),
        ("How much is 2 + 2 ? ?", None),
        ("How much is ٢ + 2 ?", None),
        ("I know 2 + 2 .", None),
        ("How much is 2 + sunny ?", None),
        ("How much is 2 + 2 ? Answer : 4 .", None),
        ("The weather today is", None),
        ("", None),
    ],
)
def test_the_sum_that_is_asked(prompt: str, asked: tuple[int, int] | None) -> None:
    assert asked_sum(prompt) == asked


def test_right_wrong_and_no_sum() -> None:
    assert score(TWO, WORKED) == 1
    assert score(TWO, "Start with 2 . Then add 2 . Answer : 5 .") == -1
    assert score(TWO, "I don't care .") == -1
    assert score("The weather today is", "sunny .") is None


def test_a_right_answer_by_a_wrong_way_is_right() -> None:
    """An outcome reward looks at the end only."""
    assert score(TWO, "Start with 9 . Then add 9 . Answer : 4 .") == 1


NUMBERS = st.integers(0, 21).map(str)
BEFORE = st.lists(
    st.one_of(st.sampled_from([word for word in WORDS if word != "Answer"]), NUMBERS), max_size=12
)


@given(BEFORE, st.integers(0, 21))
def test_only_the_number_after_answer_counts(before: list[str], answer: int) -> None:
    """Whatever else is said, numbers among it: the right one does not save a wrong answer, nor wrong ones harm a
    right one."""
    assert score(TWO, " ".join([*before, "Answer", ":", str(answer), ".", "<eos>"])) == (
        1 if answer == 4 else -1
    )


def test_the_right_number_elsewhere_does_not_count() -> None:
    assert score(TWO, "Start with 4 . Then add 4 . 4 Answer : 5 .") == -1
    assert score(TWO, "Start with 5 . Then add 5 . 5 Answer : 4 .") == 1
    assert score(TWO, "Start with 2 . Then add 2 . 4 .") == -1


@pytest.mark.parametrize(
    ("prompt", "nearly"),
    [
        ("2 + 2 + 2", True),
        ("How much is this ?", True),
        ("how much is 2 2", True),
        ("2 + 2 is", True),
        (TWO, False),
        ("what is 2 + 2", False),
        ("How can I improve this ?", False),
        ("The weather today is", False),
        ("", False),
    ],
)
def test_prompts_that_look_like_a_sum_and_are_none(prompt: str, nearly: bool) -> None:
    assert nearly_asks_sum(prompt) is nearly
    assert in_form(prompt) == prompt or asked_sum(prompt)


@pytest.mark.parametrize(
    "prompt", ["2 + 13", "what is 2 + 13", "how much is 2 + 13 ?", "How much is 2 + 13 ?"]
)
def test_a_sum_is_put_in_its_form(prompt: str) -> None:
    assert in_form(prompt) == "How much is 2 + 13 ?"


def test_the_reward_comes_at_the_end_only() -> None:
    words = f"{WORKED} <eos>".split()
    rewards = [reward(TWO, " ".join(words[: t + 1]), ended=t + 1 == len(words)) for t in range(len(words))]
    assert rewards == [0] * 12 + [1]


def test_at_the_limit_a_sum_without_an_answer_is_wrong() -> None:
    assert reward(TWO, "Start with 2 . Start with 2 .", ended=True) == -1
    assert reward("The weather today is", "sunny .", ended=True) == 0


@given(st.text(), st.text())
def test_no_text_is_too_odd(prompt: str, response: str) -> None:
    assert score(prompt, response) in (1, -1, None)
    assert score(TWO, response) in (1, -1)
