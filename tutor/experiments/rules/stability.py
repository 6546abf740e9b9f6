"""Who falls: the verdict of PPO against TRPO holds for any more of them."""

from tutor.experiments.rules.ppo_vs_trpo import RULES

__all__ = ["RULES"]
