"""Typed parameters: one description serves lab controls, `--set`, `check`, `--help` and the documentation."""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

Value = float | int | str | bool
Kind = Literal["float", "int", "choice", "text", "flag", "grid"]


class ParameterError(ValueError):
    """A parameter is unknown or out of range; the message names it, its value and what it may be."""


@dataclass(frozen=True)
class Parameter:
    """One knob of an experiment or lab.

    name: as in lessons and `--set`. sentence: what it does, for people. low, high: inclusive, for numbers.
    choices: for `choice`; for `grid` the names that everybody has. step: how far one press of `[` or `]` goes.
    """

    name: str
    kind: Kind
    default: Value
    sentence: str
    low: float = -math.inf
    high: float = math.inf
    choices: tuple[str, ...] = ()
    step: float = 0.0

    def allowed(self) -> str:
        """What the value may be, in words: `between 0 and 1`, `one of mouse, rooms`."""
        if self.kind == "choice":
            return "one of " + ", ".join(self.choices)
        if self.kind == "flag":
            return "true or false"
        if self.kind == "text":
            return "text"
        noun = "a whole number" if self.kind == "int" else "a number"
        if math.isinf(self.low) and math.isinf(self.high):
            return noun
        if math.isinf(self.high):
            return f"{noun} of at least {self.low:g}"
        if math.isinf(self.low):
            return f"{noun} of at most {self.high:g}"
        return f"{noun} between {self.low:g} and {self.high:g}"

    def options(self) -> tuple[str, ...]:
        """What may be chosen without typing, in order."""
        return ("true", "false") if self.kind == "flag" else self.choices

    def values(self) -> list[Value]:
        """The values of `options` that can be read (the file of a saved grid may be damaged)."""
        found = []
        for option in self.options():
            try:
                found.append(self.parse(option))
            except ParameterError:
                continue
        return found

    def problem_elsewhere(self, raw: object) -> str:  # noqa: ARG002  (what a kind may say to a value)
        """Why a value that is right here would be wrong on another computer; empty when it would not."""
        return ""

    def parse(self, raw: object) -> Value:
        """The value that `raw` (from YAML, a command line or a control) stands for; raises ParameterError."""
        try:
            value = _convert(self.kind, raw)
        except (KeyError, TypeError, ValueError, OverflowError):
            raise self._refuse(raw) from None
        if isinstance(value, str):
            if self.kind == "choice" and value not in self.choices:
                raise self._refuse(raw)
        elif self.kind != "flag" and not (math.isfinite(value) and self.low <= value <= self.high):
            raise self._refuse(raw)
        return value

    def _refuse(self, raw: object) -> ParameterError:
        hint = did_you_mean(str(raw), self.options())
        return ParameterError(f"{self.name} is {str(raw)[:60]!r}; it must be {self.allowed()}{hint}")


def did_you_mean(given: str, known: Iterable[str]) -> str:
    """The end of a message, `; did you mean 'rooms'?`, where one of the names is near; else empty."""
    from difflib import get_close_matches

    names = list(known)
    near = get_close_matches(given, names, 1)
    near = near or [name for name in names if len(given) > 2 and name.startswith(given)]
    return f"; did you mean {near[0]!r}?" if near and near[0] != given else ""


_FLAGS = dict.fromkeys(("true", "yes", "on", "1"), True) | dict.fromkeys(("false", "no", "off", "0"), False)


def _convert(kind: Kind, raw: object) -> Value:
    """The value of a kind, its range unchecked. Raises KeyError, TypeError, ValueError or OverflowError."""
    if kind in ("text", "choice", "grid"):
        if not isinstance(raw, str):
            raise TypeError
        return raw
    if kind == "flag":
        return raw if isinstance(raw, bool) else _FLAGS[str(raw).strip().lower()]
    if isinstance(raw, bool) or not isinstance(raw, (int, float, str)):
        raise TypeError
    number = float(raw)
    if kind == "float":
        return number
    if number != int(number):
        raise ValueError
    return int(number)


def resolve(parameters: Sequence[Parameter], given: Mapping[str, object]) -> dict[str, Value]:
    """Every parameter's value: what is given, else the default. Raises ParameterError for the first that is wrong."""
    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            names = (", ".join(known) or "none") + did_you_mean(str(name), known)
            raise ParameterError(f"unknown parameter {str(name)[:60]!r}; the parameters are: {names}")
    return {name: p.parse(given[name]) if name in given else p.default for name, p in known.items()}
