"""A paragraph's tokens as one string with styles: bold, italic, code, links, formulas, pictures."""

from dataclasses import dataclass, field
from urllib.parse import unquote

from markdown_it.tree import SyntaxTreeNode
from textual.content import Content, Span
from textual.style import Style

from tutor.tui.prose.commands import instead
from tutor.tui.prose.look import Look, clean, to_ascii
from tutor.tui.prose.markdown import parse_inline
from tutor.tui.prose.quantities import formula_spans, word_quantity
from tutor.tui.prose.wrapping import NO_BREAK

LESSON = "lesson:"
UNBROKEN = 28  # cells: a formula up to this length is not broken over two lines
_CODE = "$primary on $panel"  # the colour that the key bar gives to keys, which most code in a line is
_STYLES = {"strong": "bold", "em": "italic", "s": "strike"}


@dataclass
class InlineText:
    """Text under construction; spaces that may not break are no-break spaces until it is wrapped."""

    look: Look
    text: str = ""
    spans: list[Span] = field(default_factory=list)

    def add(self, text: str, style: str | Style = "") -> None:
        start = len(self.text)
        self.text += text
        if style and text:
            self.spans.append(Span(start, len(self.text), style))

    def add_text(self, text: str, style: str | Style = "") -> None:
        text = clean(text)  # once more: the parser has replaced `&#8238;` and its like
        self.add(to_ascii(text) if self.look.ascii else text.replace(NO_BREAK, " "), style)

    def add_formula(self, latex: str) -> None:
        """A formula on the line, its symbols in the colours of their quantities."""
        if self.look.latex:
            self.add(f"${clean(latex).strip()}$", _CODE)
            return
        from tutor.maths import render_inline

        formula = clean(render_inline(latex, ascii=self.look.ascii))
        offset = len(self.text)
        self.add(formula.replace(" ", NO_BREAK) if len(formula) <= UNBROKEN else formula)
        self.spans += formula_spans(formula, self.look, offset)

    def add_nodes(self, nodes: list[SyntaxTreeNode]) -> None:
        for node in nodes:
            self._add_node(node)

    def _add_node(self, node: SyntaxTreeNode) -> None:
        kind = node.type
        if kind in ("text", "text_special", "html_inline"):
            self.add_text(node.content)
        elif kind in ("softbreak", "hardbreak"):
            self.add(" " if kind == "softbreak" else "\n")
        elif kind == "code_inline":
            self.add_text(node.content, _CODE)
            self.add_text(instead(node.content), "$muted")
        elif kind in ("math_inline", "math_inline_double"):
            self.add_formula(node.content)
        elif kind == "image":
            self.add_text(f"[picture: {_plain(node) or node.attrs.get('src', '')}]", "italic")
        elif kind == "link":
            self._add_link(node)
        else:
            self._add_styled(node)

    def _add_styled(self, node: SyntaxTreeNode) -> None:
        start = len(self.text)
        self.add_nodes(node.children)
        style = _STYLES.get(node.type, "")
        if style:
            self.spans.append(Span(start, len(self.text), style))
        if node.type == "strong":
            quantity = word_quantity(self.text[start:])
            if quantity in self.look.colours:
                self.spans.append(Span(start, len(self.text), self.look.colours[quantity]))

    def _add_link(self, node: SyntaxTreeNode) -> None:
        """A lesson's link opens it; any other link is its text with the address, for people to copy."""
        address = clean(str(node.attrs.get("href", "")))
        start = len(self.text)
        self.add_nodes(node.children)
        shown = self.text[start:]
        if address.startswith(LESSON):
            target = clean(unquote(address[len(LESSON) :]))
            action = Style.from_meta({"@click": ("screen.open_link", (target,))})
            self.spans += [
                Span(start, len(self.text), "$primary underline"),
                Span(start, len(self.text), action),
            ]
        elif address and address not in (shown, f"mailto:{shown}") and not address.startswith("#"):
            self.add_text(f" ({address})", "$muted")


def _plain(node: SyntaxTreeNode) -> str:
    """The letters under a node, for a picture's alternative text."""
    return node.content or "".join(_plain(child) for child in node.children)


def inline_text(source: str, look: Look) -> Content:
    """One line of Markdown as Content: a title, an option of a question."""
    inline = InlineText(look)
    inline.add_nodes(parse_inline(clean(source).replace("\n", " ")))
    return Content(inline.text.replace(NO_BREAK, " "), inline.spans, strip_control_codes=False)


def lesson_links(source: str) -> list[str]:
    """The lessons that a text links to, in their order."""
    from tutor.tui.prose.markdown import parse

    found = [str(node.attrs.get("href", "")) for node in parse(clean(source)).walk() if node.type == "link"]
    return [clean(unquote(address[len(LESSON) :])) for address in found if address.startswith(LESSON)]
