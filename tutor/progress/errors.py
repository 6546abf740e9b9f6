"""The one error of this package, and what SQLite's errors mean to the person who reads them."""

import sqlite3
from pathlib import Path
from typing import Literal

from tutor import paths

Reason = Literal["damaged", "foreign", "locked", "unwritable", "full", "newer", "export", "unsound"]


class ProgressError(Exception):
    """One sentence for the screen: what is wrong, where, what to do. `reason` is for programs."""

    def __init__(self, message: str, reason: Reason) -> None:
        super().__init__(message)
        self.reason = reason


_BY_NAME: tuple[tuple[str, Reason], ...] = (
    ("SQLITE_NOTADB", "damaged"),
    ("SQLITE_CORRUPT", "damaged"),
    ("SQLITE_BUSY", "locked"),
    ("SQLITE_LOCKED", "locked"),
    ("SQLITE_PROTOCOL", "locked"),
    ("SQLITE_FULL", "full"),
    ("SQLITE_READONLY", "unwritable"),
    ("SQLITE_CANTOPEN", "unwritable"),
    ("SQLITE_PERM", "unwritable"),
    ("SQLITE_IOERR", "unwritable"),
    ("SQLITE_NOMEM", "unwritable"),
)

_SENTENCES: dict[str, str] = {
    "damaged": "{path} is damaged ({cause}); move it aside (nothing deletes it) and start again, "
    "then bring back your last export with: rl-tutor progress import FILE",
    "foreign": "{path} is a database of another program; move it aside, "
    "or set RL_TUTOR_HOME to another directory",
    "locked": "{path} is locked by another program; close it and try again",
    "unwritable": "{path} cannot be written ({cause}); make the directory writable, "
    "or set RL_TUTOR_HOME to one that is",
    "no file": "{path} cannot be used ({cause}): a folder stands where a file should be, or a file where a folder "
    "should; move it away, or set RL_TUTOR_HOME to another directory",
    "full": "the disk that holds {path} is full; free some space and try again",
}

_HOSTED: dict[str, str] = {  # nothing that a learner of a class could mend
    "damaged": "the class's {path} is damaged ({cause}); tell your teacher",
    "foreign": "the class's {path} belongs to another program; tell your teacher",
    "locked": "the class's {path} is locked by another program; tell your teacher if it lasts",
    "unwritable": "the class's {path} cannot be written ({cause}); tell your teacher",
    "no file": "the class's {path} cannot be used ({cause}); tell your teacher",
    "full": "the disk of the class is full; tell your teacher",
}


def explain(path: Path, cause: BaseException) -> ProgressError:
    """The ProgressError that says what `cause` (of sqlite3 or of the file system) means for `path`."""
    name = getattr(cause, "sqlite_errorname", None) or ""
    reason: Reason = "unwritable" if isinstance(cause, OSError) else "damaged"
    for prefix, meaning in _BY_NAME:
        if name.startswith(prefix):
            reason = meaning
            break
    if isinstance(cause, OSError) and cause.errno == 28:  # ENOSPC
        reason = "full"
    in_the_way = isinstance(cause, IsADirectoryError | NotADirectoryError | FileExistsError)
    return ProgressError(
        _sentence("no file" if in_the_way else reason, path, cause=_first_line(cause)), reason
    )


def foreign(path: Path) -> ProgressError:
    """`path` is a sound SQLite database, but not one of ours."""
    return ProgressError(_sentence("foreign", path), "foreign")


def newer(path: Path, version: int, known: int) -> ProgressError:
    """`path` was written by a later rl-tutor."""
    what = f"{paths.shown(path)} was written by a newer rl-tutor (format {version}; this one knows {known})"
    return ProgressError(f"{what}; install the newer one, or set RL_TUTOR_HOME to another directory", "newer")


def no_room(most: int) -> ProgressError:
    """A learner of a class has filled the `most` bytes that it keeps of theirs."""
    kept = f"the {most // 1024**2} MB that the class keeps of what you do are full"
    return ProgressError(f"{kept}; tell your teacher", "full")


def _sentence(what: str, path: Path, **values: str) -> str:
    sentences = _HOSTED if paths.hosted() else _SENTENCES
    return sentences[what].format(path=paths.shown(path), **values)


def _first_line(cause: BaseException) -> str:
    text = cause.strerror if isinstance(cause, OSError) and cause.strerror else str(cause)
    return text.splitlines()[0] if text else type(cause).__name__


DATABASE_ERRORS = (sqlite3.Error, OSError)
