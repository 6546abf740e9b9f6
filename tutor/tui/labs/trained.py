"""A lab in which three runs train the language model side by side: plots to choose from, a table, sampled answers."""

from collections.abc import Sequence
from textwrap import wrap

from textual.binding import Binding, BindingType

from tutor.experiments.worker import PRELOAD, Worker
from tutor.toy_llm.training_frames import Answer
from tutor.tui.labs import trained_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.run_curves import Plot
from tutor.tui.labs.run_lab import RunLab
from tutor.tui.labs.run_panes import LEAST_PLOT

ANSWERS = 8  # that a frame carries
MANY, SOME = 32, 26  # rows of the lab from which every run shows three answers, and two
NARROW = 70  # columns below which the title drops the lab's name
ONE_RUN = "of which run several curves are drawn in one plot"


def trained_keys(view: str) -> list[BindingType]:
    """Those that choose what is shown. view: what stands under `?` about the plots."""
    return [
        Binding("up", "pick(-1)", "run", show=False, tooltip=ONE_RUN),
        Binding("down", "pick(1)", "run", show=False, tooltip=ONE_RUN),
        Binding("v", "view", "view", tooltip=view),
        Binding("a", "answers", "answers", tooltip="other answers of this update"),
    ]


def torch_worker() -> Worker:
    """A process that loads torch before anybody waits for it."""
    return Worker(preload=("torch", *PRELOAD, "tutor.toy_llm.training"))


class TrainedLab(RunLab):
    """A subclass gives, besides what `RunLab` asks for: the plot that is always there (`first_plot`), the others by
    name (`plot`; the names are the choices of the parameter `view`), and the lines under them (`lines`, `marked`,
    `verdict_line`).
    """

    worker = staticmethod(torch_worker)
    places = 3
    _alone = False  # whether there is room for one plot only
    _each = 1  # answers of every run
    _from = 0  # the first of them

    # What a subclass gives

    def first_plot(self) -> Plot:
        raise NotImplementedError

    def plot(self, view: str) -> Plot:
        raise NotImplementedError

    def lines(self, width: int) -> list[Line]:
        """The table."""
        raise NotImplementedError

    def marked(self, answer: Answer) -> Line:
        """What stands before an answer."""
        raise NotImplementedError

    def verdict_line(self, width: int) -> Line:
        """What the runs came to, in so many columns."""
        raise NotImplementedError

    # What is drawn

    @property
    def plots(self) -> tuple[Plot, ...]:  # type: ignore[override]
        """The first, what was chosen, and what would be next; where there is room for one alone, what was chosen."""
        chosen, following = (self.plot(self._choice("view", by)) for by in (0, 1))
        first = self.first_plot()
        return (chosen, first, following) if self._alone else (first, chosen, following)

    def _choice(self, name: str, by: int) -> str:
        """The choice of a parameter that comes `by` after the present one."""
        parameter = next(p for p in self.description.parameters if p.name == name)
        place = parameter.choices.index(str(self.session.parameters[name])) + by
        return parameter.choices[place % len(parameter.choices)]

    @property
    def runs(self) -> Sequence[str]:
        """The three, always: they are what is compared."""
        return self.experiment.series

    def place(self, width: int, height: int) -> None:
        self._each = 3 if height >= MANY else 2 if height >= SOME else 1
        self._alone = (width - 2) // 2 < LEAST_PLOT[0]
        rows = 2 + len(self.runs) * (1 + self._each)
        self._panes.place(width, height, above=0, rows=rows)

    def draw(self) -> None:
        width = self._panes.columns
        self._panes.show([*self.lines(width), *(self._failure(width) or self._answers(width))], self.said)

    def _answers(self, width: int) -> list[Line]:
        return words.answers(
            self.session, self.runs, self._from, self._each, width, self.marked, self.tutor.glyphs
        )

    def _failure(self, width: int) -> list[Line]:
        """Why there is no run, or no more of it: the whole sentence, where the answers would be."""
        return [[(f"  {line}", "error")] for line in wrap(self.session.problem, max(20, width - 2))]

    @property
    def narrow(self) -> bool:
        """Whether the title has to be short."""
        return self.app.size.width < NARROW

    def titled(self, *parts: str) -> str:
        """The lab's name, where there is room, the parts, and the seeds; of a recorded run without room those alone."""
        if self.narrow and self.session.recorded is not None:
            return self.seeds_told()
        name = [] if self.narrow or self.embedded else [self.description.title]
        return self.tutor.glyphs.between.join([*name, *parts, self.seeds_told()])

    def over(self) -> None:
        """Whether it came as predicted, or else what came."""
        asked = self._said is not None
        super().over()
        if not asked and not self._note:
            self._note = self.verdict_line(self._panes.columns)

    # Acting

    def action_pick(self, by: int) -> None:
        self._choose("run", by)

    def action_view(self) -> None:
        self._choose("view", 1)

    def _choose(self, name: str, by: int) -> None:
        self.session.set_parameters({name: self._choice(name, by)})
        self.changed()

    def action_answers(self) -> None:
        self._from = (self._from + self._each) % ANSWERS
        self.changed()
