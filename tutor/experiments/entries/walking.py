"""A fixed policy walks a grid: experiments and labs."""

from tutor.experiments.descriptions import Experiment, LabDescription, runner_from
from tutor.experiments.entries.shared import SEED, SPEED
from tutor.experiments.grids import GAMMA, GRID, POLICIES, SEEDS, SLIP, STEP_REWARD, WALKERS
from tutor.experiments.parameters import Parameter

EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        id="episode",
        title="One episode",
        sentence="A policy walks a grid from start to end: its reward at every step, and the return so far.",
        parameters=(
            GRID,
            Parameter("policy", "choice", "random", "How the agent acts.", choices=WALKERS),
            GAMMA,
            SLIP,
            STEP_REWARD,
            Parameter(
                "steps",
                "int",
                200,
                "Steps at most; the grid's own limit holds as well.",
                low=1,
                high=2000,
                step=10,
            ),
            SEEDS,
        ),
        metrics=("episode/reward", "objective/episode_return"),
        series=("episode",),
        runner=runner_from("walking", "episode"),
        deterministic=lambda values: values["policy"] == "optimal" and values["slip"] == 0,
        plot="objective/episode_return",
        unit="step",
        fixed=True,
    ),
    Experiment(
        id="policy-return",
        title="The return of a policy",
        sentence="The exact expected return of a policy from the start, by solving its Bellman equations.",
        parameters=(
            GRID,
            Parameter("policy", "choice", "random", "How the agent acts, everywhere.", choices=POLICIES),
            GAMMA,
            SLIP,
            STEP_REWARD,
            SEEDS,
        ),
        metrics=("objective/return",),
        series=("policy-return",),
        runner=runner_from("walking", "policy_return"),
        deterministic=lambda _values: True,
        fixed=True,
    ),
)

LABS: tuple[LabDescription, ...] = (
    LabDescription(
        id="gridworld",
        title="Gridworld",
        sentence="Walk a grid step by step, slip, and watch the reward and the return.",
        parameters=(
            GRID,
            SLIP,
            STEP_REWARD,
            GAMMA,
            SEED,
            Parameter("policy", "choice", "random", "Who walks when it runs by itself.", choices=WALKERS),
            SPEED,
        ),
        main="gamma",
        presets=(
            {"grid": "russell-norvig"},
            {"grid": "mouse"},
            {"grid": "rooms"},
            {"grid": "frozenlake-4x4"},
            {"grid": "cliff"},
        ),
    ),
)
