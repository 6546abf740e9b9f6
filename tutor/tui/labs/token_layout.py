"""Where things go in the token lab, from its size: pure arithmetic."""

from dataclasses import dataclass

MARGIN = 1  # columns at each edge
GAP = 2  # columns between policy and numbers
POLICY_SHARE = 0.42  # of the width
POLICY_MOST = 52  # columns; longer bars say no more
FACTS = 8  # rows: what happened 5, the sum 3
PLOTS_LEAST = 5  # rows; lower ones show nothing
ROOMY_FROM = 19  # rows of the lab from which empty lines stand between the parts


@dataclass(frozen=True)
class TokenLayout:
    """Sizes in cells. state, middle, plots: rows, from top to bottom; gap: rows between them."""

    width: int = 80
    state: int = 2
    gap: int = 0
    middle: int = FACTS
    plots: int = PLOTS_LEAST
    policy_width: int = 38
    numbers_width: int = 38


def layout(width: int, height: int) -> TokenLayout:
    """The state above, policy and numbers in the middle, the plots below: those take somewhat less than half."""
    gap = int(height >= ROOMY_FROM)
    state = 2 if width >= 60 else 3
    rest = max(1, height - state - 2 * gap)
    plots = rest * 9 // 20
    if rest - plots < FACTS:
        plots = rest - FACTS
    if plots < PLOTS_LEAST:
        plots = 0
    policy = max(20, min(POLICY_MOST, int(width * POLICY_SHARE)))
    return TokenLayout(
        width=max(20, width - 2 * MARGIN),
        state=state,
        gap=gap,
        middle=rest - plots,
        plots=plots,
        policy_width=policy,
        numbers_width=max(10, width - 2 * MARGIN - GAP - policy),
    )
