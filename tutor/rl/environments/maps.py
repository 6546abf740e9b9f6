"""The grids that lessons name. Plain data: numpy is imported only when one of them is made."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

from tutor.rl.environments.grid_line import GridLineError, read_line
from tutor.rl.environments.grid_map import GridMap, is_name

if TYPE_CHECKING:
    from tutor.rl.environments.gridworld import Gridworld


_RUSSELL_NORVIG = """\
...+
.#.-
S..."""

_MOUSE = """\
S..c.
.#.#.
...t.
.#.#.
....C"""

_ROOMS = """\
#############
#S....#.....#
#.....#.....#
#...........#
#.....#.....#
#.....#.....#
##.####.....#
#.....###.###
#.....#.....#
#.....#.....#
#...........#
#.....#....G#
#############"""

_CLIFF = """\
............
............
............
SCCCCCCCCCCG"""

_ROPE = """\
xxxxxxxxxx
S........G
xxxxxxxxxx"""

_FROZENLAKE_4X4 = """\
SFFF
FHFH
FFFH
HFFG"""

_FROZENLAKE_8X8 = """\
SFFFFFFF
FFFFFFFF
FFFHFFFF
FFFFFHFF
FFFHFFFF
FHHFFFHF
FHFFHFHF
FFFHFFFG"""

_MAPS = (
    GridMap(
        name="russell-norvig",
        description="Four by three, a goal of +1 beside a trap of -1, and a floor that slips.",
        text=_RUSSELL_NORVIG,
        rewards={"+": 1.0, "-": -1.0},
        step_reward=-0.04,
        slip=0.2,
        step_limit=100,
    ),
    GridMap(
        name="mouse",
        description="A mouse, a small cheese near by, a big one far away, and a trap between them.",
        text=_MOUSE,
        rewards={"c": 1.0, "t": -5.0, "C": 5.0},
        step_reward=-0.05,
        slip=0.1,
        step_limit=60,
    ),
    GridMap(
        name="rooms",
        description="Four rooms with narrow doors, and one reward in the far corner.",
        text=_ROOMS,
        rewards={"G": 1.0},
        step_reward=-0.01,
        slip=0.1,
        step_limit=200,
    ),
    GridMap(
        name="cliff",
        description="The short way runs along a cliff; a fall costs 100 and leads back to the start.",
        text=_CLIFF,
        rewards={"C": -99.0, "G": 0.0},
        step_reward=-1.0,
        gamma=1.0,
        restarts="C",
    ),
    GridMap(
        name="rope",
        description="A rope over a drop: nine steps to +1 at the far end, every step aside falls to -1.",
        text=_ROPE,
        rewards={"x": -1.0, "G": 1.0},
        step_limit=100,
    ),
    GridMap(
        name="frozenlake-4x4",
        description="A frozen lake with holes, where only every third step goes where it was meant to.",
        text=_FROZENLAKE_4X4,
        rewards={"G": 1.0, "H": 0.0},
        slip=2 / 3,
        step_limit=100,
    ),
    GridMap(
        name="frozenlake-8x8",
        description="The larger frozen lake: the same ice, more holes, a longer way.",
        text=_FROZENLAKE_8X8,
        rewards={"G": 1.0, "H": 0.0},
        slip=2 / 3,
        step_limit=200,
    ),
)

GRIDS: Mapping[str, GridMap] = MappingProxyType({grid.name: grid for grid in _MAPS})


def grid_map(grid: str) -> GridMap:
    """The map of a name, or of a line (see `grid_line`). Raises GridLineError."""
    if grid in GRIDS:
        return GRIDS[grid]
    if is_name(grid):
        raise GridLineError(f"there is no grid {grid!r}; the grids are: {', '.join(GRIDS)}")
    return read_line(grid)


def make(
    grid: str, *, gamma: float | None = None, slip: float | None = None, step_reward: float | None = None
) -> Gridworld:
    """The grid of a name or a line, with its own numbers where none are given. Raises GridworldError."""
    from tutor.rl.environments.gridworld import Gridworld, GridworldError

    try:
        found = grid_map(grid)
    except GridLineError as error:
        raise GridworldError(str(error)) from None
    return Gridworld.from_text(
        found.text,
        step_reward=found.step_reward if step_reward is None else step_reward,
        slip=found.slip if slip is None else slip,
        gamma=found.gamma if gamma is None else gamma,
        rewards=found.rewards,
        restarts=found.restarts,
        step_limit=found.step_limit,
    )
