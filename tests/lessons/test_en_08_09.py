"""The answers of lessons 08 and 09, against numbers worked out by hand or by another road than the lesson's own."""

import itertools

import numpy as np
import pytest

from tests.lessons.contract import Contract, labs
from tutor.course import (
    LabBlock,
    Question,
    evaluate,
)
from tutor.course.metrics import question_metrics
from tutor.experiments import cached_frames, find_lab
from tutor.rl.environments.maps import make
from tutor.rl.environments.random_walk import random_walk
from tutor.rl.episodes import named_policy
from tutor.rl.evaluation import exact_return
from tutor.rl.planning import solve
from tutor.tui.labs.prediction_session import PredictionSession

IDS = ("08-monte-carlo-and-td", "09-q-learning")
UP, RIGHT, DOWN = 0, 1, 2


class TestLessons(Contract):
    ids = IDS
    # By hand.
    numbers = {
        "fifth-return": 4,  # (4 + 0 + 2 + 6 + 8) / 5
        "mc-second-walk": 0.6375,  # three quarters of 0.85
        "td-second-walk": 0.2,
        "td-third-walk": 0.05,
        "value-of-b": 0.75,
        "value-of-a": 0.75,
        "three-steps": 9.91,  # 1 + 1.62 + 7.29
        "trace-of-the-start": 0.304,
        "epsilon-best": 0.925,
        "sarsa-right": -10,
        "q-by-hand": 4.04,
        "the-end": 7,
        "edge-at-twenty": 0.5987,
        "expected-by-hand": -11.2,
        "three-coins": 0.75,
        "double-by-hand": 1,
    }
    near = 1e-4
    happens = {
        "early-and-late": "Monte Carlo's first, TD's later",
        "walk-after-100": "More than 1.2",
        "alpha-third": "Clearly higher than with 0.1",
        "which-n": "$n = 4$",
        "who-earns": "SARSA",
        "no-exploring": "Both about −13, the best there is",
        "how-often-left": "Nearly always",
        "hundred-actions": "Still nearly always",
    }
    measured = {"greedy-q": -13}
    mistakes = [
        ("mc-second-walk", "0.85"),  # the return itself
        ("td-second-walk", "0.2125"),  # the old value forgotten
        ("td-third-walk", "0.1"),  # the old value taken for 0
        ("three-steps", "10.72"),  # the guess discounted twice, not three times
        ("trace-of-the-start", "0.38"),  # faded once only
        ("epsilon-best", "0.9"),  # the random draw forgotten
        ("q-by-hand", "3.5"),  # SARSA's target
        ("the-end", "10"),  # alpha forgotten
        ("edge-at-twenty", "0.11"),  # epsilon taken for epsilon / 4
        ("double-by-hand", "4"),  # one table for both
        ("double-by-hand", "3"),  # the other table's own best
    ]
    rounded = [("edge-at-twenty", "0.6"), ("mc-second-walk", "0.638"), ("the-end", "7.0")]
    labs = {IDS[0]: ["prediction"] * 3, IDS[1]: ["control"] * 2}
    requires = {
        "08-monte-carlo-and-td": ("07-bellman",),
        "09-q-learning": ("08-monte-carlo-and-td",),
    }
    least = (8, 5, 3)
    steps = range(8, 13)


def test_q_learning_finds_the_shortest_way(questions: dict[str, Question]) -> None:
    q = questions["greedy-q"]
    env = make("cliff")
    best = exact_return(env, named_policy(env, "optimal"))
    assert evaluate(q.answer, question_metrics(q, None)) == best == -13


def test_a_quarter_of_the_walks_along_the_edge_falls() -> None:
    """Exactly, by the linear equations of falling before G is reached: 26 % from S, 24 % from the cell above it."""
    env = make("cliff")
    best = np.zeros((env.n_states, 4))
    for row, col in itertools.product(range(4), range(12)):
        state = env.state_at(row, col)
        if state is not None:  # up from S, right along the edge, down to G, and back to the edge at once
            action = UP if row == 3 else DOWN if row < 2 or col == 11 else RIGHT
            best[state, action] = 1
    pi = 0.9 * best + 0.1 / 4
    onward, falls = np.eye(env.n_states), np.zeros(env.n_states)
    for state, action in itertools.product(range(env.n_states), range(4)):
        for p, following, reward, ended in env.outcomes(state, action):
            if reward <= -100:
                falls[state] += pi[state, action] * p
            elif not ended:
                onward[state, following] -= pi[state, action] * p
    live = [s for s in range(env.n_states) if not env.is_terminal(s)]
    chance = np.zeros(env.n_states)
    chance[live] = np.linalg.solve(onward[np.ix_(live, live)], falls[live])
    above = env.state_at(2, 0)
    assert above is not None
    assert chance[[env.start, above]] == pytest.approx([0.260, 0.240], abs=5e-4)


def test_the_walk_in_the_lab_gives_the_numbers_of_the_tables(questions: dict[str, Question]) -> None:
    lab = session(labs(IDS[0], "prediction")[0])
    cells = [state for col in range(3) if (state := lab.env.state_at(0, col)) is not None]
    walk(lab)
    assert lab.known.mc[cells] == pytest.approx([0.425, 0.45, 0.475])
    assert lab.known.td[cells] == pytest.approx([-0.025, -0.025, 0.475])
    walk(lab)
    assert lab.known.mc[cells[0]] == pytest.approx(evaluate(questions["mc-second-walk"].answer))
    assert lab.known.td[cells[1]] == pytest.approx(evaluate(questions["td-second-walk"].answer))
    lab.act(RIGHT)
    assert lab.known.td[cells[0]] == pytest.approx(evaluate(questions["td-third-walk"].answer))


def test_the_trace_of_the_start_in_the_lab(questions: dict[str, Question]) -> None:
    lab = session(labs(IDS[0], "prediction")[2])
    start = lab.env.start
    lab.act(RIGHT)
    lab.act(RIGHT)
    before = lab.known.td[start]
    lab.act(RIGHT)
    raised = evaluate(questions["trace-of-the-start"].answer)
    assert lab.known.td[start] - before == pytest.approx(raised)


def test_one_mouse_at_random_shows_what_the_text_asks_for() -> None:
    """Monte Carlo is nearer after `f` once, TD after ten times; and Monte Carlo's late curve is the rougher one."""
    lab = session(labs(IDS[0], "prediction")[1])
    while lab.t < 100:
        lab.finish()
    errors = np.array(lab.known.errors)
    assert errors[10, 0] < errors[10, 1]
    assert errors[100, 1] < errors[100, 0]
    jumps = np.abs(np.diff(errors[50:], axis=0)).mean(axis=0)
    assert jumps[0] > 3 * jumps[1]


def session(block: LabBlock) -> PredictionSession:
    return PredictionSession(PredictionSession.resolve(block.set))


def walk(lab: PredictionSession) -> None:
    for _ in range(3):
        lab.act(RIGHT)


def test_the_eight_episodes_by_repeating_them() -> None:
    """Small steps over the same eight episodes, until nothing moves: Sutton and Barto, example 6.4."""
    td, mc = {"A": 0.0, "B": 0.0}, {"A": 0.0, "B": 0.0}
    episodes = [[("A", 0), ("B", 0)], *[[("B", 1)]] * 6, [("B", 0)]]
    for _ in range(20_000):
        for episode in episodes:
            for t, (state, reward) in enumerate(episode):
                follows = td[episode[t + 1][0]] if t + 1 < len(episode) else 0.0
                td[state] += 0.001 * (reward + follows - td[state])
                mc[state] += 0.001 * (sum(r for _, r in episode[t:]) - mc[state])
    assert td == pytest.approx({"A": 0.75, "B": 0.75}, abs=0.01)
    assert mc == pytest.approx({"A": 0.0, "B": 0.75}, abs=0.01)


def test_the_values_of_the_walk_are_sixths() -> None:
    env = random_walk(5)
    values = solve(*env.transitions(), env.gamma, np.ones((env.n_states, 1)))
    assert values[1:6] == pytest.approx([k / 6 for k in range(1, 6)])


@pytest.mark.parametrize(("coins", "mean"), [(2, 0.5), (3, 0.75)])
def test_the_best_of_the_coins(coins: int, mean: float) -> None:
    throws = list(itertools.product((-1, 1), repeat=coins))
    assert sum(max(throw) for throw in throws) / len(throws) == mean


def test_more_steps_ahead_are_better_and_then_worse() -> None:
    """The text: which n is best depends on how long one has learned, and mostly lies between."""
    frames = cached_frames("n-step-walk", {"walk": "walk-19", "alpha": 0.4, "seeds": 20})

    def best(update: int) -> str:
        now = [f for f in frames if f.update == update]
        return min(now, key=lambda f: float(f.metrics["value/rms_error"].mean())).series

    assert [best(update) for update in (1, 5, 10)] == ["n-8", "n-4", "n-2"]


def test_left_is_chosen_too_often_and_a_second_table_mends_it() -> None:
    frames = cached_frames("maximisation-bias", {"actions": 10, "episodes": 300, "seeds": 200})
    left = {(f.series, f.update): float(f.metrics["policy/left"].mean()) for f in frames}
    assert left["q-learning", 20] > 0.85
    assert left["double-q", 20] < 0.45
    assert left["q-learning", 300] < 0.15


def test_in_the_control_lab_of_the_lesson_sarsa_earns_more_and_its_greedy_curve_dips() -> None:
    first, second = labs(IDS[1], "control")
    assert (first.set["left"], first.set["right"]) == ("sarsa", "q-learning")
    assert second.set["right"] == "expected-sarsa"
    known = {p.name for p in find_lab("control").parameters}
    assert set(first.set) <= known
    given = {"episodes": first.set["episodes"], "seeds": first.set["seeds"]}
    late, dips = {}, 0
    for name in ("sarsa", "q-learning"):
        frames = cached_frames(name, given)
        earned = [f.metrics["objective/episode_return"].mean() for f in frames if f.update > 160]
        late[name] = float(np.mean(earned))
        if name == "sarsa":
            judged = [f.metrics["objective/return"] for f in frames if "objective/return" in f.metrics]
            dips = sum(bool((values < -100).any()) for values in judged[len(judged) // 2 :])
    assert late["sarsa"] > late["q-learning"] + 10
    assert dips >= 1
