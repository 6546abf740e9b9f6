"""rl-tutor: reinforcement learning, from a reward to PPO and RLHF, by doing, in a terminal."""

__version__ = "0.1.0"
