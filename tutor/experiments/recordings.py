"""Runs that come with the tutor, for whoever has no torch: which there are, and their files.

A file is JSON, gzipped: what gives the run again (experiment, parameters, seeds, command, versions) and its frames.
Numbers have 5 significant digits. `rl-tutor toy-llm record` makes them anew.
"""

import gzip
import json
import math
import os
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tutor import __version__
from tutor.experiments.entries.clinic import CASES, ON_A_GRID
from tutor.experiments.parameters import ParameterError, Value
from tutor.experiments.registry import find_experiment

if TYPE_CHECKING:  # numpy is for those who read one
    from tutor.experiments.frames import Frame
    from tutor.rl.changes import Changes

INSTALL = "pip install torch==2.13.0"
MOST_BYTES = 50_000_000  # of a file that is read, unpacked
DIGITS = 5


class RecordingError(ValueError):
    """A recording is missing, damaged, or of another run; the message says which and what to do."""


@dataclass(frozen=True)
class Recorded:
    """A run that is recorded. given: what differs from the defaults of its experiment. samples: sampled answers of a
    frame that are written, at most. whole: whether every number of the inside of its updates is written."""

    name: str
    experiment: str
    given: tuple[tuple[str, Value], ...] = ()
    seeds: tuple[int, ...] = (0,)
    samples: int = 8
    whole: bool = False

    @property
    def path(self) -> Path:
        return Path(__file__).with_name("recorded") / f"{self.name}.json.gz"

    @property
    def values(self) -> dict[str, Value]:
        """Every parameter's."""
        return find_experiment(self.experiment).values({**dict(self.given), "seeds": len(self.seeds)})

    @property
    def command(self) -> str:
        """That gives it again."""
        from tutor.experiments.export import command_of

        return command_of(self.experiment, self.values, self.seeds)


INSIDE_UPDATES: tuple[
    tuple[str, Value], ...
] = (  # up to the one that the lab inside PPO over tokens opens with
    ("controller", "fixed"),
    ("beta", 0.05),
    ("updates", 6),
    ("inside", True),
)
RECORDED: tuple[Recorded, ...] = (  # what the labs open with, and every case of the clinic
    Recorded("kl-control", "kl-control"),
    Recorded("rlvr", "rlvr", (("held_out", 20),)),
    Recorded("sft", "sft", seeds=(3,)),
    Recorded("reward-model", "reward-model", seeds=(3,)),
    Recorded("rlhf", "rlhf", (("inside", True),), seeds=(3,)),
    Recorded("ppo-inside-tokens", "rlhf", INSIDE_UPDATES, samples=0, whole=True),
    Recorded("clip-truth", "clip-truth"),
    *(
        Recorded(f"clinic-{case}", "clinic", (("case", case),), samples=4)
        for case in range(1, CASES + 1)
        if case not in ON_A_GRID
    ),
)


@dataclass(frozen=True)
class Recording:
    """version: of the tutor that ran; torch: of torch."""

    command: str
    version: str
    torch: str
    frames: "tuple[Frame, ...]"


def torch_missing() -> bool:
    return find_spec("torch") is None


def trains(id: str, parameters: Mapping[str, object]) -> bool:
    """Whether the run needs torch. Raises ParameterError."""
    experiment = find_experiment(id)
    return experiment.torch and not experiment.light(experiment.values(parameters))


def recorded_of(id: str) -> Recorded | None:
    """What is recorded of an experiment, to be shown in its lab: the first where there are several."""
    return next((each for each in RECORDED if each.experiment == id), None)


def recorded_named(name: str) -> Recorded:
    """Raises KeyError."""
    return {each.name: each for each in RECORDED}[name]


def find_recorded(id: str, parameters: Mapping[str, object], seeds: Sequence[int] | None) -> Recorded | None:
    """The recorded run of exactly these parameters and seeds, if there is one. Raises ParameterError."""
    values = find_experiment(id).values(parameters)
    wanted = tuple(range(int(values["seeds"])) if seeds is None else seeds)
    return next(
        (
            each
            for each in RECORDED
            if (each.experiment, each.seeds) == (id, wanted)
            and each.values == {**values, "seeds": len(wanted)}
        ),
        None,
    )


def check_recorded(id: str, parameters: Mapping[str, object], seeds: Sequence[int]) -> None:
    """Raises ParameterError where the run needs torch and is none of those recorded."""
    if trains(id, parameters) and find_recorded(id, parameters, seeds) is None:
        raise ParameterError(f"another run needs torch: {INSTALL}")


def run_or_recorded(
    id: str, parameters: Mapping[str, object], seeds: Sequence[int] | None, changes: "Changes | None" = None
) -> "Iterator[Frame]":
    """As `tutor.experiments.run`; without torch, what trains comes from its recording where there is one of just this
    run. Raises RecordingError, too."""
    from tutor.experiments.running import run

    if torch_missing() and trains(id, parameters):
        recorded = find_recorded(id, parameters, seeds)
        if recorded is not None:
            return iter(read_recording(recorded).frames)
    return run(id, parameters, seeds, changes)


# Files


def record(
    recorded: Recorded, report: "Callable[[Frame], None]" = lambda _frame: None, path: Path | None = None
) -> int:
    """Run it and write it down; the bytes written. The file is replaced once the run is over. Raises OSError, and as
    `tutor.experiments.run`."""
    from importlib.metadata import version

    from tutor.experiments.running import run

    frames = []
    for frame in run(recorded.experiment, recorded.values, recorded.seeds):
        frames.append(_raw(frame, recorded))
        report(frame)
    content = {
        "experiment": recorded.experiment,
        "parameters": recorded.values,
        "seeds": list(recorded.seeds),
        "command": recorded.command,
        "version": __version__,
        "torch": version("torch"),
        "frames": frames,
    }
    text = json.dumps(content, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
    return _write(path or recorded.path, gzip.compress(text.encode(), mtime=0))


def _write(path: Path, content: bytes) -> int:
    """In place of what is there, whole or not at all."""
    beside = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        beside.write_bytes(content)
        beside.replace(path)
    finally:
        beside.unlink(missing_ok=True)
    return len(content)


@lru_cache(maxsize=2)
def read_recording(recorded: Recorded, path: Path | None = None) -> Recording:
    """Raises RecordingError."""
    path = path or recorded.path
    again = "install the tutor again"
    try:
        content = _unpacked(path)
    except FileNotFoundError:
        raise RecordingError(f"the recorded run {path.name} is missing: {again}, or {INSTALL}") from None
    except (OSError, EOFError, zlib.error, ValueError, RecursionError):
        raise RecordingError(f"the recorded run {path.name} is damaged: {again}, or {INSTALL}") from None
    try:
        found = content["experiment"], content["parameters"], tuple(content["seeds"])
        if found != (recorded.experiment, recorded.values, recorded.seeds):
            raise RecordingError(
                f"the recorded run {path.name} is of other parameters than this version's: {INSTALL}"
            )
        frames = tuple(_frame(raw) for raw in content["frames"])
        command, version, torch = (str(content[name]) for name in ("command", "version", "torch"))
    except RecordingError:
        raise
    except (KeyError, TypeError, ValueError, IndexError, AttributeError):
        raise RecordingError(f"the recorded run {path.name} is damaged: {again}, or {INSTALL}") from None
    return Recording(command, version, torch, frames)


def _unpacked(path: Path) -> Any:
    with gzip.open(path) as file:
        text = file.read(MOST_BYTES + 1)
    if len(text) > MOST_BYTES:
        raise ValueError("too large")
    return json.loads(text)


def shortened(number: float, digits: int = DIGITS) -> float | None:
    """To so many significant digits; None for what is no number."""
    return float(f"{number:.{digits}g}") if math.isfinite(number) else None


def _raw(frame: "Frame", recorded: Recorded) -> dict[str, Any]:
    from tutor.experiments.recorded_details import raw_detail

    metrics = {name: [shortened(float(v)) for v in values] for name, values in frame.metrics.items()}
    detail = raw_detail(frame.detail, recorded.samples, whole=recorded.whole)
    return {"series": frame.series, "update": frame.update, "metrics": metrics, "detail": detail}


def _frame(raw: Mapping[str, Any]) -> "Frame":
    import numpy as np

    from tutor.experiments.frames import Frame
    from tutor.experiments.recorded_details import detail_of

    metrics = {str(name): np.array(values, np.float64) for name, values in raw["metrics"].items()}
    update = int(raw["update"])
    return Frame(str(raw["series"]), update, metrics, detail_of(raw["detail"], update, metrics))
