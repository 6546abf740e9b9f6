"""The code that a lab runs, read from the functions themselves."""

import ast
import inspect
import textwrap
from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from textual.content import Content

MISSING = "(the source is not installed here)"


def source_of(functions: Sequence[Callable[..., Any]]) -> list[Content]:
    """The lines of the functions, each under its module's name."""
    return [line for function in functions for line in _one(function)]


def _one(function: Callable[..., Any]) -> list[Content]:
    try:
        source = inspect.getsource(function)
    except OSError:
        source = MISSING
    return _under(f"{function.__module__}.{function.__qualname__}", source)


def source_in(module: str, name: str) -> list[Content]:
    """As `source_of`, of a function or `Class.method` of a module that is not imported for it (it may need torch)."""
    spec = find_spec(module)
    try:
        text = Path(str(spec.origin if spec else "")).read_text(encoding="utf-8")
        node: ast.AST = ast.parse(text)
        for part in name.split("."):
            node = next(n for n in ast.iter_child_nodes(node) if getattr(n, "name", "") == part)
        source = ast.get_source_segment(text, node, padded=True) or MISSING
    except (OSError, SyntaxError, StopIteration):
        source = MISSING
    return _under(f"{module}.{name}", source)


def _under(name: str, source: str) -> list[Content]:
    lines = textwrap.dedent(source).rstrip().split("\n")
    return [Content.styled(f"# {name}", "$muted"), *(Content(line) for line in lines), Content("")]
