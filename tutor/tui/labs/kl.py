"""The KL lab: RLHF without a price for KL, with a fixed and with an adaptive one, side by side from one seed."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from textual.binding import Binding

from tutor.charts.axes import number
from tutor.charts.chart import Chart, Mark, Shade
from tutor.experiments.rules.kl_control import ESTIMATORS, GOLD, KL, PROXY, SAME_GOLD, ends
from tutor.toy_llm.training_frames import Answer
from tutor.tui.labs import kl_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, main
from tutor.tui.labs.run_curves import Plot
from tutor.tui.labs.run_lab import run_keys
from tutor.tui.labs.trained import TrainedLab, trained_keys

LEAST_KL = 0.5
CLIPPED = "A KL below 0.5 nats, as that of 0 at the beginning, is drawn as 0.5; the table has its number."
RATIO = "1 is right; what is not above 0 has no place on a logarithmic axis."


class Lab(TrainedLab):
    """`[ ]` changes the fixed beta, up and down the run that is drawn by itself, `v` what stands beside the KL."""

    BINDINGS = run_keys(
        *main("main", "beta", "beta, what the fixed run pays for a nat of KL, down or up"),
        *trained_keys(
            "beside the KL: proxy and truth of a run, truth, proxy or beta of all, estimates of the KL"
        ),
        Binding("f", "fair", "fair", tooltip="adaptive with the KL that fixed ends with as its target"),
        key("predict", tooltip="predict which run ends with the highest true reward, then see"),
    )
    lab_id = "kl"
    experiment_id = "kl-control"
    metric = GOLD

    def first_plot(self) -> Plot:
        return Plot(KL, "exact KL of an answer, nats", log_y=True, least=LEAST_KL, note=CLIPPED)

    def plot(self, view: str) -> Plot:
        run = str(self.session.parameters["run"])
        match view:
            case "hacking":
                both = (PROXY, "proxy"), (GOLD, "truth")
                return Plot(GOLD, f"{run}: proxy and truth", lines=both, of=run)
            case "estimates":
                lines = tuple((metric, name) for name, metric in ESTIMATORS.items())
                return Plot(KL, f"{run}: k / exact KL", log_y=True, lines=lines, of=run, over=KL, note=RATIO)
            case "gold":
                return Plot(GOLD, "truth: the true reward", y_range=(-1.0, 1.0))
            case "proxy":
                return Plot(PROXY, "proxy: the reward model")
        return Plot("beta", "beta, the price of a nat")

    def charts(self) -> list[Chart]:
        """The band behind the KL, and 1 across the estimates."""
        band = words.band(self.session, words.evidence_of(self.session))
        edges = [number(edge, not self.tutor.glyphs.sub_digits) for edge in band or ()]
        shades = () if band is None else (Shade(*band, label=" to ".join(edges)),)
        found = []
        for plot, chart in zip(self.plots, super().charts(), strict=True):
            if plot.over:
                chart = replace(chart, marks=(*chart.marks, Mark(1.0, axis="y")))
            found.append(replace(chart, shades=shades) if plot.metric == KL and not plot.over else chart)
        return found

    def title(self) -> str:
        p = self.session.parameters
        beta = "β" if self.tutor.glyphs.sub_digits else "beta"
        target = "target: fixed's KL" if p["fair"] else f"target {p['target']:g}"
        return self.titled(f"{beta} {p['beta']:g}", target)

    def status(self) -> str:
        """In the fair comparison the adaptive run comes last, by itself."""
        last, session = self.session.at("adaptive"), self.session
        alone = session.parameters["fair"] and session.reached == self.total and session.cursor is None
        if alone and session.state in ("running", "paused"):
            return f"adaptive: update {last.update if last else 0} of {self.total}  {session.state}"
        return super().status()

    def lines(self, width: int) -> list[Line]:
        return words.table(self.session, self.runs, width, self.tutor.glyphs)

    def marked(self, answer: Answer) -> Line:
        return words.marked(answer, self.narrow, self.tutor.glyphs)

    def verdict_line(self, width: int) -> Line:
        return words.verdict(self.session, width, self.tutor.glyphs)

    def action_fair(self) -> None:
        fair = not self.session.parameters["fair"]
        if not self.started_again(lambda: self.session.set_parameters({"fair": fair})):
            return
        said = "the KL that fixed ends with, and so runs last" if fair else "the target that is set"
        self.changed([("adaptive aims at ", "muted"), (said, "strong")])

    def question(self) -> tuple[str, Sequence[str]]:
        answers = (*self.runs, "the best two cannot be told apart")
        return "Which run ends with the highest true reward, in the last fifth of its updates?", answers

    def verdict(self) -> int | None:
        truth = ends(words.evidence_of(self.session), GOLD)
        if set(truth) != set(self.runs):
            return None
        *_, second, best = sorted(truth, key=truth.__getitem__)
        apart = truth[best] - truth[second] > SAME_GOLD
        return self.runs.index(best) if apart else len(self.runs)

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.experiments.kl_band import band_of, share_inside
        from tutor.experiments.llm_training import kl_control

        return kl_control, band_of, share_inside
