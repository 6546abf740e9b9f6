"""Where things go in the gridworld lab, from the size of the lab and of the map: pure arithmetic."""

from dataclasses import dataclass

from tutor.tui.widgets.grid import cell_size, map_size

NUMBERS_LEAST = 38  # columns for what happened and the sum; the map leaves so many
WORLD_LEAST = 30  # columns for the legend under the map
GAPS = 3  # margins around the map
HAPPENED = 3  # rows for what happened
FACTS = 5 + HAPPENED  # rows: transition 2, what happened, the sum 3
ROOMY_FROM = 30  # rows of the lab from which an empty line stands above the plots
STACKED_FROM = 14  # rows of plots from which they stand one above the other


@dataclass(frozen=True)
class Layout:
    """Sizes in cells. cell: (columns, rows) of one map cell. beside: the plots stand side by side."""

    cell: tuple[int, int] = (1, 1)
    world_width: int = WORLD_LEAST
    map_height: int = 1
    legend_height: int = 3
    numbers_width: int = NUMBERS_LEAST
    happened_height: int = HAPPENED
    facts_height: int = FACTS
    beside: bool = True
    plots: bool = True


def layout(rows: int, cols: int, width: int, height: int) -> Layout:
    """The map as large as leaves the numbers their room; the plots take what is left."""
    numbers = max(NUMBERS_LEAST, width // 2)
    if cell_size(rows, cols, width - numbers - GAPS, height - 3)[0] < 3:
        numbers = NUMBERS_LEAST
    cell = cell_size(rows, cols, width - numbers - GAPS, height - 2)
    world = max(min(WORLD_LEAST, width // 2), map_size(rows, cols, cell)[0])
    cell = cell_size(rows, cols, world, height - 2)  # the legend may have made more room
    map_height = map_size(rows, cols, cell)[1]
    happened = HAPPENED if height >= FACTS + 6 else HAPPENED - 1
    if width - world - GAPS < NUMBERS_LEAST and height >= FACTS + 7:
        happened += 1  # sentences are broken there
    facts = FACTS - HAPPENED + happened + (height >= ROOMY_FROM)
    return Layout(
        cell=cell,
        world_width=world,
        map_height=map_height,
        legend_height=max(1, min(4, height - map_height)),
        numbers_width=max(10, width - world - GAPS),
        happened_height=happened,
        facts_height=facts,
        beside=height - facts < STACKED_FROM,
        plots=height - facts >= 3,
    )
