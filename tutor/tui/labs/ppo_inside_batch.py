"""The samples of one update on a grid as rows of a table: which numbers there are, and each as text."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from tutor.rl.surrogate import kl_divergence
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.ppo_inside_session import PpoInsideSession
from tutor.tui.labs.ppo_inside_signs import cell, signs_of
from tutor.tui.labs.value_map import Array, cell_name
from tutor.tui.widgets.facts import Line
from tutor.tui.widgets.sample_table import Column, Row

STAGES = ("rollout", "rewards", "values", "delta", "GAE", "ratio", "clip", "gradient", "new policy")
SMALL = ("push", "gradient", "kl")  # numbers that need a decimal more
PUSHES = ("push", "gradient")  # there are none after the last epoch


def columns(glyphs: Glyphs, *, normalised: bool) -> tuple[Column, ...]:
    """In the order in which they are made."""
    s = signs_of(glyphs)
    found = [
        Column("next_state", f"s{s.prime}", 0, "state"),
        Column("reward", "R", 1, "reward"),
        Column("value", "V(s)", 2, "return"),
        Column("next_value", f"V(s{s.prime})", 2, "return"),
        Column("delta", s.delta, 3, "advantage"),
        Column("advantage", "A", 4, "advantage"),
        Column("weight", s.weight, 4, "advantage"),
        Column("old", f"{s.pi}_old", 5, "policy"),
        Column("new", s.pi, 5, "policy"),
        Column("ratio", "ratio", 5, "policy"),
        Column("clip", "clip", 6, "policy"),
        Column("objective", "L", 6, "return"),
        Column("push", "push", 7, ""),
        Column("gradient", f"{s.partial}L/{s.partial}z", 7, ""),
        Column("kl", "KL", 8, "kl"),
    ]
    return tuple(each for each in found if normalised or each.name != "weight")


class GridBatch:
    """The numbers of a session's update after its epoch; `numbers[name]` is [n] for every column but `next_state`."""

    def __init__(self, session: PpoInsideSession, glyphs: Glyphs) -> None:
        self.session, self.glyphs = session, glyphs
        self.stages: Sequence[str] = STAGES
        self.columns: Sequence[Column] = columns(glyphs, normalised=bool(session.setting("normalise")))

    def __len__(self) -> int:
        return len(self.session.samples)

    # What the learner has chosen

    @property
    def column_index(self) -> int:
        """Where there is no such column: the one before it in the order of all."""
        names = [column.name for column in self.columns]
        if self.session.column in names:
            return names.index(self.session.column)
        return names.index("advantage") if self.session.column == "weight" else 0

    # The numbers

    @cached_property
    def numbers(self) -> dict[str, Array]:
        """nan where there is none."""
        session, samples, now = self.session, self.session.samples, self.session.now
        epsilon = session.epsilon
        return {
            "reward": samples.reward,
            "value": samples.value,
            "next_value": samples.next_value,
            "delta": samples.delta,
            "advantage": samples.advantage,
            "weight": samples.weight,
            "old": np.exp(samples.old_log_prob),
            "new": np.exp(now.log_prob),
            "ratio": now.ratio,
            "clip": np.clip(now.ratio, 1 - epsilon, 1 + epsilon),
            "objective": now.objective,
            "push": self._pushes(),
            "gradient": self._gradients(),
            "kl": kl_divergence(session.inside.old_policy, now.policy)[samples.state],
        }

    def _pushes(self) -> Array:
        """[n]: the derivative of the mean objective with respect to each sample's log pi(a | s)."""
        session, now = self.session, self.session.now
        if session.finished:
            return np.full(len(self), np.nan)
        pushes: Array = np.where(now.clipped, 0.0, now.ratio * session.samples.weight) / len(self)
        return pushes

    def _gradients(self) -> Array:
        """[n]: the gradient with respect to the logit of each sample's action."""
        samples, gradient = self.session.samples, self.session.now.gradient
        if gradient is None:
            return np.full(len(self), np.nan)
        found: Array = gradient[samples.state, samples.action]
        return found

    # The table

    @cached_property
    def state_width(self) -> int:
        return max(len(cell_name(self.session.env, state)) for state in range(self.session.env.n_states))

    @property
    def heading(self) -> str:
        return f" t {'s'.ljust(self.state_width)} a"

    @property
    def label_width(self) -> int:
        return len(self.heading)

    def row(self, index: int) -> Row:
        samples, glyphs = self.session.samples, self.glyphs
        state = cell_name(self.session.env, int(samples.state[index]))
        label: Line = [
            (f"{index:>2} ", "muted"),
            (state.ljust(self.state_width + 1), "state"),
            (glyphs.arrows[samples.action[index]], "action"),
        ]
        cells = [self.text(column, index) for column in self.columns]
        return Row(label, cells, marked=bool(self.session.now.clipped[index]))

    def text(self, column: Column, index: int) -> str:
        """A number as the table writes it; a dot where there is none."""
        if column.name == "next_state":
            samples = self.session.samples
            return (
                "end"
                if samples.terminated[index]
                else cell_name(self.session.env, int(samples.next_state[index]))
            )
        value = float(self.numbers[column.name][index])
        if np.isnan(value):
            return self.glyphs.dot
        return cell(value, 4 if column.name in SMALL else 3, column.width, self.glyphs)
