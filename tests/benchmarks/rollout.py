"""Environment steps of many seeds at once, against gymnasium's SyncVectorEnv in the same process.

    python -m tests.benchmarks.rollout [ROUNDS]

FrozenLake 4x4, slippery, 100 steps an episode, on both sides; both act by the same random policy, drawn from the
same table of probabilities for all environments at once, and both keep what happened. CPU time of this process,
alternated rounds, medians. Not the same: gymnasium checks every action and steps one environment after the
other in Python, each a general object with a generator of its own; ours are rows of a table and share one
generator a seed. Its environments are made before the clock starts, ours inside it.
"""

import statistics
import sys
import time

import gymnasium
import numpy as np

from tutor.rl.behaviour import draw
from tutor.rl.environments.maps import make
from tutor.rl.episodes import uniform_policy
from tutor.rl.rollout import rollout

SIZES = ((20, 16, 100), (50, 64, 250))  # seeds, environments each, the least that is asked for
OUR_STEPS, THEIR_STEPS = 128, 16


def ours(seeds: int, envs: int) -> float:
    """CPU microseconds a step of one environment."""
    env = make("frozenlake-4x4")
    policies = np.tile(uniform_policy(env), (seeds, 1, 1))
    rngs = [np.random.default_rng(seed) for seed in range(seeds)]
    start = time.process_time()
    rollout(env, policies, rngs, steps=OUR_STEPS, n_envs=envs)
    return 1e6 * (time.process_time() - start) / (OUR_STEPS * seeds * envs)


def theirs(vector: gymnasium.vector.SyncVectorEnv) -> float:
    """CPU microseconds a step of one environment."""
    policy, rng = np.full((16, 4), 0.25), np.random.default_rng(0)
    states, _ = vector.reset(seed=0)
    kept = []
    start = time.process_time()
    for _ in range(THEIR_STEPS):
        actions = draw(policy[states], rng.random(len(states)))
        following, rewards, terminated, truncated, _ = vector.step(actions)
        kept.append((states, actions, rewards, following, terminated, truncated))
        states = following
    return 1e6 * (time.process_time() - start) / (THEIR_STEPS * vector.num_envs)


def main() -> None:
    rounds = int(sys.argv[1]) if len(sys.argv) > 1 else 5
    print(f"{'seeds x envs':>12} {'ours, us':>9} {'gymnasium':>10} {'ratio':>7} {'at least':>9}")
    for seeds, envs, least in SIZES:
        make_one = [lambda: gymnasium.make("FrozenLake-v1", map_name="4x4", is_slippery=True)]
        vector = gymnasium.vector.SyncVectorEnv(make_one * (seeds * envs))
        pairs = [(ours(seeds, envs), theirs(vector)) for _ in range(rounds)]
        vector.close()
        we, they = (statistics.median(column) for column in zip(*pairs, strict=True))
        print(f"{f'{seeds} x {envs}':>12} {we:9.3f} {they:10.2f} {f'x{they / we:.0f}':>7} {f'x{least}':>9}")


if __name__ == "__main__":
    main()
