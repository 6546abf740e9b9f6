"""Who came, who was refused and why: one JSON object a line, of bounded size, no control characters."""

import asyncio
import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tutor.progress.events import clean_line

LARGEST = 20_000_000  # bytes; a full log becomes `audit.log.old`, and the one before that goes
EVERY = 10.0  # seconds
LONGEST = 200  # characters of a value


class Audit:
    """Appends to a file that only its owner reads. A log that cannot be written never stops the class."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self.problem = ""  # why the last line was not written

    def write(self, what: str, **values: Any) -> None:
        """what: `came`, `refused`, …; values: text is cut and cleaned, numbers stay."""
        entry = {"at": datetime.now(UTC).isoformat(timespec="milliseconds"), "what": what}
        entry |= {name: _sound(value) for name, value in values.items()}
        line = json.dumps(entry, ensure_ascii=True) + "\n"
        try:
            if self._path.exists() and self._path.stat().st_size + len(line) > LARGEST:
                self._path.replace(self._path.with_name(f"{self._path.name}.old"))
            descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_APPEND, 0o600)
            with os.fdopen(descriptor, "ab+") as stream:
                stream.write(_after_a_cut(descriptor) + line.encode("ascii"))
            self.problem = ""
        except OSError as error:
            self.problem = f"{self._path}: {error.strerror}"


class Often:
    """Lines that strangers can bring about as often as they like: the first at once, those that are the same within
    EVERY summed up in one more, with how many `times` there were."""

    def __init__(self, audit: Audit) -> None:
        self._audit = audit
        self._more: dict[str, int] = {}  # lines, and how often they came again

    def write(self, what: str, **values: Any) -> None:
        """As of Audit. Only in an event loop."""
        line = json.dumps([what, values], sort_keys=True)
        if line not in self._more:
            self._audit.write(what, **values)
            asyncio.get_running_loop().call_later(EVERY, self._sum_up, line)
            self._more[line] = -1
        self._more[line] += 1

    def close(self) -> None:
        for line in [*self._more]:
            self._sum_up(line)

    def _sum_up(self, line: str) -> None:
        if times := self._more.pop(line, 0):
            what, values = json.loads(line)
            self._audit.write(what, **values, times=times)


def _sound(value: Any) -> Any:
    if isinstance(value, bool | int | float) or value is None:
        return value
    return clean_line(str(value))[:LONGEST]


def _after_a_cut(descriptor: int) -> bytes:
    """What parts the next line from one that a kill or a full disk has cut."""
    size = os.fstat(descriptor).st_size
    return b"" if not size or os.pread(descriptor, 1, size - 1) == b"\n" else b"\n"


def forget(path: Path, name: str) -> None:
    """Take every line about a learner out of the log, and out of the one before it. Raises OSError."""
    for each in (path, path.with_name(f"{path.name}.old")):
        if not each.exists():
            continue
        lines = each.read_text(encoding="ascii", errors="replace").splitlines(keepends=True)
        kept = [line for line in lines if not _is_about(name, line)]
        temporary = each.with_name(f"{each.name}.new")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as stream:
            stream.writelines(kept)
        temporary.replace(each)


def _is_about(name: str, line: str) -> bool:
    """Of a line that is not whole: whether it could be."""
    try:
        return bool(json.loads(line).get("name") == name)
    except (ValueError, AttributeError):
        cut = line.rstrip("\n")
        return name in cut or any(cut.endswith(name[:length]) for length in range(1, len(name)))
