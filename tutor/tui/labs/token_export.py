"""Writes an answer down in a folder of its own: every token as CSV, the plots as CSV, text and SVG."""

import csv
import io
from pathlib import Path

from tutor import paths
from tutor.charts.export import export
from tutor.toy_llm.tokenizer import decode
from tutor.tui.glyphs import UNICODE
from tutor.tui.labs.gridworld_export import new_folder
from tutor.tui.labs.gridworld_picture import return_chart, reward_chart
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
    stream = io.StringIO()
    writer = csv.writer(stream, lineterminator="\n")
    writer.writerow(COLUMNS)
    rows = zip(
        session.frames,
        session.forced,
        session.temperatures,
        session.returns,
        session.token_returns(),
        strict=True,
    )
    for frame, forced, temperature, total, own in rows:
        chosen = (shown(frame.action), int(forced), repr(temperature), repr(frame.log_prob))
        ends = (repr(frame.reward), int(frame.terminated), int(frame.truncated))
        writer.writerow((frame.t, decode(frame.state), *chosen, *ends, repr(total), repr(own)))
    return stream.getvalue()


def export_session(session: TokenSession, folder: Path | None = None) -> list[Path]:
    """Write into a new folder within `folder` (default: the working directory). Raises OSError."""
    folder = new_folder(folder or paths.export_dir(), "rl-tutor-token")
    stem = f"token-seed{session.seed}"
    tokens = folder / f"{stem}-tokens.csv"
    tokens.write_text(tokens_csv(session), encoding="utf-8", newline="")
    written = [tokens]
    episode = as_episode(session)
    for name, chart in (("reward", reward_chart(episode)), ("return", return_chart(episode, UNICODE))):
        written += export(chart, folder, f"{stem}-{name}")
    return written
