"""What prediction and control come to on the classic problems, beside what is published, and how long it takes.

    python -m tests.benchmarks.tabular

Sutton & Barto, 2nd edition: example 6.2 (walk of 5 states), 7.1 and 12.1 (walk of 19), 6.6 (cliff), 6.7
(maximisation bias). Seeds are 0, 1, 2 and so on; CPU seconds of this process.
"""

import time
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from tutor.rl.behaviour import greedy
from tutor.rl.control import ControlConfig, double_q_learning, expected_sarsa, q_learning, sarsa
from tutor.rl.environments.maps import make
from tutor.rl.environments.maximisation_bias import LEFT, maximisation_bias
from tutor.rl.environments.random_walk import random_walk, true_values
from tutor.rl.evaluation import exact_return
from tutor.rl.prediction import PredictionConfig, lambda_return, monte_carlo, n_step_td, td, td_lambda
from tutor.rl.schedules import constant

Row = tuple[str, str, str, float]  # what, measured, published, CPU seconds


def seeds(n: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in range(n)]


def errors(n: int, method: Callable[..., Any], alpha: float, episodes: int, initial: float) -> np.ndarray:
    """[episodes + 1]: root mean square error over the states, its mean over 100 runs."""
    config = PredictionConfig(episodes=episodes, alpha=constant(alpha), initial=initial)
    frames = method(random_walk(n), np.ones((n + 2, 1)), config, seeds(100))
    wrong = [(frame.values - true_values(n))[:, 1:-1] for frame in frames]
    return np.array([np.sqrt((each**2).mean(axis=1)).mean() for each in wrong])


def walks() -> Iterator[Row]:
    for alpha, published in ((0.05, 0.038), (0.10, 0.056), (0.15, 0.070)):
        yield timed(f"walk-5 TD, alpha {alpha}", lambda a=alpha: errors(5, td, a, 100, 0.5)[-1], published)
    for alpha, published in ((0.01, 0.096), (0.02, 0.079), (0.03, 0.088), (0.04, 0.100)):
        yield timed(
            f"walk-5 MC, alpha {alpha}", lambda a=alpha: errors(5, monte_carlo, a, 100, 0.5)[-1], published
        )
    for n, alpha, published in (
        (1, 0.8, 0.345),
        (2, 0.6, 0.277),
        (4, 0.4, 0.264),
        (8, 0.25, 0.276),
        (16, 0.15, 0.311),
    ):
        method = partial(n_step_td, n=n)
        yield timed(
            f"walk-19 n = {n}, alpha {alpha}",
            lambda m=method, a=alpha: errors(19, m, a, 10, 0.0)[1:].mean(),
            published,
        )
    for name, method, alpha, published in (
        ("TD(.8)", td_lambda, 0.3, 0.261),
        ("lambda-return .8", lambda_return, 0.4, 0.262),
    ):
        method = partial(method, lambda_=0.8)
        yield timed(
            f"walk-19 {name}, alpha {alpha}",
            lambda m=method, a=alpha: errors(19, m, a, 10, 0.0)[1:].mean(),
            published,
        )


def best_alphas() -> Iterator[str]:
    """For each n the alpha of least error, found anew."""
    alphas = np.round(np.arange(0.05, 1.001, 0.05), 2)
    for n in (1, 2, 4, 8, 16):
        found = [errors(19, partial(n_step_td, n=n), float(alpha), 10, 0.0)[1:].mean() for alpha in alphas]
        best = int(np.argmin(found))
        yield f"n = {n}: alpha {alphas[best]:.2f} -> {found[best]:.3f}"


def timed(what: str, measure: Callable[[], float], published: float) -> Row:
    start = time.process_time()
    return what, f"{measure():.3f}", f"{published:.3f}", time.process_time() - start


def cliff() -> Iterator[Row]:
    env, config = make("cliff"), ControlConfig(episodes=500, alpha=constant(0.5), epsilon=constant(0.1))
    for learn, published, after in (
        (sarsa, "-26.2", "greedy: median -17, 18 % fail"),
        (q_learning, "-49.6 (median -15)", "greedy: -13 in all"),
        (expected_sarsa, "-20.7", ""),
        (double_q_learning, "-24.3", ""),
    ):
        start = time.process_time()
        frames = list(learn(env, config, seeds(50)))
        spent = time.process_time() - start
        last = np.array([frame.returns for frame in frames[-100:]])
        error = last.mean(axis=0).std(ddof=1) / np.sqrt(50)
        measured = f"{last.mean():.1f} +- {error:.1f} (median {np.median(last):.0f})"
        yield f"cliff {learn.__name__}, 50 seeds", measured, published, spent
        J = np.array([exact_return(env, greedy(Q)) for Q in frames[-1].action_values])
        greedily = f"median {np.median(J):.0f}, worst {J.min():.0f}, {100 * (J < -500).mean():.0f} % fail"
        yield "  the greedy policy then", greedily, after, 0.0


def bias() -> Iterator[Row]:
    config = ControlConfig(episodes=300, alpha=constant(0.1), epsilon=constant(0.1))
    for learn, published in ((q_learning, "94/46/12"), (double_q_learning, "31/11/6.5")):
        start = time.process_time()
        frames = list(learn(maximisation_bias(), config, seeds(2000)))
        spent = time.process_time() - start
        left = [100 * frames[episode - 1].first_policy[:, LEFT].mean() for episode in (20, 100, 300)]
        measured = "/".join(f"{percent:.1f}" for percent in left)
        yield f"left in episode 20/100/300, {learn.__name__}", measured, published, spent


def main() -> None:
    print(f"{'':44} {'measured':32} {'published':30} CPU s")
    for rows in (walks(), cliff(), bias()):
        for what, measured, published, spent in rows:
            print(f"{what:44} {measured:32} {published:30} {spent:5.1f}")
    print("walk-19, best alpha of n-step TD in steps of .05")
    for line in best_alphas():
        print(f"  {line}")


if __name__ == "__main__":
    main()
