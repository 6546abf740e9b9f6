"""The parameters that everything on a grid shares."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from tutor.experiments.parameters import Parameter, ParameterError, Value, resolve
from tutor.experiments.saved_grids import GridFileError, saved_line, saved_names
from tutor.rl.environments.grid_line import EXAMPLE, GridLineError, read_line, write_line
from tutor.rl.environments.grid_map import is_name
from tutor.rl.environments.maps import GRIDS, grid_map

_OWN = GRIDS["russell-norvig"]
_NUMBERS = ("gamma", "slip", "step_reward")
_WORD = re.compile(r"[\w-]+")  # meant as a name: a line that can be used has a colon in it


@dataclass(frozen=True)
class GridParameter(Parameter):
    """A grid: the name of one in `choices`, a line (see `tutor.rl.environments.grid_line`), or the name under which
    the learner saved one. Its value is a name that everybody has or else the line, so that it means the same
    everywhere and for ever."""

    def allowed(self) -> str:
        return f"one of {', '.join(self.choices)}, a grid that you saved, or a grid in one line such as {EXAMPLE}"

    def options(self) -> tuple[str, ...]:
        return (*self.choices, *saved_names())

    def problem_elsewhere(self, raw: object) -> str:
        if not isinstance(raw, str) or raw.strip() in self.choices or not is_name(raw.strip()):
            return ""
        return (
            f"{self.name} {raw.strip()!r} is saved on this computer only; write its line: {self.parse(raw)}"
        )

    def parse(self, raw: object) -> Value:
        text = raw.strip() if isinstance(raw, str) else ""
        if text in self.choices:
            return text
        try:
            line = saved_line(text) if is_name(text) else text
            if not line or _WORD.fullmatch(line):
                raise self._refuse(raw)
            return write_line(read_line(line))
        except (GridLineError, GridFileError) as error:
            raise ParameterError(f"{self.name}: {error}") from None


def grid_title(grid: str) -> str:
    """A short name for a value of the parameter: `rooms`, `own 4x3`."""
    return grid_map(grid).title


GRID = GridParameter(
    "grid", "grid", _OWN.name, "The map to walk on: a name, or your own.", choices=tuple(GRIDS)
)


def following_grid(grid: str) -> str:
    """The grid after this one: those that come with the tutor, then the saved ones that can be read, then anew."""
    readable = GRID.values()
    place = readable.index(grid) if grid in readable else -1
    return str(readable[(place + 1) % len(readable)])


GAMMA = Parameter(
    "gamma",
    "float",
    _OWN.gamma,
    "Discount: what a reward is worth when it comes one step later. Unless given: the grid's own.",
    low=0,
    high=1,
    step=0.01,
)
SLIP = Parameter(
    "slip",
    "float",
    _OWN.slip,
    "Probability of going sideways, half to each side. Unless given: the grid's own.",
    low=0,
    high=1,
    step=0.05,
)
STEP_REWARD = Parameter(
    "step_reward",
    "float",
    _OWN.step_reward,
    "Reward of every step, before what the cell pays. Unless given: the grid's own.",
    low=-10,
    high=10,
    step=0.01,
)
SEEDS = Parameter("seeds", "int", 1, "How many seeds run: 0, 1, 2 and so on.", low=1, high=1000, step=1)


def on_grid(grid: str) -> tuple[Parameter, ...]:
    """The parameters of a grid, beginning with this one and its own numbers."""
    own = GRIDS[grid]
    return (
        replace(GRID, default=grid),
        replace(GAMMA, default=own.gamma),
        replace(SLIP, default=own.slip),
        replace(STEP_REWARD, default=own.step_reward),
    )


WALKERS = ("random", "optimal")
POLICIES = (*WALKERS, "up", "right", "down", "left")


def resolve_grid(parameters: Sequence[Parameter], given: Mapping[str, object]) -> dict[str, Value]:
    """Every parameter's value. Where there is a grid, its own gamma, slip and step reward stand in for what
    is not given.

    Raises ParameterError for the first that is unknown or out of range.
    """
    values = resolve(parameters, given)
    if "grid" in values:
        grid = grid_map(str(values["grid"]))
        values |= {name: getattr(grid, name) for name in _NUMBERS if name in values and name not in given}
    return values
