"""Policy gradients: how fast, against Stable-Baselines3 and one seed against many, and whether they end alike.

    python -m tests.benchmarks.policy_gradient speed [ROUNDS]       PPO on FrozenLake 4x4 against Stable-Baselines3
    python -m tests.benchmarks.policy_gradient seeds [ROUNDS]       20 seeds against 1; the whole stability experiment
    python -m tests.benchmarks.policy_gradient table [SEEDS]        PPO, TRPO and steps that are too big
    python -m tests.benchmarks.policy_gradient returns [SEEDS]      final J against Stable-Baselines3 and sb3-contrib

CPU time of this process, one thread, alternated rounds, medians. The same hyperparameters on both sides. Not the
same: our critic is a table and theirs a network, trained by the same optimiser as the actor; ours sums a batch into
tables over states and actions, theirs runs the network over the samples; ours splits a batch into minibatches once an
update, theirs once an epoch, and normalises advantages within each; theirs sees the same one-hot row and column.

Measured by `returns 5`, final J, ours / theirs (apart; at most .020 everywhere): russell-norvig PPO .655 / .660 (.005),
TRPO .655 / .651 (.005); rooms PPO .584 / .591 (.006), TRPO .595 / .591 (.004).
"""

import os

os.environ["OPENBLAS_NUM_THREADS"] = "1"  # before numpy

import statistics
import sys
import time
import warnings
from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

import numpy as np

from tutor.experiments import run
from tutor.experiments.summary import worst_fall
from tutor.rl.architectures import features
from tutor.rl.environments.maps import make
from tutor.rl.evaluation import exact_return
from tutor.rl.policy_gradient import log_prob, ppo, unclipped
from tutor.rl.policy_gradient_frames import PolicyGradientConfig, PolicyGradientFrame, PPOConfig, TRPOConfig
from tutor.rl.trust_region import trpo

Frames = Iterator[PolicyGradientFrame]
NEVER = 10_000  # J is not judged but at first and at last
ENVS, STEPS, MINIBATCHES, EPOCHS = 16, 128, 8, 10
UPDATES = {1: 10, 20: 5, "theirs": 2}


def cpu(work: Callable[[], Any]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def generators(seeds: int) -> list[np.random.Generator]:
    return [np.random.default_rng(seed) for seed in range(seeds)]


def ours(seeds: int) -> float:
    """Environment steps a second, of all seeds."""
    updates = UPDATES[seeds]
    config = PPOConfig(
        updates=updates,
        n_envs=ENVS,
        steps=STEPS,
        minibatches=MINIBATCHES,
        epochs=EPOCHS,
        evaluate_every=NEVER,
    )
    env = make("frozenlake-4x4")
    seconds = cpu(lambda: list(ppo(env, config, generators(seeds))))
    return updates * seeds * ENVS * STEPS / seconds


def vector(grid: str, n_envs: int, seed: int) -> Any:
    """Environments of Gymnasium side by side, that show a cell as one-hot row and column."""
    import gymnasium
    from stable_baselines3.common.vec_env import DummyVecEnv

    from tutor.experiments.gymnasium_adapter import environment_id

    seen = features(make(grid)).astype(np.float32)

    class Cells(gymnasium.ObservationWrapper):  # type: ignore[type-arg]
        observation_space = gymnasium.spaces.Box(0.0, 1.0, (seen.shape[1],))

        def observation(self, observation: np.int64) -> Any:
            return seen[observation]

    def one() -> Any:
        if grid == "frozenlake-4x4":  # Gymnasium's own
            return Cells(gymnasium.make("FrozenLake-v1", map_name="4x4", is_slippery=True))
        return Cells(gymnasium.make(environment_id(grid), disable_env_checker=True))

    made = DummyVecEnv([one] * n_envs)
    made.seed(seed)
    return made


def their_network() -> dict[str, Any]:
    import torch

    return {"net_arch": {"pi": [32], "vf": [32]}, "activation_fn": torch.nn.Tanh}


def their_ppo(grid: str, seed: int, n_envs: int, steps: int, minibatches: int) -> Any:
    from stable_baselines3 import PPO

    return PPO(
        "MlpPolicy", vector(grid, n_envs, seed), learning_rate=0.03, n_steps=steps,
        batch_size=n_envs * steps // minibatches, n_epochs=EPOCHS, gamma=0.99, gae_lambda=0.95, clip_range=0.2,
        max_grad_norm=1e9, policy_kwargs=their_network(), seed=seed, device="cpu",
    )  # fmt: skip


def their_trpo(grid: str, seed: int, n_envs: int, steps: int) -> Any:
    from sb3_contrib import TRPO

    return TRPO(
        "MlpPolicy", vector(grid, n_envs, seed), learning_rate=0.03, n_steps=steps, batch_size=n_envs * steps,
        gamma=0.99, gae_lambda=0.95, target_kl=0.01, cg_max_steps=10, cg_damping=1e-3, line_search_max_iter=12,
        line_search_shrinking_factor=0.5, policy_kwargs=their_network(), seed=seed, device="cpu",
    )  # fmt: skip


def theirs() -> float:
    model = their_ppo("frozenlake-4x4", 0, ENVS, STEPS, MINIBATCHES)
    steps = UPDATES["theirs"] * ENVS * STEPS
    return steps / cpu(lambda: model.learn(steps))


def speed(rounds: int) -> None:
    ours(1), ours(20)  # everything imported and warm
    rows = [(ours(1), ours(20), theirs()) for _ in range(rounds)]
    one, twenty, they = (statistics.median(column) for column in zip(*rows, strict=True))
    print(
        f"PPO, FrozenLake 4x4, {ENVS} x {STEPS}, {EPOCHS} epochs of {MINIBATCHES} minibatches, network of 32"
    )
    print(f"{'':22}{'steps a second':>15}{'ratio':>8}{'at least':>10}")
    print(f"{'Stable-Baselines3':22}{they:15,.0f}")
    for name, rate, least in (("one seed", one, 30), ("20 seeds", twenty, 220)):
        print(f"{name:22}{rate:15,.0f}{f'x{rate / they:.0f}':>8}{f'x{least}':>10}")


def _all_of(grid: str, n_seeds: int) -> None:
    for _ in run("ppo", {"grid": grid}, range(n_seeds)):
        pass


def seeds(rounds: int) -> None:
    print(f"{'ppo, 80 updates':22}{'1 seed, s':>10}{'20 seeds, s':>12}{'ratio':>7}{'at most':>9}")
    for grid, most in (("russell-norvig", 2.2), ("rooms", 5.0)):
        pairs = []
        for _ in range(rounds):
            one, twenty = (cpu(partial(_all_of, grid, n)) for n in (1, 20))
            pairs.append((one, twenty, twenty / one))
        one, twenty, ratio = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"{grid:22}{one:10.2f}{twenty:12.2f}{ratio:7.1f}{most:9.1f}")
    whole = statistics.median(cpu(lambda: list(run("ppo-vs-trpo", {}, range(30)))) for _ in range(rounds))
    print(f"ppo-vs-trpo, 5 algorithms x 30 seeds x 80 updates: {whole:.1f} s of CPU, at most 10 s on 2 cores")


ROWS: dict[str, tuple[Callable[..., Frames], PolicyGradientConfig]] = {
    "log-prob, Adam .03": (log_prob, PPOConfig()),
    "unclipped, Adam .03": (unclipped, PPOConfig()),
    "PPO, Adam .03": (ppo, PPOConfig()),
    "PPO, Adam .1": (ppo, PPOConfig(learning_rate=0.1)),
    "TRPO delta .01": (trpo, TRPOConfig()),
    "TRPO delta .03": (trpo, TRPOConfig(delta=0.03)),
    "  without line search": (trpo, TRPOConfig(delta=0.03, line_search=False)),
    "  and damping .1": (trpo, TRPOConfig(delta=0.03, line_search=False, damping=0.1)),
}


def table(n_seeds: int) -> None:
    for grid in ("russell-norvig", "mouse", "rooms"):
        print(
            f"\n{grid}, {n_seeds} seeds: J mean +- std (min); fall: worst of a seed, mean/max; KL of an update"
        )
        print(f"{'':22}{'update 10':>14}{'update 80':>23}{'fall':>12}{'KL mean/max':>14}{'CPU s':>7}")
        for name, (algorithm, config) in ROWS.items():
            start = time.process_time()
            frames = list(algorithm(make(grid), config, generators(n_seeds)))
            seconds = time.process_time() - start
            J = {f.update: f.metrics["objective/return"] for f in frames if "objective/return" in f.metrics}
            kl, fall = (
                np.array([f.metrics["policy/kl"] for f in frames[1:]]),
                worst_fall(np.array(list(J.values()))),
            )
            last = f"{J[80].mean():.2f}+-{J[80].std():.2f} ({J[80].min():.2f})"
            print(
                f"{name:22}{f'{J[10].mean():.2f}+-{J[10].std():.2f}':>14}{last:>23}"
                f"{f'{fall.mean():.2f}/{fall.max():.2f}':>12}{f'{kl.mean():.3f}/{kl.max():.2g}':>14}{seconds:7.1f}"
            )


def their_return(make_model: Callable[[str, int], Any], grid: str, seed: int) -> float:
    """The exact J of the policy that 80 updates of 8 x 64 steps end with."""
    import torch

    env = make(grid)
    model = make_model(grid, seed)
    model.learn(80 * 8 * 64)
    with torch.no_grad():
        states = torch.as_tensor(features(env), dtype=torch.float32)
        probs = model.policy.get_distribution(states).distribution.probs.numpy().astype(np.float64)
    return exact_return(env, probs / probs.sum(axis=1, keepdims=True))


def returns(n_seeds: int) -> None:
    print(f"final J, {n_seeds} seeds, 80 updates of 8 x 64 steps")
    print(f"{'':22}{'':8}{'ours':>15}{'theirs':>15}{'apart':>8}{'at most':>9}")
    pairs = {
        "PPO": (partial(ppo, config=PPOConfig()), partial(their_ppo, n_envs=8, steps=64, minibatches=1)),
        "TRPO": (partial(trpo, config=TRPOConfig()), partial(their_trpo, n_envs=8, steps=64)),
    }
    for grid in ("russell-norvig", "rooms"):
        for name, (our_run, their_model) in pairs.items():
            *_, last = our_run(make(grid), rngs=generators(n_seeds))
            we = last.metrics["objective/return"]
            they = np.array([their_return(their_model, grid, seed) for seed in range(n_seeds)])
            apart, most = abs(we.mean() - they.mean()), max(0.02, we.std(), they.std())
            numbers = "".join(f"{f'{J.mean():.3f}+-{J.std():.3f}':>15}" for J in (we, they))
            print(f"{grid:22}{name:8}{numbers}{apart:8.3f}{most:9.3f}", flush=True)


def main() -> None:
    parts = {"speed": (speed, 5), "seeds": (seeds, 5), "table": (table, 30), "returns": (returns, 5)}
    if len(sys.argv) < 2 or sys.argv[1] not in parts:
        sys.exit(f"say which: {', '.join(parts)}")
    if sys.argv[1] in ("speed", "returns"):
        import torch

        torch.set_num_threads(1)
        warnings.filterwarnings("ignore", category=UserWarning)
    part, number = parts[sys.argv[1]]
    part(int(sys.argv[2]) if len(sys.argv) > 2 else number)


if __name__ == "__main__":
    main()
