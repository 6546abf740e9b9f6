"""The answers of lessons 02 and 03, against numbers worked out by hand or by another road than the lesson's own."""

import numpy as np
import pytest

from tests.lessons.contract import Contract, load
from tutor.course import (
    LabBlock,
    check_course,
)
from tutor.experiments import cached_frames
from tutor.paths import lessons_dir
from tutor.rl.environments.maps import make
from tutor.rl.episodes import named_policy, take_step, walk

IDS = ("02-agent-environment", "03-returns-and-discounting")


class TestLessons(Contract):
    ids = IDS
    # By hand. A grid cell is (row, column); the shortest walk is up, up, right, right, right.
    numbers = {
        "shortest-walk": 0.8,
        "stay": 0.9,
        "beside-the-trap": -0.14,
        "still-to-come": 4,
        "after-three": -0.12,
        "fourth-reward": 7.29,
        "g-two": 8,
        "g-zero": 4.58,
        "horizon-98": 50,
        "bump-for-ever": -20,
        "steps-left": -4,
    }
    happens = {
        "paid-to-walk": "All of them",
        "blind-walker": "Nothing",
        "half-gamma": "Less than nothing",
        "hasty-mouse": "Between 0 and 1; it takes the small cheese",
    }
    mistakes = [
        ("shortest-walk", "0.84"),  # the last step taken for free
        ("stay", "0.8"),  # the blocked slip forgotten
        ("beside-the-trap", "-0.1"),  # the cost of the step forgotten
        ("beside-the-trap", "-0.136"),  # the cost counted for the steps that do not fall only
        ("still-to-come", "6"),  # the whole sum
        ("fourth-reward", "6.56"),  # one power too many
        ("g-zero", "4.6"),  # rounded too early
    ]
    rounded = [
        ("fourth-reward", "7.295"),
    ]
    labs = {IDS[0]: ["gridworld"] * 2, IDS[1]: ["gridworld"] * 3}
    requires = {
        "02-agent-environment": ("01-reasoning-models",),
        "03-returns-and-discounting": ("02-agent-environment",),
    }
    least = (9, 4, 1)
    steps = range(8, 13)


def test_the_shipped_lessons_have_no_fault() -> None:
    assert check_course(lessons_dir()) == []  # with runs: `rl-tutor check --run`


def test_beside_the_trap_agrees_with_the_grid() -> None:
    env = make("russell-norvig")
    _, R = env.transitions()
    state = env.state_at(1, 2)
    assert state is not None
    assert R[state, 0] == pytest.approx(-0.14)


def test_a_blind_walker_does_not_notice_slip() -> None:
    """Slip turns a uniform direction into a uniform direction, so P under the random policy is the same matrix."""
    P_dry, R_dry = make("russell-norvig", slip=0).transitions()
    P_wet, R_wet = make("russell-norvig", slip=0.2).transitions()
    assert np.allclose(P_dry.mean(axis=1), P_wet.mean(axis=1))
    assert np.allclose(R_dry.mean(axis=1), R_wet.mean(axis=1))


def test_the_slip_lab_shows_slips_within_ten_seeds() -> None:
    labs = [block for step in load(IDS[0]).steps for block in step.blocks if isinstance(block, LabBlock)]
    first = next(int(str(lab.set["seed"])) for lab in labs if lab.set["slip"] == 0.2)
    env = make("russell-norvig")
    moves = [
        take_step(env, env.start, 0, 0, np.random.default_rng(seed)).moved
        for seed in range(first, first + 10)
    ]
    assert moves[0] == 0, "the first press should go where it was meant to"
    assert {1, 3} <= set(moves)


@pytest.mark.parametrize(("gamma", "cheese"), [(0.95, "C"), (0.8, "C"), (0.7, "c"), (0.5, "c")])
def test_the_mouse_changes_its_mind_between_08_and_07(gamma: float, cheese: str) -> None:
    env = make("mouse", gamma=gamma, slip=0)
    steps = list(walk(env, named_policy(env, "optimal"), np.random.default_rng(0)))
    assert env.character(steps[-1].next_state) == cheese
    assert len(steps) == {"c": 3, "C": 8}[cheese]


def test_the_best_value_with_and_without_slip() -> None:
    """0.705 is the utility of the start in Russell and Norvig, chapter 17 (rewards of -0.04, no discount)."""
    for slip, value in ((0.2, 0.705), (0.0, 0.8)):
        frame = cached_frames("policy-return", {"policy": "optimal", "gamma": 1, "slip": slip})[-1]
        assert frame.metrics["objective/return"].mean() == pytest.approx(value, abs=5e-4)
