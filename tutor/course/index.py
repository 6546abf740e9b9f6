"""What Home shows of every lesson, kept in a file so that opening the tutor parses none.

The file is a cache: a damaged, foreign or unwritable one is as good as none.
"""

import json
import os
from dataclasses import asdict
from pathlib import Path
from typing import Any

from tutor.course.types import LessonInfo

FORMAT = 1
MAX_ENTRIES = 2000


class Index:
    """Infos by path, valid while the file's time and size stay the same. file=None keeps nothing."""

    def __init__(self, file: Path | None) -> None:
        self.file = file
        self.entries: dict[str, dict[str, Any]] = _read(file) if file else {}
        self.changed = False

    def get(self, path: Path, stamp: os.stat_result) -> LessonInfo | None:
        """What is known of `path`, unless the file has changed since."""
        entry = self.entries.get(str(path))
        if not isinstance(entry, dict) or entry.get("stamp") != [stamp.st_mtime_ns, stamp.st_size]:
            return None
        return _info(path, entry.get("info"))

    def put(self, path: Path, stamp: os.stat_result, info: LessonInfo) -> None:
        """Keeps `info` until the file changes."""
        known = {key: value for key, value in asdict(info).items() if key != "path"}
        self.entries.pop(str(path), None)
        self.entries[str(path)] = {"stamp": [stamp.st_mtime_ns, stamp.st_size], "info": known}
        self.changed = True

    def save(self) -> None:
        """Writes the index if it changed: whole or not at all, and never with an error."""
        if self.file is None or not self.changed:
            return
        import tempfile  # several milliseconds, and needed only after a lesson changed

        newest = dict(list(self.entries.items())[-MAX_ENTRIES:])
        text = json.dumps({"format": FORMAT, "entries": newest}, ensure_ascii=True, separators=(",", ":"))
        temporary = ""
        try:
            self.file.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=self.file.parent, prefix=self.file.name, suffix=".new")
            with open(handle, "w", encoding="utf-8") as file:
                file.write(text)
            os.replace(temporary, self.file)
            self.changed = False
        except OSError:
            _remove(temporary)


def _remove(temporary: str) -> None:
    try:
        if temporary:
            os.unlink(temporary)
    except OSError:
        pass  # a leftover in a cache folder harms nobody


def _read(file: Path) -> dict[str, dict[str, Any]]:
    try:
        data = json.loads(file.read_text(encoding="utf-8"))
        if data["format"] == FORMAT and isinstance(data["entries"], dict):
            return dict(data["entries"])
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        pass  # no index yet, or not one of ours: it is made anew
    return {}


_TEXTS = ("id", "title", "fault", "remark")
_NUMBERS = ("order", "minutes")
_LISTS = ("objectives", "requires", "step_ids", "question_ids")


def _info(path: Path, known: Any) -> LessonInfo | None:
    """The kept info, or None when it is not what was written."""
    if not isinstance(known, dict) or set(known) != {*_TEXTS, *_NUMBERS, *_LISTS}:
        return None
    sound = (
        all(isinstance(known[key], str) for key in _TEXTS)
        and all(type(known[key]) is int for key in _NUMBERS)
        and all(_are_texts(known[key]) for key in _LISTS)
    )
    if not sound:
        return None
    values: dict[str, Any] = {key: tuple(v) if isinstance(v, list) else v for key, v in known.items()}
    return LessonInfo(path=path, **values)


def _are_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(item, str) for item in value)
