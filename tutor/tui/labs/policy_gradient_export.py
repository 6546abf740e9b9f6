"""Writes the policy-gradient lab down: the episode, the policy and the curves as CSV, the plot as text and SVG too."""

from pathlib import Path

from tutor.experiments import grid_title
from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.labs.lab_export import export_lab, table
from tutor.tui.labs.policy_gradient_picture import chart
from tutor.tui.labs.policy_gradient_session import PolicyGradientSession

EPISODE = (
    *("t", "row", "col", "action", "reward", "value", "delta", "return", "advantage"),
    *("probability_before", "probability_after"),
)


def episode_csv(session: PolicyGradientSession) -> str:
    """One row a step of the last episode."""
    if not session.known.steps:
        return table(EPISODE, ())
    inside = session.known.inside
    s, returns = inside.samples, session.returns
    rows = []
    for t, (state, action) in enumerate(zip(s.state, s.action, strict=True)):
        chances = inside.old_policy[state, action], inside.new_policy[state, action]
        numbers = (s.reward[t], s.value[t], s.delta[t], returns[t], s.advantage[t], *chances)
        rows.append((t, *session.env.cells[state], ACTIONS[action], *(repr(float(x)) for x in numbers)))
    return table(EPISODE, rows)


def policy_csv(session: PolicyGradientSession) -> str:
    """One row a state that ends no episode: pi(a | s) and V(s), after the last update."""
    rows = [
        (*session.env.cells[s], *(repr(float(x)) for x in (*session.policy[s], session.values[s])))
        for s in session.live
    ]
    return table(("row", "col", *ACTIONS, "value"), rows)


def export_session(session: PolicyGradientSession, folder: Path | None = None) -> list[Path]:
    """Write into a new folder within `folder` (default: the working directory). Raises OSError."""
    grid = grid_title(str(session.parameters["grid"])).replace(" ", "-")
    stem = f"policy-gradient-{session.method}-{grid}-seed{session.seed}"
    tables = {"episode": episode_csv(session), "policy": policy_csv(session)}
    return export_lab("policy-gradient", stem, tables, {"returns": chart(session)}, folder)
