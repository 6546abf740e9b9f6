"""The stability lab: PPO with its clip or a KL penalty, TRPO, and three ways without safeguards, over many seeds."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from textual.binding import Binding

from tutor.experiments import grid_title
from tutor.tui.labs import stability_words as words
from tutor.tui.labs.lab_keys import key, main
from tutor.tui.labs.run_curves import Plot
from tutor.tui.labs.run_lab import RunLab, run_keys

THREE: Mapping[str, tuple[str, ...]] = {
    "line-search": ("ppo", "trpo", "trpo-no-line-search"),
    "clip": ("ppo", "unclipped", "log-prob"),
    "penalty": ("ppo", "ppo-kl", "unclipped"),
    "mixed": ("ppo", "trpo", "unclipped"),
}
NARROW, WIDE = 70, 100  # columns below which the title drops damping, and the lab's name
RATE = "the learning rate of PPO, unclipped and log-prob, down or up"
LEAST_KL = 1e-4
CLIPPED = (
    "An update whose KL is below 0.0001 is drawn as 0.0001; the table has its number. outside: the share of samples "
    "whose ratio left the range of PPO's clip; where nothing is clipped, too."
)
FALL = 0.1  # below what it had reached: less is no fall


class Lab(RunLab):
    """`[ ]` changes TRPO's delta, up and down the others' learning rate; `v` which three are in the plots."""

    BINDINGS = run_keys(
        *main("main", "delta", "delta, the KL that a step of TRPO may have, down or up"),
        Binding("up", "rate(1)", "rate", key_display="up down", tooltip=RATE),
        Binding("down", "rate(-1)", "rate", show=False, tooltip=RATE),
        key("predict", tooltip="predict which one falls first, then see"),
        later=[Binding("v", "view", "view", tooltip="which three of the six are in the plots")],
    )
    lab_id = "stability"
    experiment_id = "stability"
    metric = words.RETURN
    plots = (
        Plot(words.RETURN, "J, exact return, all seeds", "J"),
        Plot(words.KL, "KL of an update, nats", "KL", log_y=True, least=LEAST_KL, note=CLIPPED),
    )

    def compared(self) -> tuple[str, ...]:
        return THREE[str(self.session.parameters["curves"])]

    def listed(self) -> tuple[str, ...]:
        """All six, always: only the plots have no room for them."""
        return self.experiment.series

    def title(self) -> str:
        p, width = self.session.parameters, self.app.size.width
        delta = "δ" if self.tutor.glyphs.sub_digits else "delta"
        parts = ["Stability"] if width >= WIDE else []
        parts += [grid_title(str(p["grid"])), f"{delta} {p['delta']:g}"]
        usual = next(each.default for each in self.experiment.parameters if each.name == "learning_rate")
        if p["learning_rate"] != usual:
            parts += [f"rate {p['learning_rate']:g}"]
        elif width >= NARROW:
            parts += [f"damping {p['damping']:g}"]
        parts += [self.seeds_told()]
        return self.tutor.glyphs.between.join(parts)

    def draw(self) -> None:
        session, width = self.session, self._panes.columns
        lines = words.table(session, self.listed(), width, self.tutor.glyphs)
        over = words.verdict(session, width) if session.state == "done" else []
        self._panes.show(lines, self._problem() or self._note or over)

    def action_rate(self, by: int) -> None:
        self.change("learning_rate", by)

    def action_view(self) -> None:
        views = list(THREE)
        following = views[(views.index(str(self.session.parameters["curves"])) + 1) % len(views)]
        self.session.set_parameters({"curves": following})
        self.changed([("in the plots: ", "muted"), (", ".join(THREE[following]), "strong")])

    def question(self) -> tuple[str, Sequence[str]]:
        answers = (*self.experiment.series, "none of them")
        asked = f"Which one is the first to fall by more than {FALL:g} below what it had reached (mean of the seeds)?"
        return asked, answers

    def verdict(self) -> int:
        """The first; of several in the same update the one whose fall is the deepest in the end."""
        names = self.experiment.series
        first = {name: words.first_fall(self.session, name, FALL) for name in names}
        fallen = {name: update for name, update in first.items() if update is not None}
        if not fallen:
            return len(names)
        earliest = [name for name, update in fallen.items() if update == min(fallen.values())]
        return names.index(max(earliest, key=lambda name: float(words.falls_of(self.session, name).mean())))

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.rl.policy_gradient import log_prob, ppo, ppo_kl, unclipped
        from tutor.rl.trust_region import trpo

        return ppo, ppo_kl, trpo, unclipped, log_prob
