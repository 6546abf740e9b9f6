"""Be the rater: two answers to one complaint, and which is better, pair after pair."""

import asyncio
from collections.abc import Sequence

from textual.app import ComposeResult
from textual.binding import Binding
from textual.content import Content
from textual.widgets import Static

from tutor.toy_llm.checkpoint import CheckpointError
from tutor.toy_llm.pairs import Pair
from tutor.toy_llm.rater import FEWEST, MOST, USUAL, asked_pairs
from tutor.tui.screens.dialog import Dialog
from tutor.tui.working import begin


class Picks:
    """The choices so far, as text, `L` or `R` each. It knows no screen."""

    def __init__(self, text: str = "") -> None:
        self.text = text[:MOST]
        self._thrown = ""  # what `start_over` threw away

    @property
    def enough(self) -> bool:
        """Whether they can be trained on."""
        return len(self.text) >= FEWEST

    @property
    def full(self) -> bool:
        return len(self.text) == MOST

    @property
    def asked_for(self) -> int:
        """30, and for those who go on 40."""
        return USUAL if len(self.text) < USUAL else MOST

    def pick(self, letter: str) -> None:
        if not self.full:
            self.text, self._thrown = self.text + letter, ""

    def take_back(self) -> bool:
        """The last pick, or starting over. False where there is nothing."""
        if self._thrown:
            self.text, self._thrown = self._thrown, ""
            return True
        done, self.text = bool(self.text), self.text[:-1]
        return done

    def start_over(self) -> None:
        self.text, self._thrown = "", self.text or self._thrown


class RatingScreen(Dialog[tuple[str, bool]]):
    """Gives the picks, and whether to train on them; esc keeps them for another time."""

    CSS = """
    RatingScreen { align: center middle; background: $background 60%; }
    RatingScreen Static { width: 66; max-width: 100%; height: auto; padding: 1 2; background: $panel; }
    """
    columns = 66
    BINDINGS = [
        Binding("left,1", "pick('L')", "the first"),
        Binding("right,2", "pick('R')", "the second"),
        Binding("u,backspace", "take_back", "take the last pick back"),
        Binding("0", "start_over", "start over; u takes that back"),
        Binding("enter", "train", f"train on them, from {FEWEST} on"),
        Binding("escape,q,y", "leave", "leave; the picks are kept"),
        Binding("question_mark,f1", "app.help", "these keys, in words"),
    ]

    def __init__(self, picks: str) -> None:
        super().__init__()
        self.picks = Picks(picks)
        self.pairs: Sequence[Pair] = ()
        self.problem = ""
        self._note = ""

    def compose(self) -> ComposeResult:
        yield Static(self._content(), markup=False)

    def on_mount(self) -> None:
        begin(self, self._sample, exclusive=True)

    async def _sample(self) -> None:
        """The model is read and answers 200 times: in a thread, at the first time."""
        try:
            self.pairs = await asyncio.to_thread(asked_pairs)
        except CheckpointError as error:
            self.problem = str(error)
        self._show()

    def on_resize(self) -> None:
        self._show()

    def _show(self) -> None:
        self.query_one(Static).update(self._content())

    def _content(self) -> Content:
        if self.problem:
            return Content.styled(self.problem, "$error")
        if not self.pairs:
            return Content("The model is answering complaints, twice each ...")
        count = len(self.picks.text)
        where = (
            f"{count} picks, all there are"
            if self.picks.full
            else f"pick {count + 1} of {self.picks.asked_for}"
        )
        title = Content.assemble(("Be the rater: which answer is better?", "bold"), "   ", (where, "$accent"))
        middle = [Content("")] if self.picks.full else self._pair(self.pairs[count])
        return Content("\n").join([title, Content(""), *middle, Content(""), *self._help()])

    def _pair(self, pair: Pair) -> list[Content]:
        left, right = ("<-", "->") if self.app.ascii else ("←", "→")  # type: ignore[attr-defined]
        return [
            Content.assemble(("Somebody says   ", "$muted"), (pair.prompt, "italic")),
            Content.assemble((f" {left} or 1        ", "$primary bold"), pair.first.text),
            Content.assemble((f" {right} or 2        ", "$primary bold"), pair.second.text),
        ]

    def _help(self) -> list[Content]:
        left = FEWEST - len(self.picks.text)
        train = "enter trains on them" if left <= 0 else f"enter trains on them, from {FEWEST} on"
        lines = [
            f"{train}   u takes the last back",
            "0 starts over   esc leaves, the picks are kept   ? keys",
        ]
        note = [Content.styled(self._note, "$accent")] if self._note else []
        return [*(Content.styled(line, "$muted") for line in lines), *note]

    def _changed(self, note: str = "") -> None:
        self._note = note
        self._show()

    def action_pick(self, letter: str) -> None:
        if self.pairs:
            self.picks.pick(letter)
            self._changed()

    def action_take_back(self) -> None:
        self._changed("" if self.picks.take_back() else "There is nothing to take back.")

    def action_start_over(self) -> None:
        self.picks.start_over()
        self._changed("Started over: u brings them back.")

    def action_train(self) -> None:
        if self.picks.enough:
            self.dismiss((self.picks.text, True))
        else:
            self._changed(f"{FEWEST} picks are needed, there are {len(self.picks.text)}.")

    def action_leave(self) -> None:
        self.dismiss((self.picks.text, False))
