"""The answers of lessons 05, 06 and 07, against numbers worked out by hand or by another road than the lesson's own."""

import numpy as np
import pytest

from tests.lessons.contract import Contract, labs
from tutor.course import (
    load_course,
)
from tutor.experiments import cached_frames, find_lab
from tutor.paths import lessons_dir
from tutor.rl.environments.maps import make
from tutor.rl.episodes import named_policy, walk
from tutor.tui.labs.bandit_session import BanditSession
from tutor.tui.labs.planning_session import PlanningSession
from tutor.tui.labs.values_session import ValuesSession

IDS = ("05-policies", "06-value-functions", "07-bellman")


class TestLessons(Contract):
    ids = IDS
    # By hand.
    numbers = {
        "what-is-left": 0.3,
        "twice-x-then-y": 0.147,
        "dice-for-rock": 0.333333,
        "one-apart": 0.731059,
        "seventy-colder": 0.844828,
        "greedy-arm": 0.91,
        "value-of-the-end": 0,
        "ninety-ten": 9,
        "four-moves": 0.4,
        "advantage-of-up": -0.8,
        "surer-model": 0.8,
        "advantage-of-four": 0.2,
        "third-state": -4,
        "hundred-steps": 5050,
        "one-cell-more": 4.58,
        "after-the-change": 12.84,
        "first-backup": 0.21,
        "sweeps-to-a-percent": 43.7087,
        "second-sweep": 0.83128,
        "two-states": -4,
    }
    near = 2e-6
    happens = {
        "always-right": "About as bad as chance",
        "greedy-or-not": "$\\varepsilon = 0.1$",
        "half-random": "More than greedy",
        "one-improvement": "More than 0.5, close to the best",
        "after-a-three": "Clearly less than before, below −0.5",
        "shortsighted-sweeps": "Less than a thousandth",
        "rounds": "Three or fewer",
    }
    measured = {
        "ratio-at-half": (0.2287 / 0.1483) ** 2,
        "always-left": -0.04 * 100,
        "rope-after-eight": 0.99**8,
    }
    mistakes = [
        ("twice-x-then-y", "0.7"),  # only one throw
        ("twice-x-then-y", "1.7"),  # a sum for a product
        ("one-apart", "0.72"),  # 2.72 taken for the share
        ("seventy-colder", "0.7"),  # the temperature forgotten
        ("seventy-colder", "0.6"),  # the root for the square
        ("seventy-colder", "0.49"),  # not divided by the sum
        ("greedy-arm", "0.9"),  # the random draw cannot fall on it
        ("value-of-the-end", "1"),  # the reward of the move into it
        ("four-moves", "0.125"),  # all four alike
        ("advantage-of-up", "-0.4"),  # Q for A
        ("advantage-of-up", "0.8"),  # the wrong way round
        ("surer-model", "0.9"),  # a probability for a value
        ("advantage-of-four", "1.8"),  # the wrong way round
        ("third-state", "-3"),  # the reward forgotten
        ("hundred-steps", "100"),  # backwards
        ("one-cell-more", "5.2"),  # not discounted
        ("after-the-change", "14.24"),  # not discounted
        ("first-backup", "0.25"),  # the cost of the step forgotten
        ("first-backup", "0.24"),  # the cost counted once in four
        ("sweeps-to-a-percent", "43"),  # rounded down
        ("sweeps-to-a-percent", "99"),  # a tenth a sweep, of the whole
        ("second-sweep", "0.76"),  # the first sweep again
        ("second-sweep", "0.84"),  # the neighbour's loss forgotten: .768 + .07124
        ("two-states", "-3"),  # the other state
    ]
    rounded = [
        ("dice-for-rock", "1/3"),
        ("one-apart", "73%"),
        ("seventy-colder", "0.84"),
        ("seventy-colder", "0.85"),
        ("sweeps-to-a-percent", "44"),
        ("second-sweep", "0.83"),
        ("after-the-change", "12.84"),
        ("name-of-greed", "Exploitation"),
        ("read-it-off", "down"),
        ("name-of-the-guess", "a backup"),
    ]
    labs = {
        "05-policies": ["values", "values", "token", "bandit", "bandit"],
        "06-value-functions": ["values"] * 5,
        "07-bellman": ["planning"] * 4,
    }
    requires = {
        "05-policies": ("03-returns-and-discounting", "04-llm-as-agent"),
        "06-value-functions": ("03-returns-and-discounting", "05-policies"),
        "07-bellman": ("06-value-functions",),
    }
    least = (8, 6, 1)


# What lesson 05 says of the grid, the model and the arms


def values(**given: object) -> ValuesSession:
    return ValuesSession(find_lab("values").values(given))


def at(lab: ValuesSession | PlanningSession, row: int, col: int) -> int:
    state = lab.env.state_at(row, col)
    assert state is not None
    return state


UP, RIGHT, LEFT = 0, 1, 3


def test_two_arrows_of_the_bottom_row_point_left() -> None:
    lab = values(policy="optimal")
    left = [col for col in range(4) if lab.policy[at(lab, 2, col), LEFT] == 1]
    assert left == [1, 3]


def test_where_steps_are_dear_the_best_policy_enters_the_trap() -> None:
    first, dear, *_ = labs("05-policies")
    assert (first.set["policy"], dear.set["step_reward"]) == ("random", -2)
    lab = values(**dear.set)
    state = at(lab, 1, 2)
    assert lab.policy[state, RIGHT] == 1
    assert lab.Q is not None
    assert lab.Q[state].argmax() == RIGHT
    assert lab.Q[state].argsort()[-2] == UP, "the text compares the trap with the way up"


def test_a_hot_model_puts_nearly_half_on_tokens_that_are_no_weather() -> None:
    frames = cached_frames("next-token", {"prompt": "The weather today is", "temperature": 3})
    chances = sorted((float(frame.metrics["policy/probability"].mean()) for frame in frames), reverse=True)
    assert 0.4 < 1 - sum(chances[:8]) < 0.5


def test_the_greedy_game_is_stuck_on_arm_eight_and_exploring_frees_it() -> None:
    lab = next(lab for lab in labs("05-policies") if lab.set.get("epsilon") == 0)
    session = BanditSession(find_lab("bandit").values(lab.set))
    session.steps(200)
    assert session.counts.argmax() == 8 != session.best
    straight = np.diff(session.regrets())[100:]
    assert np.allclose(straight, straight[0])
    session.set_parameters({"epsilon": 0.1})
    session.steps(200)
    late = np.diff(session.regrets())[300:].mean()
    assert late < straight[0] / 2
    assert session.estimates.argmax() == session.best


# What lesson 06 says


def test_sampled_returns_come_to_the_exact_value() -> None:
    env = make("russell-norvig")
    rng = np.random.default_rng(0)
    policy = named_policy(env, "random")
    returns = []
    for _ in range(2000):
        rewards = [step.reward for step in walk(env, policy, rng)]
        returns.append(sum(0.99**k * reward for k, reward in enumerate(rewards)))
    lab = values(policy="random")
    assert lab.V is not None
    error = np.std(returns) / np.sqrt(len(returns))
    assert abs(np.mean(returns) - lab.V[lab.env.start]) < 3 * error


def test_two_improvements_make_the_random_walker_best() -> None:
    lab = values(policy="random")
    assert lab.improve()
    assert lab.V is not None
    assert lab.V[at(lab, 2, 3)] == min(lab.V), "the cell that the text points at"
    assert lab.improve()
    assert lab.is_best()
    assert not lab.improve()


def test_after_the_four_the_end_is_all_but_sure() -> None:
    chance = 1.0
    for text, token in (("", "."), (" .", "<eos>")):
        answer = f"Start with 2 . Then add 2 . Answer : 4{text}"
        frames = cached_frames("next-token", {"prompt": "How much is 2 + 2 ?", "text": answer})
        chance *= next(float(f.metrics["policy/probability"].mean()) for f in frames if f.series == token)
    assert chance > 0.999


# What lesson 07 says


def planning(**given: object) -> PlanningSession:
    return PlanningSession(find_lab("planning").values(given))


def test_the_third_state_backed_up_is_the_one_beside_the_goal() -> None:
    lab = planning(**labs("07-bellman")[0].set)
    for _ in range(3):
        lab.step_state()
    assert lab.cursor == at(lab, 0, 2)
    assert lab.values[lab.cursor] == pytest.approx(0.21)


def test_the_second_sweep_is_the_one_worked_by_hand() -> None:
    lab = planning(**labs("07-bellman")[1].set)
    lab.step()
    assert lab.values[at(lab, 0, 2)] == pytest.approx(0.76)
    assert lab.values[at(lab, 1, 2)] == pytest.approx(-0.04)
    lab.step()
    assert lab.values[at(lab, 0, 2)] == pytest.approx(0.83128)


def test_the_values_of_the_eighth_sweep_are_the_first_to_choose_best_everywhere() -> None:
    """In the lab, and as the run judges the policy of each sweep's values."""
    lab = planning()
    for _ in range(7):
        lab.step()
    assert lab.unfinished() > 0
    lab.step()
    assert lab.unfinished() == 0
    assert lab.error > 0.05
    worth = [float(f.metrics["objective/return"][0]) for f in cached_frames("value-iteration", {})]
    assert worth[7] < worth[-1] - 0.01
    assert worth[8] == pytest.approx(worth[-1])


@pytest.mark.parametrize("in_place", [False, True])
def test_in_place_is_no_faster_against_the_flow(in_place: bool) -> None:
    rope = planning(grid="rope", in_place=in_place)
    for _ in range(8):
        rope.step()
    assert rope.values[rope.env.start] == 0
    rope.step()
    assert rope.values[rope.env.start] == pytest.approx(0.99**8)


def test_the_two_state_chain_solves_as_by_hand() -> None:
    P = np.array([[0, 1], [0.5, 0]])
    assert np.linalg.solve(np.eye(2) - P, [-1, -1]) == pytest.approx([-4, -3])


def test_policy_iteration_ends_in_its_third_round() -> None:
    frames = cached_frames("policy-iteration", {"grid": "russell-norvig", "policy": "random"})
    assert frames[-1].update == 3


def test_order() -> None:
    assert [lesson.id for lesson in load_course(lessons_dir()).lessons][4:7] == list(IDS)
