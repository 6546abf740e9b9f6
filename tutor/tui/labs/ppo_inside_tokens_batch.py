"""The tokens of one answer in an update of PPO as rows of a table: which numbers there are, and each as text."""

from collections.abc import Sequence
from functools import cached_property

import numpy as np

from tutor.toy_llm.tokenizer import word
from tutor.toy_llm.training_frames import Inside, TokenBatch, TokenEpoch
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.ppo_inside_signs import cell, signs_of
from tutor.tui.labs.ppo_inside_tokens_formulas import FORMULAS, Token
from tutor.tui.labs.value_map import Array
from tutor.tui.widgets.sample_table import Column, Row

STAGES = ("rollout", "KL", "reward", "values", "delta", "GAE", "ratio", "clip", "critic")
WORD = 10  # cells of a word


def columns(glyphs: Glyphs) -> tuple[Column, ...]:
    """In the order in which they are made."""
    s = signs_of(glyphs)
    return (
        Column("old", f"{s.pi}_old", 0, "policy"),
        Column("ref", f"{s.pi}_ref", 1, "policy"),
        Column("k1", "k1", 1, "kl"),
        Column("kl", "KL", 1, "kl"),
        Column("reward", "R", 2, "reward"),
        Column("value", "V(s)", 3, "return"),
        Column("next_value", f"V(s{s.prime})", 3, "return"),
        Column("delta", s.delta, 4, "advantage"),
        Column("advantage", "A", 5, "advantage"),
        Column("returns", "G", 5, "return"),
        Column("weight", s.weight, 5, "advantage"),
        Column("new", s.pi, 6, "policy"),
        Column("ratio", "ratio", 6, "policy"),
        Column("clip", "clip", 7, "policy"),
        Column("objective", "L", 7, "return"),
        Column("now", "V now", 8, "return"),
        Column("loss", "L_V", 8, "return"),
    )


class TokenTable:
    """One answer of an update after so many of its epochs; `numbers[name]` is [n] for every column."""

    def __init__(self, inside: Inside, answer: int, epoch: int, glyphs: Glyphs) -> None:
        self.inside, self.answer, self.glyphs = inside, answer, glyphs
        self.stages: Sequence[str] = STAGES
        self.columns: Sequence[Column] = columns(glyphs)
        self.n = int(self.batch.mask[answer].sum())
        self.now: TokenEpoch = inside.epochs[epoch]

    @property
    def batch(self) -> TokenBatch:
        return self.inside.batch

    def __len__(self) -> int:
        return self.n

    @cached_property
    def words(self) -> list[str]:
        return [word(int(token)) for token in self.batch.tokens[self.answer, : self.n]]

    @cached_property
    def clipped(self) -> Sequence[bool]:
        return [bool(on) for on in self.now.clipped[self.answer, : self.n]]

    @cached_property
    def numbers(self) -> dict[str, Array]:
        batch, now, epsilon = self.batch, self.now, self.inside.config.epsilon
        whole = {
            "old": np.exp(batch.old_log_prob),
            "ref": np.exp(batch.ref_log_prob),
            "k1": batch.kl_k1,
            "kl": batch.kl,
            "reward": batch.reward,
            "value": batch.value,
            "next_value": batch.next_value,
            "delta": batch.delta,
            "advantage": batch.advantage,
            "returns": batch.returns,
            "weight": batch.weight,
            "new": np.exp(now.log_prob),
            "ratio": now.ratio,
            "clip": np.clip(now.ratio, 1 - epsilon, 1 + epsilon),
            "objective": now.objective,
            "now": now.value,
            "loss": self._value_loss(),
        }
        return {name: values[self.answer, : self.n] for name, values in whole.items()}

    def _value_loss(self) -> Array:
        """(B, N): see `objectives.clipped_value_loss`."""
        near = self.inside.config.value_epsilon
        held = np.clip(self.now.value, self.batch.value - near, self.batch.value + near)
        returns = self.batch.returns
        loss: Array = 0.5 * np.maximum((self.now.value - returns) ** 2, (held - returns) ** 2)
        return loss

    # The table

    @property
    def heading(self) -> str:
        return f" t {'token'.ljust(WORD)}"

    @property
    def label_width(self) -> int:
        return len(self.heading)

    def row(self, index: int) -> Row:
        label: Line = [(f"{index:>2} ", "muted"), (self.words[index][:WORD].ljust(WORD), "action")]
        cells = [
            cell(float(self.numbers[column.name][index]), 3, column.width, self.glyphs)
            for column in self.columns
        ]
        return Row(label, cells, marked=self.clipped[index])

    def formula(self, row: int, column: int, width: int) -> Sequence[Line]:  # noqa: ARG002  (it is broken later)
        return FORMULAS[self.columns[column].name](Token(self, row))
