"""Planning in a finite Markov decision process whose model is known: exact values, sweeps, policy iteration."""

from tutor.rl.planning.backups import Backup, Term, action_backup, action_values, greedy_with_ties
from tutor.rl.planning.exact import optimal_policy, optimal_values, solve
from tutor.rl.planning.iteration import PolicyIterationFrame, policy_iteration
from tutor.rl.planning.model import (
    EndlessPolicyError,
    Model,
    PlanningError,
    TabularModel,
    can_end,
    check_policy,
)
from tutor.rl.planning.sweeps import SweepFrame, full, policy_evaluation, value_iteration

__all__ = [
    "Backup",
    "EndlessPolicyError",
    "Model",
    "PlanningError",
    "PolicyIterationFrame",
    "SweepFrame",
    "TabularModel",
    "Term",
    "action_backup",
    "action_values",
    "can_end",
    "check_policy",
    "full",
    "greedy_with_ties",
    "optimal_policy",
    "optimal_values",
    "policy_evaluation",
    "policy_iteration",
    "solve",
    "value_iteration",
]
