"""Writes an update down: every sample's numbers after every epoch, and the policies, as CSV; the plots as CSV, text
and SVG."""

from pathlib import Path

import numpy as np

from tutor.experiments import grid_title
from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.glyphs import UNICODE
from tutor.tui.labs.lab_export import export_lab, table
from tutor.tui.labs.ppo_inside_picture import epochs, ratios
from tutor.tui.labs.ppo_inside_session import PpoInsideSession

SAMPLES = (
    "update",
    "sample",
    "row",
    "col",
    "action",
    "reward",
    "next_row",
    "next_col",
    "terminated",
    "truncated",
)
JUDGED = ("value", "next_value", "delta", "advantage", "weight")
BY_EPOCH = ("epoch", "old_probability", "probability", "ratio", "clipped", "objective")


def samples_csv(session: PpoInsideSession) -> str:
    """One row a sample and epoch, up to the one that is shown."""
    samples, env = session.samples, session.env
    rows: list[tuple[object, ...]] = []
    for epoch in session.inside.epochs[: session.epoch + 1]:
        for i in range(len(samples)):
            walked = (
                session.update,
                i,
                *env.cells[samples.state[i]],
                ACTIONS[samples.action[i]],
                repr(float(samples.reward[i])),
                *env.cells[samples.next_state[i]],
                int(samples.terminated[i]),
                int(samples.truncated[i]),
            )
            judged = [repr(float(getattr(samples, name)[i])) for name in JUDGED]
            old, new = (float(np.exp(each[i])) for each in (samples.old_log_prob, epoch.log_prob))
            ratio, value = float(epoch.ratio[i]), float(epoch.objective[i])
            rows.append(
                (
                    *walked,
                    *judged,
                    epoch.epoch,
                    repr(old),
                    repr(new),
                    repr(ratio),
                    int(epoch.clipped[i]),
                    repr(value),
                )
            )
    return table((*SAMPLES, *JUDGED, *BY_EPOCH), rows)


def policies_csv(session: PpoInsideSession) -> str:
    """One row an epoch and state."""
    rows = [
        (epoch.epoch, *session.env.cells[state], *(repr(float(chance)) for chance in epoch.policy[state]))
        for epoch in session.inside.epochs[: session.epoch + 1]
        for state in range(session.env.n_states)
        if not session.env.is_terminal(state)
    ]
    return table(("epoch", "row", "col", *ACTIONS), rows)


def export_session(session: PpoInsideSession, folder: Path | None = None) -> list[Path]:
    """Write into a new folder within `folder` (default: the working directory). Raises OSError."""
    grid = grid_title(str(session.parameters["grid"])).replace(" ", "-")
    stem = f"ppo-inside-{grid}-seed{session.parameters['seed']}-update{session.update}"
    tables = {"samples": samples_csv(session), "policies": policies_csv(session)}
    charts = {"ratios": ratios(session, UNICODE)}
    if session.epoch:
        charts["epochs"] = epochs(session)
    return export_lab("ppo-inside", stem, tables, charts, folder)
