"""Writes a game down: every pull as CSV, the regret as CSV, text and SVG."""

from pathlib import Path

from tutor.rl.bandit_methods import known
from tutor.tui.labs.bandit_picture import chart
from tutor.tui.labs.bandit_session import BanditSession, known_action
from tutor.tui.labs.lab_export import export_lab, table

COLUMNS = ("t", "arm", "reward", "by_hand", "estimate", "regret")


def pulls_csv(session: BanditSession) -> str:
    """One row a pull; estimate: the arm's after it."""
    rows: list[tuple[object, ...]] = []
    for frame, forced in zip(session.frames[1:], session.forced, strict=True):
        arm = known_action(frame)
        reward, estimate = float(known(frame.rewards)[0]), float(known(frame.estimates)[0, arm])
        rows.append((frame.t, arm, repr(reward), int(forced), repr(estimate), repr(float(frame.regret[0]))))
    return table(COLUMNS, rows)


def export_session(session: BanditSession, folder: Path | None = None) -> list[Path]:
    """Write into a new folder within `folder` (default: the working directory). Raises OSError."""
    stem = f"bandit-{session.parameters['method']}-seed{session.seed}"
    return export_lab("bandit", stem, {"pulls": pulls_csv(session)}, {"regret": chart(session)}, folder)
