"""A run as files: JSON with everything that gives it again, CSV with its frames."""

import csv
import io
import json
import math
import shlex
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from tutor import __version__
from tutor.experiments.frames import Frame
from tutor.experiments.parameters import Value
from tutor.experiments.registry import find_experiment
from tutor.experiments.summary import SeriesSummary

Row = dict[str, str | int | float | None]


def command_of(id: str, values: Mapping[str, Value], seeds: Sequence[int]) -> str:
    """The command that gives the same run again: what differs from the defaults is said.

    values: every parameter's. seeds: 0 … n-1 is the parameter `seeds` itself, others are named.
    """
    experiment = find_experiment(id)
    defaults = experiment.values({"grid": values["grid"]} if "grid" in values else {})
    standard = {p.name: p.default for p in experiment.parameters}
    words = ["rl-tutor", "run", id]
    for name, value in values.items():
        if name != "seeds" and value != (standard[name] if name == "grid" else defaults[name]):
            words += [option(name), _shown(value)]
    if list(seeds) != list(range(int(standard.get("seeds", 1)))):
        words += ["--seeds", seeds_text(seeds)]
    return shlex.join(words)


def option(name: str) -> str:
    """How a parameter is given on the command line: `step_reward` is `--step-reward`."""
    return "--" + name.replace("_", "-")


def seeds_text(seeds: Sequence[int]) -> str:
    """`20` for 0 to 19, `5-9`, `7,11`."""
    first, last = seeds[0], seeds[-1]
    if list(seeds) == list(range(len(seeds))):
        return str(len(seeds))
    if list(seeds) == list(range(first, last + 1)):
        return f"{first}-{last}"
    return ",".join(map(str, seeds))


def _shown(value: Value) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)


def as_object(
    id: str,
    values: Mapping[str, Value],
    seeds: Sequence[int],
    frames: Sequence[Frame],
    summary: Mapping[str, SeriesSummary],
    *,
    complete: bool = True,
) -> dict[str, Any]:
    """What `run --json` writes. A number that is none (a metric that is not defined) is null. complete: False for a
    run that was stopped."""
    return {
        "experiment": id,
        "parameters": dict(values),
        "seeds": list(seeds),
        "command": command_of(id, values, seeds),
        "version": __version__,
        "complete": complete,
        "frames": list(_rows(frames, seeds)),
        "summary": {name: _summary(series) for name, series in summary.items()},
    }


def as_json(run: Mapping[str, Any]) -> str:
    """Numbers to the last bit."""
    return json.dumps(run, ensure_ascii=False, allow_nan=False, separators=(",", ":")) + "\n"


def as_csv(frames: Sequence[Frame], seeds: Sequence[int]) -> str:
    """One row a series, update and seed; a metric that a frame does not have is an empty cell."""
    metrics = dict.fromkeys(name for frame in frames for name in frame.metrics)
    out = io.StringIO()
    writer = csv.DictWriter(out, ("series", "seed", "update", *metrics), lineterminator="\n")
    writer.writeheader()
    writer.writerows(_rows(frames, seeds))
    return out.getvalue()


def _rows(frames: Sequence[Frame], seeds: Sequence[int]) -> Iterator[Row]:
    for frame in frames:
        for place, seed in enumerate(seeds):
            row: Row = {"series": frame.series, "seed": seed, "update": frame.update}
            for name, values in frame.metrics.items():
                row[name] = _number(float(values[place]))
            yield row


def _number(value: float) -> float | None:
    return value if math.isfinite(value) else None


def _summary(series: SeriesSummary) -> dict[str, Any]:
    facts: dict[str, Any] = {
        name: {
            "mean": _number(figures.mean),
            "std": _number(figures.std),
            "min": _number(figures.min),
            "max": _number(figures.max),
        }
        for name, figures in series.metrics.items()
    }
    if series.worst_fall is not None:
        fall = series.worst_fall
        facts["worst_fall"] = {"mean": _number(float(fall.mean())), "max": _number(float(fall.max()))}
    if series.stuck is not None:
        facts["stuck"] = series.stuck
    if (ends := series.metrics.get("objective/return")) is not None:
        facts["does_not_arrive"] = ends.lost / ends.values.size
    return facts
