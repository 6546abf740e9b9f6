"""The code that a lab runs, read from the functions themselves."""

import inspect
import textwrap
from collections.abc import Callable, Sequence
from typing import Any

from textual.content import Content


def source_of(functions: Sequence[Callable[..., Any]]) -> list[Content]:
    """The lines of the functions, each under its module's name."""
    return [line for function in functions for line in _one(function)]


def _one(function: Callable[..., Any]) -> list[Content]:
    try:
        lines = textwrap.dedent(inspect.getsource(function)).rstrip().split("\n")
    except OSError:
        lines = ["(the source is not installed here)"]
    name = f"{function.__module__}.{function.__qualname__}"
    return [Content.styled(f"# {name}", "$muted"), *(Content(line) for line in lines), Content("")]
