"""The tightrope lab: along one step of the policy the surrogate goes on promising, and the truth turns."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from tutor.charts.axes import number
from tutor.charts.chart import Chart
from tutor.experiments import Frame, grid_title
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, main
from tutor.tui.labs.run_curves import Plot
from tutor.tui.labs.run_lab import RunLab, run_keys
from tutor.tui.widgets.facts import Facts

RETURN, KL = "objective/return", "policy/kl"
TRUE, PROMISED = "true", "surrogate"
NARROW = 70  # columns below which the title drops its first part and delta
SURROGATES = (
    "surrogate is what the batch promises; exact-surrogate is the same promise without the batch's noise: every state "
    "and action counted as often as the old policy meets it, with its true advantage. Both still take the old policy's "
    "states, so both err where the new one goes elsewhere."
)
EXACT = " exact-surrogate: what a batch without end, hence without luck, would promise."
NEAR, MIDDLE = 1, 4  # steps: where the answers to the question end


class Lab(RunLab):
    """`space` goes one step of delta further, the arrows look back; `[ ]` takes the slice at another update."""

    BINDINGS = run_keys(
        *main("main", "update", "the update whose step is looked along, earlier or later"),
        key("predict", tooltip="predict where the true return is greatest, then see"),
        unit="step",
    )
    lab_id = "tightrope"
    experiment_id = "tightrope"
    length = "longest"
    unit = "step"
    metric = RETURN
    plots = (
        Plot(RETURN, "return: promised and true", "return", note=SURROGATES),
        Plot(KL, "KL to the old policy, nats", "KL"),
    )
    above_rows = 2

    def charts(self) -> list[Chart]:
        """KL once: it is that of the policy, whoever tells the return."""
        promised, kl = super().charts()
        one = [replace(s, name="") for s in kl.series if s.name == TRUE]
        most = max(
            (float(frame.metrics[KL].max()) for frame in self.session.frames if KL in frame.metrics),
            default=0.0,
        )
        top = max(most, float(self.session.parameters["delta"]))
        return [promised, replace(kl, series=one, y_range=(0.0, top))]

    def above(self) -> Facts:
        self._told = Facts("told")
        return self._told

    def title(self) -> str:
        p = self.session.parameters
        parts = ["Tightrope"] if self.app.size.width >= NARROW else []
        parts += [grid_title(str(p["grid"])), f"update {p['update']}", self.seeds_told()]
        parts += [f"delta {p['delta']:g}"] if parts[0] == "Tightrope" else []
        return self.tutor.glyphs.between.join(parts)

    def draw_above(self) -> None:
        self._told.show(self._balance())

    def _balance(self) -> list[Line]:
        """Where it stands, and how far the truth is from what was promised; means over the seeds."""
        here = {
            name: self.session.at(name, lambda frame: RETURN in frame.metrics) for name in (TRUE, PROMISED)
        }
        true, promised = here[TRUE], here[PROMISED]
        if true is None or promised is None:
            told = "The step is being computed: the policy is trained up to it first."
            if self.session.waits_for_key:
                told = "r or space computes the step; the policy is trained up to it first."
            return [[(f" {told}", "muted")], [(EXACT, "muted")]]
        return [self._where(true, promised), self._best(true)]

    def _number(self, value: float) -> str:
        return number(float(f"{value:.3g}"), not self.tutor.glyphs.sub_digits)

    def _where(self, true: Frame, promised: Frame) -> Line:
        return [
            (f" {true.update} steps of delta: promised ", ""),
            (self._number(float(promised.metrics[RETURN].mean())), "strong"),
            (", true ", ""),
            (self._number(float(true.metrics[RETURN].mean())), "return"),
        ]

    def _best(self, here: Frame) -> Line:
        """The best place so far, and whether this one is worse than not to have moved; where nothing is to be compared
        yet, what the third curve is."""
        if here.update == 0:
            return [(EXACT, "muted")]
        walked = [f for f in self.session.frames if f.series == TRUE and f.update <= here.update]
        returns = [float(f.metrics[RETURN].mean()) for f in walked]
        best = max(range(len(returns)), key=returns.__getitem__)
        line: Line = [(f" best so far {self._number(returns[best])} at {walked[best].update}", "muted")]
        if returns[-1] < returns[0]:
            line.append((f"; worse here than where it began, {self._number(returns[0])}", "error"))
        return line

    def question(self) -> tuple[str, Sequence[str]]:
        return (
            "The surrogate promises more than at the start all along. Where is the true return greatest?",
            (
                f"after at most {NEAR} step of delta",
                f"after {NEAR + 1} to {MIDDLE}",
                f"after more than {MIDDLE}, and falls then",
                "at the far end: it rises all along",
            ),
        )

    def verdict(self) -> int:
        walked = [f for f in self.session.frames if f.series == TRUE]
        best = max(walked, key=lambda frame: float(frame.metrics[RETURN].mean())).update
        if best == walked[-1].update:
            return 3
        return 0 if best <= NEAR else 1 if best <= MIDDLE else 2

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.rl.tightrope import tightrope

        return (tightrope,)
