"""What the learner may set: a frozen dataclass, kept as TOML."""

import dataclasses
import os
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

from tutor import paths


def _option(default: Any, choices: tuple[Any, ...], sentence: str) -> Any:
    return field(default=default, metadata={"choices": choices, "sentence": sentence})


@dataclass(frozen=True)
class Settings:
    """Every field has the values it may take and one sentence that says what it does (see `choices`, `sentence`)."""

    theme: str = _option("dark", ("dark", "light"), "Dark or light background.")
    symbols: str = _option(
        "auto",
        ("auto", "unicode", "ascii"),
        "Greek letters and lines, or plain ASCII; auto asks the terminal's locale.",
    )
    motion: bool = _option(
        True, (True, False), "Whether anything moves by itself; turn it off on a slow link."
    )
    plot_rate: int = _option(8, (1, 2, 4, 8), "Redraws of a live plot per second, at most.")


def fields() -> dict[str, dataclasses.Field[Any]]:
    """The settings by name, in the order of the screen."""
    return {f.name: f for f in dataclasses.fields(Settings)}


def load(path: Path) -> tuple[Settings, list[str]]:
    """The settings in `path`, and one line for each thing in it that could not be used (defaults stand in)."""
    try:
        with path.open("rb") as stream:
            import tomllib  # most learners have changed nothing

            table = tomllib.load(stream)
    except FileNotFoundError:
        return Settings(), []
    except (OSError, ValueError, RecursionError) as error:
        return Settings(), [
            f"{paths.shown(path)}: not readable as settings ({_why(error)}); the defaults are used"
        ]
    known, problems, good = fields(), [], {}
    for name, value in table.items():
        if name not in known:
            problems.append(f"{paths.shown(path)}: unknown setting {name!r}")
        elif not any(
            type(value) is type(choice) and value == choice for choice in known[name].metadata["choices"]
        ):
            choices = ", ".join(map(str, known[name].metadata["choices"]))
            problems.append(f"{paths.shown(path)}: {name} is {value!r}; it may be one of {choices}")
        else:
            good[name] = value
    return Settings(**good), problems


def _why(error: Exception) -> str:
    return paths.reason(error) if isinstance(error, OSError) else str(error)


def save(settings: Settings, path: Path) -> None:
    """Write atomically: a crash leaves the old file or the new one, never half of one. Raises OSError.

    What else stands in the file (a newer tutor's settings) stays; one that cannot be read is kept beside the new one.
    """
    import tomli_w

    path.parent.mkdir(parents=True, exist_ok=True)
    table = {**_others(path), **dataclasses.asdict(settings)}
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        temporary.write_bytes(tomli_w.dumps(table).encode())
        temporary.replace(path)
    except OSError:
        temporary.unlink(missing_ok=True)
        raise


def _others(path: Path) -> dict[str, Any]:
    """What is in the file; nothing when it cannot be read: then it is moved aside under today's date."""
    try:
        with path.open("rb") as stream:
            import tomllib

            return tomllib.load(stream)
    except OSError:
        return {}
    except (ValueError, RecursionError):
        path.replace(path.with_name(f"{path.name}.damaged-{date.today().isoformat()}"))
        return {}
