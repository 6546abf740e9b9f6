"""The parameters of a table of generalised advantages, and the tables that its lab begins with."""

import math
from collections.abc import Mapping

from tutor.experiments.entries.shared import UNDISCOUNTED
from tutor.experiments.parameters import Parameter, ParameterError, Value

MOST_STEPS = 8
MOST = 1000.0  # of any number in the table
LAMBDA = Parameter(
    "lambda",
    "float",
    0.9,
    "How much of the later TD errors counts: 0 trusts the critic, 1 waits for the end.",
    low=0,
    high=1,
    step=0.05,
)
REWARDS = Parameter("rewards", "text", "0, 0, 0, 2.3", "The rewards, one a step, with commas between.")
VALUES = Parameter(
    "values",
    "text",
    "0.2, 1.1, 1.2, 1.3, 0",
    "V of every state, and of the one after the last step: 0 where the episode has ended there.",
)
LAB = (LAMBDA, UNDISCOUNTED, REWARDS, VALUES)

PRESETS: tuple[Mapping[str, Value], ...] = (
    {"rewards": "0, 0, 0, 2.3", "values": "0.2, 1.1, 1.2, 1.3, 0"},
    {"rewards": "0, 0, 0, 0", "values": "0.2, 1.1, 1.2, 1.3, 2"},
    {"rewards": "0, 0, 0, 1", "values": "0, 0, 0, 0, 0", "gamma": 0.9, "lambda": 0.95},
    {"rewards": "0, 0, 0, 1", "values": "0.729, 0.81, 0.9, 1, 0", "gamma": 0.9, "lambda": 0.95},
)


def numbers_of(name: str, text: str) -> tuple[float, ...]:
    """The numbers of a text such as `0, 0, 0, 2.3`. Raises ParameterError, which says what is wrong with which."""
    return tuple(_number(name, part.strip()) for part in text.split(","))


def _number(name: str, text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not abs(value) <= MOST:
        raise ParameterError(
            f"{name}: {text[:20]!r} is no number between {-MOST:g} and {MOST:g}; write numbers with commas between"
        )
    return value


def check_fit(given: Mapping[str, Value]) -> None:
    """Raises ParameterError where there are too many steps, or not one value more than rewards."""
    rewards = numbers_of("rewards", str(given.get("rewards", REWARDS.default)))
    values = numbers_of("values", str(given.get("values", VALUES.default)))
    if len(rewards) > MOST_STEPS:
        raise ParameterError(f"rewards are {len(rewards)}; there may be 1 to {MOST_STEPS}")
    if len(values) != len(rewards) + 1:
        raise ParameterError(
            f"values are {len(values)} and rewards {len(rewards)}; there must be one value more: that after the end"
        )
