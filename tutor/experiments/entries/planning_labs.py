"""The labs on values and planning."""

from tutor.experiments.descriptions import LabDescription
from tutor.experiments.entries.bandit import BANDIT
from tutor.experiments.entries.shared import SEED, SPEED
from tutor.experiments.grids import GAMMA, GRID, POLICIES, SLIP, STEP_REWARD
from tutor.experiments.parameters import Parameter

_GRIDS = ("russell-norvig", "mouse", "frozenlake-4x4", "cliff", "rooms")
_WORLD = (GRID, GAMMA, SLIP, STEP_REWARD)

LABS: tuple[LabDescription, ...] = (
    LabDescription(
        id="bandit",
        title="Bandit",
        sentence="Arms that pay at random: pull them, or let a method find the best, and see what it loses.",
        parameters=(*BANDIT, SEED, SPEED),
        main="epsilon",
        presets=({"method": "epsilon-greedy"}, {"method": "ucb"}, {"method": "gradient"}),
    ),
    LabDescription(
        id="values",
        title="Values",
        sentence="See the value of every cell under any policy, change the policy, and see again.",
        parameters=(
            *_WORLD,
            Parameter("policy", "choice", "random", "The policy that is valued.", choices=POLICIES),
            SEED,
            SPEED,
        ),
        main="gamma",
        presets=tuple({"grid": grid} for grid in _GRIDS),
    ),
    LabDescription(
        id="planning",
        title="Planning",
        sentence="Sweep a known grid until its values are found, and see every number of one cell's backup.",
        parameters=(
            *_WORLD,
            Parameter(
                "algorithm",
                "choice",
                "value-iteration",
                "How the values are found.",
                choices=("value-iteration", "policy-iteration", "policy-evaluation"),
            ),
            Parameter(
                "policy",
                "choice",
                "random",
                "What policy evaluation evaluates, and policy iteration begins with.",
                choices=POLICIES,
            ),
            Parameter("in_place", "flag", False, "A backup sees what the same sweep has already changed."),
            Parameter(
                "evaluation_sweeps",
                "int",
                0,
                "Policy iteration: sweeps to evaluate a policy with; 0: exactly, at once.",
                low=0,
                high=1000,
                step=1,
            ),
            SPEED,
        ),
        main="gamma",
        presets=tuple({"grid": grid} for grid in _GRIDS),
    ),
)
