"""Where a class lives on the teacher's machine; nobody else may look into it."""

import os
from dataclasses import dataclass
from pathlib import Path

from tutor import paths
from tutor.classroom.errors import ClassError


@dataclass(frozen=True)
class ClassFolder:
    """The files of one class."""

    path: Path

    @property
    def host_key(self) -> Path:
        return self.path / "host_key"

    @property
    def limits(self) -> Path:
        return self.path / "class.toml"

    @property
    def database(self) -> Path:
        return self.path / "class.db"

    @property
    def audit(self) -> Path:
        return self.path / "audit.log"

    @property
    def control(self) -> Path:
        """The socket by which `rl-tutor class` speaks to the running server."""
        return self.path / "control"

    @property
    def exports(self) -> Path:
        """Copies of what learners export; the teacher's alone."""
        return self.path / "exports"

    @property
    def removals(self) -> Path:
        """Who is being removed: a file for each, called as their id, with their name."""
        return self.path / "removals"

    def home(self, learner: str) -> Path:
        """Settings, grids and log of the learner of this id."""
        return self.path / "learners" / learner

    def make(self) -> None:
        """Raises ClassError where it cannot be made."""
        try:
            for each in (self.path, self.path / "learners", self.exports):
                each.mkdir(parents=True, exist_ok=True, mode=0o700)
            os.chmod(self.path, 0o700)
        except OSError as error:
            raise ClassError(f"{self.path}: cannot be the folder of a class ({error.strerror})") from error


def class_folder(name: str) -> ClassFolder:
    """The folder of the class of this name. Raises ClassError for a name that would lead elsewhere."""
    if not name or not all(sign.isalnum() or sign in "-_" for sign in name) or len(name) > 40:
        raise ClassError(f"{name!r} is no name of a class; take letters, digits, - and _, 40 at most")
    return ClassFolder(paths.data_dir() / "classes" / name)
