"""What the learner may set: a frozen dataclass, kept as TOML."""

import dataclasses
import os
import tomllib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


def _option(default: Any, choices: tuple[Any, ...], sentence: str) -> Any:
    return field(default=default, metadata={"choices": choices, "sentence": sentence})


@dataclass(frozen=True)
class Settings:
    """Every field has the values it may take and one sentence that says what it does (see `choices`, `sentence`)."""

    theme: str = _option("dark", ("dark", "light"), "Dark or light background.")
    symbols: str = _option(
        "auto", ("auto", "unicode", "ascii"), "γ and ─ or plain ASCII; auto asks the terminal's locale."
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
            table = tomllib.load(stream)
    except FileNotFoundError:
        return Settings(), []
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        return Settings(), [f"{path}: not readable as settings ({error}); the defaults are used"]
    known, problems, good = fields(), [], {}
    for name, value in table.items():
        if name not in known:
            problems.append(f"{path}: unknown setting {name!r}")
        elif not any(
            type(value) is type(choice) and value == choice for choice in known[name].metadata["choices"]
        ):
            choices = ", ".join(map(str, known[name].metadata["choices"]))
            problems.append(f"{path}: {name} is {value!r}; it may be one of {choices}")
        else:
            good[name] = value
    return Settings(**good), problems


def save(settings: Settings, path: Path) -> None:
    """Write atomically: a crash leaves the old file or the new one, never half of one. Raises OSError."""
    import tomli_w

    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f"{path.name}.{os.getpid()}.new")
    temporary.write_bytes(tomli_w.dumps(dataclasses.asdict(settings)).encode())
    temporary.replace(path)
