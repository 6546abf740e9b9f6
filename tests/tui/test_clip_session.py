"""The clip lab without a screen: its numbers by hand, what is typed, undo and state, the plot and the words."""

import json
from typing import Any

import pytest

from tutor.experiments import ParameterError, find_lab
from tutor.tui.glyphs import ASCII, UNICODE
from tutor.tui.labs import clip_model
from tutor.tui.labs import clip_words as words
from tutor.tui.labs.clip_explain import explain
from tutor.tui.labs.clip_export import points_csv
from tutor.tui.labs.clip_picture import chart
from tutor.tui.labs.clip_session import PUSHES, ClipSession, Point, point_of, stepped
from tutor.tui.labs.gridworld_words import Line

PRESETS = range(len(find_lab("clip").presets))


def values(**given: object) -> dict[str, Any]:
    return find_lab("clip").values(given)


def session(**given: object) -> ClipSession:
    return ClipSession(values(**given))


def plain(lines: list[Line]) -> str:
    return "\n".join("".join(text for text, _ in line) for line in lines)


# The numbers


@pytest.mark.parametrize(
    ("ratio", "advantage", "side", "unclipped", "clipped", "surrogate", "gradient", "push"),
    [
        (0.5, 2, "below", 1.0, 1.6, 1.0, 2, "up"),
        (1.1, 2, "inside", 2.2, 2.2, 2.2, 2, "up"),
        (1.5, 2, "above", 3.0, 2.4, 2.4, 0, "clipped"),
        (0.5, -2, "below", -1.0, -1.6, -1.6, 0, "clipped"),
        (1.1, -2, "inside", -2.2, -2.2, -2.2, -2, "down"),
        (1.5, -2, "above", -3.0, -2.4, -3.0, -2, "down"),
        (1.5, 0, "above", 0, 0, 0, 0, "flat"),
    ],
)
def test_the_six_cases_by_hand(
    ratio: float,
    advantage: float,
    side: str,
    unclipped: float,
    clipped: float,
    surrogate: float,
    gradient: float,
    push: str,
) -> None:
    point = point_of(values(ratio=ratio, advantage=advantage))
    assert (point.side, point.push) == (side, push)
    assert [point.unclipped, point.clipped, point.surrogate, point.gradient] == pytest.approx(
        [unclipped, clipped, surrogate, gradient]
    )
    table = plain(words.table(point, 80, UNICODE))
    assert table.count("▸") == (1 if advantage else 0)


@pytest.mark.parametrize("advantage", [-1.8, -0.4, 0, 1, 2.5])
@pytest.mark.parametrize("epsilon", [0.05, 0.2, 0.6])
def test_the_gradient_is_the_slope_of_the_objective(advantage: float, epsilon: float) -> None:
    for k in range(1, 30):
        ratio = 0.1 * k + 0.033  # never on an edge
        here, before, after = (Point(ratio + step, advantage, epsilon) for step in (0, -1e-5, 1e-5))
        slope = (after.surrogate - before.surrogate) / 2e-5
        assert here.gradient == pytest.approx(slope, abs=1e-7)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("advantage", [-1, 1])
@pytest.mark.parametrize("ratio", [0.5, 1.0, 1.5])
def test_the_pointer_stands_on_what_the_sample_does(ratio: float, advantage: float, glyphs: Any) -> None:
    """The table is written by hand, the gradient computed: they agree in every case."""
    point = point_of(values(ratio=ratio, advantage=advantage))
    parts = [part for line in words.table(point, 80, glyphs) for part in line]
    (place,) = (i for i, part in enumerate(parts) if part == (f"{glyphs.pointer} ", "accent"))
    formula, push = parts[place + 1][0].split(maxsplit=1)
    assert push.strip() == words.push_words(point.push, glyphs).replace("no more push", "flat")
    assert (formula == "rA") == (point.surrogate == point.unclipped)


@pytest.mark.parametrize(
    ("preset", "numbers"),
    [
        (
            0,
            (
                ".25 / .15 = 1.667",
                "rA = 1.667 · 1 = 1.667",
                "clip(r)A = 1.2 · 1 = 1.2",
                "L = min(1.667, 1.2) = 1.2",
            ),
        ),
        (
            1,
            (
                ".15 / .08 = 1.875",
                "rA = 1.875 · 1.8 = 3.375",
                "clip(r)A = 1.2 · 1.8 = 2.16",
                "min(3.375, 2.16) = 2.16",
            ),
        ),
        (2, (".09 / .15 = 0.6", "rA = 0.6 · (−1) = −0.6", "clip(r)A = 0.8 · (−1) = −0.8", "= −0.8")),
        (
            3,
            (
                ".24 / .15 = 1.6",
                "rA = 1.6 · (−1) = −1.6",
                "clip(r)A = 1.2 · (−1) = −1.2",
                "∂L/∂r = −1   push ↓",
            ),
        ),
        (4, (".09 / .15 = 0.6", "L = min(0.6, 0.8) = 0.6", "∂L/∂r = 1   push ↑", "loss = −L = −0.6")),
    ],
)
def test_the_examples_put_their_numbers_into_the_formulas(preset: int, numbers: tuple[str, ...]) -> None:
    point = point_of(values(**find_lab("clip").presets[preset]))
    shown = plain(words.facts(point, words.FACTS_WIDTH, UNICODE))
    for number in numbers:
        assert number in shown


def test_what_the_preset_examples_do() -> None:
    points = [point_of(values(**preset)) for preset in find_lab("clip").presets]
    assert [point.push for point in points] == ["clipped", "clipped", "clipped", "down", "up"]
    assert points[0].ratio == pytest.approx(0.25 / 0.15)
    assert points[1].ratio == pytest.approx(1.875)


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("epsilon", [0.05, 0.2, 0.95])
def test_at_sixty_columns_all_six_cases_are_seen(epsilon: float, glyphs: Any) -> None:
    lines = plain(words.table(point_of(values(ratio=1.5, epsilon=epsilon)), 60, glyphs)).split("\n")
    assert max(len(line.rstrip()) for line in lines) <= 60
    assert sum(line.count("push") + line.count("flat") for line in lines) == 6


@pytest.mark.parametrize("ratio", [0.05, 0.65, 1.0, 1.2, 1.815, 2.999, 40])
@pytest.mark.parametrize("advantage", [-2.9, 0, 0.1, 1.8])
@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
def test_nothing_is_wider_than_its_place(ratio: float, advantage: float, glyphs: Any) -> None:
    point = point_of(values(ratio=ratio, advantage=advantage, old=0.02))
    assert (
        max(map(len, plain(words.facts(point, words.FACTS_WIDTH, glyphs)).split("\n"))) <= words.FACTS_WIDTH
    )
    lines = [*words.table(point, 80, glyphs), *words.meaning(point, glyphs)]
    assert max(len(line.rstrip()) for line in plain(lines).split("\n")) <= 76


# Old and new probability


def test_both_probabilities_give_the_ratio_and_one_follows_from_it() -> None:
    assert point_of(values(old=0.15, new=0.25)).ratio == pytest.approx(5 / 3)
    assert point_of(values(old=0.15, ratio=1.2)).new == pytest.approx(0.18)
    assert point_of(values(new=0.3, ratio=1.5)).old == pytest.approx(0.2)
    assert (
        point_of({**values(ratio=3), "old": 0.5}).old == 0
    )  # 1.5 is no probability: only the ratio is known


@pytest.mark.parametrize(
    ("given", "message"),
    [
        (
            {"ratio": 2, "old": 0.15, "new": 0.25},
            "ratio is 2, but new / old is 0.25 / 0.15 = 1.667; leave one of the three out",
        ),
        ({"ratio": 3, "old": 0.5}, "ratio * old is 3 * 0.5 = 1.5; no probability is above 1"),
        ({"ratio": 0.5, "new": 0.9}, "new is 0.9 and ratio 0.5, so old, new / ratio, would be above 1"),
        ({"ratio": 0, "new": 0.9}, "would be above 1"),
        ({"old": 1e-6, "new": 1}, "new / old is 1e+06; the ratio must be at most 1000"),
    ],
)
def test_values_that_contradict_each_other_are_refused_in_words(
    given: dict[str, float], message: str
) -> None:
    with pytest.raises(ParameterError) as caught:
        values(**given)
    assert message in str(caught.value)
    lab = session(ratio=1.5)
    with pytest.raises(ParameterError):
        lab.apply({**given, "seed": 7})
    assert (lab.point, lab.seed) == (session(ratio=1.5).point, 0)


@pytest.mark.parametrize(
    ("given", "ratio"),
    [
        (
            {"ratio": 1.67, "old": 0.15, "new": 0.25},
            5 / 3,
        ),  # rounded as people type it; the probabilities are exact
        ({"ratio": 2, "old": 0.5}, 2),
        ({"ratio": 1, "old": 0, "new": 0}, 1),
        ({"ratio": 0.5, "new": 0.5}, 0.5),
        ({"old": 1, "new": 0}, 1),
    ],
)
def test_values_that_fit(given: dict[str, float], ratio: float) -> None:
    assert point_of(values(**given)).ratio == pytest.approx(ratio)


def test_of_three_the_one_that_was_not_typed_follows() -> None:
    lab = session(old=0.15, new=0.25)
    lab.apply({"ratio": 2.0, "new": 0.4})
    assert lab.point.old == pytest.approx(0.2)
    lab.apply({"ratio": 3.0, "old": 0.1})
    assert lab.point.new == pytest.approx(0.3)
    lab.apply({"old": 0.2, "new": 0.3})
    assert lab.point.ratio == pytest.approx(1.5)


SUNNY = {"token": "sunny"}


def test_half_a_sample_is_said() -> None:
    assert "Without a prompt" in plain([words.half_a_sample(point_of(values(**SUNNY)))])
    assert "Without a token" in plain([words.half_a_sample(point_of(values(prompt="The weather today is")))])
    assert words.half_a_sample(point_of(values())) == []
    assert words.half_a_sample(point_of(values(**find_lab("clip").presets[0]))) == []
    assert words.title(point_of(values(**SUNNY, ratio=2)), UNICODE) == 'Clip lab · "sunny" r 2'


def test_two_probabilities_too_far_apart_are_refused_in_words() -> None:
    with pytest.raises(ParameterError, match=r"new / old is 1e\+06; the ratio must be at most 1000"):
        point_of(values(old=1e-6, new=1))


def test_moving_the_ratio_moves_the_new_probability_and_stops_at_1() -> None:
    lab = session(old=0.5, new=0.5)
    for _ in range(60):
        lab.move_ratio(1)
    assert (lab.point.ratio, lab.point.new) == (2.0, 1.0)
    lab.move_ratio(-1)
    assert [lab.point.ratio, lab.point.new] == pytest.approx([1.95, 0.975])


def test_typed_options() -> None:
    lab = session(old=0.15, new=0.25)
    lab.apply({"ratio": 1.2})
    assert [lab.point.old, lab.point.new] == pytest.approx([0.15, 0.18])
    lab.apply({"old": 0.1, "new": 0.3})
    assert lab.point.ratio == pytest.approx(3)
    lab.apply({"old": 0.0})
    assert [lab.point.old, lab.point.new, lab.point.ratio] == pytest.approx([0, 0, 3])
    lab.apply({"seed": 5})
    assert lab.seed == 5


@pytest.mark.parametrize(
    ("value", "by", "expected"),
    [
        (1.6667, 1, 1.7),
        (1.6667, -1, 1.65),
        (1.0, 1, 1.05),
        (3.0, 1, 3.0),
        (0.1, -1, 0.1),
        (40, -1, 3.0),
        (40, 1, 40),
    ],
)
def test_keys_go_from_multiple_to_multiple_within_the_plot(value: float, by: int, expected: float) -> None:
    assert stepped(value, by, (0.05, 0.1, 3.0)) == pytest.approx(expected)


def test_on_the_edge_a_sample_still_pushes_however_the_edge_is_reached() -> None:
    for k in range(1, 20):
        for ratio in (1 + k / 20, 1 - k / 20, (1 + k / 20) * 0.3 / 0.3):
            point = point_of(values(ratio=round(ratio, 12), epsilon=k / 20))
            assert point.side == "inside"
            assert point.push == "up"


# Undo and state


def test_undo_goes_all_the_way_back() -> None:
    lab = session(**find_lab("clip").presets[0])
    begun = lab.point
    lab.move_ratio(1)
    lab.move_advantage(-1)
    lab.move_epsilon(1)
    lab.flip()
    lab.reset()
    assert lab.point == begun
    while lab.undo():
        pass
    assert lab.point == begun
    assert not lab.undo()


def test_a_state_comes_back_whole_through_json() -> None:
    lab = session(**find_lab("clip").presets[1], seed=3)
    for by in (1, 1, -1):
        lab.move_ratio(by)
        lab.move_advantage(by)
    lab.go(lab.question())
    lab.answered("up")
    again = ClipSession.from_state(json.loads(json.dumps(lab.to_state())), values())
    assert again.to_state() == lab.to_state()
    assert (again.point, again.start, again.history, again.seed) == (lab.point, lab.start, lab.history, 3)


GOOD = session().to_state()


@pytest.mark.parametrize(
    "state",
    [
        None,
        [],
        "x",
        {},
        {**GOOD, "point": {"ratio": -1}},
        {**GOOD, "point": None},
        {**GOOD, "history": 7},
        {**GOOD, "history": [{"epsilon": 0}]},
        {**GOOD, "asked": 1, "right": 2},
        {**GOOD, "asked": "many"},
        {**GOOD, "seed": float("inf")},
        {**GOOD, "start": {"old": 1e-9, "new": 1.0}},
    ],
)
def test_a_damaged_state_gives_a_new_lab(state: object) -> None:
    lab = ClipSession.from_state(state, values(ratio=1.5))
    assert lab.point == point_of(values(ratio=1.5))
    assert lab.history == []


def test_a_long_history_stays_bounded() -> None:
    lab = session()
    for k in range(300):
        lab.move_ratio(1 if k % 40 < 20 else -1)
    assert len(lab.history) == 100
    assert len(json.dumps(lab.to_state())) < 20_000


def test_questions_are_seeded_and_bring_every_case() -> None:
    lab, again, other = session(seed=1), session(seed=1), session(seed=2)
    asked = []
    for _ in range(100):
        asked.append(lab.question())
        assert again.question() == asked[-1]
        lab.answered("up")
        again.answered("up")
    assert {point.push for point in asked} == set(PUSHES)
    assert {point.side for point in asked} == {"below", "inside", "above"}
    assert other.question() != asked[0]


# The plot and the words


def test_the_plot_is_the_articles() -> None:
    shown = chart(point_of(values(ratio=1.667)), 46, UNICODE)
    unclipped, clipped, smallest = shown.series
    assert (shown.x_range, shown.y_range) == ((0.1, 3.0), (0.0, 3.0))
    assert (unclipped.style, clipped.style, smallest.style) == ("dotted", "dashed", "line")
    assert smallest.y.tolist() == [min(a, b) for a, b in zip(unclipped.y, clipped.y, strict=True)]
    assert {0.8, 1.2} <= set(smallest.x.tolist())
    assert (shown.shades[0].low, shown.shades[-1].high) == (0.8, 1.2)
    assert [mark.x for mark in shown.marks] == [1.0, 1.667]
    assert "maximise" in shown.y_label
    assert chart(point_of(values(advantage=-1)), 46, UNICODE).y_range == (-3.0, 0.0)
    assert len(chart(point_of(values()), 46, UNICODE, hidden=True).series) == 2


@pytest.mark.parametrize("ratio", [0, 0.02, 1.1, 3.3, 1000])
@pytest.mark.parametrize("epsilon", [0.001, 0.2, 0.999])
@pytest.mark.parametrize("columns", [2, 30, 76])
def test_any_ratio_is_in_the_plot(ratio: float, epsilon: float, columns: int) -> None:
    shown = chart(point_of(values(ratio=ratio, epsilon=epsilon)), columns, UNICODE)
    low, high = shown.x_range or (1, 0)
    assert low <= ratio <= high
    assert any(value == ratio for value, _ in shown.x_ticks or ())


@pytest.mark.parametrize("glyphs", [UNICODE, ASCII], ids=["unicode", "ascii"])
@pytest.mark.parametrize("preset", PRESETS)
def test_the_explanation_is_exact_about_what_the_clip_does_not_promise(preset: int, glyphs: Any) -> None:
    point = point_of(values(**find_lab("clip").presets[preset]))
    text = " ".join(explain(point, glyphs))
    for part in ("it is maximised", "not the movement", "momentum", "pessimistic"):
        assert part in text
    assert ("pushes no more" in text) == (point.push == "clipped")
    assert text.isascii() or glyphs is UNICODE


def test_the_csv_has_every_point() -> None:
    lab = session(old=0.08, new=0.15, advantage=1.8)
    lab.flip()
    rows = points_csv(lab).splitlines()
    assert rows[0].startswith("old,new,ratio,advantage,epsilon,unclipped,clipped,surrogate,gradient,push")
    first = rows[1].split(",")
    assert [float(number) for number in first[:9]] == pytest.approx(
        [0.08, 0.15, 1.875, 1.8, 0.2, 3.375, 2.16, 2.16, 0]
    )
    assert first[9] == "clipped"
    assert rows[2].endswith("down")


def test_without_prompt_or_token_the_model_is_not_offered() -> None:
    assert not clip_model.offers(point_of(values()))


@pytest.mark.parametrize(("preset", "about"), [(0, 0.15), (1, 0.08)])
def test_the_toy_models_own_probabilities_are_the_examples_old_ones(preset: int, about: float) -> None:
    point = point_of(values(**find_lab("clip").presets[preset]))
    assert clip_model.offers(point)
    assert clip_model.probability(point) == pytest.approx(about, rel=0.2)


def test_words_that_the_model_does_not_know_are_said() -> None:
    asked = {"prompt": "The weather today is", "token": "zxqv"}
    point = point_of(values(**asked))
    assert clip_model.offers(point)
    with pytest.raises(ValueError, match="zxqv"):
        clip_model.probability(point)
