import itertools
import re
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.cells import cell_len

from tutor.charts import axes, canvas
from tutor.charts.chart import Chart, Mark, Series, Shade
from tutor.charts.draw import _places, _tick_line, _x_ticks, _y_ticks, draw

REMEMBERING = (_places, _tick_line, _x_ticks, _y_ticks)
SGR = re.compile(r"\x1b\[(0|38;2;\d{1,3};\d{1,3};\d{1,3})m")
BRAILLE = re.compile(r"[\u2801-\u28ff]")


def rows(chart: Chart, width: int = 50, height: int = 7, *, ascii: bool = False) -> list[str]:
    return draw(chart, width, height, ascii=ascii, colour=False).split("\n")


def live(rewards: list[float]) -> Chart:
    """What the gridworld shows: reward as stems, the return so far as steps."""
    t = range(1, len(rewards) + 1)
    return Chart(
        x_label="step",
        series=[
            Series("reward", t, rewards, quantity="reward", style="stems"),
            Series("return G₀", t, np.cumsum(rewards), style="steps"),
        ],
        empty="Rewards appear here as you step.",
    )


def training() -> Chart:
    x = np.arange(300.0)
    y = 1 - np.exp(-x / 50)
    return Chart(
        "Return J",
        "update",
        series=[
            Series("ppo", x, y, y - 0.1, y + 0.1),
            Series("trpo", x, y / 2),
            Series("none", x, y / 3, style="dashed"),
        ],
        shades=[Shade(0.2, 0.4, label="target")],
        marks=[Mark(120, "now"), Mark(0.9, "optimum", axis="y")],
    )


def clip() -> Chart:
    ratio = np.linspace(0.1, 3, 100)
    clipped = np.clip(ratio, 0.8, 1.2)
    return Chart(
        "objective",
        "ratio",
        series=[
            Series("rA", ratio, ratio, style="dotted", quantity="advantage"),
            Series("clip(r)A", ratio, clipped, style="dashed", quantity="policy"),
            Series("min", ratio, np.minimum(ratio, clipped)),
        ],
        shades=[Shade(0.8, 1.2, "x", "1±ϵ")],
        x_ticks=((0.8, "1−ϵ"), (1.0, "1"), (1.2, "1+ϵ")),
    )


def logarithmic() -> Chart:
    return Chart("Δ", "sweep", series=[Series("delta", range(7), [10.0**-k for k in range(7)])], log_y=True)


CHARTS = (
    Chart(),
    live([]),
    live([-0.04]),
    live([-0.04] * 8 + [0.96]),
    live([0.0] * 500),
    training(),
    clip(),
    logarithmic(),
)
SIZES = ((20, 5), (24, 7), (40, 12), (50, 7), (79, 17), (80, 20), (160, 40), (300, 100))


@pytest.mark.parametrize(("width", "height"), SIZES)
@pytest.mark.parametrize("ascii", [False, True])
def test_the_size_is_exact(width: int, height: int, ascii: bool) -> None:
    for chart in CHARTS:
        lines = rows(chart, width, height, ascii=ascii)
        assert len(lines) == height
        assert max(cell_len(line) for line in lines) <= width


@pytest.mark.parametrize(("width", "height"), itertools.product((1, 2, 3, 5, 10), (1, 2, 3, 4)))
def test_even_absurd_sizes_are_kept(width: int, height: int) -> None:
    for chart in CHARTS:
        lines = rows(chart, width, height)
        assert len(lines) == height
        assert max(cell_len(line) for line in lines) <= width


def test_no_room_is_no_text() -> None:
    assert draw(training(), 0, 5) == draw(training(), 5, 0) == ""


@pytest.mark.parametrize("chart", CHARTS)
def test_colours_are_the_only_escapes_and_change_no_character(chart: Chart) -> None:
    for theme, size in itertools.product(("dark", "light"), ((24, 7), (80, 20))):
        coloured = draw(chart, *size, theme=theme)  # type: ignore[arg-type]
        assert "\x1b" not in SGR.sub("", coloured)
        uncoloured = draw(chart, *size, colour=False)
        assert "\x1b" not in uncoloured
        assert SGR.sub("", coloured) == uncoloured


@pytest.mark.parametrize("chart", CHARTS)
def test_ascii_is_7_bit(chart: Chart) -> None:
    for width, height in SIZES:
        assert draw(chart, width, height, ascii=True).isascii()


def test_themes_differ() -> None:
    assert draw(training(), 80, 20, theme="dark") != draw(training(), 80, 20, theme="light")


def test_an_empty_chart_says_what_will_appear() -> None:
    assert "Rewards appear here as you step." in " ".join("\n".join(rows(live([]))).split())
    assert not any(c.isdigit() for line in rows(live([]))[1:] for c in line)


def test_a_small_plot_wastes_no_row() -> None:
    lines = rows(Chart(x_label="step", series=[Series("", [1, 2, 3], [1, -1, 1], style="stems")]), 24, 7)
    assert all(line.strip() for line in lines)
    assert lines[0].strip().startswith("+1")
    assert lines[6].strip().endswith("step")


def test_a_single_point_is_visible() -> None:
    for style in ("line", "steps", "stems", "points", "dashed", "dotted"):
        lines = rows(Chart(series=[Series("", [3], [0.5], style=style)]), 24, 7)
        assert any("●" in line for line in lines[:-1]), style


def test_one_stem_a_step_at_even_distances() -> None:
    lines = rows(live([1.0, -1.0, 1.0, 1.0]), 50, 9)
    heads = sorted(line.index("●", at) for line in lines[1:] for at in range(len(line)) if line[at] == "●")
    columns = sorted(set(heads))
    assert len(columns) == 4
    assert len(set(np.diff(columns).tolist())) == 1


def test_points_already_drawn_stay_where_they_are_as_steps_are_added() -> None:
    def first_columns(count: int) -> list[int]:
        top = rows(Chart(series=[Series("", range(1, count + 1), [1.0] * count, style="stems")]), 50, 7)[0]
        return [at for at, character in enumerate(top) if character == "●"]

    shown = [first_columns(count) for count in range(1, 12)]
    assert all(longer[: len(shorter)] == shorter for shorter, longer in itertools.pairwise(shown))


def test_a_stem_too_small_for_a_row_shows_its_sign() -> None:
    chart = Chart(y_range=(-1, 1), series=[Series("", [1, 2, 3], [-0.01, 0.01, 0.0], style="stems")])
    middle = next(line for line in rows(chart, 30, 6) if "─" in line)
    assert re.sub(r"[^┬┴•]", "", middle) == "┬┴•"


def test_the_zero_line_shows_rewards_on_both_sides() -> None:
    lines = rows(live([-1.0, 1.0]), 50, 9)
    zero = next(line for line in lines if line.strip().startswith("0 "))
    assert "──" in zero


def test_nothing_is_drawn_beyond_the_last_step() -> None:
    chart = Chart(x_range=(0, 10), series=[Series("", [0, 5], [1, 2], style="steps")])
    body = rows(chart, 50, 7)[:-1]
    last = max(max((m.end() for m in BRAILLE.finditer(line)), default=0) for line in body)
    assert last <= 3 + 25


@pytest.mark.parametrize("width", [20, 27, 38, 44, 61, 89])
@pytest.mark.parametrize("height", [5, 7, 8, 13])
def test_the_mark_at_the_end_of_a_line_lies_on_its_last_point(width: int, height: int) -> None:
    """A return that only falls: nothing of the line is below or to the right of its last point, and it leads there."""
    for steps in range(1, 30):
        falling = Series("", range(steps + 1), [-0.04 * k**1.2 for k in range(steps + 1)], style="steps")
        rows = draw(Chart(title="return", series=(falling,)), width, height, colour=False).split("\n")
        (row,) = [number for number, line in enumerate(rows) if "●" in line]
        column = rows[row].index("●")
        dots = [
            (r, c)
            for r, line in enumerate(rows)
            for c, sign in enumerate(line)
            if "\u2801" <= sign <= "\u28ff"
        ]
        assert all(r <= row and c <= column for r, c in dots)
        assert {(row, column - 1), (row - 1, column)} & set(dots)


def test_integer_axes_have_integer_ticks() -> None:
    for count in (1, 2, 3, 5, 9, 30, 100):
        for width in (24, 50):
            ticks = rows(live([0.5] * count), width, 7)[-1].replace("step", "").split()
            assert ticks
            assert all(tick.isdigit() for tick in ticks)


def test_the_legend_is_never_over_the_data() -> None:
    full = Chart(
        "T", series=[Series("a", [0, 1, 2], [5, 5, 5]), Series("b", [0, 1, 2], [5, 4, 5])], y_range=(4, 5)
    )
    lines = rows(full, 60, 8)
    assert "a" in lines[0]
    assert "b" in lines[0]
    assert not BRAILLE.search(lines[0])
    assert BRAILLE.search(lines[1])


@pytest.mark.parametrize("height", [8, 9, 12])
def test_a_title_has_a_row_of_its_own_rather_than_being_cut(height: int) -> None:
    """Half of 80 columns, from eight rows on: two titles of labs beside the names of two runs."""
    x = np.arange(5.0)
    curves = [Series(name, x, x, quantity="return") for name in ("broken", "mended")]
    for title in ("return of what was walked", "truth: how good they really are"):
        drawn = rows(Chart(title, series=curves), 38, height)
        assert drawn[0].strip() == title
        assert "broken" in drawn[1]
        assert "mended" in drawn[1]


def test_one_row_holds_as_much_of_the_title_as_the_legend_leaves() -> None:
    def chart(title: str) -> Chart:
        return Chart(title, series=[Series("sarsa", [0, 1], [0, 1]), Series("q-learning", [0, 1], [1, 0])])

    def first(title: str, width: int) -> str:
        return rows(chart(title), width, 5)[0].rstrip()

    assert first("earned, mean of 20 episodes", 38) == "earned, mean of…   ●sarsa ▲q-learning"
    assert first("greedy policy", 38) == "greedy policy   ●sarsa ▲q-learning"
    assert first("greedy policy", 26) == "─●─ sarsa  ─▲─ q-learning"


def test_lines_are_told_apart_without_colour() -> None:
    text = "\n".join(rows(training(), 80, 20))
    legend, body = text.split("\n")[0], text.split("\n", 1)[1]
    for glyph in "●▲■":
        assert glyph in legend
        assert body.count(glyph) >= 2
    ascii_text = "\n".join(rows(training(), 80, 20, ascii=True))
    assert all(ascii_text.split("\n", 1)[1].count(glyph) > 5 for glyph in "*ox")


def test_a_fourth_line_is_announced_not_drawn() -> None:
    chart = Chart(series=[Series(f"s{k}", [0, 1], [k, k]) for k in range(5)])
    assert "+2 not drawn" in rows(chart, 80, 20)[0]


def test_bands_shades_and_marks() -> None:
    with_band = Chart(series=[Series("", [0, 10], [0, 0], [-1, -1], [1, 1])], y_range=(-2, 2))
    assert sum("░" in line for line in rows(with_band, 40, 10)) >= 4
    shaded_y = Chart(
        series=[Series("", [0, 10], [0, 0])], y_range=(0, 4), shades=[Shade(1, 2, label="target")]
    )
    lines = rows(shaded_y, 40, 10)
    assert "░ target" in lines[0]
    assert 2 <= sum(line.count("░") > 30 for line in lines[1:]) <= 4
    shaded_x = Chart(series=[Series("", [0, 10], [0, 0])], shades=[Shade(2, 4, axis="x")])
    columns = {at for line in rows(shaded_x, 42, 9) for at, c in enumerate(line) if c == "░"}
    assert 7 <= len(columns) <= 10
    marked = Chart(series=[Series("", [0, 10], [0, 0])], marks=[Mark(5, "here")], y_range=(-1, 1))
    assert sum("│" in line for line in rows(marked, 42, 9)) >= 6
    assert "│ here" in rows(marked, 42, 9)[0]


def test_what_lies_outside_the_range_is_left_out() -> None:
    chart = Chart(
        series=[Series("", [-5, 0, 1, 50], [9, 0, 1, 9])],
        x_range=(0, 1),
        y_range=(0, 1),
        shades=[Shade(5, 6), Shade(-3, -2, "x")],
        marks=[Mark(7), Mark(-1, axis="y")],
    )
    text = "\n".join(rows(chart, 40, 10))
    assert "░" not in text
    assert "│" not in text


def test_given_ticks_are_used() -> None:
    assert re.search(r"1−ϵ +1 +1\+ϵ", rows(clip(), 76, 12)[-1])


def test_a_logarithmic_axis_is_straight_and_leaves_the_data_alone() -> None:
    chart = logarithmic()
    before = chart.series[0].y.copy()
    lines = rows(chart, 40, 14)
    assert np.array_equal(chart.series[0].y, before)
    cells = [(y, x) for y, line in enumerate(lines[1:-2]) for x, c in enumerate(line) if BRAILLE.match(c)]
    slope, offset = np.polyfit([x for _, x in cells], [y for y, _ in cells], 1)
    assert max(abs(y - (slope * x + offset)) for y, x in cells) < 1
    assert [line.split("┤")[0].strip() for line in lines if "┤" in line] == ["1", "1e−2", "1e−4", "1e−6"]


def test_values_of_0_and_less_leave_a_gap_on_a_logarithmic_axis() -> None:
    chart = Chart(series=[Series("", range(5), [1, 0, -3, np.nan, 100])], log_y=True)
    assert len(rows(chart, 40, 10)) == 10
    assert "░" in "".join(
        rows(Chart(series=[Series("", [0, 1], [1, 1], [0, 0], [2, 2])], log_y=True), 40, 10)
    )


def test_nan_is_a_gap() -> None:
    x = np.arange(21.0)
    y = np.where((x > 6) & (x < 14), np.nan, 1.0)
    line = next(line for line in rows(Chart(series=[Series("", x, y)]), 60, 6) if BRAILLE.search(line))
    assert re.search(r"[⠁-⣿] {15,}[⠁-⣿]", line)


@pytest.mark.parametrize(
    "y",
    [[np.inf, -np.inf, 1], [5, 5, 5], [0, 0, 0], [1e300, -1e300, 1.7e308], [5e-324, 0, 1e-310], [1e6, 1e6 + 1e-9, 1e6],
     [1e-300, 2e-300, 3e-300], [np.nan, 3, np.nan]],
)  # fmt: skip
@pytest.mark.parametrize("style", ["line", "steps", "stems", "dashed", "dotted", "points"])
def test_strange_values(y: list[float], style: str) -> None:
    for scale in (False, True):
        chart = Chart(series=[Series("a", [0, 1, 2], y, style=style)], log_y=scale)  # type: ignore[arg-type]
        for width, height in ((24, 7), (80, 20)):
            assert len(rows(chart, width, height)) == height


number = st.floats() | st.sampled_from([0.0, 1.0, -1.0, np.nan, np.inf])


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(number, number, number, number), max_size=40),
    st.sampled_from(["line", "steps", "stems", "dashed", "dotted", "points"]),
    st.integers(1, 60),
    st.integers(1, 15),
    st.booleans(),
    st.booleans(),
)
def test_nothing_crashes_it(
    data: list[tuple[float, ...]], style: str, width: int, height: int, log: bool, ascii: bool
) -> None:
    x, y, low, high = ([row[k] for row in data] for k in range(4))
    chart = Chart("t", "x", "y", [Series("s", x, y, low, high, style=style)], log_y=log)  # type: ignore[arg-type]
    lines = draw(chart, width, height, ascii=ascii, colour=False).split("\n")
    assert len(lines) == height
    assert max(cell_len(line) for line in lines) <= width


@pytest.mark.parametrize("x", [[1e17], [1e17, 1e17 + 16], [-4e15, 9e15], [0, 1, 2]])
@pytest.mark.parametrize("width", [1, 2, 9, 60])
def test_steps_at_any_place_and_width(x: list[float], width: int) -> None:
    chart = Chart(series=[Series("s", x, x, style="steps")])
    assert len(rows(chart, width, 5)) == 5


def test_control_characters_in_labels_reach_no_terminal() -> None:
    evil = "a\x1b[31m\x07\u202e\x9b2J\nb"
    chart = Chart(
        evil, evil, evil, [Series(evil, [0, 1], [0, 1]), Series("x", [0, 1], [1, 0])],
        [Shade(0, 1, label=evil)], [Mark(0, evil)], x_ticks=((0, evil),), empty=evil,
    )  # fmt: skip
    for shown in (chart, Chart(empty=evil)):
        text = draw(shown, 100, 20)
        assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f-\x9f\u202e]", SGR.sub("", text))


def test_wide_characters_count_as_two_cells() -> None:
    chart = Chart(
        "学習曲線" * 10, "更新", series=[Series("強化学習", [0, 1], [0, 1]), Series("b", [0, 1], [1, 2])]
    )
    for width, height in ((20, 5), (40, 12), (80, 20)):
        assert max(cell_len(line) for line in rows(chart, width, height)) <= width


def test_ten_thousand_points_look_like_their_extremes() -> None:
    y = np.zeros(10_000)
    y[4321] = 1
    lines = rows(Chart(series=[Series("", np.arange(10_000), y)], y_range=(0, 1)), 50, 8)
    assert BRAILLE.search(lines[0])


def test_threads_do_not_disturb_each_other() -> None:
    charts = [
        Chart(str(k), series=[Series(f"s{k}", range(30), np.sin(np.arange(30) + k))]) for k in range(16)
    ]
    alone = [draw(chart, 40, 8) for chart in charts]
    with ThreadPoolExecutor(8) as pool:
        together = list(pool.map(lambda k: draw(charts[k % 16], 40, 8), range(96)))
    assert together == [alone[k % 16] for k in range(96)]


@given(
    histories=st.lists(
        st.lists(st.sampled_from([-0.04, -1.0, 0.0, 1.0, 100.0]), min_size=1, max_size=40),
        min_size=2,
        max_size=6,
    ),
    size=st.tuples(st.integers(10, 60), st.integers(4, 14)),
    ascii=st.booleans(),
)
def test_what_is_remembered_of_axes_and_lines_changes_no_picture(
    histories: list[list[float]], size: tuple[int, int], ascii: bool
) -> None:
    """Grown step by step, and drawn anew by somebody who has seen nothing before."""
    for rewards in histories:
        for steps in range(1, len(rewards) + 1):
            grown = draw(live(rewards[:steps]), *size, ascii=ascii)
        for remembering in (axes._labels, axes._label, canvas._up_to, *REMEMBERING):
            remembering.cache_clear()
        assert draw(live(rewards), *size, ascii=ascii) == grown


def test_no_ticks_are_ticks_that_were_given() -> None:
    chart = replace(live([1.0, 2.0]), x_ticks=(), y_ticks=())
    assert not re.search(r"\d", "".join(rows(replace(chart, x_label=""), 40, 6)[1:]))
