"""Checking the names a lesson uses: labs, experiments, parameters, series, metrics."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from tutor.course.expressions import Expression, ExpressionError, MetricCall, compile_expression
from tutor.course.fields import Fields, Report
from tutor.course.yamltree import YamlList, YamlMap, YamlScalar

MOST_SERIES = 3  # curves that can be told apart in a plot without colour
FEWEST_SEEDS = 20  # for a statistic that decides a prediction


@dataclass(frozen=True)
class Names:
    """What lessons may refer to: `tutor.experiments` and `tutor.maths`, or stand-ins in tests."""

    labs: Mapping[str, Any]
    experiments: Mapping[str, Any]
    formula_problem: Callable[[str], str | None]


def known_names() -> Names:
    """The names of this program."""
    from tutor.experiments import catalogue, labs
    from tutor.maths import problem

    return Names(labs(), catalogue(), problem)


def unknown(what: str, given: str, known: Iterable[str]) -> str:
    """`there is no lab 'gridwold'; did you mean 'gridworld'?`"""
    names = list(known)
    near = get_close_matches(given, names, 1)
    hint = f"did you mean {near[0]!r}?" if near else f"there is: {', '.join(names) or 'none yet'}"
    return f"there is no {what} {given[:40]!r}; {hint}"


class NameCheck:
    """Reports every name in a lesson's blocks that does not exist and every parameter out of its range."""

    def __init__(self, names: Names, report: Report) -> None:
        self.names = names
        self.report = report

    def lab(self, fields: Fields) -> None:
        self._named(fields, "name", "lab", self.names.labs)

    def chart(self, fields: Fields) -> None:
        experiment = self._named(fields, "experiment", "experiment", self.names.experiments)
        metric = _scalar(fields, "metric")
        if experiment is not None and metric and metric not in experiment.metrics:
            fields.wrong("metric", unknown(f"metric of {experiment.id}", metric, experiment.metrics))
        if experiment is not None:
            self._drawn(fields, experiment)

    def _drawn(self, fields: Fields, experiment: Any) -> None:
        """The curves that a chart block asks for."""
        node = fields.node.entries.get("series")
        if not isinstance(node, YamlList):
            return
        names = [item.text.strip() for item in node.items if isinstance(item, YamlScalar)]
        for name in names:
            if name not in experiment.series:
                fields.wrong("series", unknown(f"series of {experiment.id}", name, experiment.series))
        if len(names) > MOST_SERIES:
            fields.wrong("series", f"there are {len(names)}; at most {MOST_SERIES} fit into a plot")
        if len(set(names)) < len(names):
            fields.wrong("series", "a curve stands in it twice; name each once")

    def quiz(self, fields: Fields) -> None:
        """The expressions of a question, and the run of a predict."""
        own = None
        predict = _scalar(fields, "kind") == "predict"
        if predict:
            own = self._named(fields, "experiment", "experiment", self.names.experiments)
        if predict and own is not None:
            self._enough_seeds(fields, own)
        if "answer" in fields:
            self._decisive(fields, "answer", predict, own)
        for entry in _entries(fields, "options"):
            if "when" in entry:
                self._decisive(entry, "when", predict, own)

    def expression(
        self, expression: Expression, place: tuple[int, int], what: str, predict: bool, own: Any
    ) -> None:
        """The metrics that an expression asks for. place: its line and column. own: the block's experiment, if any."""
        for call in expression.metrics:
            for message in self._call(call, predict, own):
                self.report.add(place[0], f"{what}: {message}", place[1])

    def _named(self, fields: Fields, key: str, what: str, known: Mapping[str, Any]) -> Any:
        given = _scalar(fields, key)
        if not given:
            return None
        found = known.get(given)
        if found is None:
            fields.wrong(key, unknown(what, given, known))
            return None
        self._settings(fields, found)
        return found

    def _settings(self, fields: Fields, found: Any) -> None:
        node = fields.node.entries.get("set")
        if not isinstance(node, YamlMap):
            return
        given = {name: value.value for name, value in node.entries.items() if isinstance(value, YamlScalar)}
        faults = 0
        for name, value in given.items():
            for message in parameter_faults(found, {name: value}):
                faults += 1
                line, column = node.key_places[name]
                self.report.add(line, f"{fields.what}: {message}", column)
        if not faults:
            for message in parameter_faults(found, given):
                fields.wrong("set", message)

    def _decisive(self, fields: Fields, key: str, predict: bool, own: Any) -> None:
        source = _scalar(fields, key)
        try:
            expression = compile_expression(source, comparison=key == "when")
        except ExpressionError:
            return  # reported where it was read
        if predict and not expression.metrics:
            wanted = 'write metric("series", "name", update)'
            fields.wrong(key, f"{key!r} does not look at the run, which must decide; {wanted}")
        self.expression(expression, fields.place_of(key), fields.what, predict, own)

    def _call(self, call: MetricCall, predict: bool, own: Any) -> list[str]:
        if call.experiment is None:
            if not predict:
                return ['there is no run here; write metric("experiment", {…}, "series", "name", update)']
            return self._series(call, own) if own is not None else []
        experiment = self.names.experiments.get(call.experiment)
        if experiment is None:
            return [unknown("experiment", call.experiment, self.names.experiments)]
        return parameter_faults(experiment, call.parameters) + self._series(call, experiment)

    def _series(self, call: MetricCall, experiment: Any) -> list[str]:
        faults = []
        if call.series not in experiment.series:
            faults.append(unknown(f"series of {experiment.id}", call.series, experiment.series))
        if call.name not in experiment.metrics:
            faults.append(unknown(f"metric of {experiment.id}", call.name, experiment.metrics))
        return faults

    def _enough_seeds(self, fields: Fields, experiment: Any) -> None:
        seeds = seeds_of(fields)
        if seeds < FEWEST_SEEDS and is_deterministic(experiment, fields) is False:
            fields.wrong("set", too_few_seeds(seeds))


def too_few_seeds(seeds: int) -> str:
    """What to say when luck would decide."""
    return (
        f"luck decides with {seeds} seed{'s' if seeds > 1 else ''}; "
        f"set seeds to at least {FEWEST_SEEDS} (the value is their mean)"
    )


def seeds_of(fields: Fields) -> int:
    """The parameter `seeds` of a block; 1 unless given."""
    node = fields.node.entries.get("set")
    given = node.entries.get("seeds") if isinstance(node, YamlMap) else None
    return given.value if isinstance(given, YamlScalar) and type(given.value) is int else 1


def is_deterministic(experiment: Any, fields: Fields) -> bool | None:
    """What the experiment says of itself (`deterministic`: a flag or a function of the parameters); None: nothing."""
    flag = getattr(experiment, "deterministic", None)
    if callable(flag):
        node = fields.node.entries.get("set")
        given = (
            {k: v.value for k, v in node.entries.items() if isinstance(v, YamlScalar)}
            if isinstance(node, YamlMap)
            else {}
        )
        if parameter_faults(experiment, given):
            return None
        return bool(flag(experiment.values(given)))
    return None if flag is None else bool(flag)


def parameter_faults(found: Any, given: Mapping[str, object]) -> list[str]:
    """What an experiment or lab has against these parameters, in its own words."""
    try:
        found.values(given)
    except ValueError as error:
        return [str(error)]
    parameters = (p for p in getattr(found, "parameters", ()) if p.name in given)
    return [fault for p in parameters if (fault := p.problem_elsewhere(given[p.name]))]


def _scalar(fields: Fields, key: str) -> str:
    node = fields.node.entries.get(key)
    return node.text.strip() if isinstance(node, YamlScalar) else ""


def _entries(fields: Fields, key: str) -> list[Fields]:
    """The mappings of a list, without reporting anything."""
    node = fields.node.entries.get(key)
    items = getattr(node, "items", ())
    return [
        Fields(item, "option", item.line, fields.report, item.column)
        for item in items
        if isinstance(item, YamlMap)
    ]
