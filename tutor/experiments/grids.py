"""The parameters that everything on a grid shares."""

from collections.abc import Mapping, Sequence

from tutor.experiments.parameters import Parameter, Value, resolve
from tutor.rl.environments.maps import GRIDS

_OWN = GRIDS["russell-norvig"]
_NUMBERS = ("gamma", "slip", "step_reward")

GRID = Parameter("grid", "choice", _OWN.name, "The map to walk on.", choices=tuple(GRIDS))
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
WALKERS = ("random", "optimal")
POLICIES = (*WALKERS, "up", "right", "down", "left")


def resolve_grid(parameters: Sequence[Parameter], given: Mapping[str, object]) -> dict[str, Value]:
    """Every parameter's value. Where there is a grid, its own gamma, slip and step reward stand in for what
    is not given.

    Raises ParameterError for the first that is unknown or out of range.
    """
    values = resolve(parameters, given)
    grid = GRIDS.get(str(values.get("grid", "")))
    if grid is not None:
        values |= {name: getattr(grid, name) for name in _NUMBERS if name in values and name not in given}
    return values
