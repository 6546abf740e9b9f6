"""The parameters of one sample under the clipped surrogate, and the samples that its lab begins with."""

from collections.abc import Mapping

from tutor.experiments.grids import SEEDS
from tutor.experiments.parameters import Parameter, Value

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

_WEATHER: Mapping[str, Value] = {"prompt": "The weather today is", "token": "sunny"}
_COMPLAINT: Mapping[str, Value] = {"prompt": "I don't like your answer"}
PRESETS: tuple[Mapping[str, Value], ...] = (
    {**_WEATHER, "old": 0.15, "new": 0.25, "advantage": 1.0},
    {**_COMPLAINT, "token": "I understand", "old": 0.08, "new": 0.15, "advantage": 1.8},
    {**_COMPLAINT, "token": "So", "old": 0.15, "new": 0.09, "advantage": -1.0},
    {**_COMPLAINT, "token": "So", "old": 0.15, "new": 0.24, "advantage": -1.0},
    {**_WEATHER, "old": 0.15, "new": 0.09, "advantage": 1.0},
)
