"""The chart on a screen: drawn once a change, in the app's theme, at the widget's size."""

import numpy as np
import pytest
from textual.app import App, ComposeResult
from textual.geometry import Offset, Region
from textual.selection import Selection

from tutor.charts.chart import Chart, Series
from tutor.charts.draw import draw
from tutor.tui.widgets.chart import ChartView


class ChartApp(App[None]):
    CSS = "#first { width: 50; height: 7; } #second { width: 1fr; height: 1fr; }"
    ascii = False

    def compose(self) -> ComposeResult:
        yield ChartView(walk(0), id="first")
        yield ChartView(id="second")


def walk(steps: int) -> Chart:
    t = range(1, steps + 1)
    return Chart(
        x_label="step",
        series=[Series("reward", t, [-0.04] * steps, quantity="reward", style="stems")],
        empty="Rewards appear here.",
    )


def shown(view: ChartView) -> list[str]:
    return [view.render_line(y).text for y in range(view.size.height)]


def expected(chart: Chart, view: ChartView, ascii: bool = False) -> list[str]:
    width, height = view.size
    return [line.ljust(width) for line in draw(chart, width, height, ascii=ascii, colour=False).split("\n")]


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
@pytest.mark.parametrize("theme", ["textual-dark", "textual-light"])
async def test_it_shows_its_chart_in_its_size_and_theme(size: tuple[int, int], theme: str) -> None:
    app = ChartApp()
    async with app.run_test(size=size) as pilot:
        app.theme = theme
        await pilot.pause()
        first, second = app.query_one("#first", ChartView), app.query_one("#second", ChartView)
        assert "Rewards appear here." in " ".join(shown(first))
        first.show(walk(5))
        second.show(walk(9))
        await pilot.pause()
        assert shown(first) == expected(walk(5), first)
        assert shown(second) == expected(walk(9), second)
        assert second.size == (size[0], size[1] - 7)
        name = "dark" if theme == "textual-dark" else "light"
        code = draw(walk(5), 50, 7, theme=name).split("\x1b[38;2;")[1].split("m")[0]  # type: ignore[arg-type]
        red, green, blue = (int(part) for part in code.split(";"))
        colours = {s.style.color.triplet for s in first.render_line(0) if s.style and s.style.color}
        assert (red, green, blue) in {tuple(triplet) for triplet in colours if triplet}


async def test_nothing_is_drawn_when_nothing_changed() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one("#first", ChartView)
        view.show(walk(3))
        await pilot.pause()
        drawn = view.draws
        view.show(walk(3))  # equal, though another object
        view.refresh()
        await pilot.pause()
        app.query_one("#second", ChartView).show(walk(4))
        await pilot.pause()
        await pilot.resize_terminal(90, 30)  # its own size stays 50 x 7
        await pilot.pause()
        assert view.draws == drawn
        view.show(walk(4))
        await pilot.pause()
        assert view.draws == drawn + 1


async def test_it_draws_anew_for_another_theme_size_or_character_set() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one("#second", ChartView)
        view.show(walk(3))
        await pilot.pause()
        drawn = view.draws
        app.theme = "textual-light"
        await pilot.pause()
        assert view.draws == drawn + 1
        await pilot.resize_terminal(100, 30)
        await pilot.pause()
        assert view.draws == drawn + 2
        assert shown(view) == expected(walk(3), view)
        app.ascii = True
        view.refresh()
        await pilot.pause()
        assert view.draws == drawn + 3
        assert all(line.isascii() for line in shown(view))


async def test_only_the_cells_that_differ_are_repainted(monkeypatch: pytest.MonkeyPatch) -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one("#first", ChartView)
        view.show(walk(3))
        await pilot.pause()
        before, areas, refresh = shown(view), list[Region](), view.refresh

        def watched(*regions: Region, **more: bool) -> ChartView:
            areas.extend(regions)
            return refresh(*regions, **more)

        monkeypatch.setattr(view, "refresh", watched)
        view.show(walk(4))
        await pilot.pause()
        after = shown(view)
        changed = {(x, y) for y in range(7) for x in range(50) if before[y][x] != after[y][x]}
        covered = {(x, y) for area in areas for y in range(*area.line_span) for x in range(*area.column_span)}
        assert changed
        assert changed <= covered
        assert len(covered) < 50


async def test_many_shows_between_two_frames_end_with_the_last() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one("#first", ChartView)
        for steps in range(30):
            view.show(walk(steps))
        await pilot.pause()
        assert shown(view) == expected(walk(29), view)


async def test_a_hidden_view_takes_its_chart_and_shows_it_later() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one("#first", ChartView)
        view.display = False
        await pilot.pause()
        drawn = view.draws
        view.show(walk(6))
        await pilot.pause()
        assert view.draws == drawn
        view.display = True
        await pilot.pause()
        assert shown(view) == expected(walk(6), view)


async def test_text_can_be_selected() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.query_one("#first", ChartView)
        view.show(walk(3))
        await pilot.pause()
        found = view.get_selection(Selection(Offset(0, 0), Offset(8, 0)))
        assert found is not None
        assert found[0] == "● reward"
        app.screen.selections = {view: Selection(None, None)}
        await pilot.pause()
        assert shown(view) == expected(walk(3), view)


async def test_summary() -> None:
    app = ChartApp()
    async with app.run_test(size=(80, 24)):
        view = app.query_one("#first", ChartView)
        view.show(Chart(series=[Series("G₀", [0, 1], np.array([0, 1]))]))
        assert "G₀: rises from 0 to 1" in view.summary()
        app.ascii = True
        assert "G0: rises from 0 to 1" in view.summary()
