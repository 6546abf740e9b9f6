"""Every directory of the program, in one place.

`RL_TUTOR_HOME`, when set, holds all of them (a class room, a test, a USB stick). `RL_TUTOR_HOSTED` is set by the
server of a class alone: the folder for copies of what the learner exports; `RL_TUTOR_HOSTED_MB` says how many MB those,
and their grids, may take.
"""

import os
from pathlib import Path

BLOCK = 512  # bytes of a block, as `stat` counts them
APP_NAME = "rl-tutor"
PACKAGE = Path(
    __file__
).parent  # not by importlib.resources, which costs a start as much as reading the course


def _home() -> Path | None:
    home = os.environ.get("RL_TUTOR_HOME")
    return Path(home).expanduser().absolute() if home else None


def config_dir() -> Path:
    """Where `settings.toml` lives."""
    if home := _home():
        return home
    import platformdirs

    return Path(platformdirs.user_config_dir(APP_NAME))


def data_dir() -> Path:
    """Where the learner's progress and saved grids live."""
    if home := _home():
        return home
    import platformdirs

    return Path(platformdirs.user_data_dir(APP_NAME))


def cache_dir() -> Path:
    """What can be made anew: the index of the lessons."""
    if home := _home():
        return home / "cache"
    import platformdirs

    return Path(platformdirs.user_cache_dir(APP_NAME))


def log_file() -> Path:
    """Where an internal error leaves its traceback."""
    if home := _home():
        return home / "rl-tutor.log"
    import platformdirs

    return Path(platformdirs.user_log_dir(APP_NAME)) / "rl-tutor.log"


def hosted() -> bool:
    """Whether this tutor is served to somebody elsewhere, who has no files on this machine."""
    return bool(os.environ.get("RL_TUTOR_HOSTED"))


def shown(path: Path) -> str:
    """`path` as a screen may say it: of a tutor that is served the name alone, for the machine is not theirs."""
    return path.name if hosted() else str(path)


def reason(error: OSError) -> str:
    """Why it failed, as a screen may say it: with the file's whole name only where the machine is the learner's."""
    return error.strerror or type(error).__name__ if hosted() and error.filename else str(error)


def export_dir() -> Path:
    """Where exports of charts and progress go unless told otherwise: the working directory; of a tutor that is
    served, the folder that the class keeps for this learner, made where it is missing. Raises OSError as
    `check_room`."""
    check_room()
    if kept := os.environ.get("RL_TUTOR_HOSTED"):
        Path(kept).mkdir(mode=0o700, exist_ok=True)
        return Path(kept)
    return Path.cwd()


def check_room(size: int = 0) -> None:
    """Raises OSError, one line, where the learner of a class has no room for so many bytes beside their exports and
    grids."""
    most = int(os.environ.get("RL_TUTOR_HOSTED_MB") or 0)
    if not most:
        return
    folders = (Path(os.environ.get("RL_TUTOR_HOSTED", "")), data_dir() / "grids")
    files = (file for folder in folders for file in folder.rglob("*"))
    if sum(file.lstat().st_blocks * BLOCK for file in files) + size > most * 1024**2:
        raise OSError(
            f"the {most} MB that the class keeps of your exports and grids are full; tell your teacher"
        )


def settings_file() -> Path:
    return config_dir() / "settings.toml"


def progress_file() -> Path:
    return data_dir() / "progress.db"


def lessons_are_installed() -> bool:
    """Whether the shipped course lies inside the package, where the next installation replaces it."""
    return (PACKAGE / "lessons" / "en").is_dir()


def lessons_dir() -> Path:
    """The shipped course: inside the package when installed from a wheel, beside it in a checkout.

    Raises FileNotFoundError when neither is there, which is a broken installation.
    """
    for candidate in (PACKAGE / "lessons", PACKAGE.parent / "lessons"):
        if (candidate / "en").is_dir():
            return candidate
    raise FileNotFoundError(f"the lessons are missing beside {PACKAGE}; install rl-tutor again")
