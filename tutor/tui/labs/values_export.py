"""Writes a policy and its values down as CSV, and the sampled returns with their plot."""

from pathlib import Path

from tutor.experiments import grid_title
from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.labs.lab_export import export_lab, table
from tutor.tui.labs.values_picture import chart
from tutor.tui.labs.values_session import ValuesSession

COLUMNS = ("row", "col", "action", "policy", "q", "v")


def values_csv(session: ValuesSession) -> str:
    """One row a state and action; q and v are empty where the policy has no finite value."""
    rows: list[tuple[object, ...]] = []
    for state in session.live:
        for action, name in enumerate(ACTIONS):
            q = "" if session.Q is None else repr(float(session.Q[state, action]))
            v = "" if session.V is None else repr(float(session.V[state]))
            rows.append((*session.env.cells[state], name, repr(float(session.policy[state, action])), q, v))
    return table(COLUMNS, rows)


def export_session(session: ValuesSession, folder: Path | None = None) -> list[Path]:
    """Write into a new folder within `folder` (default: the working directory). Raises OSError."""
    stem = f"values-{grid_title(str(session.parameters['grid'])).replace(' ', '-')}-{session.parameters['policy']}"
    return export_lab("values", stem, {"policy": values_csv(session)}, {"returns": chart(session)}, folder)
