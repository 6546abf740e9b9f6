"""The gridworld: its rules by hand on small maps, and everything that a map or a number can get wrong."""

import math
import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.rl.environments.gridworld import ACTIONS, Gridworld, GridworldError

UP, RIGHT, DOWN, LEFT = range(4)
NUMBERS = {"step_reward": -0.1, "slip": 0.2, "gamma": 0.9, "rewards": {"G": 1.0, "T": -1.0}}

#   ..G
#   S#T     states 0 1 2 / 3 . 4 / 5 6 7
#   ...
SMALL = "..G\nS#T\n..."


def world(text=SMALL, **changes):
    return Gridworld.from_text(text, **(NUMBERS | changes))


def merged(outcomes):
    """{(next_state, reward, terminated): probability}"""
    total = {}
    for probability, *rest in outcomes:
        total[tuple(rest)] = total.get(tuple(rest), 0) + probability
    return pytest.approx(total)


class TestReading:
    def test_states_number_the_cells_row_by_row_without_walls(self):
        env = world()
        assert (env.rows, env.cols, env.n_states, env.n_actions) == (3, 3, 8, 4)
        assert env.cells == ((0, 0), (0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1), (2, 2))
        assert env.start == 3
        assert "".join(map(env.character, range(8))) == "..GST..."
        assert [env.is_terminal(s) for s in range(8)] == [
            False,
            False,
            True,
            False,
            True,
            False,
            False,
            False,
        ]

    def test_state_at_is_the_inverse_of_cells(self):
        env = world()
        assert [env.state_at(*cell) for cell in env.cells] == list(range(8))
        assert env.state_at(1, 1) is None
        assert env.state_at(-1, 0) is None
        assert env.state_at(0, 3) is None

    def test_actions_are_clockwise_from_up(self):
        assert ACTIONS == ("up", "right", "down", "left")

    def test_empty_lines_around_the_map_are_dropped(self):
        assert world(f"\n\n{SMALL}\n\n").text == SMALL
        assert world(SMALL.replace("\n", "\r\n")).text == SMALL

    def test_upper_and_lower_case_differ(self):
        env = world("Ssg\n..G")
        assert env.start == 0
        assert not env.is_terminal(2)
        assert env.is_terminal(5)

    def test_it_can_be_sent_to_another_process(self):
        env = pickle.loads(pickle.dumps(world()))  # noqa: S301  (our own)
        assert env.outcomes(3, UP) == world().outcomes(3, UP)


class TestMoving:
    def test_up_from_the_start_may_slip_into_walls(self):
        # Left is the edge, right is a wall: both stay.
        assert merged(world().outcomes(3, UP)) == {(0, -0.1, False): 0.8, (3, -0.1, False): 0.2}

    def test_an_end_pays_on_top_of_the_step(self):
        # From (0, 1): right enters G, up is the edge, down is the wall.
        assert merged(world().outcomes(1, RIGHT)) == {(2, 0.9, True): 0.8, (1, -0.1, False): 0.2}

    def test_a_slip_goes_to_both_sides(self):
        # From (2, 1) up is the wall; left and right are floor.
        assert merged(world().outcomes(6, UP)) == {
            (6, -0.1, False): 0.8,
            (5, -0.1, False): 0.1,
            (7, -0.1, False): 0.1,
        }

    @pytest.mark.parametrize(
        ("action", "sides"),
        [(UP, {LEFT, RIGHT}), (DOWN, {LEFT, RIGHT}), (LEFT, {UP, DOWN}), (RIGHT, {UP, DOWN})],
    )
    def test_the_sides_are_perpendicular(self, action, sides):
        (meant, first), *others = world(slip=0.3).directions(action)
        assert (meant, first) == (0.7, action)
        assert {direction for _, direction in others} == sides
        assert [chance for chance, _ in others] == [0.15, 0.15]

    def test_without_slip_there_is_one_outcome(self):
        assert world(slip=0.0).outcomes(3, UP) == [(1.0, 0, -0.1, False)]

    def test_at_slip_one_it_never_goes_where_it_should(self):
        assert merged(world(slip=1.0).outcomes(6, LEFT)) == {(6, -0.1, False): 1.0}
        assert merged(world(slip=1.0).outcomes(6, UP)) == {(5, -0.1, False): 0.5, (7, -0.1, False): 0.5}

    def test_ends_absorb(self):
        env = world()
        for state in (2, 4):
            for action in range(4):
                assert env.outcomes(state, action) == [(1.0, state, 0.0, True)]
                assert env.step(state, action, np.random.default_rng(0)) == (state, 0.0, True)

    def test_expected_rewards_by_hand(self):
        P, R = world().transitions()
        # Up from (2, 2): T .8 pays -1.1; left .1 and the edge .1 pay -.1.
        assert R[7, UP] == pytest.approx(0.8 * -1.1 + 0.2 * -0.1)
        assert P[7, UP, 4] == pytest.approx(0.8)
        assert P[7, UP, 6] == pytest.approx(0.1)
        assert P[7, UP, 7] == pytest.approx(0.1)

    def test_transitions_cannot_be_spoilt(self):
        P, R = world().transitions()
        for array in (P, R):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 0


class TestRestarts:
    def test_the_agent_is_back_at_the_start_and_goes_on(self):
        env = world("S.\nCG", slip=0.0, rewards={"C": -10.0, "G": 0.0}, restarts="C")
        pit = env.state_at(1, 0)
        assert env.outcomes(0, DOWN) == [(1.0, env.start, -10.1, False)]
        assert env.step(0, DOWN, np.random.default_rng(0)) == (env.start, -10.1, False)
        assert [env.outcomes(pit, a) for a in range(4)] == [[(1.0, pit, 0.0, True)]] * 4

    def test_a_restart_and_a_bump_are_told_apart_by_their_reward(self):
        env = world("SC\nG.", slip=0.5, rewards={"C": -10.0, "G": 0.0}, restarts="C")
        # Up bumps (.5), left bumps (.25), right falls (.25): always back at the start.
        assert merged(env.outcomes(0, UP)) == {(0, -0.1, False): 0.75, (0, -10.1, False): 0.25}
        P, R = env.transitions()
        assert P[0, UP, 0] == pytest.approx(1)
        assert R[0, UP] == pytest.approx(0.75 * -0.1 + 0.25 * -10.1)


class TestDice:
    def test_a_step_draws_exactly_one_number_whatever_the_slip(self):
        for slip in (0.0, 0.5):
            used, expected = np.random.default_rng(3), np.random.default_rng(3)
            world(slip=slip).step(6, UP, used)
            expected.random()
            assert used.bit_generator.state == expected.bit_generator.state

    def test_reset_draws_nothing(self):
        rng = np.random.default_rng(3)
        before = rng.bit_generator.state
        assert world().reset(rng) == 3
        assert rng.bit_generator.state == before

    @given(st.integers(0, 2**32 - 1), st.integers(0, 3))
    def test_another_action_meets_the_same_dice(self, seed, other):
        """Slipping to the left of `up` is slipping to the left of every action."""
        env = world(slip=0.6)
        up, turned = (env.slipped(action, np.random.default_rng(seed)) for action in (UP, other))
        assert (turned - other) % 4 == (up - UP) % 4


class TestRefusals:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("", "the map is empty"),
            ("\n\n", "the map is empty"),
            ("..\n.G", "the map has no start; write S in one cell"),
            ("##\n##", "the map has no start"),
            ("S.\n.S", "the map has 2 starts, the first two at row 1, column 1 and row 2, column 2"),
            ("S..\n..", "row 2 of the map has 2 characters and row 1 has 3"),
            ("S..\n\n...", "row 2 of the map has 0 characters"),
            ("S.\n.\t", r"row 2, column 2 of the map is '\\t'"),
        ],
    )
    def test_maps(self, text, words):
        with pytest.raises(GridworldError, match=words):
            world(text)

    @pytest.mark.parametrize(
        ("changes", "words"),
        [
            ({"slip": -0.1}, "slip is -0.1; it must be between 0 and 1"),
            ({"slip": 1.2}, "slip is 1.2; it must be between 0 and 1"),
            ({"slip": math.nan}, "slip is nan"),
            ({"gamma": 1.01}, "gamma is 1.01; it must be between 0 and 1"),
            ({"gamma": -1}, "gamma is -1"),
            ({"gamma": math.nan}, "gamma is nan"),
            ({"step_reward": math.inf}, "step_reward is inf; it must be a finite number"),
            ({"step_limit": 0}, "step_limit is 0; it must be a whole number of at least 1, or None"),
            ({"step_limit": 2.5}, "step_limit is 2.5"),
            ({"rewards": {"GG": 1.0}}, "rewards has 'GG'; a reward belongs to one character"),
            ({"rewards": {"S": 1.0}}, "rewards has 'S'"),
            ({"rewards": {"#": 1.0}}, "rewards has '#'"),
            ({"rewards": {"G": math.nan}}, r"rewards\['G'\] is nan"),
            ({"restarts": "C"}, "restarts has 'C', which has no reward; the characters with one are: G, T"),
        ],
    )
    def test_numbers(self, changes, words):
        with pytest.raises(GridworldError, match=words):
            world(**changes)

    def test_every_message_is_one_line(self):
        for text in ("", "..", "SS", "S.\n."):
            with pytest.raises(GridworldError) as caught:
                world(text)
            assert "\n" not in str(caught.value)

    @pytest.mark.parametrize("state", [-1, 8])
    def test_states(self, state):
        env = world()
        calls = (lambda: env.outcomes(state, 0), lambda: env.character(state), lambda: env.is_terminal(state))
        for call in (*calls, lambda: env.step(state, 0, np.random.default_rng(0))):
            with pytest.raises(GridworldError, match=f"state is {state}; this grid has the states 0 to 7"):
                call()

    @pytest.mark.parametrize("action", [-1, 4])
    def test_actions(self, action):
        env = world()
        for call in (lambda: env.outcomes(0, action), lambda: env.step(0, action, np.random.default_rng(0))):
            with pytest.raises(GridworldError, match=rf"action is {action}; it must be 0 \(up\)"):
                call()

    @given(st.text("S..GT#\n", max_size=12) | st.text(max_size=12))
    def test_any_text_is_a_grid_or_is_refused(self, text):
        try:
            env = world(text)
        except GridworldError:
            return
        P, _ = env.transitions()
        assert np.allclose(P.sum(-1), 1)
