"""How much of the machine a class and each learner may use; settings of the class folder's `class.toml`."""

import dataclasses
import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tutor.classroom.errors import ClassError


def _limit(default: int, least: int, most: int, sentence: str) -> Any:
    return field(default=default, metadata={"range": (least, most), "sentence": sentence})


@dataclass(frozen=True)
class Limits:
    """Each with its default, the range it may have, and one sentence (see `fields`)."""

    sessions: int = _limit(320, 1, 5000, "sessions of all learners at once")
    sessions_per_learner: int = _limit(2, 1, 20, "sessions of one learner at once")
    idle_minutes: int = _limit(60, 1, 24 * 60, "minutes without typing after which a session ends")
    silence: int = _limit(60, 2, 3600, "seconds without an answer of the network after which a session ends")
    login_seconds: int = _limit(
        180,
        60,
        3600,
        "seconds in which somebody must have typed their code; up to 34 go in waits after wrong ones",
    )
    cpu_seconds: int = _limit(20, 5, 600, "seconds of a core that a session may use within half a minute")
    memory_mb: int = _limit(400, 100, 16_000, "MB of memory of one session")
    output_kb: int = _limit(
        256, 16, 100_000, "kB a second that a session may send; what is beyond comes slower"
    )
    disk_mb: int = _limit(
        50,
        1,
        100_000,
        "MB that the class keeps of what one learner does, and as many of their exports and grids",
    )
    pool: int = _limit(8, 0, 200, "sessions started ahead")
    runs: int = _limit(2, 1, 200, "runs of experiments at once, a core each; more wait in a queue")
    torch: int = _limit(
        0,
        0,
        1,
        "1 loads torch ahead: runs that train the language model begin seconds sooner, sessions weigh more",
    )
    connections: int = _limit(200, 10, 10_000, "connections that have not said yet who they are, at once")
    connections_per_address: int = _limit(80, 5, 10_000, "those of one address; a class may share one")


def fields() -> dict[str, dataclasses.Field[Any]]:
    """The limits by name."""
    return {each.name: each for each in dataclasses.fields(Limits)}


def load(path: Path) -> Limits:
    """The limits in `path`; the defaults where there is no file. Raises ClassError: one line with all that is wrong."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return Limits()
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else error
        raise ClassError(f"{path}: cannot be read as settings of a class ({why})") from error
    if faults := list(_faults(table)):
        raise ClassError(f"{path}: {'; '.join(faults)}")
    return Limits(**table)


def _faults(table: Mapping[str, Any]) -> Iterator[str]:
    """What is wrong with each setting."""
    known = fields()
    for name, value in table.items():
        if name not in known:
            yield f"there is no limit {name!r} (there are: {', '.join(known)})"
            continue
        least, most = known[name].metadata["range"]
        if type(value) is not int or not least <= value <= most:
            yield f"{name} is {value!r}; it must be a whole number from {least} to {most}"


def explained() -> str:
    """A `class.toml` with every limit at its default, as a comment."""
    lines = ["# Limits of this class. Take the # away from a line to change it, and start the server again."]
    for name, each in fields().items():
        least, most = each.metadata["range"]
        lines.append(f"# {name} = {each.default}  # {each.metadata['sentence']} ({least} to {most})")
    return "\n".join(lines) + "\n"
