"""The grids that the learner has saved: one small text file each, whose first line is the grid (see `grid_line`)."""

import os
from dataclasses import replace
from pathlib import Path

from tutor import paths
from tutor.rl.environments.grid_line import LONGEST, GridLineError, read_line, write_line
from tutor.rl.environments.grid_map import NAME_RULE, GridMap, is_name
from tutor.rl.environments.maps import GRIDS

SUFFIX = ".grid"


class GridFileError(Exception):
    """A saved grid cannot be read, written or deleted; the message says which and why, in one line."""


def folder() -> Path:
    """Where they are kept."""
    return paths.data_dir() / "grids"


def saved_names() -> tuple[str, ...]:
    """The names of all, sorted; those whose file is damaged too."""
    try:
        with os.scandir(folder()) as entries:
            stems = [Path(entry.name).stem for entry in entries if entry.name.endswith(SUFFIX)]
    except OSError:
        return ()  # none saved yet, or none that could be read
    return tuple(sorted(stem for stem in stems if is_name(stem) and stem not in GRIDS))


def saved_line(name: str) -> str | None:
    """The line of a saved grid, its name in it; None when there is none of that name. Raises GridFileError."""
    file = _file(name)
    try:
        with file.open(encoding="utf-8") as stream:
            line = stream.readline(LONGEST + 2).strip()
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError) as error:
        raise GridFileError(
            f"the grid {name!r} cannot be read from {paths.shown(file)}: {_why(error)}"
        ) from None
    try:
        return write_line(_named(read_line(line), name))
    except GridLineError as error:
        raise GridFileError(f"the grid {name!r} in {paths.shown(file)} is damaged: {error}") from None


def _why(error: Exception) -> str:
    return paths.reason(error) if isinstance(error, OSError) else str(error)


def name_problem(name: str) -> str:
    """Why a grid cannot be saved under this name; empty when it can."""
    if not is_name(name):
        return f"a name is {NAME_RULE}"
    return f"{name} is one of the grids that come with the tutor; take another name" if name in GRIDS else ""


def save_grid(name: str, grid: GridMap) -> str:
    """Save under `name`, over what was there, whole or not at all; the line that was saved. Raises GridFileError."""
    if problem := name_problem(name):
        raise GridFileError(problem)
    line = write_line(_named(grid, name))
    _write(_file(name), line)
    return line


def keep_unfinished(line: str) -> None:
    """Keep the line of a grid that was left in the middle, usable or not. Raises GridFileError."""
    _write(_unfinished(), line)


def take_unfinished() -> str:
    """The line that was kept last, which is kept no longer; empty when there is none."""
    try:
        line = _unfinished().read_text(encoding="utf-8").strip()
        _unfinished().unlink()
    except (OSError, UnicodeDecodeError):
        return ""  # none, or none that can be used
    return line


def delete_grid(name: str) -> None:
    """Delete a saved grid. Raises GridFileError."""
    try:
        _file(name).unlink(missing_ok=True)
    except OSError as error:
        raise GridFileError(f"the grid {name!r} could not be deleted: {error.strerror or error}") from None


def _file(name: str) -> Path:
    return folder() / f"{name}{SUFFIX}"


def _unfinished() -> Path:
    return folder() / "unfinished.txt"


def _write(file: Path, line: str) -> None:
    """Whole or not at all. Raises GridFileError."""
    temporary = file.with_name(f"{file.name}.{os.getpid()}.new")
    try:
        paths.check_room()
        file.parent.mkdir(parents=True, exist_ok=True)
        temporary.write_text(line + "\n", encoding="utf-8")
        temporary.replace(file)
    except OSError as error:
        raise GridFileError(
            f"the grid could not be saved in {paths.shown(file)}: {error.strerror or error}"
        ) from None


def _named(grid: GridMap, name: str) -> GridMap:
    return replace(grid, name=name)
