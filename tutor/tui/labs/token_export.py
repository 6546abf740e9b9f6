"""Writes an answer down: every token as CSV, the plots as CSV, text and SVG."""

from pathlib import Path

from tutor.toy_llm.tokenizer import decode
from tutor.tui.glyphs import UNICODE
from tutor.tui.labs.gridworld_picture import return_chart, reward_chart
from tutor.tui.labs.lab_export import export_lab, table
from tutor.tui.labs.token_session import TokenSession
from tutor.tui.labs.token_words import as_episode, shown

COLUMNS = (
    "t",
    "state",
    "action",
    "forced",
    "temperature",
    "log_probability",
    "reward",
    "terminated",
    "truncated",
    "return",
    "token_return",
)


def tokens_csv(session: TokenSession) -> str:
    """One row a token; `return` is G_0 up to and with this reward, `token_return` G_t over all rewards so far."""
    rows: list[tuple[object, ...]] = []
    columns = zip(
        session.frames,
        session.forced,
        session.temperatures,
        session.returns,
        session.token_returns(),
        strict=True,
    )
    for frame, forced, temperature, total, own in columns:
        chosen = (shown(frame.action), int(forced), repr(temperature), repr(frame.log_prob))
        ends = (repr(frame.reward), int(frame.terminated), int(frame.truncated))
        rows.append((frame.t, decode(frame.state), *chosen, *ends, repr(total), repr(own)))
    return table(COLUMNS, rows)


def export_session(session: TokenSession, folder: Path | None = None) -> list[Path]:
    """Write into a new folder within `folder` (default: the working directory). Raises OSError."""
    episode = as_episode(session)
    charts = {"reward": reward_chart(episode), "return": return_chart(episode, UNICODE)}
    return export_lab("token", f"token-seed{session.seed}", {"tokens": tokens_csv(session)}, charts, folder)
