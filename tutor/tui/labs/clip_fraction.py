"""The clip-fraction lab: how many samples PPO clips, update by update, without and with an entropy bonus."""

from collections.abc import Callable, Sequence
from typing import Any

from tutor.experiments import grid_title
from tutor.experiments.evidence import Evidence, last_part
from tutor.experiments.rules.clip_fraction import LEFT
from tutor.tui.labs.lab_keys import key, main
from tutor.tui.labs.run_curves import Plot
from tutor.tui.labs.run_lab import RunLab, run_keys

CLIPPED, RETURN = "policy/clipfrac_avg", "objective/return"
NARROW, WIDE = 70, 100  # columns below which the title drops the grid, and the lab's name


class Lab(RunLab):
    """`[ ]` changes the entropy bonus of the second curve."""

    BINDINGS = run_keys(
        *main("main", "bonus", "the entropy bonus of the second curve, down or up"),
        key("predict", tooltip="predict whether the clip fraction falls, then see"),
    )
    lab_id = "clip-fraction"
    experiment_id = "clip-fraction"
    metric = CLIPPED
    plots = (
        Plot(CLIPPED, "clipped, mean of 5 updates", "clipped", smooth=5),
        Plot("objective/entropy", "entropy, nats", "entropy"),
        Plot(RETURN, "J, exact return", "J"),
    )

    def title(self) -> str:
        p = self.session.parameters
        parts = ["Clip fraction"] if self.app.size.width >= WIDE else []
        parts += [grid_title(str(p["grid"]))] if self.app.size.width >= NARROW else []
        parts += [f"bonus {p['entropy_bonus']:g}"]
        return self.tutor.glyphs.between.join([*parts, self.seeds_told()])

    def question(self) -> tuple[str, Sequence[str]]:
        return (
            f"In which run is the clip fraction of the last fifth less than {LEFT:.0%} of that of the first?",
            ("without the bonus only", "with the bonus only", "in both", "in neither"),
        )

    def verdict(self) -> int:
        plain, bonus = (self._fallen(name) for name in self.experiment.series)
        return 2 if plain and bonus else 0 if plain else 1 if bonus else 3

    def _fallen(self, series: str) -> bool:
        mean = Evidence(self.session.frames, metric=CLIPPED).mean(series)
        first, last = last_part(mean[::-1]), last_part(mean)
        return bool(last.mean() < LEFT * first.mean())

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.rl.policy_gradient import ppo
        from tutor.rl.surrogate import clip_is_active

        return ppo, clip_is_active
