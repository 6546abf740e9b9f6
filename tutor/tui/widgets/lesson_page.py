"""The page of a lesson: the widgets of one step in a scrolling column."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.geometry import Region, Size
from textual.widget import Widget

from tutor.course.types import Block, ChartBlock, LabBlock, Prose, Question
from tutor.tui.labs.base import LabView, import_lab, lab_class
from tutor.tui.lesson_state import LessonState
from tutor.tui.question_state import QuestionState
from tutor.tui.runs import reason
from tutor.tui.widgets.closing import Closing
from tutor.tui.widgets.prose import FlatText, ProseView
from tutor.tui.widgets.question import QuestionView


class LessonPage(VerticalScroll, can_focus=False, inherit_bindings=False):
    """Shows one step; `turn()` replaces its widgets and keeps the container."""

    DEFAULT_CSS = """
    LessonPage {
        width: 1fr; height: 1fr; padding: 0 1 0 0; overflow-x: hidden; overflow-y: scroll; scrollbar-size-vertical: 1;
        scrollbar-color: $rule; scrollbar-color-hover: $muted; scrollbar-color-active: $muted;
        scrollbar-background: $background; scrollbar-background-hover: $background;
        scrollbar-background-active: $background;
    }
    LessonPage > ProseView { margin: 1 0 0 1; }
    LessonPage > ProseView.first { margin: 0 0 0 1; }
    LessonPage > QuestionView { margin: 1 0 0 1; }
    LessonPage > LabView { margin: 1 0 0 0; border-left: blank; }
    LessonPage > LabView:focus { border-left: heavy $accent; }
    LessonPage > LabView:focus-within { border-left: heavy $accent; }
    .ascii LessonPage > LabView:focus { border-left: ascii $accent; }
    """

    def __init__(self, state: LessonState) -> None:
        super().__init__()
        self.state = state
        self._offered: object = None

    def compose(self) -> ComposeResult:
        yield from step_widgets(self.state)

    async def _compose(self) -> None:
        await self._import_labs()
        await super()._compose()

    async def _import_labs(self) -> None:
        """Those of the open step."""
        for block in self.state.step.blocks:
            if isinstance(block, LabBlock):
                await import_lab(block.name)

    def _size_updated(
        self,
        size: Size,
        virtual_size: Size,
        container_size: Size,
        layout: bool = True,  # noqa: ARG002
    ) -> bool:
        """As for FlatText: the bar is always there, so a new virtual size needs no second layout."""
        return super()._size_updated(size, virtual_size, container_size, layout=False)

    async def turn(self) -> None:
        """Show the step that is open now."""
        await self._import_labs()
        with ExitStack() as batch:
            batch.enter_context(self.app.batch_update())
            await self.remove_children()
            # After scrolling, Textual 8.2.8 computes its map of all widgets late: it would then hold the new ones
            # before they are laid out, and they would never be told their size. So it is computed now.
            _ = self.screen._compositor.full_map
            self._stand_at(self.state.scroll.get(self.state.step.id, 0))
            await self.mount_all(step_widgets(self.state))
            # What mounting has asked for arrives a moment later; waiting for it saves a layout and a paint.
            self.app.call_later(batch.pop_all().close)

    def _stand_at(self, y: float) -> None:
        """Scroll a page that is not laid out yet, so that it is painted where it was left; the layout corrects `y`."""
        self.set_reactive(Widget.scroll_y, y)
        self.set_reactive(Widget.scroll_target_y, y)
        self.vertical_scrollbar.position = y

    def keep_scroll(self) -> None:
        self.state.scroll[self.state.step.id] = self.scroll_offset.y

    def on_resize(self) -> None:
        self.call_after_refresh(self.reveal_focused)

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        super().watch_scroll_y(old_value, new_value)
        if self.is_mounted:
            self.call_after_refresh(self._offer)

    def _offer(self) -> None:
        """What the keys lead to depends on what can be seen: let the bottom line say so."""
        offered = self.next_kind(), self.question_for("hint") is None
        if offered != self._offered:
            self._offered = offered
            self.refresh_bindings()

    @property
    def has_more(self) -> bool:
        """Whether there is more below."""
        return self.scroll_offset.y < self.max_scroll_y

    def page(self, by: int) -> None:
        """Scroll by a page less two lines, so that the eye finds its place."""
        self.scroll_relative(y=by * max(1, self.size.height - 2), animate=False)

    # What can have the keys

    def parts(self) -> list[Widget]:
        """Questions, labs and charts, in their order."""
        return [child for child in self.children if isinstance(child, QuestionView) or child.focusable]

    def part_of(self, focused: Widget | None) -> Widget | None:
        """The question, lab or chart that has the keys."""
        while focused is not None and focused.parent is not self:
            parent = focused.parent
            focused = parent if isinstance(parent, Widget) else None
        return focused

    def id_of(self, part: Widget | None) -> str:
        """The id of the block that a part shows; "" for none."""
        return part.state.question.id if isinstance(part, QuestionView) else getattr(part, "block_id", "")

    def next_part(self, by: int) -> Widget | None:
        """The part after (before) the one with the keys; without one, the first (last) that can be seen."""
        parts = self.parts()
        here = self.part_of(self.screen.focused)
        if here in parts:
            index = parts.index(here) + by
            return parts[index] if 0 <= index < len(parts) else None
        visible = [part for part in parts if self.is_seen(part)]
        if visible:
            return visible[0 if by > 0 else -1]
        top = self.scroll_offset.y
        below = [part for part in parts if part.virtual_region.y >= top]
        above = [part for part in parts if part.virtual_region.y < top]
        return next(iter(below), None) if by > 0 else next(reversed(above), None)

    def next_kind(self) -> str:
        """What `tab` goes to: `question`, `chart` or `lab`; "" when there is nothing to go to."""
        part = self.next_part(1)
        if part is None or isinstance(part, QuestionView):
            return "question" if part else ""
        return "lab" if isinstance(part, LabView) else "chart"

    def is_seen(self, part: Widget) -> bool:
        """Whether the part's beginning is on the screen, or it fills the screen."""
        first, last = self.scroll_offset.y, self.scroll_offset.y + self.size.height
        region = part.virtual_region
        return first <= region.y < last or (region.y < first and region.bottom >= last)

    def enter(self, part: Widget) -> None:
        """Give a part the keys and show it, whole if it fits."""
        target = part.focus_target if isinstance(part, QuestionView) else part
        self.screen.set_focus(target, scroll_visible=False)
        self.reveal(part)

    def reveal(self, part: Widget) -> None:
        self.scroll_to_widget(part, animate=False, top=part.virtual_region.height >= self.size.height)

    def reveal_verdict(self, view: QuestionView) -> None:
        """Scroll so that what was just said can be read, and the question too if there is room."""
        first, count = view.verdict_lines
        region = view.virtual_region
        if region.height <= self.size.height:
            self.scroll_to_region(region, animate=False)
        else:
            self.scroll_to_region(
                Region(region.x, region.y + first, region.width, max(1, count)), animate=False
            )

    def call_after_refresh(self, callback: Callable[..., Any], *args: Any, **kwargs: Any) -> bool:
        """As Textual's, unless the page has gone by then."""

        def then() -> None:
            if self.is_attached:
                callback(*args, **kwargs)

        return super().call_after_refresh(then)

    def reveal_focused(self) -> None:
        """Keep what has the keys on the screen, whatever the screen's size has become."""
        if not self.is_attached:
            return  # the screen was left before its turn came
        part = self.part_of(self.screen.focused)
        if isinstance(part, QuestionView) and part.state.finished:
            self.reveal_verdict(part)
        elif isinstance(part, QuestionView):
            self.reveal_line(part)
        elif part is not None:
            self.reveal(part)
        self._offer()

    def reveal_line(self, view: QuestionView) -> None:
        """Show a question whole, or else at least the line that its keys act on."""
        region = view.virtual_region
        if region.height > self.size.height:
            region = Region(region.x, region.y + view.line_with_keys, region.width, 1)
        self.scroll_to_region(region, animate=False)

    def on_question_view_remarked(self, event: QuestionView.Remarked) -> None:
        self.call_after_refresh(self.reveal_verdict, event.view)

    def on_question_view_touched(self, event: QuestionView.Touched) -> None:
        self.call_after_refresh(self.reveal_line, event.view)

    def question_for(self, action: str) -> QuestionView | None:
        """The question that an action of the lesson is for: the one with the keys, else the first that can be seen."""
        here = self.part_of(self.screen.focused)
        views = [here] if isinstance(here, QuestionView) else [v for v in self.questions() if self.is_seen(v)]
        able = [view for view in views if view.check_action(action, ())]
        return min(able, key=lambda view: not view.state.open, default=None)

    def questions(self) -> Iterator[QuestionView]:
        yield from self.query_children(QuestionView)

    def show_question(self, question: QuestionState) -> None:
        """A question has something new to show; scroll to it."""
        for view in self.questions():
            if view.state is question:
                view.show_state()
                self.call_after_refresh(self.reveal_verdict, view)
        for closing in self.query_children(Closing):
            closing.refresh(layout=True)

    def relook(self) -> None:
        """Something about all texts has changed (formulas as LaTeX, numbers that have come)."""
        for text in self.query(FlatText):
            if isinstance(text, QuestionView):
                text.show_state()
            else:
                text.refresh(layout=True)


def step_widgets(state: LessonState) -> list[Widget]:
    """The widgets of the open step; the step's title stands in its first text."""
    step = state.step
    blocks: list[Block] = list(step.blocks)
    first = ""
    if blocks and isinstance(blocks[0], Prose):
        first = blocks.pop(0).text  # type: ignore[union-attr]
    widgets: list[Widget] = []
    if step.title or first:
        widgets.append(ProseView(first, state.texts, heading=step.title, classes="first"))
    widgets += [_widget(block, state) for block in blocks]
    if state.is_last:
        widgets.append(Closing(state))
    return widgets


def _widget(block: Block, state: LessonState) -> Widget:
    if isinstance(block, Prose):
        return ProseView(block.text, state.texts)
    if isinstance(block, Question):
        from tutor.tui.widgets.question_kinds import question_view

        return question_view(state.question(block.id), state.texts)
    if isinstance(block, ChartBlock):
        from tutor.tui.widgets.chart_block import ChartBlockView

        return ChartBlockView(block, state)
    return _lab(block, state)


def _lab(block: LabBlock, state: LessonState) -> Widget:
    from tutor.experiments import find_lab

    try:
        parameters = find_lab(block.name).values(block.set)
        lab = lab_class(block.name)(parameters, state.lab(block.id), embedded=True)
    except (LookupError, ValueError, ImportError, AttributeError) as error:
        return ProseView(f"**This lab cannot be shown.** `{block.name}`: {reason(error)}", state.texts)
    lab.block_id = block.id
    return lab
