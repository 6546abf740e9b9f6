"""What an experiment and a lab are: names, parameters, and what runs."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Protocol, cast

from tutor.experiments.changes import ChangesParameter
from tutor.experiments.frames import Frame
from tutor.experiments.grids import resolve_grid
from tutor.experiments.parameters import Parameter, Value
from tutor.rl.changes import Changes


class Runner(Protocol):
    """(every parameter's value, seeds) -> frames. changes: of a run that can be changed while it goes on; they take
    the place of those in the values."""

    def __call__(
        self, values: Mapping[str, Value], seeds: Sequence[int], changes: Changes | None = None, /
    ) -> Iterator[Frame]: ...


@dataclass(frozen=True)
class Experiment:
    """Something that runs over seeds and yields frames.

    id: as in lessons and commands. sentence: what it shows, for people. metrics: the names every series
    carries. series: the names of its curves. runner: (every parameter's value, seeds) -> frames. deterministic:
    whether every seed gives the same numbers, given every parameter's value. updates: the number of the last update
    of each series, when the parameters say it beforehand. plot: the metric that is drawn unless another is asked for.
    judged: the metric that says how good a run is, where that is not the one drawn first. unit: what an update is.
    grid: on which it always is, if it has no parameter that says so. fixed: it looks for no better policy, so its end
    is not judged by the optimum. torch: it needs torch, which is never loaded into the process of
    the screens. light: whether, with every parameter's value, it does without torch all the same.
    """

    id: str
    title: str
    sentence: str
    parameters: tuple[Parameter, ...]
    metrics: tuple[str, ...]
    series: tuple[str, ...]
    runner: Runner
    deterministic: Callable[[Mapping[str, Value]], bool] = lambda _values: False
    updates: Callable[[Mapping[str, Value]], int | None] = lambda _values: None
    plot: str = ""
    judged: str = ""
    unit: str = "update"
    grid: str = ""
    fixed: bool = False
    torch: bool = False
    light: Callable[[Mapping[str, Value]], bool] = lambda _values: False

    @property
    def plotted(self) -> str:
        """The metric to draw first."""
        return self.plot or self.metrics[0]

    @property
    def spoken_of(self) -> str:
        """The metric that the rules speak of: what judges a run, else what is drawn; where that is a mean of recent
        episodes, the episodes themselves."""
        drawn = "objective/episode_return" if self.plotted == "objective/recent_return" else self.plotted
        return self.judged or drawn

    @property
    def live(self) -> tuple[str, ...]:
        """The parameters that may be changed while it runs."""
        found = next((p for p in self.parameters if isinstance(p, ChangesParameter)), None)
        return () if found is None else tuple(p.name for p in found.of)

    def values(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Every parameter's value: what is given, else the grid's own number, else the default. Raises
        ParameterError."""
        return resolve_grid(self.parameters, given)


@dataclass(frozen=True)
class LabDescription:
    """Something to play with: what may be set, and how it may begin.

    main: the parameter that `[` and `]` change. presets: settings that `n` goes through; the first is how
    it begins. check_fit: raises ParameterError where given values contradict each other.
    """

    id: str
    title: str
    sentence: str
    parameters: tuple[Parameter, ...]
    main: str
    presets: tuple[Mapping[str, Value], ...]
    check_fit: Callable[[Mapping[str, Value]], None] = lambda _given: None

    def values(self, given: Mapping[str, object]) -> dict[str, Value]:
        """Every parameter's value: what is given, else the grid's own number, else the default. Raises
        ParameterError."""
        values = resolve_grid(self.parameters, given)
        self.check_fit({name: values[name] for name in given})
        return values

    def presets_after(self, values: Mapping[str, Value]) -> Sequence[Mapping[str, Value]]:
        """All presets, from the one after that there is on: after the one of those that fit which says the most."""
        fitting = [
            (len(preset), place)
            for place, preset in enumerate(self.presets)
            if preset.items() <= values.items()
        ]
        first = (max(fitting)[1] + 1) % len(self.presets) if fitting else 0
        return (*self.presets[first:], *self.presets[:first])


def runner_from(module: str, function: str) -> Runner:
    """The runner `tutor.experiments.<module>.<function>`, imported when it is first called."""

    def runner(
        values: Mapping[str, Value], seeds: Sequence[int], changes: Changes | None = None
    ) -> Iterator[Frame]:
        found = cast(Runner, getattr(import_module(f"tutor.experiments.{module}"), function))
        return found(values, seeds) if changes is None else found(values, seeds, changes)

    return runner
