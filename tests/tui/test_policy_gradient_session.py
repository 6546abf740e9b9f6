"""The policy-gradient lab without a screen: an update by hand, methods in turn, undo, what is kept, what is said."""

import json
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tutor.experiments import ParameterError
from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.labs import policy_gradient_pages as pages
from tutor.tui.labs import policy_gradient_words as words
from tutor.tui.labs.policy_gradient_explain import explain
from tutor.tui.labs.policy_gradient_export import episode_csv, policy_csv
from tutor.tui.labs.policy_gradient_picture import chart
from tutor.tui.labs.policy_gradient_session import PolicyGradientSession
from tutor.tui.labs.policy_gradient_table import table

UP, RIGHT, DOWN, LEFT = range(4)
METHODS = ("reinforce", "baseline", "actor-critic")
LINE = "S.G:G=1:slip=0:step=-0.1"  # two steps right; every other action stays, or goes back


def session(**given: Any) -> PolicyGradientSession:
    return PolicyGradientSession(PolicyGradientSession.resolve(given))


def text(line: Any) -> str:
    return "".join(part for part, _ in line)


def straight(method: str, **given: Any) -> PolicyGradientSession:
    """A run whose first episode goes right, right: the first seed whose dice do so."""
    for seed in range(200):
        lab = session(grid=LINE, method=method, gamma=0.5, learning_rate=4, seed=seed, **given)
        lab.step()
        if lab.known.samples.action.tolist() == [RIGHT, RIGHT]:
            return lab
    raise AssertionError("no such seed")


def softmax(logits: list[float]) -> np.ndarray[Any, Any]:
    weights = np.exp(logits)
    return weights / weights.sum()


@pytest.mark.parametrize("method", METHODS)
def test_two_steps_by_hand(method: str):
    # Rewards -.1 and .9, gamma .5: G = -.1 + .5 * .9 = .35, and .9. V is 0, so the baseline changes nothing yet;
    # GAE with lambda .8: A_1 = .9, A_0 = -.1 + .5 * .8 * .9 = .26. alpha / n = 4 / 2.
    lab = straight(method, **{"lambda": 0.8})
    samples = lab.known.samples
    np.testing.assert_allclose(samples.reward, [-0.1, 0.9])
    np.testing.assert_allclose(lab.returns, [0.35, 0.9])
    A = [0.26, 0.9] if method == "actor-critic" else [0.35, 0.9]
    np.testing.assert_allclose(samples.advantage, A)
    for row in (0, 1):
        push = lab.push(row)
        np.testing.assert_allclose(push.score, [-0.25, 0.75, -0.25, -0.25])
        assert push.scale == pytest.approx(4 / 2 * A[row])
        assert push.visits == 1
        np.testing.assert_allclose(push.change, push.part)
        expected = softmax([-0.5 * A[row], 1.5 * A[row], -0.5 * A[row], -0.5 * A[row]])
        np.testing.assert_allclose(lab.policy[samples.state[row]], expected)
    assert lab.known.curve.returns == pytest.approx((0.35,))


def test_the_critic_learns_by_its_rate():
    """V(s) moves from 0 by .1 towards the return, .35 and .9; REINFORCE learns none."""
    lab = straight("baseline")
    np.testing.assert_allclose(lab.values[lab.known.samples.state], [0.035, 0.09])
    assert not straight("reinforce").values.any()


@settings(deadline=None, max_examples=20)
@given(st.sampled_from(METHODS), st.integers(0, 999), st.integers(1, 4))
def test_the_steps_in_a_cell_add_up_to_what_its_logits_do(method: str, seed: int, episodes: int):
    lab = session(method=method, seed=seed)
    for _ in range(episodes):
        lab.step()
    states = lab.known.samples.state
    for state in set(states.tolist()):
        rows = np.flatnonzero(states == state).tolist()
        push = lab.push(rows[0])
        np.testing.assert_allclose(sum(lab.push(row).part for row in rows), push.change, atol=1e-12)
        assert push.visits == len(rows)
        moved = np.log(lab.old_policy[state]) + push.change
        np.testing.assert_allclose(lab.policy[state], softmax(moved.tolist()), atol=1e-12)


def test_all_methods_walk_the_same_first_episode():
    lab = session(seed=5)
    lab.step()
    first = lab.known
    for method in ("baseline", "actor-critic"):
        lab.set_parameters({"method": method})
        assert lab.t == 0
        lab.step()
        np.testing.assert_array_equal(lab.known.samples.action, first.samples.action)
    assert {name: len(curve.returns) for name, curve in lab.known.others.items()} == {
        "reinforce": 1,
        "baseline": 1,
    }
    assert [series.name for series in chart(lab).series] == ["actor-critic", "REINFORCE", "baseline"]
    for method in ("actor-critic", "baseline", "baseline", "reinforce"):
        lab.undo()
        assert lab.method == method
    assert lab.known is first


def test_another_learning_rate_holds_from_the_next_update_on():
    """With the same dice twice the rate moves the logits of a cell twice as far; what has been learned stays."""
    small, large = session(seed=1), session(seed=1)
    for lab in (small, large):
        lab.step()
    np.testing.assert_array_equal(small.policy, large.policy)
    large.set_parameters({"learning_rate": 6.0})
    assert large.t == 1
    for lab in (small, large):
        lab.step()
    np.testing.assert_allclose(2 * small.push(0).change, large.push(0).change)
    assert (small.rate, large.rate) == (3, 6)


@settings(deadline=None, max_examples=25)
@given(st.lists(st.sampled_from(["step", "method", "undo", "rate"]), max_size=20))
def test_undo_brings_back_exactly_what_was(keys: list[str]):
    lab = session(grid="mouse")
    seen = [(lab.known, lab.how)]
    for place, key in enumerate(keys):
        if key == "undo":
            assert lab.undo() == (len(seen) > 1)
            seen = seen[:-1] or seen
        elif key == "rate":
            lab.set_parameters({"learning_rate": 10.0 + place})
            seen.append((lab.known, lab.how))
        else:
            if key == "step":
                lab.step()
            else:
                names = [*METHODS, METHODS[0]]
                lab.set_parameters({"method": names[names.index(lab.method) + 1]})
            seen.append((lab.known, lab.how))
        assert lab.known is seen[-1][0]
        assert lab.how == seen[-1][1]
        assert lab.method == lab.known.method


def test_taken_back_and_made_again_it_is_the_same():
    lab = session()
    lab.step()
    lab.step()
    policy = lab.policy
    lab.undo()
    lab.step()
    np.testing.assert_array_equal(lab.policy, policy)


def test_other_dice_and_another_grid_begin_anew():
    lab = session()
    lab.step()
    lab.reseed()
    assert (lab.t, lab.seed) == (0, 1)
    assert lab.undo()
    assert (lab.t, lab.seed, lab.undo(), lab.undo()) == (1, 0, True, False)
    lab.step()
    lab.set_parameters({"grid": "mouse"})
    assert lab.t == 0


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("episodes", [0, 1, 4])
def test_it_comes_back_as_it_was(method: str, episodes: int):
    lab = session(method=method)
    lab.step()
    lab.set_parameters({"method": METHODS[(METHODS.index(method) + 1) % 3], "seed": 0})
    for _ in range(episodes):
        lab.step()
    lab.set_parameters({"learning_rate": 5.0})
    lab.move_row(3)
    lab.move_cell(1)
    again = PolicyGradientSession.from_state(json.loads(json.dumps(lab.to_state())), lab.resolve({}))
    np.testing.assert_array_equal(again.policy, lab.policy)
    np.testing.assert_array_equal(again.values, lab.values)
    assert again.known.curve == lab.known.curve
    assert again.known.others == lab.known.others
    assert (again.row, again.cursor) == (lab.row, lab.cursor)
    assert episodes == 0 or again.rate == lab.rate == 3
    for each in (lab, again):
        each.step()
    np.testing.assert_array_equal(again.policy, lab.policy)


DAMAGES: dict[str, Any] = {
    "curves": {"reinforce": [[0.0], [0.0, float("nan")]]},
    "how": {},
    "row": 10_000,
    "cursor": -1,
}


@pytest.mark.parametrize("damaged", [None, {}, *({name: value} for name, value in DAMAGES.items())])
def test_a_damaged_state_begins_anew(damaged: Any):
    lab = session()
    lab.step()
    state = lab.to_state() | damaged if damaged else damaged
    assert PolicyGradientSession.from_state(state, lab.resolve({})).t == 0


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("theta", [[0.0]]),
        ("values", [["x"]]),
        ("rng_state", {"bit_generator": "MT19937"}),
        ("states", [[999]]),
    ],
)
def test_a_damaged_run_begins_anew(name: str, value: Any):
    lab = session()
    lab.step()
    state = lab.to_state()
    state["before"][name] = value
    assert PolicyGradientSession.from_state(state, lab.resolve({})).t == 0


@pytest.mark.parametrize(
    ("name", "value"), [("learning_rate", 0), ("learning_rate", "nan"), ("lambda", 1.5), ("critic_rate", 2)]
)
def test_what_makes_no_sense_is_refused(name: str, value: Any):
    with pytest.raises(ParameterError, match=f"{name} is"):
        session(**{name: value})


# What is looked at


def test_the_cursor_goes_through_the_steps_and_the_cells():
    lab = session()
    assert not lab.move_row(1)
    lab.step()
    samples = lab.known.samples
    for row in (1, 2):
        assert lab.move_row(1)
        assert (lab.row, lab.cursor) == (row, samples.state[row])
    assert lab.move_row(1000)
    assert not lab.move_row(1)
    assert lab.row == len(samples) - 1
    seen = set()
    for _ in lab.live:
        lab.move_cell(1)
        seen.add(lab.cursor)
        assert lab.row is None or samples.state[lab.row] == lab.cursor
    assert seen == set(lab.live)


def test_a_cell_that_ends_the_episode_is_said_to():
    lab = session()
    lab.step()
    lab.look(
        lab.env.n_states - 1 if lab.env.is_terminal(lab.env.n_states - 1) else lab.env.state_at(0, 3) or 0
    )
    assert lab.row is None
    assert "ends the episode" in " ".join(text(line) for line in words.lines(lab, 78, 10, UNICODE))


# What is said


def test_reinforce_is_written_out_with_its_numbers():
    lab = straight("reinforce")
    said = [text(line) for line in words.lines(lab, 78, 10, UNICODE)]
    assert said[0].startswith("α/n 4/2   G₀ .350   J ")
    assert said[1] == "A₀ = G₀ = R₁ + γR₂ = .350"
    assert said[2] == "   = −0.1 + 0.45"
    assert said[3].startswith("(0,0) took right")
    assert said[5].split() == ["∇", "log", "π", "=", "1[b=→]", "−", "π", "−.250", "+.750", "−.250", "−.250"]
    assert said[6].split() == [
        "α/n·A₀·∇",
        "log",
        "π",
        "−.175",
        "+.525",
        "−.175",
        "−.175",
    ]  # 2 * .35 * (-.25, .75, …)
    assert said[7].split()[:3] == ["Δθ,", "one", "visit"]
    after = softmax([-0.175, 0.525, -0.175, -0.175])
    assert f"{after[RIGHT]:.3f}".lstrip("0") in said[8]


def test_the_baseline_and_the_critic_are_written_out():
    lab = straight("baseline")
    assert text(words.lines(lab, 78, 10, UNICODE)[1]) == "A₀ = G₀ − V(S₀) = .350 − 0 = .350"
    lab = straight("actor-critic", **{"lambda": 0.8})
    said = [text(line) for line in words.lines(lab, 78, 10, ASCII)]
    assert said[1] == "d_0 = R_1 + gV(S_1) - V(S_0) = -.100 + .5*0 - 0 = -.100"
    assert said[2] == "A_0 = d_0 + glam A_1 = -.100 + .4*.900 = .260"
    lab.move_row(1)
    assert text(words.lines(lab, 78, 10, ASCII)[2]) == "A_1 = d_1 = .900   nothing follows"


def test_the_table_holds_the_episode():
    lab = straight("reinforce")
    rows = [text(line).split() for line in table(lab, 40, 10, UNICODE)]
    assert rows[0] == ["t", "s", "a", "R", "A", "=", "G"]
    assert rows[1] == ["▸", "0", "(0,0)", "→", "−.100", ".350"]
    assert rows[2] == ["1", "(0,1)", "→", ".900", ".900"]
    assert rows[3] == ["2", "(0,2)", "the", "end"]


def test_a_long_episode_scrolls_with_the_cursor():
    lab = session(grid="rooms")
    lab.step()
    assert lab.known.steps == 200
    for by in (0, 100, 50, 1000):
        lab.move_row(by)
        shown = [text(line) for line in table(lab, 40, 10, UNICODE)]
        assert len(shown) == 10
        assert [line for line in shown if line.startswith("▸")] == [
            shown[shown.index(next(line for line in shown if line.startswith(f"▸{lab.row:>3}")))]
        ]
    assert shown[-1].split() == ["200", shown[-1].split()[1], "cut", "off"]


@pytest.mark.parametrize("method", METHODS)
@pytest.mark.parametrize("grid", ["russell-norvig", "mouse", "rooms", "cliff"])
def test_everything_fits_and_ascii_stays_ascii(method: str, grid: str):
    lab = session(method=method, grid=grid)
    for _ in range(4):
        for width in (38, 58, 78):
            for glyphs in (ASCII, UNICODE):
                told = words.lines(lab, width, 10, glyphs)
                assert len(told) <= 10
                formulas = told[1:3] if lab.known.steps else []
                assert all(len(text(line)) <= width for line in formulas)
                assert width < 78 or grid == "cliff" or all(len(text(line)) <= width for line in told)
                assert glyphs is UNICODE or all(text(line).isascii() for line in told)
        for width in (22, 30, 38, 60):
            rows = [text(line) for line in table(lab, width, 10, ASCII)]
            assert all(row.isascii() and len(row) <= width for row in rows[:2] + rows[3:])
        assert all(paragraph.isascii() for paragraph in explain(lab, ASCII))
        lab.step()
        lab.move_row(7)


def test_with_little_room_the_advantage_and_both_policies_stay():
    lab = straight("reinforce")
    kept = [text(line) for line in words.lines(lab, 38, 4, UNICODE)]
    assert [line.split()[0] for line in kept] == ["A₀", "(0,0)", "π", "π"]


def test_the_explanation_tells_of_what_happened():
    lab = straight("reinforce")
    said = " ".join(explain(lab, UNICODE))
    assert "2 of its actions were pushed up, 0 down: every return is above 0" in said
    # Root mean square of .35 and .9; standard deviation .275.
    assert "standard deviation .275, root mean square .683" in said
    assert "ln 4 = 1.386" in said
    assert "4/2 of its advantage" in said
    assert "no difference yet" in " ".join(explain(straight("baseline"), UNICODE))


def test_a_prediction_is_judged_by_what_comes():
    for seed in range(20):
        lab = session(method="reinforce", seed=seed)
        row = pages.asked(lab)
        assert row is not None
        known = lab.ahead()
        at = known.samples.state[row], known.samples.action[row]
        rises = known.inside.new_policy[at] > known.inside.old_policy[at]
        said = text(pages.judged(lab, row, 0, UNICODE))
        assert said.startswith("As predicted" if rises else "Not so: less likely")
        assert (lab.t, lab.row) == (1, row)


def test_the_question_tells_what_the_answer_follows_from():
    lab = session(grid=LINE, gamma=0.5, seed=straight("reinforce").seed)
    row = pages.asked(lab)
    assert row is not None
    question = pages.question(lab, row, ASCII).question
    assert question.startswith("The next episode takes 2 steps. At t = 1 it goes right in (0,1). G_1 = .900.")
    lab.set_parameters({"method": "actor-critic"})
    assert (
        "r = .900, V = 0 there and 0 after it; it is the last step." in pages.question(lab, 1, ASCII).question
    )


def test_what_is_exported_can_be_read_back():
    lab = straight("actor-critic", **{"lambda": 0.8})
    rows = [line.split(",") for line in episode_csv(lab).splitlines()]
    assert [row[:4] for row in rows[1:]] == [["0", "0", "0", "right"], ["1", "0", "1", "right"]]
    assert [float(row[rows[0].index("advantage")]) for row in rows[1:]] == pytest.approx([0.26, 0.9])
    policy = [line.split(",") for line in policy_csv(lab).splitlines()[1:]]
    assert len(policy) == len(lab.live)
    assert all(sum(map(float, row[2:6])) == pytest.approx(1) for row in policy)


def test_it_learns():
    lab = session(method="actor-critic", learning_rate=10)
    for _ in range(100):
        lab.step()
    assert lab.known.curve.true[-1] > 0.4 > 0 > lab.known.curve.true[0]
