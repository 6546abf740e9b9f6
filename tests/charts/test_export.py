import csv
import io
import math
import os
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

from tutor.charts.chart import Chart, Series
from tutor.charts.export import ChartExportError, export, to_csv, to_svg, to_text


def chart() -> Chart:
    return Chart(
        'Return <of> "PPO" & {γ}',
        "update",
        series=[
            Series("ppo, 20 seeds", [0, 1, 2], [0.1, 1 / 3, np.nan], [0, 0.2, 0], [0.2, 0.5, 1]),
            Series("=trpo", [0, 1], [-1e-300, 1e300]),
        ],
    )


def test_csv_gives_the_same_numbers_again() -> None:
    found = list(csv.DictReader(io.StringIO(to_csv(chart()))))
    assert list(found[0]) == ["series", "x", "y", "low", "high"]
    for series in chart().series:
        mine = [row for row in found if row["series"] == series.name]
        assert [float(row["x"]) for row in mine] == series.x.tolist()
        assert np.array_equal([float(row["y"]) for row in mine], series.y, equal_nan=True)
        if series.low is None:
            assert all(row["low"] == row["high"] == "" for row in mine)
        else:
            assert [float(row["low"]) for row in mine] == series.low.tolist()
    assert math.isnan(float(found[2]["y"]))


def test_text_is_the_picture_and_the_words() -> None:
    text = to_text(chart(), 60, 12)
    assert "\x1b" not in text
    assert len(text.split("\n\n")[0].split("\n")) <= 12
    assert "rises from" in text


@pytest.mark.parametrize("theme", ["dark", "light"])
def test_svg_is_well_formed_and_holds_the_text(theme: str) -> None:
    svg = to_svg(chart(), 60, 14, theme=theme)  # type: ignore[arg-type]
    root = ET.fromstring(svg)  # noqa: S314  our own text
    space = "{http://www.w3.org/2000/svg}"
    drawn = " ".join("".join(node.itertext()) for node in root.iter(f"{space}text")).replace("\xa0", " ")
    assert 'Return <of> "PPO" & {γ}' in drawn
    assert "update" in drawn
    title, description = root.find(f"{space}title"), root.find(f"{space}desc")
    assert title is not None
    assert title.text == 'Return <of> "PPO" & {γ}'
    assert description is not None
    assert "rises" in (description.text or "")
    assert "http" not in svg.replace("http://www.w3.org/2000/svg", "")


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    first = export(chart(), tmp_path / "new", "return")
    assert [path.name for path in first] == ["return.csv", "return.txt", "return.svg"]
    before = first[0].read_text()
    second = export(Chart(), tmp_path / "new", "return")
    assert [path.name for path in second] == ["return-2.csv", "return-2.txt", "return-2.svg"]
    assert first[0].read_text() == before
    (tmp_path / "new" / "return-3.svg").write_text("mine")
    third = export(Chart(), tmp_path / "new", "return")
    assert third[0].name == "return-4.csv"
    assert not (tmp_path / "new" / "return-3.csv").exists()


def test_the_name_stays_in_the_folder(tmp_path: Path) -> None:
    paths = export(Chart(), tmp_path / "in", "../a/b c\x1b")
    assert {path.parent for path in paths} == {tmp_path / "in"}


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(
        ChartExportError, match=r"cannot write the chart to .*file/x: .*; choose another folder"
    ):
        export(Chart(), tmp_path / "file" / "x", "a")
    if os.geteuid() != 0:
        (tmp_path / "shut").mkdir(mode=0o500)
        with pytest.raises(ChartExportError, match="permission denied"):
            export(Chart(), tmp_path / "shut", "a")


def test_a_disk_that_fills_up_leaves_no_halves(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    opened = Path.open

    def full(self: Path, *args: object, **named: object) -> object:
        if self.suffix == ".svg":
            raise OSError(28, "No space left on device")
        return opened(self, *args, **named)  # type: ignore[call-overload]

    monkeypatch.setattr(Path, "open", full)
    with pytest.raises(ChartExportError, match="no space left on device"):
        export(Chart(), tmp_path, "a")
    assert list(tmp_path.iterdir()) == []
