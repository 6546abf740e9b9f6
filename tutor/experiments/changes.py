"""What is changed in the course of a run, as one of its parameters: `121:epsilon=0.3,200:alpha=0.1`."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from tutor.experiments.parameters import Parameter, ParameterError, Value
from tutor.rl.changes import Change
from tutor.rl.ranges import MOST_EPISODES

EXAMPLE = "121:epsilon=0.3,200:alpha=0.1"
_ONE = re.compile(r"(\d{1,7}):(\w+)=(.+)")


@dataclass(frozen=True)
class ChangesParameter(Parameter):
    """of: the parameters that may be changed. Its value is the text, each change in the same form, by episode."""

    of: tuple[Parameter, ...] = ()

    def allowed(self) -> str:
        return f"empty, or changes such as {EXAMPLE}: from that episode on"

    def parse(self, raw: object) -> Value:
        if not isinstance(raw, str):
            raise self._refuse(raw)
        return text_of(self._one(part.strip()) for part in raw.split(",") if part.strip())

    def _one(self, part: str) -> Change:
        known = {parameter.name: parameter for parameter in self.of}
        match = _ONE.fullmatch(part)
        if match is None or match[2] not in known:
            raise self._refuse(part)
        if not 1 <= int(match[1]) <= MOST_EPISODES:
            raise ParameterError(
                f"{self.name}: episode is {match[1]}; it must be between 1 and {MOST_EPISODES}"
            )
        try:
            return Change(int(match[1]), match[2], float(known[match[2]].parse(match[3].strip())))
        except ParameterError as error:
            raise ParameterError(f"{self.name}: {error}") from None


def text_of(changes: Iterable[Change]) -> str:
    """By episode; of two of the same number in the same episode the later one stands."""
    last = {(change.episode, change.name): change.value for change in changes}
    return ",".join(f"{episode}:{name}={value!r}" for (episode, name), value in sorted(last.items()))


def changes_of(text: str) -> list[Change]:
    """Of the parameter's value."""
    found = [_ONE.fullmatch(part) for part in text.split(",") if part]
    return [Change(int(m[1]), m[2], float(m[3])) for m in found if m is not None]
