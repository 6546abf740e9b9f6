"""Blocks of Markdown as lines of a width: headings, lists, tables, quotes, code, displayed formulas."""

from collections.abc import Callable, Sequence

from markdown_it.tree import SyntaxTreeNode
from rich.cells import cell_len
from textual.content import Content

from tutor.tui.prose.code import code_lines
from tutor.tui.prose.inline import InlineText
from tutor.tui.prose.look import Look, clean, to_ascii
from tutor.tui.prose.markdown import parse
from tutor.tui.prose.quantities import formula_spans
from tutor.tui.prose.tables import table_lines
from tutor.tui.prose.wrapping import wrap

INDENT = 4  # of displayed formulas
NARROWEST = 16  # columns: below this, nesting indents no further

Lines = list[Content]
BLANK = Content("")


def lay_out(text: str, width: int, look: Look) -> Lines:
    """Markdown as lines of at most `width` cells (formulas that cannot be broken aside, nothing is cut)."""
    return _Layout(look).blocks(parse(clean(text)).children, max(8, width))


class _Layout:
    """One pass over a tree of blocks."""

    def __init__(self, look: Look) -> None:
        self.look = look
        self._by_type: dict[str, Callable[[SyntaxTreeNode, int], Lines]] = {
            "heading": self._heading,
            "paragraph": self._paragraph,
            "inline": self._paragraph,
            "bullet_list": self._list,
            "ordered_list": self._list,
            "blockquote": self._quote,
            "fence": self._code,
            "code_block": self._code,
            "math_block": self._formula,
            "math_block_label": self._formula,
            "table": self._table,
            "hr": self._rule,
        }

    def blocks(self, nodes: Sequence[SyntaxTreeNode], width: int, tight: bool = False) -> Lines:
        """Blocks one below the other, an empty line between them unless they belong to a tight list."""
        lines: Lines = []
        for node in nodes:
            block = self._by_type.get(node.type, self._plain)(node, width)
            if lines and block and not tight:
                lines.append(BLANK)
            lines += block
        return lines

    def _heading(self, node: SyntaxTreeNode, width: int) -> Lines:
        style = "bold $primary" if node.tag in ("h1", "h2") else "bold"
        return [line.stylize_before(style) for line in self._paragraph(node, width)]

    def _paragraph(self, node: SyntaxTreeNode, width: int) -> Lines:
        children = (
            node.children if node.type == "inline" else [c for part in node.children for c in part.children]
        )
        lines: Lines = []
        run: list[SyntaxTreeNode] = []
        for child in children:
            if child.type == "math_inline_double":
                lines += [*self._run(run, width), *self._formula(child, width)]
                run = []
            else:
                run.append(child)
        return lines + self._run(run, width)

    def _run(self, nodes: list[SyntaxTreeNode], width: int) -> Lines:
        inline = InlineText(self.look)
        inline.add_nodes(nodes)
        return wrap(inline.text, inline.spans, width) if inline.text.strip() else []

    def _list(self, node: SyntaxTreeNode, width: int) -> Lines:
        items = node.children
        tight = all(child.hidden for item in items for child in item.children if child.type == "paragraph")
        marks = self._marks(node)
        lines: Lines = []
        for mark, item in zip(marks, items, strict=True):
            if lines and not tight:
                lines.append(BLANK)
            lines += self._hanging(mark, item, width, tight)
        return lines

    def _marks(self, node: SyntaxTreeNode) -> list[str]:
        if node.type == "bullet_list":
            depth = 0
            parent = node.parent
            while parent is not None:
                depth += parent.type == "bullet_list"
                parent = parent.parent
            bullet = "-" if self.look.ascii else "•–·"[min(depth, 2)]
            return [f"{bullet} "] * len(node.children)
        first = int(node.attrs.get("start", 1))
        numbers = [f"{first + index}. " for index in range(len(node.children))]
        return [number.rjust(max(map(len, numbers))) for number in numbers]

    def _hanging(self, mark: str, item: SyntaxTreeNode, width: int, tight: bool) -> Lines:
        indent = cell_len(mark) if width > NARROWEST else 0
        lines = self.blocks(item.children, width - indent, tight) or [BLANK]
        if not indent:
            return lines
        first = Content.assemble((mark, "$muted"), lines[0])
        return [first, *(line.pad_left(indent) if line.plain else line for line in lines[1:])]

    def _quote(self, node: SyntaxTreeNode, width: int) -> Lines:
        indent = 2 if width > NARROWEST else 0
        bar = ("| " if self.look.ascii else "│ ")[:indent]
        return [
            Content.assemble((bar, "$primary"), line) for line in self.blocks(node.children, width - indent)
        ]

    def _code(self, node: SyntaxTreeNode, width: int) -> Lines:
        return code_lines(node.content.rstrip("\n"), node.info.split(" ")[0], width)

    def _formula(self, node: SyntaxTreeNode, width: int) -> Lines:
        """A displayed formula, indented, in the middle of nothing: its own lines."""
        if self.look.latex:
            return code_lines(node.content.strip("\n"), "latex", width)
        from tutor.maths import render_display

        indent = INDENT if width >= 40 else 0
        drawn = [
            clean(line)
            for line in render_display(node.content.strip(), width - indent, ascii=self.look.ascii)
        ]
        return [Content(line, formula_spans(line, self.look)).pad_left(indent) for line in drawn]

    def _table(self, node: SyntaxTreeNode, width: int) -> Lines:
        rows = [
            [self._cell(cell) for cell in row.children] for part in node.children for row in part.children
        ]
        head = node.children[0].children[0].children if node.children else []
        aligned = [str(cell.attrs.get("style", "")).partition(":")[2].strip() or "left" for cell in head]
        return table_lines(rows, aligned, width, "-" if self.look.ascii else "─")

    def _cell(self, cell: SyntaxTreeNode) -> InlineText:
        inline = InlineText(self.look)
        for part in cell.children:
            inline.add_nodes(part.children)
        return inline

    def _rule(self, _node: SyntaxTreeNode, width: int) -> Lines:
        return [Content.styled(("-" if self.look.ascii else "─") * width, "$rule")]

    def _plain(self, node: SyntaxTreeNode, width: int) -> Lines:
        """Anything else (there should be nothing else) as its text."""
        text = node.content if node.is_root is False and node.token is not None else ""
        return wrap(to_ascii(text) if self.look.ascii else text, [], width) if text else []
