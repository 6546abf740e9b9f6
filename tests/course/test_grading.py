"""Grading: what is right, what is near enough, what is said, and that nothing typed breaks it."""

from dataclasses import replace
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.course import Option, Question, grade, presented, shuffled, solution
from tutor.course.grading import fold, number_text

CHOICE = Question(
    "c",
    "choice",
    "Which?",
    1,
    options=(Option("one", "because {{ 1 / 4 }}", correct=True), Option("two", "no: {{ 1 / 2 }}")),
    why="In short.",
)
MULTIPLE = Question(
    "m",
    "multiple",
    "Which?",
    1,
    options=(
        Option("a", "right a", correct=True),
        Option("b", "right b", correct=True),
        Option("c", "wrong c"),
        Option("d", "wrong d"),
    ),
)
NUMERIC = Question("n", "numeric", "How much?", 1, answer="1 / 4", tolerance=0.005, why="It is {{ 1 / 4 }}.")
TEXT = Question(
    "t", "text", "Who?", 1, accept=("agent", "the agent", "l’agent", "on-policy", "don't know"), why="So."
)
ORDER = Question("o", "order", "In which order?", 1, items=("a", "b", "c", "d"), why="So.")
NUMBER = Question(
    "p",
    "predict",
    "Guess!",
    1,
    answer='metric("walk", "objective/return", "last")',
    tolerance=0.1,
    experiment="walk",
    why='It was {{ metric("walk", "objective/return", "last") | .3f }}.',
)
OPTIONS = Question(
    "q",
    "predict",
    "Guess!",
    1,
    options=(
        Option("up", "up, because", when='metric("walk", "objective/return", "last") > 0'),
        Option("down", "down, because", when='metric("walk", "objective/return", "last") <= 0'),
    ),
    experiment="walk",
)
EVERY = (CHOICE, MULTIPLE, NUMERIC, TEXT, ORDER, NUMBER, OPTIONS)


def run(series: str, name: str, update: int | str) -> float:
    assert (series, name, update) == ("walk", "objective/return", "last")
    return 0.5


def test_choice_gives_the_reason_of_the_option_chosen() -> None:
    right, wrong = grade(CHOICE, 0), grade(CHOICE, 1)
    assert (right.right, right.why) == (True, "because 0.25 In short.")
    assert (wrong.right, wrong.why) == (False, "no: 0.5")
    assert wrong.solution == "one\n\nbecause 0.25\n\nIn short."
    assert right.counts
    assert wrong.counts


@pytest.mark.parametrize(
    ("chosen", "right", "message"),
    [
        ({0, 1}, True, "Right: these and no others."),
        ({0}, False, "It is right; one more is missing."),
        ({2}, False, "It is not right; 2 more are missing."),
        ({0, 2}, False, "1 of the 2 you chose is right; one more is missing."),
        ({0, 1, 2}, False, "2 of the 3 you chose are right; none is missing."),
        ({2, 3}, False, "0 of the 2 you chose are right; 2 more are missing."),
    ],
)
def test_multiple_counts_without_giving_away(chosen: set[int], right: bool, message: str) -> None:
    verdict = grade(MULTIPLE, frozenset(chosen))
    assert verdict.right is right
    assert message in verdict.message


def test_multiple_gives_one_reason_at_a_time_until_it_is_right() -> None:
    assert grade(MULTIPLE, frozenset({0, 2, 3})).why == "wrong c"
    assert grade(MULTIPLE, frozenset({0})).why == ""
    assert grade(MULTIPLE, frozenset({0, 1})).why == "right a right b"


@pytest.mark.parametrize(
    ("typed", "right"),
    [
        ("0.25", True),
        ("1/4", True),
        ("0,25", True),
        ("0.255", True),
        ("0.245", True),
        ("0.2551", False),
        ("0.2449", False),
        ("-0.25", False),
        ("25%", True),
    ],
)
def test_numeric_within_the_tolerance_inclusive(typed: str, right: bool) -> None:
    assert grade(NUMERIC, typed).right is right


@pytest.mark.parametrize(
    ("typed", "message"),
    [
        ("0.7", "Not yet."),
        ("-1/3", "Not yet. −1/3 = −0.333."),
        ("0,7", "Not yet. 0,7 = 0.7."),
        ("1/4", "Right. 1/4 = 0.25."),
        ("1e3", "Not yet. 1e3 = 1000."),
        ("-0.25", "Not yet. Right size; look at the sign."),
        ("-1/4", "Not yet. −1/4 = −0.25. Right size; look at the sign."),
        ("0.26", "Not yet. Near, but not within ±0.005."),  # a miss by 4 %
        ("0.2625", "Not yet. Near, but not within ±0.005."),  # by 5 %
        ("0.263", "Not yet."),
    ],
)
def test_numeric_says_what_was_understood_and_what_helps(typed: str, message: str) -> None:
    assert grade(NUMERIC, typed).message == message


def test_nothing_is_near_zero_and_it_has_no_sign() -> None:
    zero = replace(NUMERIC, answer="0", tolerance=0.0)
    assert grade(zero, "0.001").message == "Not yet."
    assert grade(zero, "-0").right


def test_numeric_gives_nothing_away_before_it_is_right() -> None:
    wrong = grade(NUMERIC, "7")
    assert wrong.why == ""
    assert "0.25" not in wrong.message
    assert grade(NUMERIC, "0.25").why == "It is 0.25."
    assert wrong.solution == "0.25\n\nIt is 0.25."


def test_without_a_tolerance_rounding_is_still_forgiven() -> None:
    exact = replace(NUMERIC, answer="0.1 + 0.2", tolerance=0.0)
    assert grade(exact, "0.3").right
    assert not grade(exact, "0.3001").right
    assert "exact number" in grade(exact, "0.3001").message
    assert grade(exact, "1").message == "Not yet."


@pytest.mark.parametrize(
    ("value", "tolerance", "text"),
    [
        (-1 / 3, 0.005, "−0.333"),
        (9.5099, 0.005, "9.51"),
        (0.123456, 1e-5, "0.12346"),
        (1234.5, 0.1, "1234.5"),
        (1000.0, 0.0, "1000"),
        (1e-9, 0.0, "1e−09"),
        (0.0, 0.1, "0"),
    ],
)
def test_numbers_are_shown_as_precisely_as_they_are_judged(value: float, tolerance: float, text: str) -> None:
    assert number_text(value, tolerance) == text


@pytest.mark.parametrize(
    "typed",
    [
        "agent",
        " AGENT ",
        "The   Agent",
        "the agent.",
        "“agent”",
        "L'AGENT",
        "ａｇｅｎｔ",
        "a\u00adgent",
        "on policy",
        "On‑Policy",
        "on – policy",
        "don’t know",
    ],
)
def test_text_folds_what_does_not_matter(typed: str) -> None:
    assert grade(TEXT, typed).right


@pytest.mark.parametrize(("typed", "near"), [("agnet", True), ("environment", False), ("agentt", True)])
def test_text_that_is_wrong(typed: str, near: bool) -> None:
    verdict = grade(TEXT, typed)
    assert not verdict.right
    assert verdict.why == ""
    assert ("spelling" in verdict.message) is near


def test_a_minus_is_no_hyphen() -> None:
    assert fold("-1") == "-1"
    assert fold("straße") == fold("STRASSE")


@pytest.mark.parametrize(
    ("order", "message"),
    [
        ((0, 1, 2, 3), "Right: every item is in its place."),
        ((1, 0, 2, 3), "Not yet. 2 of 4 are in the right place."),
        ((0, 2, 3, 1), "Not yet. 1 of 4 is in the right place."),
        ((3, 2, 1, 0), "Not yet. No item is in its place."),
    ],
)
def test_order_says_how_many_are_in_place(order: tuple[int, ...], message: str) -> None:
    verdict = grade(ORDER, order)
    assert verdict.message == message
    assert verdict.right is (order == (0, 1, 2, 3))


def test_the_run_decides_a_predicted_number() -> None:
    wrong = grade(NUMBER, "1", run)
    assert not wrong.right
    assert wrong.message == "It came otherwise. The run gave 0.5; you said 1. Tolerance ±0.1."
    assert wrong.why == "It was 0.500."
    assert grade(NUMBER, "0.6", run).right
    assert "you said 2/5 = 0.4" in grade(NUMBER, "2/5", run).message


def test_the_run_decides_among_options() -> None:
    assert grade(OPTIONS, 0, run).right
    wrong = grade(OPTIONS, 1, run)
    assert (wrong.right, wrong.why, wrong.solution) == (False, "down, because", "up\n\nup, because")
    assert wrong.message == 'Computed now, the answer is different: "up".'


def test_a_run_that_fails_is_said_and_does_not_count() -> None:
    def broken(*arguments: object) -> float:
        raise LookupError("there is no such series")

    for question, response in ((NUMBER, "1"), (OPTIONS, 0)):
        verdict = grade(question, response, broken)
        assert not verdict.counts
        assert "there is no such series" in verdict.message
    both = replace(
        OPTIONS, options=(OPTIONS.options[0], replace(OPTIONS.options[1], when=OPTIONS.options[0].when))
    )
    assert "2 of the options" in grade(both, 0, run).message


def test_without_a_run_given_the_experiment_is_run_here() -> None:
    question = replace(NUMBER, experiment="policy-return", set={"policy": "optimal"})
    question = replace(question, answer=NUMBER.answer.replace("walk", "policy-return"), why="")
    assert "The run gave" in grade(question, "0.7").message


responses = st.one_of(
    st.none(),
    st.integers(),
    st.booleans(),
    st.floats(),
    st.text(max_size=80),
    st.lists(st.integers(-2, 5), max_size=6).map(tuple),
    st.frozensets(st.integers(-2, 5), max_size=6),
    st.text(alphabet="0123456789+-*/^().,eE %", max_size=40),
)


@given(st.sampled_from(EVERY), responses)
def test_whatever_is_answered_gives_a_verdict(question: Question, response: object) -> None:
    verdict = grade(question, response, run)
    assert verdict.message
    assert "\n" not in verdict.message
    assert verdict.counts or not verdict.right


@pytest.mark.parametrize(
    ("question", "response"),
    [
        (CHOICE, 2),
        (CHOICE, -1),
        (CHOICE, True),
        (CHOICE, "0"),
        (MULTIPLE, frozenset()),
        (MULTIPLE, frozenset({9})),
        (NUMERIC, "nan"),
        (NUMERIC, "a third"),
        (NUMERIC, ""),
        (TEXT, "  "),
        (ORDER, (0, 1, 2)),
        (ORDER, (0, 0, 1, 2)),
    ],
)
def test_what_cannot_be_read_is_asked_for_again(question: Question, response: object) -> None:
    verdict = grade(question, response, run)
    assert (verdict.right, verdict.counts) == (False, False)


def test_solutions() -> None:
    assert solution(ORDER) == "1. a\n2. b\n3. c\n4. d\n\nSo."
    assert solution(TEXT) == "agent\n\nSo."
    assert solution(MULTIPLE) == "- a right a\n- b right b"
    assert solution(NUMBER, run) == "0.5\n\nIt was 0.500."


def test_shuffling_belongs_to_learner_and_question() -> None:
    assert shuffled(5, "ada", "l/q") == shuffled(5, "ada", "l/q")
    assert len({shuffled(5, learner, "l/q") for learner in map(str, range(50))}) > 20
    assert len({shuffled(5, "ada", question) for question in map(str, range(50))}) > 20
    assert shuffled(0, "ada", "q") == ()
    assert shuffled(1, "ada", "q", never_sorted=True) == (0,)


@given(st.integers(0, 12), st.text(max_size=20), st.text(max_size=20), st.booleans())
def test_shuffled_is_a_permutation(n: int, learner: str, question: str, never_sorted: bool) -> None:
    order = shuffled(n, learner, question, never_sorted=never_sorted)
    assert sorted(order) == list(range(n))
    assert not (never_sorted and n > 1 and order == tuple(range(n)))


def test_options_are_shuffled_fairly_and_items_never_stand_right() -> None:
    learners = [f"learner-{number}" for number in range(600)]
    seen = [shuffled(3, learner, "q") for learner in learners]
    for order in permutations(range(3)):
        assert 60 <= seen.count(order) <= 140  # 100 expected, 4 standard deviations
    assert all(presented(ORDER, learner, "l") != (0, 1, 2, 3) for learner in learners)
    assert presented(CHOICE, "ada", "l") == shuffled(2, "ada", "l/c")
    assert presented(NUMERIC, "ada") == ()


def test_shuffling_is_the_same_on_every_machine() -> None:
    """Recorded once: an order that changed would move the options of every learner."""
    assert shuffled(6, "ada", "03-returns/worth-now") == (1, 5, 2, 3, 4, 0)
