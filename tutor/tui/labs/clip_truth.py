"""The lab on what the clip holds: a token's ratio on a real batch, step by step, with the clip and without."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from textwrap import wrap
from typing import Any

from textual.binding import Binding

from tutor.charts.chart import Chart, Mark, Series, Shade, Style
from tutor.charts.palette import Quantity
from tutor.toy_llm.clip_frames import Change, FollowedToken
from tutor.tui.labs import clip_truth_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, main
from tutor.tui.labs.ppo_inside_signs import num, signs_of
from tutor.tui.labs.run_curves import Plot
from tutor.tui.labs.run_lab import RunLab, run_keys
from tutor.tui.labs.trained import torch_worker

RATIO, CLIPPED, KL = "policy/ratio", "policy/clipfrac_avg", "policy/kl"
NARROW, WIDE = 70, 100  # columns below which the title drops the lab's name, and the learning rate
NEXT_WORD = "another token of the batch: the first words of its answers, the most frequent first"
PARTS: tuple[tuple[str, Quantity, Style], ...] = (
    ("own", "advantage", "line"),
    ("others", "reward", "dashed"),
    ("momentum", "kl", "dotted"),
)
RUNS: tuple[tuple[str, Style], ...] = (("clipped", "line"), ("unclipped", "dashed"))


class Lab(RunLab):
    """`space` takes a step, the arrows look back, and up and down at another token; `[ ]` changes epsilon."""

    BINDINGS = run_keys(
        *main("main", "epsilon", "epsilon, the clip range, down or up"),
        Binding("up", "token(-1)", "token", show=False, tooltip=NEXT_WORD),
        Binding("down", "token(1)", "token", show=False, tooltip=NEXT_WORD),
        key("predict", tooltip="predict whether the ratio passes the edge in spite of the clip, then see"),
        later=[
            Binding(
                "v", "view", "view", tooltip="what moved it, with the clip or without; how much is clipped"
            )
        ],
        unit="step",
    )
    lab_id = "clip-truth"
    experiment_id = "clip-truth"
    length = "steps"
    unit = "step"
    metric = RATIO
    worker = staticmethod(torch_worker)
    places = 2

    # What is drawn

    @property
    def plots(self) -> tuple[Plot, ...]:  # type: ignore[override]
        view = str(self.session.parameters["view"])
        title = "share clipped, KL" if view == "batch" else f"what moved log pi, {view}"
        return Plot(RATIO, f"ratio of {self._token_name}"), Plot(CLIPPED, title)

    @property
    def _token_name(self) -> str:
        token = words.followed(self.session, "clipped")
        return words.named(token) if token is not None else f'"{self.session.parameters["word"]}"'

    def charts(self) -> list[Chart]:
        ratio, beside = self.plots
        shown = () if self.session.cursor is None else (Mark(float(self.session.shown)),)
        second = self._of_batch() if self.session.parameters["view"] == "batch" else self._parts()
        return [
            self._framed(self._ratios(), ratio.title, shown),
            self._framed(second, beside.title, (*shown, *second.marks)),
        ]

    def _framed(self, chart: Chart, title: str, marks: Sequence[Mark]) -> Chart:
        """Over all steps of the run."""
        x_range = 0.0, float(max(1, self.total))
        empty = "No step has been made: r and space take steps."
        if not self.session.frames:
            empty = words.nothing_yet(self.session)
        if self.session.faulty:
            empty = "The run failed: there is nothing to draw."
        return replace(chart, title=title, x_label="step", marks=marks, x_range=x_range, empty=empty)

    def _tokens(self, series: str) -> list[FollowedToken]:
        """The token that is looked at, step by step."""
        frames = [frame for frame in self.session.frames if frame.series == series]
        return [words.token_of(frame.detail, self.session) for frame in frames]

    def _ratios(self) -> Chart:
        epsilon, glyphs = float(self.session.parameters["epsilon"]), self.tutor.glyphs
        curves = []
        for name, style in RUNS:
            ratios = [token.ratio for token in self._tokens(name)]
            if ratios:
                curves.append(Series(name, range(len(ratios)), ratios, quantity="policy", style=style))
        edges = tuple((edge, num(edge, glyphs)) for edge in (1 - epsilon, 1.0, 1 + epsilon))
        every = [1 - epsilon, 1 + epsilon, *(float(y) for curve in curves for y in curve.y)]
        low, high = min(every), max(every)
        air = (high - low) / 10
        top = ((high, num(round(high, 2), glyphs)),) if high > 1 + 2 * epsilon else ()
        label = f"1{glyphs.minus}{signs_of(glyphs).epsilon} to 1+{signs_of(glyphs).epsilon}"
        return Chart(
            series=curves,
            shades=[Shade(1 - epsilon, 1 + epsilon, label=label)],
            y_range=(low - air, high + air),
            y_ticks=(*edges, *top),
        )

    def _parts(self) -> Chart:
        """Of each step's change of log pi, to first order."""
        changes = [token.change for token in self._tokens(str(self.session.parameters["view"]))[1:]]
        steps = range(1, len(changes) + 1)
        curves = [
            Series(name, steps, [getattr(change, name) for change in changes], quantity=quantity, style=style)
            for name, quantity, style in PARTS
        ]
        return Chart(series=curves if changes else (), marks=(Mark(0.0, axis="y"),))

    def _of_batch(self) -> Chart:
        details = [frame.detail for frame in self.session.frames if frame.series == "clipped"]
        steps = range(len(details))
        curves = [
            Series("clipped", steps, [d.clip_fraction for d in details], quantity="advantage"),
            Series("KL", steps, [d.kl for d in details], quantity="kl", style="dashed"),
        ]
        return Chart(series=curves if details else ())

    def title(self) -> str:
        p, glyphs = self.session.parameters, self.tutor.glyphs
        width = self.app.size.width
        parts = [] if self.embedded or width < NARROW else [self.description.title]
        parts += [str(p["word"]), f"{signs_of(glyphs).epsilon} {num(float(p['epsilon']), glyphs)}"]
        parts += [f"rate {p['learning_rate']:g}"] if width >= WIDE else []
        return glyphs.between.join([*parts, self.seeds_told()])

    def place(self, width: int, height: int) -> None:
        self._panes.place(width, height, above=0, rows=3 + words.lines(width - 2))

    def draw(self) -> None:
        width = self._panes.columns
        lines = words.table(self.session, self.experiment.series, width, self.tutor.glyphs)
        self._panes.show(
            [*lines, *(self._failure(width) or words.told(self.session, width, self.tutor.glyphs))],
            self.said,
        )

    def _failure(self, width: int) -> list[Line]:
        """Why there is no run, or no more of it: the whole sentence, where the step would be told."""
        return [[(line, "error")] for line in wrap(self.session.problem, max(20, width))]

    def over(self) -> None:
        """Whether it came as predicted, or else what came."""
        asked = self._said is not None
        super().over()
        if not asked and not self._note:
            self._note = words.verdict(self.session, self._panes.columns, self.tutor.glyphs)

    # Acting

    def action_token(self, by: int) -> None:
        frame = self.session.at("clipped")
        count = len(frame.detail.tokens) if frame is not None else 1
        now = min(int(self.session.parameters["token"]), count) - 1
        self.session.set_parameters({"token": (now + by) % count + 1})
        self.changed([])

    def action_view(self) -> None:
        choices = next(p for p in self.description.parameters if p.name == "view").choices
        now = choices.index(str(self.session.parameters["view"]))
        self.session.set_parameters({"view": choices[(now + 1) % len(choices)]})
        self.changed([])

    def question(self) -> tuple[str, Sequence[str]]:
        edge = num(1 + float(self.session.parameters["epsilon"]), self.tutor.glyphs)
        word = self.session.parameters["word"]
        return (
            f'Above {edge} the clip takes "{word}" its gradient. Will its ratio pass {edge} all the same?',
            (
                f"No: {edge} is the most",
                "Yes, but it ends lower than without the clip",
                "Yes, and it ends at least as high",
            ),
        )

    def verdict(self) -> int | None:
        clipped, unclipped = (words.ratios(self.session, name) for name in ("clipped", "unclipped"))
        if not clipped or len(clipped) != len(unclipped):
            return None
        if max(clipped) <= 1 + float(self.session.parameters["epsilon"]):
            return 0
        return 1 if clipped[-1] < unclipped[-1] else 2

    def code(self) -> Sequence[Callable[..., Any]]:
        from tutor.experiments.llm_training import clip_truth
        from tutor.rl.surrogate import clip_is_active, clipped_surrogate

        return clip_truth, Change, clipped_surrogate, clip_is_active
