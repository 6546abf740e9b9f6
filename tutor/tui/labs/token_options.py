"""The options of the token lab: the form of any lab, with room for a prompt and the words that the model knows."""

from textual import events
from textual.content import Content

from tutor.experiments.parameters import Parameter
from tutor.experiments.tokens import unknown_sentence
from tutor.toy_llm.tokenizer import WORDS, similar_words, tidy, unknown_words
from tutor.tui.glyphs import cut, cut_text
from tutor.tui.screens.parameters import ParametersScreen, window, written

LONGEST = 160  # characters of a typed text
TEXT_WIDTH = 54  # of them that are seen
WIDTH = 78  # of the form
GAPS, AIR = 4, 2  # empty lines between the parts, and above and below the form, where there is room
WORD_KEYS = "type words   right takes the first word   enter applies   esc cancels"


class TokenOptions(ParametersScreen):
    """As ParametersScreen; a text may be long, its unknown words are named while it is typed, and below it stand the
    words that the model knows: first those that begin like the word being typed, → takes the first of them."""

    CSS = """
    TokenOptions { align: center middle; background: $background 60%; }
    TokenOptions Static {
        width: 78; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $panel;
    }
    TokenOptions.low Static { padding: 0 2; }
    """

    @property
    def _typing(self) -> bool:
        return self.parameter.kind == "text"

    @property
    def _typed(self) -> str:
        """The text on the cursor's row."""
        return self.texts[self.parameter.name]

    # Keys

    def on_key(self, event: events.Key) -> None:
        if not self._typing:
            return  # the form's own handler comes next
        event.prevent_default()
        if event.is_printable and event.character is not None:
            event.stop()
            kept = "" if self._fresh else self._typed
            self._write((kept + event.character)[:LONGEST], fresh=False)

    def on_paste(self, event: events.Paste) -> None:
        if self._typing:
            event.stop()
            kept = "" if self._fresh else self._typed
            self._write((kept + " ".join(event.text.split()))[:LONGEST], fresh=False)

    def action_change(self, by: int) -> None:
        if not self._typing:
            super().action_change(by)
        elif by > 0 and (found := offered(self._typed)):
            *before, _ = ["", *self._typed.split(" ")]
            self._write(" ".join([*before[1:], found[0], ""]), fresh=False)

    # What is drawn

    def _row(self, row: int, parameter: Parameter) -> Content:
        if parameter.kind != "text":
            return super()._row(row, parameter)
        glyphs = self.app.glyphs  # type: ignore[attr-defined]
        on = row == self.row
        text = self.texts[parameter.name]
        changed = text != written(self.before[parameter.name])
        shown = text + ("_" if on and not self._fresh else "")
        shown = cut_text(shown, TEXT_WIDTH, glyphs, end=True)
        style = "$accent bold" if changed else "bold" if on else ""
        return Content.assemble(
            (f"{glyphs.pointer if on else ' '} ", "$accent bold"),
            f"{parameter.name:<{self.name_width}}",
            (f"{glyphs.current if changed else ' '} ", "$accent"),
            (shown, style) if shown else ("(none)", "$muted"),
        )

    def _content(self) -> Content:
        """The form; on a text's row also the words, for which the other rows make way on a low screen."""
        if not self._typing:
            return super()._content()
        glyphs = self.app.glyphs  # type: ignore[attr-defined]
        width, height = min(WIDTH, self.app.size.width) - 4, self.app.size.height
        rows = [
            cut(self._row(row, parameter), width, glyphs) for row, parameter in enumerate(self.parameters)
        ]
        texts = (self._about(), known_words(self._typed), Content(WORD_KEYS).stylize("$muted"))
        about, words, keys = (text.wrap(max(1, width)) for text in texts)
        most = height - 1 - len(about) - len(keys)  # rows for parameters and words
        low = len(rows) + len(words) + GAPS + AIR > most
        self.set_class(low, "low")
        gap = [] if low else [Content("")]
        rows = window(rows, self.row, max(1, most - len(words)))
        title, words = self._title(len(rows), width), words[: max(0, most - len(rows))]
        return Content("\n").join([title, *gap, *rows, *gap, *about, *gap, *words, *gap, *keys])

    def _about(self) -> Content:
        if self.error:
            return Content(self.error).stylize("$error")
        if self._typing and (unknown := unknown_words(tidy(finished(self._typed)))):
            return Content(f"{self.parameter.name}: {unknown_sentence(unknown)}").stylize("$error")
        return Content(self.parameter.sentence)


def finished(text: str) -> str:
    """The words that are not being typed any more: all but a last one that may still become a known word."""
    words = text.split(" ")
    return " ".join(words[:-1]) if offered(text) else text


def offered(text: str) -> list[str]:
    """The known words that the last word of `text` may become, or look like it; none after a blank."""
    last = text.split(" ")[-1]
    if not last or last in WORDS:
        return []
    begun = [word for word in WORDS if word.lower().startswith(last.lower())]
    return begun or similar_words(last)


def known_words(text: str) -> Content:
    """Every word that the model knows, those that are offered first and bold."""
    first = offered(text)
    others = " ".join(word for word in WORDS if word not in first and not word.isdecimal())
    parts = [(f"{' '.join(first)} ", "$accent bold"), ("0 to 21 " + others, "$muted")]
    return Content.assemble(("It knows ", ""), *parts)
