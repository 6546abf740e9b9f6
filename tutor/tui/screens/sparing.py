"""A compositor that asks widgets only for the rows it needs."""

import itertools
from collections.abc import Callable, Iterable, Mapping, Sequence

from textual._compositor import ChopsUpdate, Compositor
from textual.geometry import Region
from textual.strip import Strip
from textual.widget import Widget

Span = tuple[int, int, int]  # row, first column, end column
Chops = list[
    dict[int, Strip | None]
]  # by row: what stands from a column to the next at which a widget begins or ends
Missing = dict[int, set[int]]  # by row: the columns of the chops that are still to be painted


class SparingCompositor(Compositor):
    """Paints what Textual 8.2.8's paints, from fewer rows.

    Textual has every widget in the smallest rectangle around all changes draw all of its rows, containers that their
    children cover among them, and then drops what is covered or has not changed.
    """

    def render_partial_update(self) -> ChopsUpdate | None:
        spans = [span for span in self._regions_to_spans(self._dirty_regions) if span[0] < self.size.height]
        self._dirty_regions.clear()
        if not spans:
            return None
        return ChopsUpdate(self._painted(spans), spans, [cuts[1:] for cuts in self.cuts])

    def _render_chops(
        self, crop: Region, is_rendered_line: Callable[[int], bool]
    ) -> Sequence[Mapping[int, Strip]]:
        rows = filter(is_rendered_line, crop.line_range)
        return self._painted([(y, crop.x, crop.right) for y in rows])  # type: ignore[return-value]

    def _painted(self, spans: Iterable[Span]) -> Chops:
        """The chops that meet `spans`, each as the topmost widget there draws it; None for all others."""
        chops: Chops = [dict.fromkeys(cuts[:-1]) for cuts in self.cuts]
        missing = self._meeting(spans)
        for widget, (region, clip) in self.visible_widgets.items():  # the topmost first
            if not missing:
                break
            self._paint(widget, region, clip, chops, missing)
        return chops

    def _meeting(self, spans: Iterable[Span]) -> Missing:
        """The chops that meet `spans`."""
        missing: Missing = {}
        for y, first, end in spans:
            cuts = self.cuts[y]
            met = {cut for cut, cut_end in itertools.pairwise(cuts) if cut < end and cut_end > first}
            missing[y] = missing[y] | met if y in missing else met
        return missing

    def _paint(self, widget: Widget, region: Region, clip: Region, chops: Chops, missing: Missing) -> None:
        """Put what `widget` shows where it is missing."""
        seen = region.intersection(clip)
        left, right = seen.column_span
        top, bottom = seen.line_span
        wanted = {y for y in missing if top <= y < bottom and _meets(missing[y], left, right)}
        if not wanted:
            return
        first, last = min(wanted), max(wanted)
        crop = Region(left - region.x, first - region.y, seen.width, last + 1 - first)
        for y, strip in enumerate(widget.render_lines(crop), first):
            if y in wanted:
                cuts = [cut for cut in self.cuts[y] if left <= cut <= right]
                is_one = len(cuts) == 2 and strip.cell_length == seen.width
                parts = [strip] if is_one else strip.divide([cut - left for cut in cuts[1:]])
                row, empty = chops[y], missing[y]
                for cut, part in zip(cuts, parts, strict=False):
                    if cut in empty:
                        row[cut] = part
                        empty.remove(cut)
                if not empty:
                    del missing[y]


def _meets(columns: set[int], left: int, right: int) -> bool:
    """Whether one of `columns` is in [left, right)."""
    return left in columns or not columns.isdisjoint(range(left, right))
