from hypothesis import given
from hypothesis import strategies as st

from tests.progress.events import at, attempt, event, random_events
from tutor.progress import Event, Progress, derive
from tutor.progress.state import surviving


def test_nothing_is_a_progress_too() -> None:
    progress = derive([])
    assert progress == Progress()
    assert progress.lesson("l").position == ""
    assert progress.lesson("l").question("q").first_try is None


def test_steps_and_position() -> None:
    progress = derive([event(1, "visit", "l/s1"), event(2, "visit", "l/s3"), event(3, "visit", "l/s2")])
    assert progress.lesson("l").steps_read == {"s1", "s2", "s3"}
    assert progress.lesson("l").position == "s2"
    assert progress.last_lesson == "l"


def test_the_lab_outside_lessons_where_somebody_was_last() -> None:
    begun = [event(1, "visit", "l/s1"), event(2, "lab", "l/s1", lab="inside", state=0)]
    assert derive(begun).last_lab == ""
    lab = [*begun, event(3, "lab", "", lab="clip", state=0), event(4, "lab", "", lab="kl", state=0)]
    assert (derive(lab).last_lab, derive(lab).last_lesson) == ("kl", "l")
    assert derive([*lab, event(5, "leave", "l")]).last_lab == "kl"
    assert derive([*lab, event(5, "visit", "l/s2")]).last_lab == ""
    assert derive([*lab, event(5, "reset")]).last_lab == ""
    there = [*lab, event(5, "visit", "m/s")]
    assert derive([*there, event(6, "reset", "m")]).last_lab == "kl"  # as if m had never been opened


def test_order_is_the_clock_then_the_id_and_not_the_time_of_day() -> None:
    late = event(2, "visit", "l/late", seconds=-9000)
    tie = event(2, "visit", "l/tie", id=99, seconds=-9000)
    assert derive([late, event(1, "visit", "l/early")]).lesson("l").position == "late"
    assert derive([tie, late]).lesson("l").position == "tie"


def test_a_question_from_the_first_try_to_right() -> None:
    events = [
        event(1, "hint", "l/s/q", count=1),
        attempt(2, "l/s/q", False, response="1", hints=1),
        event(3, "hint", "l/s/q", count=2),
        attempt(4, "l/s/q", True, response="2", hints=2),
        attempt(5, "l/s/q", False, response="3", hints=2),
    ]
    question = derive(events).lesson("l").question("q")
    assert question.attempts == 3
    assert question.first_try is False
    assert question.right is True  # it was, once
    assert question.last_response == "3"
    assert question.hints == 2


def test_right_at_first_try() -> None:
    question = derive([attempt(1, "l/s/q", True), attempt(2, "l/s/q", False)]).lesson("l").question("q")
    assert question.first_try is True


def test_skip_and_draft_last_until_the_next_attempt() -> None:
    events = [event(1, "skip", "l/s/q"), event(2, "draft", "l/s/q", response="0.9")]
    question = derive(events).lesson("l").question("q")
    assert (question.skipped, question.draft, question.attempts) == (True, "0.9", 0)
    question = derive([*events, attempt(3, "l/s/q", False)]).lesson("l").question("q")
    assert (question.skipped, question.draft, question.attempts) == (False, None, 1)


def test_the_last_state_of_a_lab_counts_in_its_lesson() -> None:
    events = [
        event(1, "lab", "l/s", lab="grid", state={"t": 1}),
        event(2, "lab", "", lab="grid", state={"t": 7}),
        event(3, "lab", "l/s", lab="grid", state={"t": 2}),
    ]
    progress = derive(events)
    assert progress.lesson("l").labs == {"grid": {"t": 2}}
    assert progress.lesson("").labs == {"grid": {"t": 7}}
    assert progress.last_lesson == "l"


def test_time_is_the_sum_of_the_gaps_each_five_minutes_at_most() -> None:
    moments = [0, 10, 70, 10_000, 10_005]  # 10 + 60 + 300 (a lunch) + 5
    events = [event(n, "visit", f"l/s{n}", seconds=t) for n, t in enumerate(moments, start=1)]
    assert derive(events).lesson("l").seconds == 375
    assert derive(events).lesson("l").last_at == at(10_005)


def test_time_after_leaving_does_not_count() -> None:
    events = [
        event(1, "visit", "l/s", seconds=0),
        event(2, "leave", "l", seconds=20),
        event(3, "visit", "l/s", seconds=120),
        event(4, "visit", "l/s2", seconds=130),
    ]
    assert derive(events).lesson("l").seconds == 30


def test_lessons_have_their_own_time() -> None:
    events = [
        event(1, "visit", "a/s", seconds=0),
        event(2, "visit", "b/s", seconds=50),
        event(3, "visit", "a/s", seconds=100),
    ]
    assert derive(events).lesson("a").seconds == 100
    assert derive(events).lesson("b").seconds == 0


def test_a_time_of_day_set_back_costs_and_gives_nothing_odd() -> None:
    events = [
        event(1, "visit", "l/s", seconds=0),
        event(2, "visit", "l/s", seconds=60),
        event(3, "visit", "l/s", seconds=-86_400),  # set back by a day
        event(4, "visit", "l/s", seconds=-86_390),
    ]
    assert derive(events).lesson("l").seconds == 60 + 10 + 300


def test_reset_of_a_question_leaves_the_rest_and_the_time() -> None:
    events = [
        event(1, "visit", "l/s", seconds=0),
        attempt(2, "l/s/q1", False, seconds=10),
        attempt(3, "l/s/q2", True, seconds=30),
        event(4, "reset", "l//q1", seconds=40),
    ]
    lesson = derive(events).lesson("l")
    assert list(lesson.questions) == ["q2"]
    assert lesson.seconds == 30
    assert derive([*events, attempt(5, "l/s/q1", True)]).lesson("l").question("q1").first_try is True


def test_reset_of_a_lesson_and_of_all() -> None:
    events = [event(1, "visit", "a/s"), event(2, "visit", "b/s"), event(3, "reset", "b")]
    assert set(derive(events).lessons) == {"a"}
    assert derive(events).last_lesson == "a"
    assert derive([*events, event(4, "reset")]) == Progress()


def test_reset_voids_what_comes_before_it_in_the_order_even_when_it_arrives_later() -> None:
    assert (
        derive([event(5, "reset", "l"), attempt(4, "l/s/q", True), attempt(6, "l/s/q", False)])
        .lesson("l")
        .question("q")
        .attempts
        == 1
    )


def test_unknown_kinds_change_nothing() -> None:
    assert derive([event(1, "visit", "l/s"), event(2, "badge", "m", gold=True)]) == derive(
        [event(1, "visit", "l/s")]
    )


@given(random_events(), st.data())
def test_any_order_and_repetition_of_the_events_gives_the_same(
    events: list[Event], data: st.DataObject
) -> None:
    again = data.draw(st.lists(st.sampled_from(events))) if events else []
    shuffled = data.draw(st.permutations([*events, *again]))
    assert derive(shuffled) == derive(events)


@given(random_events())
def test_surviving_events_give_the_same_questions_without_any_reset(events: list[Event]) -> None:
    """Two ways to read what a reset does: forgetting as one goes, and striking out beforehand."""
    whole, struck = derive(events), derive(surviving(events))
    for lesson in {*whole.lessons, *struck.lessons}:
        assert whole.lesson(lesson).questions == struck.lesson(lesson).questions
        assert whole.lesson(lesson).steps_read == struck.lesson(lesson).steps_read
        assert whole.lesson(lesson).labs == struck.lesson(lesson).labs
        assert whole.lesson(lesson).position == struck.lesson(lesson).position


@given(random_events())
def test_time_is_never_negative_and_at_most_five_minutes_an_event(events: list[Event]) -> None:
    for lesson, done in derive(events).lessons.items():
        assert 0 <= done.seconds <= 300 * sum(event.lesson == lesson for event in events)
