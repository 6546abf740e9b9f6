"""The parameters of the bandit, its experiment and its lab."""

from tutor.experiments.parameters import Parameter

BANDIT = (
    Parameter("arms", "int", 10, "How many arms there are.", low=2, high=100, step=1),
    Parameter(
        "kind",
        "choice",
        "gaussian",
        "What an arm pays: its mean and some noise, or 1 as often as its probability says.",
        choices=("gaussian", "bernoulli"),
    ),
    Parameter(
        "mean", "float", 0.0, "About what the means of gaussian arms are drawn.", low=-100, high=100, step=0.5
    ),
    Parameter(
        "method",
        "choice",
        "epsilon-greedy",
        "How an arm is chosen.",
        choices=("epsilon-greedy", "ucb", "gradient"),
    ),
    Parameter(
        "epsilon", "float", 0.1, "epsilon-greedy: how often any arm is tried.", low=0, high=1, step=0.01
    ),
    Parameter(
        "c", "float", 2.0, "ucb: how much an arm gains by being little known.", low=0, high=100, step=0.5
    ),
    Parameter(
        "step_size",
        "float",
        0.0,
        "How far a reward moves an estimate; 0: the average of all rewards (gradient: 0.1).",
        low=0,
        high=1,
        step=0.05,
    ),
    Parameter(
        "initial", "float", 0.0, "Every arm's estimate before the first pull.", low=-100, high=100, step=0.5
    ),
    Parameter("baseline", "flag", True, "gradient: whether rewards are compared with their mean so far."),
)
PULLS = Parameter("steps", "int", 1000, "How many pulls.", low=1, high=100_000, step=100)
