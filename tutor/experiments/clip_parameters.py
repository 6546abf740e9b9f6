"""The parameters of one sample under the clipped surrogate, and the samples that its lab begins with."""

import math
from collections.abc import Mapping

from tutor.experiments.grids import SEEDS
from tutor.experiments.parameters import Parameter, ParameterError, Value

RATIO = Parameter(
    "ratio",
    "float",
    1.0,
    "r: how much likelier the new policy makes the action.",
    low=0,
    high=1000,
    step=0.05,
)
ADVANTAGE = Parameter(
    "advantage", "float", 1.0, "A: how much better than average it is.", low=-100, high=100, step=0.1
)
# Both ends are open, 0 < epsilon < 1; the nearest that a range with its ends can say.
EPSILON = Parameter(
    "epsilon", "float", 0.2, "How far from 1 the ratio is still pushed.", low=0.001, high=0.999, step=0.05
)
OLD = Parameter(
    "old", "float", 0.0, "Old probability of the action; 0: none, the ratio counts.", low=0, high=1, step=0.01
)
NEW = Parameter(
    "new", "float", 0.0, "New probability; 0: what the ratio makes of the old one.", low=0, high=1, step=0.01
)
PROMPT = Parameter("prompt", "text", "", "The state: what the model was asked. May be empty.")
TOKEN = Parameter("token", "text", "", "The action: the answer up to this token. May be empty.")
SEED = Parameter("seed", "int", 0, "Which questions p asks.", low=0, high=999_999, step=1)

EXPERIMENT = (RATIO, ADVANTAGE, EPSILON, SEEDS)
LAB = (RATIO, ADVANTAGE, EPSILON, OLD, NEW, PROMPT, TOKEN, SEED)

ROUNDED = 0.005  # how far, relatively, a typed ratio may be from new / old: 1.67 is as good as .25 / .15


def check_fit(given: Mapping[str, Value]) -> None:
    """Raises ParameterError where ratio, old and new, as far as they are given, contradict each other. An old or new
    of 0 is none."""
    old, new = (float(given.get(name, 0)) for name in ("old", "new"))
    if old and new:
        _check_quotient(old, new, given.get("ratio"))
    elif "ratio" in given:
        _check_product(float(given["ratio"]), old, new)


def _check_quotient(old: float, new: float, ratio: Value | None) -> None:
    quotient = new / old
    if quotient > RATIO.high:
        raise ParameterError(f"new / old is {quotient:.3g}; the ratio must be at most {RATIO.high:g}")
    if ratio is not None and not math.isclose(float(ratio), quotient, rel_tol=ROUNDED):
        raise ParameterError(
            f"ratio is {ratio:g}, but new / old is {new:g} / {old:g} = {quotient:.4g}; leave one of the three out"
        )


def _check_product(ratio: float, old: float, new: float) -> None:
    """One probability, and the ratio that makes the other one of it."""
    if ratio * old > 1 + 1e-9:
        raise ParameterError(
            f"ratio * old is {ratio:g} * {old:g} = {ratio * old:.4g}; no probability is above 1"
        )
    if new > ratio * (1 + 1e-9):
        raise ParameterError(f"new is {new:g} and ratio {ratio:g}, so old, new / ratio, would be above 1")


_WEATHER: Mapping[str, Value] = {"prompt": "The weather today is", "token": "sunny"}
_COMPLAINT: Mapping[str, Value] = {"prompt": "I don't like your answer"}
PRESETS: tuple[Mapping[str, Value], ...] = (
    {**_WEATHER, "old": 0.15, "new": 0.25, "advantage": 1.0},
    {**_COMPLAINT, "token": "I understand", "old": 0.08, "new": 0.15, "advantage": 1.8},
    {**_COMPLAINT, "token": "So", "old": 0.15, "new": 0.09, "advantage": -1.0},
    {**_COMPLAINT, "token": "So", "old": 0.15, "new": 0.24, "advantage": -1.0},
    {**_WEATHER, "old": 0.15, "new": 0.09, "advantage": 1.0},
)
