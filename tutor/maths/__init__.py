r"""LaTeX formulas as terminal text.

    render_inline(r"V_\pi(s)")                 'V_π(s)', always one line
    render_display(r"\frac{a}{b}", width=40)   ['a', '─', 'b'], never wider than asked
    falls_back(r"\frac{a}")                    True: nothing could be drawn, the source is shown
    problem(r"\frac{a}")                       the reason, for the author of a lesson

None of these raises. `ascii=True` writes everything in 7 bits. What is drawn depends on the arguments alone, so that
it is cached. pylatexenc is imported by the first formula, not with this package.
"""

from __future__ import annotations

from functools import lru_cache

__all__ = ["falls_back", "problem", "render_display", "render_inline"]


@lru_cache(maxsize=1024)
def render_inline(latex: str, ascii: bool = False) -> str:
    """The formula on one line; the source where it cannot be drawn."""
    from tutor.maths import render

    return render.inline_text(latex, ascii)


@lru_cache(maxsize=1024)
def _display(latex: str, width: int, ascii: bool) -> tuple[str, ...]:
    from tutor.maths import render

    return tuple(render.display_lines(latex, width, ascii))


def render_display(latex: str, width: int, ascii: bool = False) -> list[str]:
    """The formula in two dimensions, without margins, no line wider than `width` terminal cells.

    Too wide a formula is broken at relations and operators, with an indented continuation; if that does not help,
    its one-line form is broken anywhere. No lines at all for a width below 1.
    """
    return list(_display(latex, width, ascii)) if width > 0 else []


@lru_cache(maxsize=1024)
def problem(latex: str) -> str | None:
    """Why the formula cannot be drawn, in a few words; None when it can."""
    from tutor.maths import render

    return render.problem(latex)


def falls_back(latex: str) -> bool:
    """The formula cannot be drawn, so that its source is shown instead."""
    return problem(latex) is not None
