"""The formula of one number of a sample: in general, with the sample's numbers put in, and what it comes to."""

from collections.abc import Callable

from tutor.tui.labs import ppo_inside_surrogate as surrogate
from tutor.tui.labs import ppo_inside_walked as walked
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.ppo_inside_batch import GridBatch
from tutor.tui.labs.ppo_inside_pushes import gradient_lines, policy_lines, push_lines
from tutor.tui.labs.ppo_inside_sample import Sample


class GridTable(GridBatch):
    """The numbers of a session's update as a table, each with its formula."""

    def formula(self, row: int, column: int, width: int) -> list[Line]:
        """At most five lines; those that can be made to fit into `width` cells are."""
        name = self.columns[column].name
        if name == "kl":
            return policy_lines(self, row, width)
        return _FORMULAS[name](Sample(self, row))


_FORMULAS: dict[str, Callable[[Sample], list[Line]]] = {
    "next_state": walked.rollout,
    "reward": walked.reward,
    "value": walked.value,
    "next_value": walked.next_value,
    "delta": walked.delta,
    "advantage": walked.advantage,
    "weight": walked.weight,
    "old": surrogate.old,
    "new": surrogate.new,
    "ratio": surrogate.ratio,
    "clip": surrogate.clip,
    "objective": surrogate.objective,
    "push": lambda k: push_lines(k.batch, k.i),
    "gradient": lambda k: gradient_lines(k.batch, k.i),
}
