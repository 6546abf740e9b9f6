"""Where the program's own mistakes are written down: one bounded log file, for whoever mends them."""

import os
import traceback
from datetime import UTC, datetime
from pathlib import Path

from tutor import __version__, paths

LARGEST = 200_000  # bytes of the log; a full one becomes `rl-tutor.log.old`, and the one before that goes
LONGEST = 20_000  # characters of one traceback


def write_down(error: BaseException | str) -> str:
    """Append the traceback of `error` to the log, or that of another process, as text; one sentence that says where it
    is. Never raises.

    A traceback has the program's lines and the error's message: no values of variables, no environment.
    """
    log = paths.log_file()
    try:
        _append(log, _entry(error))
    except OSError as problem:
        reason = problem.strerror or type(problem).__name__
        return f"The details could not be written to {'your log' if paths.hosted() else log} ({reason})"
    return "Your teacher finds the details in your log" if paths.hosted() else f"The details are in {log}"


def _entry(error: BaseException | str) -> str:
    text = error if isinstance(error, str) else "".join(traceback.format_exception(error))
    if len(text) > LONGEST:
        text = f"{text[: LONGEST // 2]}\n[…]\n{text[-LONGEST // 2 :]}"
    printable = "".join(sign if sign.isprintable() or sign == "\n" else "?" for sign in text)
    return f"{datetime.now(UTC).isoformat(timespec='seconds')} rl-tutor {__version__}\n{printable}\n"


def _append(log: Path, entry: str) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    if log.is_file() and log.stat().st_size + len(entry) > LARGEST:
        log.replace(log.with_name(f"{log.name}.old"))
    with open(os.open(log, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "a", encoding="utf-8") as stream:
        stream.write(entry)
