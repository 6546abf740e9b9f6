"""Exports: a learner's events as JSON, to be handed in, kept, or brought to another machine.

    {"format": "rl-tutor progress", "version": 1, "learner": …, "name": …, "email": …, "exported": …,
     "events": [{"id": …, "clock": …, "at": …, "kind": …}, …]}

An event's `learner` is left out when it is the file's, and `lesson`, `step`, `question` and `data` when empty.

Whose work is it after an import? A store that holds nothing becomes the exported learner's (someone moves to another
machine; their questions stay shuffled as they were). Otherwise the store's learner stays who they are, and the events
count as their own progress; each event still says in whose tutor it happened.
"""

import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from tutor.progress.errors import ProgressError
from tutor.progress.events import MAX_CLOCK, MAX_NAME, Event, check_same, clean_line, dump, is_id, make
from tutor.progress.state import ordered
from tutor.progress.store import ProgressStore, timestamp

FORMAT = "rl-tutor progress"
VERSION = 1
MAX_BYTES = 32 * 1024 * 1024
MAX_EVENTS = 200_000


class Export(NamedTuple):
    """What an export holds, checked and cleaned; events in order, each once."""

    learner: str
    name: str
    email: str
    events: tuple[Event, ...]


class ImportResult(NamedTuple):
    """What an import did: events that were new, events known already, whether the store became that learner's."""

    added: int
    known: int
    adopted: bool


def export_json(store: ProgressStore, *, name: str = "", email: str = "") -> str:
    """Everything in `store`, one event a line."""
    learner = store.learner
    head = {
        "format": FORMAT,
        "version": VERSION,
        "learner": learner,
        "name": clean_line(name),
        "email": clean_line(email),
        "exported": timestamp(datetime.now(UTC)),
    }
    start = json.dumps(head, ensure_ascii=False, indent=1)[:-2]
    events = ",\n".join(_dump_event(event, learner) for event in store.events())
    return f'{start},\n "events": [\n{events}\n]}}\n'


def import_json(store: ProgressStore, text: str, where: str = "the export") -> ImportResult:
    """Take the events of an export into `store`: a union by id, all of them or none.

    Raises ProgressError; `where` names the export in its message.
    """
    export = parse_export(text, where)
    added, adopted = store.add(export.events, export.learner)
    return ImportResult(added, len(export.events) - added, adopted)


def read_export(path: Path) -> Export:
    """The export in a file. Raises ProgressError."""
    return parse_export(read_text(path), str(path))


def read_text(path: Path) -> str:
    """A file's text, unless it is too big or no text at all. Raises ProgressError."""
    try:
        with path.open("rb") as stream:
            content = stream.read(MAX_BYTES + 1)
    except OSError as error:
        raise _refuse(str(path), f"cannot be read ({error.strerror or error})") from error
    return decode(content, str(path))


def decode(content: bytes, where: str) -> str:
    """Raises ProgressError when `content` is more than MAX_BYTES or not UTF-8."""
    if len(content) > MAX_BYTES:
        raise _refuse(where, f"is more than {MAX_BYTES // 2**20} MB, which no export of rl-tutor is")
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise _refuse(where, f"is not UTF-8 text (byte {error.start})") from error


def parse_export(text: str, where: str = "the export") -> Export:
    """Check and clean an export. Raises ProgressError with the first thing that is wrong; `where` names it."""
    if len(text) > MAX_BYTES:
        raise _refuse(where, f"is more than {MAX_BYTES // 2**20} MB, which no export of rl-tutor is")
    try:
        content = json.loads(text, parse_constant=_no_constant)
    except (ValueError, RecursionError) as error:
        raise _refuse(where, f"is not JSON ({str(error)[:100]})") from error
    learner = _check_head(content, where)
    events: dict[str, Event] = {}
    for number, item in enumerate(content["events"], start=1):
        try:
            event = _parse_event(item, learner)
        except (ValueError, RecursionError) as error:
            raise _refuse(where, f"event {number}: {error}") from error
        check_same(events, [event], where)
        events[event.id] = event
    return Export(
        learner,
        _text(content, "name", where),
        _text(content, "email", where),
        tuple(ordered(events.values())),
    )


def _dump_event(event: Event, learner: str) -> str:
    row: dict[str, Any] = {"id": event.id, "clock": event.clock, "at": event.at, "kind": event.kind}
    if event.learner != learner:
        row["learner"] = event.learner
    row |= {key: getattr(event, key) for key in ("lesson", "step", "question", "data") if getattr(event, key)}
    return json.dumps(row, ensure_ascii=False, allow_nan=False)


def _check_head(content: object, where: str) -> str:
    """The learner of an export whose outside is sound."""
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise _refuse(
            where, "is not an export of rl-tutor's progress; make one with: rl-tutor progress export FILE"
        )
    version = content.get("version")
    if type(version) is not int or version < 1:
        raise _refuse(where, "has no version")
    if version > VERSION:
        raise _refuse(where, f"was written by a newer rl-tutor (version {version}); install the newer one")
    if not is_id(content.get("learner")):
        raise _refuse(where, "has no sound learner id (32 hexadecimal digits)")
    if not isinstance(content.get("events"), list):
        raise _refuse(where, "has no list of events")
    if len(content["events"]) > MAX_EVENTS:
        raise _refuse(where, f"has more than {MAX_EVENTS:,} events")
    return str(content["learner"])


def _parse_event(item: object, learner: str) -> Event:
    if not isinstance(item, dict):
        raise ValueError("not an object")
    clock, data, author = item.get("clock"), item.get("data", {}), item.get("learner", learner)
    if not is_id(item.get("id")):
        raise ValueError("no sound id (32 hexadecimal digits)")
    if not is_id(author):
        raise ValueError("no sound learner id (32 hexadecimal digits)")
    if type(clock) is not int or not 1 <= clock <= MAX_CLOCK:
        raise ValueError(f"clock is not a whole number from 1 to {MAX_CLOCK}")
    if not isinstance(data, Mapping):
        raise ValueError("data is not an object")
    dump(data)
    texts = {key: item.get(key, "") for key in ("at", "kind", "lesson", "step", "question")}
    for key, text in texts.items():
        if not isinstance(text, str):
            raise ValueError(f"{key} is not text")
    return make(item["id"], author, clock, _moment(texts.pop("at")), data=data, **texts)


def _moment(text: str) -> str:
    """A time of day with its offset, as an Event has it."""
    try:
        moment = datetime.fromisoformat(text)
        if moment.tzinfo is None:
            raise ValueError("no offset")
        return timestamp(moment)
    except (ValueError, OverflowError) as error:
        raise ValueError("at is not a time such as 2026-01-31T12:00:00.000Z") from error


def _text(content: Mapping[str, Any], key: str, where: str) -> str:
    text = content.get(key, "")
    if not isinstance(text, str) or len(text) > MAX_NAME:
        raise _refuse(where, f"{key} is not text of at most {MAX_NAME} characters")
    return clean_line(text)


def _no_constant(name: str) -> None:
    raise ValueError(f"{name} is not a number")


def _refuse(where: str, what: str) -> ProgressError:
    return ProgressError(f"{where}: {what}", "export")


def export_file(store: ProgressStore, folder: Path) -> Path:
    """Write everything in `store` into a new file in `folder`; its path. Raises OSError, ProgressError."""
    path = free_path(folder)
    write_whole(path, export_json(store))
    return path


def free_path(folder: Path) -> Path:
    """`rl-tutor-progress.json` in `folder`, or the first of `…-2`, `…-3` that is not there yet."""
    path = free = folder / "rl-tutor-progress.json"
    number = 1
    while free.exists():
        number += 1
        free = path.with_stem(f"{path.stem}-{number}")
    return free


def write_whole(path: Path, text: str) -> None:
    """Whole or not at all, so that a full disk leaves no half export behind."""
    if path.exists() and not path.is_file():  # a pipe or a device
        path.write_text(text, encoding="utf-8", newline="")
        return
    new = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        new.write_text(text, encoding="utf-8", newline="")
        new.replace(path)
    except OSError as error:
        raise OSError(error.errno, error.strerror, str(path)) from error
    finally:
        new.unlink(missing_ok=True)
