"""A whole gridworld in one short line, such as `...P/.W.N/S...:P=1:N=-1:slip=.2:step=-.04:limit=100`.

First the rows of the map from the top, with `/` between them: `.` floor, `W` (or `#`) wall, `S` the start, and
any other letter, `+` or `-` for a cell that pays. Then, each after a colon: `P=1`, what a cell P pays on top of
the step and that entering it ends the episode; `restarts=C`, the letters that lead back to the start instead;
`slip=`, `step=` (the reward of every step), `gamma=`, `limit=` (steps until an episode is cut off), `name=`.
What is left out is 0, gamma .99, no limit. No character of it means anything to a shell or to YAML, so that it
needs no quotes in a command or in a lesson.
"""

from __future__ import annotations

import math
import re
from dataclasses import fields
from functools import lru_cache
from types import MappingProxyType
from typing import Any

from tutor.rl.environments.grid_map import (
    FLOOR,
    NAME_RULE,
    RANGES,
    START,
    WALL,
    GridMap,
    is_name,
    problem,
)

EXAMPLE = "..G/.W./S..:G=1:slip=.1"
LONGEST = 2500  # characters of a line; the largest map with every letter in use needs no more
LINE_WALL = "W"  # a # would begin a comment in a shell or in YAML
_MARK = re.compile(r"[A-Za-z+-]")
_NUMBER = re.compile(r"[+-]?(?:\d{1,17}\.?\d{0,30}|\.\d{1,30})(?:e-?\d{1,3})?(?:/\d{1,4})?", re.ASCII)
_NUMBERS = {
    "slip": "slip",
    "step": "step_reward",
    "step_reward": "step_reward",
    "gamma": "gamma",
    "limit": "step_limit",
    "step_limit": "step_limit",
}
_DEFAULTS = {field.name: field.default for field in fields(GridMap)}
_KNOWN = "slip, step, gamma, limit, restarts, name, or a letter of the map such as G=1"


class GridLineError(ValueError):
    """A line is no grid; the message says where, what is wrong, and what would be right."""


def short_name(mark: str) -> str:
    """A character as it may be shown, whatever it is."""
    return ascii(mark) if not mark.isprintable() else repr(mark)


@lru_cache(maxsize=128)
def read_line(line: str) -> GridMap:
    """The grid that a line describes. Raises GridLineError."""
    grid = parse_line(line)
    if fault := problem(grid):
        raise GridLineError(f"the map: {fault}")
    return grid


def parse_line(line: str) -> GridMap:
    """The same, whether the grid can be used or not (see `grid_map.problem`). Raises GridLineError."""
    text = line.strip()
    if not text:
        raise GridLineError(f"the line of the grid is empty; write one such as {EXAMPLE}")
    if len(text) > LONGEST:
        raise GridLineError(f"the line of the grid has {len(text)} characters; it may have {LONGEST}")
    rows, *settings = text.split(":")
    map_text = _read_rows(rows.split("/"))
    given = _read_settings(settings, map_text)
    grid = GridMap(
        name=given.pop("name", ""), description="A grid of your own.", text=map_text, **_complete(given)
    )
    _check_marks(grid)
    return grid


def write_line(grid: GridMap) -> str:
    """The line of a grid; `read_line` gives it back. Numbers that are the default are left out."""
    shown = [mark for mark in grid.rewards if mark in grid.text]
    parts = [_written_rows(grid), *(f"{mark}={written_number(grid.rewards[mark])}" for mark in shown)]
    if restarts := "".join(mark for mark in shown if mark in grid.restarts):
        parts.append(f"restarts={restarts}")
    for short, name in (
        ("slip", "slip"),
        ("step", "step_reward"),
        ("gamma", "gamma"),
        ("limit", "step_limit"),
    ):
        if (value := getattr(grid, name)) != _DEFAULTS[name]:
            parts.append(f"{short}={written_number(value)}")
    return ":".join([*parts, f"name={grid.name}"] if grid.name else parts)


def written_number(value: float) -> str:
    """The shortest text that reads back as exactly this number: `1`, `-.04`, `2/3`."""
    from fractions import Fraction  # with decimal behind it: several milliseconds that only a line is worth

    text = repr(float(value)).removesuffix(".0")
    text = re.sub(r"^(-?)0\.", r"\1.", text)
    ratio = Fraction(value).limit_denominator(99)
    fraction = f"{ratio.numerator}/{ratio.denominator}"
    exact = ratio.numerator / ratio.denominator == value
    return fraction if exact and len(fraction) < len(text) else text


def read_number(text: str) -> float:
    """`-.04`, `1e-3` or `2/3`; nan for what is none."""
    if _NUMBER.fullmatch(text) is None:
        return math.nan
    above, _, below = text.partition("/")
    if below and not int(below):
        return math.nan
    return float(above) / int(below or 1) + 0.0  # no minus before a zero


def _written_rows(grid: GridMap) -> str:
    signs = {WALL: LINE_WALL, START: START, "\n": "/"} | {mark: mark for mark in grid.rewards}
    return "".join(signs.get(mark, FLOOR) for mark in grid.text)


def _read_rows(rows: list[str]) -> str:
    for r, row in enumerate(rows, 1):
        for c, mark in enumerate(row, 1):
            if mark not in (FLOOR, WALL) and _MARK.fullmatch(mark) is None:
                raise GridLineError(
                    f"row {r}, column {c} of the map is {short_name(mark)}; a cell is . floor, W wall, S start, "
                    "or a letter that pays"
                )
    return "\n".join(rows).replace(LINE_WALL, WALL)


def _read_settings(settings: list[str], map_text: str) -> dict[str, Any]:
    """Every `name=value`, by the names that GridMap has for them; rewards by their letters."""
    given: dict[str, Any] = {"rewards": {}}
    for setting in settings:
        name, equals, value = (part.strip() for part in setting.partition("="))
        if not equals or not value:
            raise GridLineError(
                f"{_quoted(setting)} after the map is not NAME=VALUE; write for example slip=.2 or G=1"
            )
        target, key = (given["rewards"], name) if len(name) == 1 else (given, _NUMBERS.get(name, name))
        read = _value(name, key, value, map_text)
        if key in target:
            raise GridLineError(f"{name} is given twice; keep one")
        target[key] = read
    return given


def _value(name: str, key: str, value: str, map_text: str) -> float | str:
    if len(name) == 1:
        _check_letter(name, map_text)
        return _in_range(name, value, "reward")
    if key in RANGES and key != "reward":
        return _in_range(name, value, key)
    if key == "restarts":
        return value
    if key != "name":
        raise GridLineError(f"{_quoted(name)} is nothing that a grid has; it has {_KNOWN}")
    if not is_name(value):
        raise GridLineError(f"the name is {_quoted(value)}; a name is {NAME_RULE}")
    return value


def _check_letter(mark: str, map_text: str) -> None:
    """Whether a cell of this letter can pay."""
    if mark in (START, LINE_WALL) or _MARK.fullmatch(mark) is None:
        raise GridLineError(
            f"{short_name(mark)} cannot pay; a reward belongs to a letter other than S and W, or to + or -"
        )
    if mark not in map_text:
        raise GridLineError(f"{mark} has a reward, but there is no {mark} on the map; put one there")


def _in_range(name: str, text: str, kind: str) -> float:
    low, high = RANGES[kind]
    value = read_number(text)
    whole = kind == "step_limit"
    if not low <= value <= high or (whole and value != int(value)):
        noun = "a whole number" if whole else "a number"
        raise GridLineError(f"{name} is {_quoted(text)}; it must be {noun} between {low:g} and {high:g}")
    return int(value) if whole else value


def _complete(given: dict[str, Any]) -> dict[str, Any]:
    return {**given, "rewards": MappingProxyType(given["rewards"])}


def _check_marks(grid: GridMap) -> None:
    """Every letter pays, and every restart is a letter that does."""
    for r, row in enumerate(grid.lines, 1):
        for c, mark in enumerate(row, 1):
            if mark not in (FLOOR, WALL, START) and mark not in grid.rewards:
                raise GridLineError(
                    f"row {r}, column {c} of the map is {mark}, which pays nothing; add :{mark}=1, or write . "
                    "for floor"
                )
    for mark in grid.restarts:
        if mark not in grid.rewards:
            raise GridLineError(
                f"restarts has {short_name(mark)}, which has no reward; the letters with one are: "
                f"{', '.join(grid.rewards) or 'none'}"
            )


def _quoted(text: str) -> str:
    """At most 30 characters of a text, nothing in it that could move a cursor."""
    return short_name(text if len(text) <= 30 else text[:29] + "…")
