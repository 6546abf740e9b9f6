"""The control lab: two algorithms side by side on the cliff, what they earn while exploring and what they learned."""

from collections.abc import Callable, Sequence
from typing import Any

from textual.binding import Binding

from tutor.experiments.evidence import Evidence
from tutor.experiments.rules.general import who_is_better
from tutor.rl.environments.gridworld import Gridworld
from tutor.rl.environments.maps import make
from tutor.tui.labs.control_panes import PathPanes
from tutor.tui.labs.control_picture import Path, greedy_path
from tutor.tui.labs.lab_keys import key, main
from tutor.tui.labs.run_curves import Plot
from tutor.tui.labs.run_lab import RunLab, run_keys

EARNED = "objective/episode_return"
ALPHA = "alpha, the step size, down or up"
PATH_ROWS = (6, 10)  # of the maps with their headings, in a low lab and in a high one
HIGH = 28  # rows of the lab
NARROW = 70  # columns below which the title leaves the lab's name out, as it does inside a lesson
WORST = -100.0  # of a greedy policy, as it is drawn
CLIPPED = (
    "A seed whose greedy policy gets less than −100 is drawn as −100. So is one whose policy walks in a circle and "
    "never arrives: its return has no bound, and the table says so."
)


class Lab(RunLab):
    """`[ ]` changes epsilon, up and down alpha; the greedy path of the first seed is drawn on the map."""

    BINDINGS = run_keys(
        *main("main", "epsilon", "epsilon, how often it explores, down or up"),
        Binding("down", "alpha(-1)", "alpha", show=False, tooltip=ALPHA),
        Binding("up", "alpha(1)", "alpha", show=False, tooltip=ALPHA),
        key("predict", tooltip="predict which of both earns more while exploring, then see"),
        unit="episode",
    )
    lab_id = "control"
    experiment_id = "cliff"
    length = "episodes"
    unit = "episode"
    metric = EARNED
    plots = (
        Plot(
            EARNED, "earned, mean of 20 episodes", "earned in this episode", y_range=(WORST, 0.0), smooth=20
        ),
        Plot("objective/return", "greedy policy, exact", y_range=(WORST, 0.0), least=WORST, note=CLIPPED),
    )
    above_rows = PATH_ROWS[0]

    def above(self) -> PathPanes:
        self._paths = PathPanes()
        self._known: dict[tuple[int, str, int], Path] = {}  # by generation, series, update
        return self._paths

    def compared(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(str(self.session.parameters[side]) for side in ("left", "right")))

    def title(self) -> str:
        glyphs, now = self.tutor.glyphs, self.session.changes.now
        epsilon, alpha = ("ε", "α") if glyphs.sub_digits else ("epsilon", "alpha")
        explores = self._explores()
        sign = epsilon if explores == "epsilon" else explores
        name = [] if self.embedded or self.app.size.width < NARROW else ["Control"]
        parts = [*name, f"{sign} {now(explores):g}", f"{alpha} {now('alpha'):g}", self.seeds_told()]
        return glyphs.between.join(parts)

    def place(self, width: int, height: int) -> None:
        self.above_rows = PATH_ROWS[height >= HIGH]
        super().place(width, height)

    @property
    def env(self) -> Gridworld:
        return make("cliff", gamma=float(self.session.parameters["gamma"]))

    def draw_above(self) -> None:
        env = self.env
        sides = [str(self.session.parameters[side]) for side in ("left", "right")]
        self._paths.show(env, [(series, *self._path(env, series)) for series in sides])

    def _path(self, env: Gridworld, series: str) -> tuple[Path | None, int]:
        """The greedy path by the newest values that are not after the update looked at, and the update they are of."""
        frame = self.session.at(series, lambda frame: frame.detail is not None)
        if frame is None:
            return None, 0
        name = self.session.generation, series, frame.update
        if name not in self._known:
            self._known[name] = greedy_path(env, frame.detail)
        return self._known[name], frame.update

    def _explores(self) -> str:
        """The parameter by which it explores."""
        return "temperature" if self.session.parameters["behaviour"] == "softmax" else "epsilon"

    def action_main(self, by: int) -> None:
        self.change(self._explores(), by)

    def action_alpha(self, by: int) -> None:
        self.change("alpha", by)

    def question(self) -> tuple[str, Sequence[str]]:
        one, other = self._two()
        answers = (f"{one} earns more", f"{other} earns more", "they cannot be told apart")
        return "Over the last fifth of the episodes, while both still explore:", answers

    def verdict(self) -> int | None:
        names = self._two()
        evidence = Evidence((f for f in self.session.frames if f.series in names), metric=EARNED)
        sentence = who_is_better(evidence, 2)
        if sentence is None:
            return None
        winners = [sentence.startswith(f"{name} earns more") for name in names]
        return winners.index(True) if any(winners) else 2

    def _two(self) -> tuple[str, str]:
        """Both sides; where they are the same, the usual two."""
        names = self.compared()
        return (names[0], names[1]) if len(names) == 2 else ("sarsa", "q-learning")

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.rl.control_loop import Learner, next_value_of

        rules = [next_value_of(name) for name in self.compared()]
        return *dict.fromkeys(rules), Learner.learn, Learner.advance
