"""Displays against pictures that were drawn by hand."""

from __future__ import annotations

import re
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.maths.corpus import FORMULAS
from tutor.maths import render_display


class Picture(NamedTuple):
    title: str
    latex: str
    width: int
    ascii: bool
    lines: list[str]


def _pictures() -> list[Picture]:
    text = (Path(__file__).parent / "pictures.txt").read_text(encoding="utf-8")
    found = []
    for block in re.split(r"^= ", text, flags=re.M)[1:]:
        title, _, body = block.partition("\n")
        name, _, options = title.partition(" | ")
        asked = re.search(r"width (\d+)", options)
        lines = [line.removeprefix("    ") for line in body.rstrip().split("\n")]
        width = int(asked[1]) if asked else 76
        found.append(Picture(title, FORMULAS.get(name, name), width, "ascii" in options, lines))
    return found


@pytest.mark.parametrize("picture", _pictures(), ids=lambda picture: picture.title)
def test_display_is_the_picture_drawn_by_hand(picture: Picture) -> None:
    drawn = render_display(picture.latex, picture.width, picture.ascii)
    assert drawn == picture.lines, "\n" + "\n".join(drawn)


def test_there_are_enough_pictures() -> None:
    assert len(_pictures()) >= 35
