"""The episode behind the lab, by numbers that were worked out by hand. No screen."""

import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.rl.environments.maps import GRIDS
from tutor.tui.labs.gridworld_session import STEP_LIMIT, GridworldSession

UP, RIGHT, DOWN, LEFT = range(4)
ACTIONS = st.lists(st.integers(0, 3), max_size=30)


def session(**given: Any) -> GridworldSession:
    return GridworldSession(GridworldSession.resolve(given))


def acted(actions: list[int], **given: Any) -> GridworldSession:
    made = session(**given)
    for action in actions:
        made.act(action)
    return made


def test_the_shortest_way_to_the_goal() -> None:
    """Up, up, right, right, right: four steps of -0.04, then -0.04 + 1."""
    walk = acted([UP, UP, RIGHT, RIGHT, RIGHT], slip=0, gamma=0.5)
    assert [walk.env.cells[frame.next_state] for frame in walk.frames] == [
        (1, 0),
        (0, 0),
        (0, 1),
        (0, 2),
        (0, 3),
    ]
    assert [frame.reward for frame in walk.frames] == pytest.approx([-0.04, -0.04, -0.04, -0.04, 0.96])
    # -0.04 (1 + 1/2 + 1/4 + 1/8) + 0.96/16 = -0.075 + 0.06
    assert walk.returns == pytest.approx([-0.04, -0.06, -0.07, -0.075, -0.015])
    assert walk.over
    assert walk.frames[-1].terminated


def test_after_the_end_nothing_happens() -> None:
    walk = acted([UP, UP, RIGHT, RIGHT, RIGHT], slip=0)
    assert walk.act(UP) is None
    assert walk.t == 5


def test_another_gamma_answers_with_the_same_rewards() -> None:
    walk = acted([UP, UP, RIGHT, RIGHT, RIGHT], slip=0, gamma=0.5)
    frames = list(walk.frames)
    walk.set_gamma(1)
    assert walk.episode_return == pytest.approx(4 * -0.04 + 0.96)
    walk.set_gamma(0)
    assert walk.returns == pytest.approx([-0.04] * 5)
    assert walk.frames == frames


def test_undo_takes_the_reward_back() -> None:
    walk = acted([UP, UP], slip=0, gamma=0.5)
    assert walk.undo()
    assert walk.env.cells[walk.state] == (1, 0)
    assert walk.episode_return == pytest.approx(-0.04)
    assert walk.undo()
    assert walk.episode_return == 0
    assert not walk.undo()


def test_undo_brings_a_finished_episode_back_to_life() -> None:
    walk = acted([UP, UP, RIGHT, RIGHT, RIGHT], slip=0)
    walk.undo()
    assert not walk.over
    assert walk.env.cells[walk.act(LEFT).next_state] == (0, 1)  # type: ignore[union-attr]


@given(actions=ACTIONS, seed=st.integers(0, 999_999))
@settings(max_examples=40, deadline=None)
def test_undo_and_the_same_key_repeat_the_same_slip(actions: list[int], seed: int) -> None:
    walk = acted(actions, slip=0.6, seed=seed)
    if walk.over or not walk.frames:
        return
    frame = walk.frames[-1]
    walk.undo()
    assert walk.act(frame.action) == frame


@given(seed=st.integers(0, 999_999), first=st.integers(0, 3), other=st.integers(0, 3))
@settings(max_examples=40, deadline=None)
def test_another_key_meets_the_same_dice(seed: int, first: int, other: int) -> None:
    """The slip relative to what was meant (none, to the left, to the right) stays what it was."""
    walk = session(slip=0.6, seed=seed)
    one = walk.act(first)
    walk.undo()
    two = walk.act(other)
    assert one is not None
    assert two is not None
    assert (one.moved - one.action) % 4 == (two.moved - two.action) % 4


@given(actions=ACTIONS, seed=st.integers(0, 999_999), grid=st.sampled_from(sorted(GRIDS)))
@settings(max_examples=40, deadline=None)
def test_the_state_brings_back_exactly_the_same(actions: list[int], seed: int, grid: str) -> None:
    walk = acted(actions, grid=grid, seed=seed)
    kept = json.loads(json.dumps(walk.to_state()))
    again = GridworldSession.from_state(kept, GridworldSession.resolve({}))
    assert again.frames == walk.frames
    assert again.returns == walk.returns
    assert again.parameters == walk.parameters
    assert again.act(UP) == walk.act(UP)


@pytest.mark.parametrize(
    "damaged",
    [
        None,
        [],
        "x",
        {},
        {"actions": "0"},
        {"parameters": {}, "actions": 3},
        {"parameters": {}, "actions": "07"},
        {"parameters": {"grid": "nowhere"}, "actions": ""},
        {"parameters": {"slip": 7}, "actions": ""},
        {"parameters": {"colour": "red"}, "actions": ""},
        {"parameters": [1], "actions": "0"},
        {"parameters": {"slip": 0}, "actions": "0011111"},
        {"parameters": {}, "actions": "0" * (STEP_LIMIT + 1)},
    ],
)
def test_a_damaged_state_gives_a_new_lab(damaged: object) -> None:
    made = GridworldSession.from_state(damaged, GridworldSession.resolve({"grid": "mouse", "seed": 3}))
    assert (made.parameters["grid"], made.seed, made.t) == ("mouse", 3, 0)


def test_another_grid_brings_its_own_numbers() -> None:
    walk = acted([UP], gamma=0.5, seed=5)
    walk.set_parameters({"grid": "cliff"})
    assert walk.t == 0
    assert (walk.parameters["slip"], walk.parameters["step_reward"], walk.gamma) == (0.0, -1.0, 1.0)
    assert walk.seed == 5


def test_another_grid_with_given_numbers_keeps_those() -> None:
    walk = session()
    walk.set_parameters({"grid": "cliff", "gamma": 0.9})
    assert (walk.gamma, walk.parameters["slip"]) == (0.9, 0.0)


def test_another_step_reward_pays_the_same_steps_anew() -> None:
    walk = acted([UP, UP, RIGHT], slip=0.5, gamma=1, seed=11)
    cells = [frame.next_state for frame in walk.frames]
    walk.set_parameters({"step_reward": -1.0})
    assert [frame.next_state for frame in walk.frames] == cells
    assert walk.returns == pytest.approx([-1, -2, -3])


def test_another_slip_begins_anew_and_the_same_values_change_nothing() -> None:
    walk = acted([UP, UP], slip=0)
    walk.set_parameters({"slip": 0.0, "gamma": 0.99})
    assert walk.t == 2
    walk.set_parameters({"slip": 0.5})
    assert walk.t == 0


def test_reset_throws_the_same_dice_and_a_new_seed_others() -> None:
    walk = acted([UP] * 8, slip=1, seed=1, grid="rooms")
    moved = [frame.moved for frame in walk.frames]
    walk.reset()
    assert walk.t == 0
    assert [walk.act(UP).moved for _ in range(8)] == moved  # type: ignore[union-attr]
    walk.reseed()
    assert walk.seed == 2
    assert walk.t == 0


def test_the_seed_stays_within_its_range() -> None:
    walk = session(seed=999_999)
    walk.reseed()
    assert GridworldSession.from_state(walk.to_state(), {}).seed == walk.seed == 0


def test_the_policy_has_dice_of_its_own() -> None:
    """Whatever the policy draws, the environment's dice are those of the seed: acting by hand repeats the run."""
    walk = session(policy="random", slip=0.5, seed=4)
    while not walk.over:
        walk.act(walk.policy_action())
    by_hand = acted([frame.action for frame in walk.frames], slip=0.5, seed=4)
    assert by_hand.frames == walk.frames
    walk.undo()
    assert walk.policy_action() == by_hand.frames[-1].action


def test_the_optimal_policy_walks_the_shortest_way() -> None:
    walk = session(policy="optimal", slip=0)
    while not walk.over:
        walk.act(walk.policy_action())
    assert walk.t == 5
    assert walk.frames[-1].reward == pytest.approx(0.96)


def test_the_cliff_sends_back_to_the_start() -> None:
    walk = acted([RIGHT], grid="cliff")
    assert walk.frames[0].reward == -100
    assert walk.state == walk.env.start
    assert walk.env.character(walk.entered(walk.frames[0])) == "C"  # type: ignore[arg-type]
    assert not walk.over


def test_a_grid_without_a_limit_ends_at_the_labs_own() -> None:
    walk = acted([LEFT] * (STEP_LIMIT + 5), grid="cliff")
    assert walk.over
    assert walk.t == STEP_LIMIT


def test_outcomes_are_merged_and_sum_to_one() -> None:
    walk = session(slip=0.2)
    outcomes = walk.outcomes(LEFT)  # left of (2,0) is outside; up is free; down is outside
    assert [(walk.env.cells[o.state], o.chance) for o in outcomes] == [
        ((2, 0), pytest.approx(0.9)),
        ((1, 0), pytest.approx(0.1)),
    ]
    cells = {walk.env.cells[o.state] for o in walk.imaginable()}
    assert cells == {(2, 0), (1, 0), (2, 1)}
