"""Prediction and control, learning from experience: experiments and labs."""

from collections.abc import Mapping
from dataclasses import replace

from tutor.experiments.changes import ChangesParameter
from tutor.experiments.descriptions import Experiment, LabDescription, runner_from
from tutor.experiments.entries.learning_labs import PREDICTION
from tutor.experiments.entries.shared import UNDISCOUNTED
from tutor.experiments.grids import POLICIES, SEEDS, on_grid
from tutor.experiments.parameters import Parameter, Value

SCHEDULES = ("constant", "linear", "exponential")
METHODS = ("td", "n-step", "td-lambda", "lambda-return")
WALKS = ("walk-5", "walk-19")


def _alpha(default: float, name: str = "alpha", of: str = "") -> Parameter:
    sentence = f"Step size{of}: how far an estimate moves towards its target."
    return Parameter(name, "float", default, sentence, low=0.0001, high=1, step=0.05)


def _episodes(default: int) -> Parameter:
    return Parameter(
        "episodes", "int", default, "How many episodes are learned from.", low=1, high=100_000, step=10
    )


def _initial(default: float) -> Parameter:
    sentence = "What every state is held to be worth at first."
    return Parameter("initial", "float", default, sentence, low=-1000, high=1000, step=0.1)


def _schedule(name: str, end: float, low: float, high: float = 1) -> tuple[Parameter, Parameter]:
    return (
        Parameter(
            f"{name}_schedule",
            "choice",
            "constant",
            f"How {name} changes over the episodes, towards {name}_end.",
            choices=SCHEDULES,
        ),
        Parameter(
            f"{name}_end",
            "float",
            end,
            f"What {name} ends at, unless it is constant; exponential needs it above 0.",
            low=low,
            high=high,
            step=0.05,
        ),
    )


def _episodes_of(values: Mapping[str, Value]) -> int:
    """The last update of a run: one an episode."""
    return int(values["episodes"])


EPSILON = Parameter(
    "epsilon",
    "float",
    0.1,
    "How often an action is chosen without looking at values.",
    low=0,
    high=1,
    step=0.05,
)
POLICY = Parameter("policy", "choice", "random", "How the agent acts, everywhere.", choices=POLICIES)
WALK = Parameter("walk", "choice", "walk-5", "The random walk: of 5 states or of 19.", choices=WALKS)

METHOD = Parameter(
    "method",
    "choice",
    "td",
    "TD(0), n steps, traces, or the mixture of all n once the episode is over.",
    choices=METHODS,
)
_BOOTSTRAPPING = (
    Parameter("n", "int", 4, "Of n-step: how many rewards go into a target.", low=1, high=1000, step=1),
    Parameter(
        "lambda",
        "float",
        0.8,
        "Of td-lambda and lambda-return: 0 looks one step ahead, 1 to the end.",
        low=0,
        high=1,
        step=0.05,
    ),
    Parameter(
        "traces",
        "choice",
        "accumulating",
        "Of td-lambda: a visit adds 1 to a state's trace, or sets it to 1.",
        choices=("accumulating", "replacing"),
    ),
)
TEMPERATURE = Parameter(
    "temperature",
    "float",
    1.0,
    "Of softmax: near 0 only the best action is chosen, far above all are alike.",
    low=0.001,
    high=1000,
    step=0.1,
)
_LEARNING = (
    _alpha(0.5),
    *_schedule("alpha", 0.05, 0.0001),
    EPSILON,
    *_schedule("epsilon", 0.0, 0.0),
    Parameter(
        "behaviour",
        "choice",
        "epsilon-greedy",
        "How actions are chosen: the best but for epsilon, or the better the likelier.",
        choices=("epsilon-greedy", "softmax"),
    ),
    TEMPERATURE,
    *_schedule("temperature", 0.1, 0.001, 1000),
    ChangesParameter(
        "changes",
        "text",
        "",
        "What is set to another number in the course of the run, such as 121:epsilon=0.3 from episode 121 on.",
        of=(_alpha(0.5), EPSILON, TEMPERATURE),
    ),
    _episodes(500),
    Parameter(
        "most_steps",
        "int",
        10_000,
        "An episode is cut off after so many steps: a policy may walk in circles for ever.",
        low=1,
        high=1_000_000,
        step=100,
    ),
    SEEDS,
)
_CONTROL_METRICS = (
    "objective/episode_return",
    "objective/recent_return",
    "episode/length",
    "episode/truncated",
    "objective/return",
)
_ERRORS = ("value/rms_error", "value/max_error")


def _control(id: str, title: str, sentence: str, function: str) -> Experiment:
    return Experiment(
        id=id,
        title=title,
        sentence=sentence,
        parameters=(*on_grid("cliff"), *_LEARNING),
        metrics=_CONTROL_METRICS,
        series=(id,),
        runner=runner_from("control", function),
        plot="objective/recent_return",
        updates=_episodes_of,
        unit="episode",
    )


EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        id="mc-prediction",
        title="Monte Carlo prediction",
        sentence="What a policy is worth, learned from the returns of whole episodes.",
        parameters=(
            *on_grid("mouse"),
            POLICY,
            _alpha(0.1),
            *_schedule("alpha", 0.01, 0.0001),
            Parameter(
                "visits",
                "choice",
                "every",
                "Whether a state learns at its first visit in an episode, or at every one.",
                choices=("every", "first"),
            ),
            _initial(0.0),
            _episodes(200),
            SEEDS,
        ),
        metrics=_ERRORS,
        series=("mc-prediction",),
        runner=runner_from("prediction", "mc_prediction"),
        updates=_episodes_of,
        unit="episode",
    ),
    Experiment(
        id="td-prediction",
        title="TD prediction",
        sentence="What a policy is worth, learned after every step from the value of the next state.",
        parameters=(
            *on_grid("mouse"),
            POLICY,
            METHOD,
            _alpha(0.1),
            *_schedule("alpha", 0.01, 0.0001),
            *_BOOTSTRAPPING,
            _initial(0.0),
            _episodes(200),
            SEEDS,
        ),
        metrics=_ERRORS,
        series=("td-prediction",),
        runner=runner_from("prediction", "td_prediction"),
        updates=_episodes_of,
        unit="episode",
    ),
    Experiment(
        id="mc-and-td",
        title="Monte Carlo and TD on a grid",
        sentence="Both learn the same policy's values from the same episodes: whose error falls faster, and how far.",
        parameters=(
            *on_grid("mouse"),
            POLICY,
            METHOD,
            _alpha(0.1),
            *_schedule("alpha", 0.01, 0.0001),
            *_BOOTSTRAPPING,
            _initial(0.0),
            _episodes(200),
            SEEDS,
        ),
        metrics=_ERRORS,
        series=("mc", "td"),
        runner=runner_from("prediction", "mc_and_td"),
        updates=_episodes_of,
    ),
    Experiment(
        id="td-vs-mc",
        title="TD against Monte Carlo",
        sentence="Both learn from the same random walks: whose error falls faster, and how far.",
        parameters=(
            WALK,
            _alpha(0.1, "td_alpha", " of TD"),
            _alpha(0.02, "mc_alpha", " of Monte Carlo"),
            _initial(0.5),
            _episodes(100),
            SEEDS,
        ),
        metrics=_ERRORS,
        series=("td", "mc"),
        runner=runner_from("prediction", "td_vs_mc"),
        updates=_episodes_of,
        unit="episode",
    ),
    Experiment(
        id="n-step-walk",
        title="How many steps ahead?",
        sentence="n-step TD with n from 1 to 16 on the same random walks.",
        parameters=(replace(WALK, default="walk-19"), _alpha(0.4), _initial(0.0), _episodes(10), SEEDS),
        metrics=_ERRORS,
        series=("n-1", "n-2", "n-4", "n-8", "n-16"),
        runner=runner_from("prediction", "n_step_walk"),
        updates=_episodes_of,
        unit="episode",
    ),
    _control("sarsa", "SARSA", "Learns the values of what it does, exploring included.", "sarsa"),
    _control(
        "q-learning", "Q-learning", "Learns the values of the best, whatever it does.", "q_learning_run"
    ),
    _control("double-q", "Double Q-learning", "Two tables, so that luck is not taken for value.", "double_q"),
    Experiment(
        id="cliff",
        title="Along the cliff",
        sentence="Four algorithms on the same cliff: what they earn while exploring, and what they have learned.",
        parameters=(UNDISCOUNTED, *_LEARNING),
        metrics=_CONTROL_METRICS,
        series=("sarsa", "q-learning", "expected-sarsa", "double-q"),
        runner=runner_from("control", "cliff"),
        plot="objective/recent_return",
        grid="cliff",
        updates=_episodes_of,
        unit="episode",
    ),
    Experiment(
        id="maximisation-bias",
        title="Maximisation bias",
        sentence="Left is always worse; the best of many noisy estimates says otherwise.",
        parameters=(
            Parameter("actions", "int", 10, "How many actions B has.", low=2, high=100, step=1),
            _alpha(0.1),
            EPSILON,
            _episodes(300),
            SEEDS,
        ),
        metrics=("policy/left",),
        series=("q-learning", "double-q"),
        runner=runner_from("control", "maximisation_bias"),
        updates=_episodes_of,
        unit="episode",
    ),
)

LABS: tuple[LabDescription, ...] = (PREDICTION,)
