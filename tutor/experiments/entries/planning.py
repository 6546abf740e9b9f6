"""Values and planning, and the bandit: experiments and labs."""

from tutor.experiments.descriptions import Experiment, runner_from
from tutor.experiments.entries.bandit import BANDIT, PULLS
from tutor.experiments.entries.planning_labs import LABS
from tutor.experiments.grids import GAMMA, GRID, POLICIES, SEEDS, SLIP, STEP_REWARD
from tutor.experiments.parameters import Parameter

__all__ = ["EXPERIMENTS", "LABS"]

POLICY = Parameter("policy", "choice", "random", "How the agent acts, everywhere.", choices=POLICIES)
FIRST_POLICY = Parameter("policy", "choice", "random", "The policy to begin with.", choices=POLICIES)
THETA = Parameter(
    "theta",
    "float",
    1e-9,
    "It is done once no value changes by this much in a sweep.",
    low=1e-12,
    high=1,
    step=0.01,
)
SWEEPS = Parameter("sweeps", "int", 1000, "Sweeps at most.", low=1, high=10_000, step=10)
IN_PLACE = Parameter(
    "in_place", "flag", False, "Whether a backup sees the values that the same sweep has already changed."
)
EVALUATION_SWEEPS = Parameter(
    "evaluation_sweeps",
    "int",
    0,
    "Sweeps of evaluation in a round, at most; 0: until exact, by the linear equations.",
    low=0,
    high=1000,
    step=1,
)
ROUNDS = Parameter("rounds", "int", 100, "Rounds at most.", low=1, high=1000, step=10)

_ERRORS = ("value/delta", "value/max_error", "value/rms_error", "objective/return")

EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        id="bandit",
        title="The k-armed bandit",
        sentence="One state, k arms: explore to find the best one, exploit to be paid by it.",
        parameters=(*BANDIT, PULLS, SEEDS),
        metrics=("bandit/regret", "bandit/reward", "bandit/optimal_action"),
        series=("bandit",),
        runner=runner_from("bandits", "bandit"),
        updates=lambda values: int(values["steps"]),
        unit="pull",
    ),
    Experiment(
        id="policy-evaluation",
        title="Policy evaluation",
        sentence="The values of a policy by sweeps of expectation backups, until they stand still.",
        parameters=(GRID, POLICY, GAMMA, SLIP, STEP_REWARD, IN_PLACE, THETA, SWEEPS, SEEDS),
        metrics=_ERRORS,
        series=("policy-evaluation",),
        runner=runner_from("planning", "policy_evaluation"),
        unit="sweep",
        fixed=True,
        deterministic=lambda _values: True,
    ),
    Experiment(
        id="policy-iteration",
        title="Policy iteration",
        sentence="Evaluate the policy, make it greedy, and again, until it is stable.",
        parameters=(
            GRID,
            FIRST_POLICY,
            GAMMA,
            SLIP,
            STEP_REWARD,
            EVALUATION_SWEEPS,
            IN_PLACE,
            THETA,
            ROUNDS,
            SEEDS,
        ),
        metrics=_ERRORS,
        series=("policy-iteration",),
        runner=runner_from("planning", "policy_iteration"),
        unit="round",
        deterministic=lambda _values: True,
    ),
    Experiment(
        id="value-iteration",
        title="Value iteration",
        sentence="The optimal values by sweeps of optimality backups, and the policy greedy in them.",
        parameters=(GRID, GAMMA, SLIP, STEP_REWARD, IN_PLACE, THETA, SWEEPS, SEEDS),
        metrics=_ERRORS,
        series=("value-iteration",),
        runner=runner_from("planning", "value_iteration"),
        unit="sweep",
        deterministic=lambda _values: True,
    ),
)
