"""The experiment `bandit`: one method plays a k-armed bandit, each seed its own."""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from tutor.experiments.frames import Frame
from tutor.experiments.parameters import Value
from tutor.rl.bandit_methods import BanditFrame, EpsilonGreedy, GradientBandit, Method, UpperConfidenceBound
from tutor.rl.bandits import play
from tutor.rl.detail import Detail
from tutor.rl.environments.bandit import Array, Bandit, Kind


def bandit(values: Mapping[str, Value], seeds: Sequence[int]) -> Iterator[Frame]:
    """One frame per pull, 0 before the first. metrics: `bandit/regret`, in all so far; `bandit/reward`, of
    the pull; `bandit/optimal_action`, 1 where the best arm was pulled, else 0. detail: the BanditFrame, with
    all its numbers when one seed runs alone."""
    rngs = [np.random.default_rng(seed) for seed in seeds]
    arms = draw_bandit(values, rngs)
    detail: Detail = "full" if len(seeds) == 1 else "scalars"
    for frame in play(arms, method(values), rngs, int(values["steps"]), detail):
        yield Frame("bandit", frame.t, _metrics(frame), frame)


def draw_bandit(values: Mapping[str, Value], rngs: Sequence[np.random.Generator]) -> Bandit:
    """The bandits of the seeds, drawn by their generators."""
    kind: Kind = "bernoulli" if values["kind"] == "bernoulli" else "gaussian"
    return Bandit.draw(rngs, int(values["arms"]), kind, float(values["mean"]))


def method(values: Mapping[str, Value]) -> Method:
    """The method that the parameters describe; a step_size of 0 is the sample average."""
    step_size, initial = float(values["step_size"]), float(values["initial"])
    if values["method"] == "gradient":
        return GradientBandit(step_size or GradientBandit.step_size, bool(values["baseline"]), initial)
    if values["method"] == "ucb":
        return UpperConfidenceBound(float(values["c"]), step_size or None, initial)
    return EpsilonGreedy(float(values["epsilon"]), step_size or None, initial)


def _metrics(frame: BanditFrame) -> dict[str, Array]:
    metrics = {"bandit/regret": frame.regret}
    if frame.rewards is not None and frame.optimal is not None:
        metrics |= {"bandit/reward": frame.rewards, "bandit/optimal_action": frame.optimal}
    return metrics
