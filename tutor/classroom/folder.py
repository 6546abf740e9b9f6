"""Where a class lives on the teacher's machine; nobody else may look into it."""

import fcntl
import os
import socket
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from tutor import paths
from tutor.classroom.errors import ClassError

SOCKET_NAME = 100  # bytes that every system takes as the name of a socket: macOS 103, Linux 107


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
    def lock(self) -> Path:
        """Held by whoever serves the class; the system takes it back, however they end."""
        return self.path / "lock"

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

    @contextmanager
    def held(self) -> Iterator[None]:
        """Nobody else serves this class meanwhile. Raises ClassError when somebody does."""
        descriptor = self._opened_lock()
        try:
            if not _locked(descriptor, fcntl.LOCK_EX):
                name = self.path.name
                raise ClassError(f"class {name} is being served already; a second class: --class NAME")
            yield
        finally:
            os.close(descriptor)

    @property
    def is_held(self) -> bool:
        """Whether somebody serves this class, or is about to."""
        if not self.lock.exists():
            return False
        descriptor = self._opened_lock()
        try:
            return not _locked(descriptor, fcntl.LOCK_SH)
        finally:
            os.close(descriptor)

    def _opened_lock(self) -> int:
        return os.open(self.lock, os.O_RDWR | os.O_CREAT, 0o600)

    def listen(self) -> socket.socket:
        """On the control socket. Raises OSError."""
        self.control.unlink(missing_ok=True)
        listener = socket.socket(socket.AF_UNIX)
        before = os.umask(0o177)
        try:
            with _short(self.control) as name:
                listener.bind(name)
        except OSError:
            listener.close()
            raise
        finally:
            os.umask(before)
        return listener

    def reach(self, link: socket.socket) -> None:
        """Connect to the control socket. Raises OSError."""
        with _short(self.control) as name:
            link.connect(name)


def _locked(descriptor: int, how: int) -> bool:
    try:
        fcntl.flock(descriptor, how | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


@contextmanager
def _short(path: Path) -> Iterator[str]:
    """A name of a socket that the system takes, however long the path of its folder is: Linux has names for what is
    open. Raises OSError."""
    if len(os.fsencode(path)) <= SOCKET_NAME:
        yield str(path)
        return
    descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        yield f"/proc/self/fd/{descriptor}/{path.name}"
    finally:
        os.close(descriptor)


def class_folder(name: str) -> ClassFolder:
    """The folder of the class of this name. Raises ClassError for a name that would lead elsewhere."""
    if not name or not all(sign.isalnum() or sign in "-_" for sign in name) or len(name) > 40:
        raise ClassError(f"{name!r} is no name of a class; take letters, digits, - and _, 40 at most")
    return ClassFolder(paths.data_dir() / "classes" / name)
