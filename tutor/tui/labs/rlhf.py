"""The RLHF lab: SFT, reward model and PPO live, one after another; the four models; be the rater."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Any

from textual.binding import Binding
from textual.screen import Screen
from textual.widget import Widget

from tutor.charts.chart import Chart
from tutor.experiments import ParameterError, Value
from tutor.experiments.explain import Finding
from tutor.toy_llm.rater import Rated, rated
from tutor.tui.labs import rlhf_models as models
from tutor.tui.labs import rlhf_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, main
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.rlhf_pages import explained, question, sources, verdict
from tutor.tui.labs.rlhf_plots import finished, next_view, plots
from tutor.tui.labs.rlhf_session import EXPERIMENT, STAGES, TITLE, Stages, StageSession
from tutor.tui.labs.rlhf_watched import inside_of, watched
from tutor.tui.labs.run_curves import Plot
from tutor.tui.labs.run_lab import RunLab, run_keys
from tutor.tui.labs.run_panes import LEAST_PLOT
from tutor.tui.labs.source import source_in
from tutor.tui.labs.trained import NARROW, torch_worker
from tutor.tui.widgets.facts import Facts
from tutor.tui.working import begin

METRIC = {"sft": "loss/sft", "reward-model": "accuracy/reward_model_held_out", "ppo": "objective/gold"}
MOST_ANSWERS = 8
ROOM = 17  # rows that all is written in but for further answers


class Lab(RunLab):
    """`[ ]` goes from stage to stage, each with a session of its own; `m` puts the four models where the plots are."""

    BINDINGS = run_keys(
        *main("stage", "stage", "the stage before, the next stage"),
        Binding("y", "rate", "rate", tooltip="be the rater: pick the better of two answers, 20 to 40 times"),
        Binding("m", "models", "models", tooltip="the four models and what flows between them, or the plots"),
        Binding("v", "view", "view", tooltip="the next plot of the stage"),
        Binding("a,down", "answers(1)", "answers", key_display="a", tooltip="the next sample"),
        Binding("up", "answers(-1)", "answers", show=False, tooltip="the sample before"),
        Binding(
            "w", "whose", "whose", show=False, tooltip="whose preferences: those of your picks, or a rule's"
        ),
        key("predict", tooltip="predict what the stage comes to, then see"),
    )
    lab_id = "rlhf"
    session: StageSession  # of the stage that is looked at
    places = 2
    worker = staticmethod(torch_worker)
    _alone = False  # whether there is room for one plot only
    _each = 1  # answers
    _first = 0  # the first of them
    _models = False  # whether they are drawn instead of the plots
    _rated: Rated | None = None  # what comes of the picks in use, once it is known

    @property
    def experiment_id(self) -> str:  # type: ignore[override]
        return EXPERIMENT[self._stages.stage]

    @property
    def metric(self) -> str:  # type: ignore[override]
        return METRIC[self._stages.stage]

    @property
    def total(self) -> int:
        return self.session.total

    # The session

    def begin(self) -> StageSession:
        self._stages = Stages(
            self.description, self.parameters, type(self).worker, self._heard, self.saved_state
        )
        super().begin()
        return self._stages.now

    def new_session(self) -> StageSession:
        return self._stages.now

    def on_mount(self) -> None:
        self._fit_rater()

    def on_unmount(self) -> None:
        self._stages.close()

    def leave(self) -> None:
        super().leave()
        self._stages.close()

    @property
    def has_opened(self) -> bool:
        """The picture of the four models."""
        return self._models

    def close_opened(self) -> None:
        self.action_models()

    def lab_state(self) -> dict[str, Any]:
        return self._stages.to_state()

    def set_session(self, values: Mapping[str, Value]) -> None:
        stage = str(values.get("stage", self._stages.stage))
        self._stages.of(stage).check(values)
        if stage == self._stages.stage:
            super().set_session(values)
        else:
            self._enter(stage, values)
        self._fit_rater()

    def take_preset(self, following: Mapping[str, Value]) -> None:
        self.set_session(following)

    def _enter(self, stage: str, values: Mapping[str, Value] | None = None) -> None:
        self.session = self._stages.enter(stage, values or {})
        self._first, self._said = 0, None
        self.redraw()

    # Be the rater

    def _fit_rater(self) -> None:
        """In a thread: the model answers first, and Newton's method follows."""
        if not self.session.parameters["picks"]:
            self._rated = None
        begin(self, self._fitted, exclusive=True, group="rater")

    async def _fitted(self) -> None:
        picks = str(self.session.parameters["picks"])
        if picks:
            try:
                self._rated = await asyncio.to_thread(rated, picks)
            except ValueError as error:
                self._rated, self._note = None, [(str(error), "error")]
            self.changed()

    def action_rate(self) -> None:
        from tutor.tui.labs.rlhf_rating import RatingScreen

        self.pause()
        self.app.push_screen(RatingScreen(self._stages.picks), self._picked)

    def _picked(self, given: tuple[str, bool] | None) -> None:
        if given is None:
            return
        self._stages.picks, train = given
        if train:
            self.pause()
            self._label("reward-model", self._stages.picks)
            if not self.session.over:
                self.session.go()
            self.changed(words.trained_on_picks(self.session))
        else:
            self.changed(words.kept_picks(len(self._stages.picks)))

    def action_whose(self) -> None:
        from tutor.tui.labs.rlhf_rating import Picks

        if self.session.parameters["picks"]:
            self._use_picks("", words.RULE_LABELS)
        elif Picks(self._stages.picks).enough:
            self._use_picks(self._stages.picks, words.PICKS_LABEL)
        else:
            self.changed(words.NO_PICKS)

    def _use_picks(self, picks: str, said: Line) -> None:
        """From the beginning of what follows from them: of PPO, or else of the reward model; then say so."""
        self.pause()
        stage = "ppo" if self._stages.stage == "ppo" else "reward-model"
        try:
            self._stages.of(stage).check({"picks": picks})
        except ParameterError as error:
            self.changed([(str(error), "error")])
            return
        self._label(stage, picks)
        self.changed(said)

    def _label(self, stage: str, picks: str) -> None:
        """Go to the stage, and label the pairs by the picks."""
        if stage != self._stages.stage:
            self._enter(stage, {"picks": picks})
        self.session.follow({**self.session.parameters, "picks": picks})
        self._fit_rater()

    # What is drawn

    def above(self) -> Widget:
        self._above = Facts("stages")
        return self._above

    @property
    def plots(self) -> tuple[Plot, ...]:  # type: ignore[override]
        """The chosen one and the next; where there is room for one alone, that is the chosen one."""
        return plots(self.session)

    def charts(self) -> list[Chart]:
        found = zip(self.plots, super().charts(), strict=True)
        return [finished(self.session, plot, chart) for plot, chart in found]

    def title(self) -> str:
        short = self.app.size.width < NARROW
        name = [] if short or self.embedded else [self.description.title]
        stage = self._stages.stage
        price = [str(self.session.parameters["controller"])] if stage == "ppo" else []
        return self.tutor.glyphs.between.join([*name, TITLE[stage], *price, self.seeds_told()])

    def place(self, width: int, height: int) -> None:
        self._alone = (width - 2) // 2 < LEAST_PLOT[0]
        self._each = min(MOST_ANSWERS, max(1, 1 + (height - ROOM) // 2))
        self._panes.columns = max(20, width - 2)
        above = 1 + models.HEIGHT * self._models
        rows = min(self._models + words.rows(self._stages.stage, self._each), max(1, height - 1 - above))
        self._panes.place(width, height, above=above, rows=rows)
        if self._models:
            self._panes.hide_plots()

    def draw(self) -> None:
        self._panes.show(self._lines(), self.said)
        glyphs = self.tutor.glyphs
        drawn = models.drawn(self._looked_inside(), self._first, glyphs) if self._models else []
        self._above.show([words.bar(self._stages, self._panes.columns, glyphs), *drawn])

    def _lines(self) -> list[Line]:
        """What stands under the plots, of one height in a stage."""
        width = self._panes.columns
        problem = [[(line, "error")] for line in words.broken(self.session.problem, width)]
        caption = models.caption(self._looked_inside(), self._stages.of("ppo").shown, self._first)
        return [*(caption if self._models else []), *(problem or self._of_stage(width))]

    def _of_stage(self, width: int) -> list[Line]:
        glyphs, session = self.tutor.glyphs, self.session
        match self._stages.stage:
            case "sft":
                return words.sft(session, self._first, self._each, width, glyphs)
            case "reward-model":
                return words.reward_model(session, self._rated, self._first, width, glyphs)
        inside = self._looked_inside() if self._models else None
        charged = None if inside is None else float(inside.beta)
        return words.ppo(session, watched(session), charged, self._first, self._each, width, glyphs)

    def _looked_inside(self) -> Any:
        return inside_of(self._stages.of("ppo").at("rlhf"))

    def over(self) -> None:
        """Whether it came as predicted; where nothing was, what comes next."""
        asked = self._said is not None
        super().over()
        if not asked and self.session.state == "done":
            self._note = words.next_stage(self._stages)

    # Acting

    def action_run(self) -> None:
        """At the end of a stage, the next one."""
        following = self._stages.following
        if self.session.state == "done" and following is not None:
            self._enter(following)
        super().action_run()

    def action_stage(self, by: int) -> None:
        place = STAGES.index(self._stages.stage) + by
        if 0 <= place < len(STAGES):
            self._enter(STAGES[place])
            self.changed([])
        else:
            self.changed([("That is the first stage." if by < 0 else "That is the last stage.", "muted")])

    def action_models(self) -> None:
        self._models = not self._models
        self.refresh_bindings()  # the way out is named after where it leads
        self.redraw()
        self.changed([])

    def action_view(self) -> None:
        self.session.set_parameters({"view": next_view(self.session)})
        self.changed([])

    def action_answers(self, by: int) -> None:
        self._first = max(0, self._first + by)
        self.changed()

    def question(self) -> tuple[str, Sequence[str]]:
        return question(self.session)

    def verdict(self) -> int | None:
        return verdict(self.session)

    def explanation_of(self, findings: Sequence[Finding]) -> Screen[None]:
        """What the stage is and its numbers in sentences, before what the rules see."""
        found = super().explanation_of(findings)
        assert isinstance(found, ReaderScreen)  # noqa: S101  (it is the base's)
        texts = explained(self.session, self._rated, self.tutor.glyphs)
        return ReaderScreen(found.title_text, [*texts, *found.paragraphs])

    def action_code(self) -> None:
        self.pause()
        lines = [line for place in sources(self._stages.stage) for line in source_in(*place)]
        self.app.push_screen(ReaderScreen("The code that runs", lines, spaced=False, wide=True))
