"""What is changed in a run while it goes on: from which episode on it holds, and how it is taken back."""

from collections.abc import Mapping

from tutor.experiments import Value
from tutor.experiments.changes import changes_of, text_of
from tutor.experiments.worker_run import Run
from tutor.rl.changes import Change


class LiveChanges:
    """Over the parameters of a session, of which `changes` is one; it is theirs that is written.

    live: the parameters that may be changed so. asked: changes of which it is not yet known from where on they hold.
    """

    def __init__(self, parameters: dict[str, Value], live: tuple[str, ...]) -> None:
        self._parameters, self.live = parameters, live
        self._before: list[str] = []  # `changes` before each of them
        self.begin()

    def begin(self) -> None:
        """Another run, from whose beginning those that are made hold."""
        self.asked: dict[str, float] = {}
        self._heard = 0

    @property
    def made(self) -> list[Change]:
        return changes_of(str(self._parameters.get("changes", "")))

    def now(self, name: str) -> Value:
        """A parameter as it is, or is about to be."""
        made = [change.value for change in self.made if change.name == name]
        return self.asked.get(name, made[-1] if made else self._parameters[name])

    def other(self, values: Mapping[str, Value]) -> dict[str, Value]:
        """Those values that are not what there is."""
        known = {name: self.now(name) for name in self._parameters}
        return {name: value for name, value in values.items() if value != known.get(name)}

    def tell(self, run: Run) -> None:
        """Ask the run for what is asked for."""
        for name, value in self.asked.items():
            run.change(name, value)

    def hear(self, run: Run) -> None:
        """Write down from where on the changes hold that the run has made."""
        for change in run.changes[self._heard :]:
            self._before.append(str(self._parameters["changes"]))
            self._parameters["changes"] = text_of([*self.made, change])
            if self.asked.get(change.name) == change.value:
                del self.asked[change.name]
        self._heard = len(run.changes)
        if run.ended:
            self.asked.clear()

    def settle(self) -> None:
        """What is changed now is so from the beginning of the run that comes."""
        if self.live:
            self._parameters.update({name: self.now(name) for name in self.live})
            self._parameters["changes"] = ""
            self._before.clear()

    def take_back(self) -> int | None:
        """Undo the last one; the first episode for which that matters. None when there is nothing to undo."""
        if not self._before:
            return None
        dropped = _by_place(self.made)
        self._parameters["changes"] = self._before.pop()
        kept = _by_place(self.made)
        return min(place[0] for place in dropped if kept.get(place) != dropped[place])


def _by_place(changes: list[Change]) -> Mapping[tuple[int, str], Change]:
    return {(change.episode, change.name): change for change in changes}
