"""The token lab: a language model as an agent, stepped token by token, forced, taken back."""

from tutor.experiments import LabDescription, find_lab
from tutor.toy_llm.inference import ToyModel
from tutor.tui.labs import token_words as words
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.token_base import ModelLab
from tutor.tui.labs.token_keys import KEYS
from tutor.tui.labs.token_panes import TokenPanes
from tutor.tui.labs.token_session import TokenSession

TEMPERATURES = (0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 1.0, 1.2, 1.5, 2.0, 2.5, 3.0)
OVER: Line = [("Nothing happens", "error"), (": no token after the end.", "")]


class Lab(ModelLab[TokenSession]):
    """The keys act on the session; the panes show it; the cursor points at a token of the policy."""

    BINDINGS = KEYS
    unit = "token"

    def begin(self, model: ToyModel) -> TokenSession:
        self.cursor = 0  # place in the ranking of tokens
        self._panes = TokenPanes()
        if self.saved_state is None:
            return TokenSession(self.parameters, model)
        return TokenSession.from_state(self.saved_state, self.parameters, model)

    def description(self) -> LabDescription:
        return find_lab("token")

    def title(self) -> str:
        return "Token agent" if self.problem is not None else words.title(self.session, self.tutor.glyphs)

    def panes(self) -> TokenPanes:
        return self._panes

    def place(self, width: int, height: int) -> None:
        self._panes.place(width, height)

    def draw(self) -> None:
        self._panes.show(self.session, self.cursor, self._note)

    def draw_plots(self) -> None:
        self._panes.show_plots(self.session)

    def step(self) -> bool:
        return self.session.sample() is not None

    def over_note(self) -> Line:
        return OVER

    def moved(self) -> None:
        """The cursor: on the likeliest token; at the end on the one that was chosen last."""
        session = self.session
        last = session.tokens[-1:] if session.over else ()
        self.cursor = next((place for place, token in enumerate(session.ranking()) if token in last), 0)

    def fresh(self) -> dict[str, float | int | str | bool]:
        return {"text": ""}

    # Keys of this lab alone

    def action_force(self) -> None:
        self.pause()
        token = self.session.ranking()[self.cursor]
        self.act(lambda: self.session.force(token) is not None)

    def action_point(self, by: int) -> None:
        self.pause()
        self._note = []
        self.cursor = max(0, min(len(self.session.ranking()) - 1, self.cursor + by))
        self.show(plots=False)

    def action_temperature(self, by: int) -> None:
        now = self.session.temperature
        further = [t for t in TEMPERATURES if (t > now + 1e-9 if by > 0 else t < now - 1e-9)]
        if not further:
            return
        token = self.session.ranking()[self.cursor]
        self.session.set_parameters({"temperature": further[0] if by > 0 else further[-1]})
        self.cursor = self.session.ranking().index(token)  # stays on its token
        self.changed(plots=False)

    def action_explain(self) -> None:
        from tutor.tui.labs import token_pages as pages

        self.pause()
        self.draw_plots()
        plots = self._panes.plots_in_words() if self.session.frames else []
        self.app.push_screen(pages.explanation(self.session, self.tutor.glyphs, plots))

    def action_code(self) -> None:
        from tutor.tui.labs import token_pages as pages

        self.pause()
        self.app.push_screen(pages.code())

    def action_export(self) -> None:
        from tutor.tui.labs.token_export import export_session

        self.pause()
        try:
            written = export_session(self.session)
        except OSError as error:
            self.notify(f"Nothing was written: {error}", severity="warning", markup=False)
            return
        text = f"{len(written)} files in the new folder {written[0].parent}"
        self.notify(text, title="Exported", markup=False, timeout=10)
