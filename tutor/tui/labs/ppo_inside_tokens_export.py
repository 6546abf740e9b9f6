"""Writes an update of RLHF down: every token's numbers after every epoch as CSV, and a plot."""

from collections.abc import Mapping
from pathlib import Path

from tutor.charts.chart import Chart
from tutor.toy_llm.training_frames import Inside
from tutor.tui.glyphs import ASCII
from tutor.tui.labs.lab_export import export_lab, table
from tutor.tui.labs.ppo_inside_tokens_batch import TokenTable, columns


def tokens_csv(inside: Inside) -> str:
    """One row an answer, epoch and token."""
    names = [column.name for column in columns(ASCII)]
    rows: list[tuple[object, ...]] = []
    for answer in range(len(inside.batch.prompts)):
        for epoch in range(len(inside.epochs)):
            each = TokenTable(inside, answer, epoch, ASCII)
            for t in range(len(each)):
                numbers = (repr(float(each.numbers[name][t])) for name in names)
                rows.append((answer, epoch, t, each.words[t], int(each.clipped[t]), *numbers))
    return table(("answer", "epoch", "t", "token", "clipped", *names), rows)


def written(inside: Inside, update: int, seed: int, charts: Mapping[str, Chart]) -> list[Path] | OSError:
    """The files, or why there are none."""
    try:
        stem = f"ppo-inside-tokens-seed{seed}-update{update}"
        return export_lab("ppo-inside-tokens", stem, {"tokens": tokens_csv(inside)}, charts)
    except OSError as error:
        return error
