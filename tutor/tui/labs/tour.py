"""The tour: one step in a gridworld beside one token of a language model, the same words under both."""

from textual.binding import Binding, BindingType
from textual.content import Content

from tutor.experiments import LabDescription, find_lab
from tutor.toy_llm.inference import ToyModel
from tutor.tui.labs import tour_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.token_base import ModelLab
from tutor.tui.labs.tour_panes import TourPanes
from tutor.tui.labs.tour_session import TourSession

GAMMAS = (0.0, 0.5, 0.9, 0.95, 0.99, 1.0)
OVER: Line = [("Both are over", "error"), (": 0 starts again.", "")]


GAMMA = "gamma down or up"
# gamma is bound twice, once for each set of signs: `check_action` lets one of them act.
KEYS: list[BindingType] = [
    Binding("space", "step", "step both", key_display="space r", tooltip="both agents take a step"),
    Binding("r", "run", "run", show=False, tooltip="let both go on to their ends, or pause them"),
    Binding("u", "undo", "undo", tooltip="take the last step of both back, dice too"),
    Binding("e", "explain", "why", tooltip="what each word means for both"),
    Binding("left_square_bracket", "gamma(-1)", "γ", key_display="[ ]", tooltip=GAMMA),
    Binding("right_square_bracket", "gamma(1)", "γ", show=False, tooltip=GAMMA),
    Binding("left_square_bracket", "gamma_in_ascii(-1)", "gamma", key_display="[ ]", tooltip=GAMMA),
    Binding("right_square_bracket", "gamma_in_ascii(1)", "gamma", show=False, tooltip=GAMMA),
    Binding("0", "reset", "new", key_display="0 s", tooltip="start again with the same dice"),
    Binding("s", "seed", "new", show=False, tooltip="start again with the next seed: other dice"),
    Binding("o", "options", "set", tooltip="set all options: a prompt of your own, gamma, seed, speed"),
    Binding("n", "preset", "next", tooltip="the next prompt"),
    Binding("plus,equals_sign", "speed(1)", "faster", show=False),
    Binding("minus", "speed(-1)", "slower", show=False),
    Binding("c", "code", "code", show=False, tooltip="the code that runs"),
]


class Lab(ModelLab[TourSession]):
    """Space steps both agents, u takes both back."""

    BINDINGS = KEYS

    def begin(self, model: ToyModel) -> TourSession:
        self._panes = TourPanes()
        if self.saved_state is None:
            return TourSession(self.parameters, model)
        return TourSession.from_state(self.saved_state, self.parameters, model)

    def description(self) -> LabDescription:
        return find_lab("tour")

    def title(self) -> str:
        return "Tour" if self.problem is not None else words.title(self.session, self.tutor.glyphs)

    def panes(self) -> TourPanes:
        return self._panes

    def place(self, width: int, height: int) -> None:
        self._panes.place(width, height)

    def draw(self) -> None:
        self._panes.show(self.session, self._note)

    def step(self) -> bool:
        return self.session.step()

    def over_note(self) -> Line:
        return OVER

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Of the two names of gamma in the bottom line the one that can be drawn."""
        if action in ("gamma", "gamma_in_ascii") and self.tutor.ascii != (action == "gamma_in_ascii"):
            return False
        return super().check_action(action, parameters)

    def action_gamma_in_ascii(self, by: int) -> None:
        self.action_gamma(by)

    def action_gamma(self, by: int) -> None:
        gamma = self.session.gamma
        further = [g for g in GAMMAS if (g > gamma + 1e-9 if by > 0 else g < gamma - 1e-9)]
        if further:
            self.session.set_parameters({"gamma": further[0] if by > 0 else further[-1]})
            self.changed()

    def action_explain(self) -> None:
        from tutor.tui.labs.reader import ReaderScreen

        self.pause()
        paragraphs = [Content(text) for text in words.explain(self.session, self.tutor.glyphs)]
        self.app.push_screen(ReaderScreen("The same words for both", paragraphs))

    def action_code(self) -> None:
        from tutor.rl.episodes import take_step
        from tutor.toy_llm.episodes import take_token
        from tutor.tui.labs.reader import ReaderScreen
        from tutor.tui.labs.source import source_of

        self.pause()
        lines = source_of((take_step, take_token))
        self.app.push_screen(ReaderScreen("The code that runs", lines, spaced=False, wide=True))
