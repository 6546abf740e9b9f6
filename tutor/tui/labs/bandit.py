"""The bandit lab: arms that pay at random, a method that learns which is best, and what it loses meanwhile."""

from collections.abc import Callable, Sequence
from typing import Any

from textual.binding import Binding

from tutor.tui.labs import bandit_words as words
from tutor.tui.labs.bandit_panes import BanditPanes
from tutor.tui.labs.bandit_picture import chart
from tutor.tui.labs.bandit_session import BanditSession
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.lab_keys import key, keys, main
from tutor.tui.labs.step_lab import next_of
from tutor.tui.labs.tabular_lab import TabularLab

CHOICES = {
    "epsilon": (0.0, 0.01, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1.0),
    "c": (0.0, 0.5, 1.0, 2.0, 3.0, 5.0, 10.0),
    "step_size": (0.01, 0.05, 0.1, 0.2, 0.4, 0.7, 1.0),
}
MANY = 100  # pulls of one key
OVER: Line = [("Nothing happens", "error"), (": 10,000 pulls are the most. 0 starts again.", "")]


class Lab(TabularLab[BanditSession, BanditPanes]):
    """The arrows point at an arm, enter pulls it, space lets the method pull."""

    BINDINGS = [
        Binding("up", "point(-1)", "arm", key_display="arrows", tooltip="point at an arm"),
        Binding("down", "point(1)", "arm", show=False, tooltip="point at an arm"),
        Binding("left", "point(-1)", "arm", show=False, tooltip="point at an arm"),
        Binding("right", "point(1)", "arm", show=False, tooltip="point at an arm"),
        Binding("enter", "pull", "pull", tooltip="pull this arm yourself; the method learns from it, too"),
        key("step", "method", "the method pulls once"),
        key("run", tooltip="the method goes on by itself, or pauses"),
        Binding("f", "many", f"{MANY} pulls", tooltip=f"{MANY} pulls of the method at once"),
        key("undo", tooltip="take the last pull back, its dice too"),
        *main("explore", "explore", "how much the method explores: epsilon, c, or alpha"),
        Binding("v", "reveal", "means", tooltip="show, or hide, what each arm really pays"),
        *keys("reset", "seed"),
        Binding("a,n", "method", "next method", tooltip="epsilon-greedy, UCB, gradient"),
        key("options", tooltip="set all options: arms, what they pay, method, epsilon, c, step size, seed"),
        key("explain"),
        key("predict", tooltip="say which arm pays most, then see"),
        *keys("faster", "slower", "code", "export"),
    ]
    lab_id = "bandit"
    unit = "pull"
    session_class = BanditSession
    words = words

    def new_panes(self) -> BanditPanes:
        return BanditPanes()

    def where(self) -> str:
        return f"pull {self.session.t}"

    def draw(self) -> None:
        session, plan, glyphs = self.session, self._panes.plan, self.tutor.glyphs
        arms = words.arm_lines(session, plan.arms_width, plan.arms_height, glyphs)
        self._panes.show(arms, self.noted(words.happened(session, glyphs), plan.told))

    def draw_plots(self) -> None:
        self._panes.show_plot(chart(self.session))

    # Acting

    def action_point(self, by: int) -> None:
        self.session.move(by)
        self.changed([], plots=False)

    def action_pull(self) -> None:
        self.pause()
        self.act(self.session.pull)

    def action_many(self) -> None:
        self.pause()
        self.act(lambda: self.session.steps(MANY) > 0)

    def over_note(self) -> Line:
        return OVER

    def action_explore(self, by: int) -> None:
        name = self.session.main
        now = words.main_value(self.session)
        chosen = next_of(CHOICES[name], now, by)
        if chosen is not None:
            self.session.set_parameters({name: chosen})
        letter = words.letter(self.session, self.tutor.glyphs)
        self.changed([(f"{letter} = ", "muted"), (f"{now if chosen is None else chosen:g}", "policy")])

    def action_reveal(self) -> None:
        self.session.shown = not self.session.shown
        self.changed([])

    def action_method(self) -> None:
        self.cycle("method")

    # Pages over the lab

    def code(self) -> Sequence[Callable[..., Any]]:
        """The method that is on first."""
        from tutor.tui.labs.bandit_pages import CODE, OF_METHOD

        return tuple(dict.fromkeys((OF_METHOD[str(self.session.parameters["method"])], *CODE)))

    def action_predict(self) -> None:
        from tutor.tui.labs import bandit_pages as pages

        self.pause()
        if self.session.shown:
            self.changed([("The means are shown already: v hides them, s takes other arms.", "muted")])
            return
        asked, arms = pages.question(self.session)
        self.ask(asked, lambda choice: pages.judged(self.session, arms, choice, self.tutor.glyphs))
