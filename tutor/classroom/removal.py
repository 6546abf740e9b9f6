"""Removing a learner: all that is theirs, to the end, even where the command that did it was killed half-way."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

from tutor.classroom.audit import forget
from tutor.classroom.errors import ClassError
from tutor.classroom.folder import ClassFolder
from tutor.classroom.people import Learner, People
from tutor.classroom.serving import exchange, reached


def remove(folder: ClassFolder, people: People, learner: Learner) -> int:
    """How many events went. Raises ClassError when their sessions do not end in time, and then nothing has changed; and
    when a file of theirs cannot be removed: then who they are is kept, so that it can be asked for again."""
    with _kept_out(folder, learner.name):
        marker = folder.removals / learner.id
        marker.parent.mkdir(mode=0o700, exist_ok=True)
        marker.write_text(learner.name, encoding="utf-8")
        events = _delete(folder, people, learner)
        marker.unlink()
        return events


def finish(folder: ClassFolder, people: People) -> list[str]:
    """Finish every removal that was cut short; of whom. Raises as `remove`."""
    cut_short = [Learner(path.name, path.read_text(encoding="utf-8")) for path in _markers(folder)]
    for learner in cut_short:
        remove(folder, people, learner)
    return [learner.name for learner in cut_short]


def _markers(folder: ClassFolder) -> list[Path]:
    return sorted(folder.removals.iterdir()) if folder.removals.is_dir() else []


def _delete(folder: ClassFolder, people: People, learner: Learner) -> int:
    """Everything, or what is left of it; who they are comes last, so that it can be asked for again until then."""
    owner = people.find(learner.name)
    if owner is None or owner.id == learner.id:  # else another has taken the name since: these are theirs
        _remove_tree(folder.exports / learner.name, learner)
        forget(folder.audit, learner.name)
    _remove_tree(folder.home(learner.id), learner)
    return people.remove(learner)


def _remove_tree(tree: Path, learner: Learner) -> None:
    """As much of it as can be. Raises ClassError with what stands in the way of the rest."""
    shutil.rmtree(tree, ignore_errors=True)
    if not os.path.lexists(tree):
        return
    try:
        shutil.rmtree(tree)
    except OSError as error:
        left = Path(error.filename or tree)
        where = left if left.is_absolute() else tree
        why = f"{where}: cannot be removed ({error.strerror or error})"
        raise ClassError(
            f"{why}; {learner.name} is not wholly removed: mend that, and say it again"
        ) from error


@contextmanager
def _kept_out(folder: ClassFolder, name: str) -> Iterator[None]:
    """Nobody is there or comes by this name. It is free again once our link to the server ends, whatever ends it."""
    link = reached(folder)
    with link or nullcontext():
        if link is not None and exchange(link, {"do": "bar", "name": name}) is None:
            raise ClassError(f"the sessions of {name} did not end in time; nobody was removed, try again")
        yield
