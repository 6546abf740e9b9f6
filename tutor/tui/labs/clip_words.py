"""The clip lab in symbols and numbers. Pure text: (text, role) pairs, a role being a quantity.

The ratio and probabilities have the colour of the policy, A that of the advantage, r A and clip(r) A that of the
return; their minimum L, what is maximised, is bold text: as the three lines of the plot.
"""

from dataclasses import dataclass

from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.clip_session import SIDES, ClipSession, Point, Push, Side, example
from tutor.tui.labs.gridworld_words import Line, number, signed

FACTS_WIDTH = 32  # cells that the longest usual equation takes
CELLS = (17, 22)  # fewest and most columns of one case in the table
ROW_NAME = 9  # columns before the first case
LONGEST_TOKEN = 20


@dataclass(frozen=True)
class Signs:
    """Letters that ASCII lacks."""

    epsilon: str = "ε"
    pi: str = "π"
    partial: str = "∂"
    times: str = "·"
    to: str = "→"
    range: str = "…"
    up: str = "↑"
    down: str = "↓"


UNICODE_SIGNS = Signs()
ASCII_SIGNS = Signs("eps", "pi", "d", "*", "->", "..", "^", "v")


def signs_of(glyphs: Glyphs) -> Signs:
    return UNICODE_SIGNS if glyphs.sub_digits else ASCII_SIGNS


def probability(value: float) -> str:
    """`.25`, `.1575`, `1`: four digits, as the field writes them."""
    return f"{value:.4g}".removeprefix("0") or "0"


def named(point: Point, glyphs: Glyphs) -> str:
    """`"sunny"`: the last word of the token; nothing where there is none."""
    words = "".join(c for c in point.token if c.isprintable()).split()
    if not words:
        return ""
    word = words[-1] if words[-1].isascii() or glyphs.sub_digits else ascii(words[-1])[1:-1]
    return f'"{word[:LONGEST_TOKEN]}"'


def title(point: Point, glyphs: Glyphs, *, hidden: bool = False) -> str:
    """`Clip lab · "sunny" .15 → .25`; without probabilities `Clip lab · "sunny" r 1.667`."""
    signs = signs_of(glyphs)
    what = f"{named(point, glyphs)} r {number(point.ratio, glyphs)}".strip()
    if hidden:
        what = "predict"
    elif point.old:
        what = f"{named(point, glyphs)} {probability(point.old)} {signs.to} {probability(point.new)}".strip()
    return f"Clip lab {glyphs.dot if glyphs.sub_digits else '-'} {what}"


def half_a_sample(point: Point) -> Line:
    """What cannot be done with a prompt alone or a token alone; nothing where there are both or none."""
    if bool(point.prompt) == bool(point.token):
        return []
    if point.token:
        return [(" Without a prompt the token is a name only: no model to ask. o sets one.", "muted")]
    return [(" Without a token there is nothing to ask the model about. o sets one.", "muted")]


def status(session: ClipSession) -> str:
    """`example 1 of 5`, and how many predictions were right."""
    place, of = example(session)
    asked = f"{session.right} of {session.asked} predicted   " if session.asked else ""
    return asked + (f"example {place} of {of}: n" if place else "n: next example")


# The numbers put into the formulas


def equation(name: str, work: Line, result: Line, width: int) -> Line:
    """`name = work = result`; without the work where that is too long."""
    whole: Line = [(name, ""), (" = ", ""), *work, (" = ", ""), *result]
    if sum(len(text) for text, _ in whole) <= width:
        return whole
    return [(name, ""), (" = ", ""), *result]


def facts(point: Point, width: int, glyphs: Glyphs, *, hidden: bool = False) -> list[Line]:
    """Ten lines: r, A, both products, their minimum, its derivative, the loss. hidden: only what is asked about."""
    lines = [*_ratio(point, width, glyphs), _advantage(point, glyphs), []]
    if hidden:
        return [*lines, *[[(name, "strong"), (" = ?", "")] for name in ("L", _derivative(glyphs))]]
    return [*lines, *_products(point, width, glyphs), *_minimum(point, width, glyphs)]


def _ratio(point: Point, width: int, glyphs: Glyphs) -> list[Line]:
    pi = signs_of(glyphs).pi
    value = number(point.ratio, glyphs)
    law: Line = [("r = ", ""), (f"{pi}_new / {pi}_old", "policy")]
    if not point.old:
        return [law, [("  = ", ""), (value, "policy")]]
    work: Line = [(f"{probability(point.new)} / {probability(point.old)}", "policy")]
    return [law, equation(" ", work, [(value, "policy")], width)]


def _advantage(point: Point, glyphs: Glyphs) -> Line:
    side = "better than" if point.advantage > 0 else "worse than" if point.advantage < 0 else "exactly"
    return [("A = ", ""), (signed(point.advantage, glyphs), "advantage"), (f"   {side} average", "muted")]


def _product(factor: float, point: Point, glyphs: Glyphs) -> Line:
    advantage = number(point.advantage, glyphs)
    factored = f"({advantage})" if point.advantage < 0 else advantage
    times = f" {signs_of(glyphs).times} "
    return [(number(factor, glyphs), "policy"), (times, ""), (factored, "advantage")]


def _products(point: Point, width: int, glyphs: Glyphs) -> list[Line]:
    times_a: Line = [(number(point.unclipped, glyphs), "return")]
    clipped_a: Line = [(number(point.clipped, glyphs), "return")]
    clip = f"clip(r, {number(point.low, glyphs)}, {number(point.high, glyphs)})"
    return [
        equation("rA", _product(point.ratio, point, glyphs), times_a, width),
        [(clip, ""), (" = ", ""), (number(point.clipped_ratio, glyphs), "policy")],
        equation("clip(r)A", _product(point.clipped_ratio, point, glyphs), clipped_a, width),
    ]


def _minimum(point: Point, width: int, glyphs: Glyphs) -> list[Line]:
    both = [number(value, glyphs) for value in (point.unclipped, point.clipped)]
    work: Line = [("min(", ""), (both[0], "return"), (", ", ""), (both[1], "return"), (")", "")]
    lowest: Line = [(number(point.surrogate, glyphs), "strong")]
    name, push = _derivative(glyphs), push_words(point.push, glyphs)
    slope = number(point.gradient, glyphs)
    return [
        equation("L", work, lowest, width),
        [(name, ""), (" = ", ""), (slope, "strong"), (f"   {push}", "strong")],
        [(f"maximise L (loss = {glyphs.minus}L = {number(-point.surrogate, glyphs)})", "muted")],
    ]


def _derivative(glyphs: Glyphs) -> str:
    d = signs_of(glyphs).partial
    return f"{d}L/{d}r"


def push_words(push: Push, glyphs: Glyphs) -> str:
    """`push ↑`, `no more push`."""
    signs = signs_of(glyphs)
    return {
        "up": f"push {signs.up}",
        "down": f"push {signs.down}",
        "clipped": "no more push",
        "flat": "no push",
    }[push]


# The six cases


def _cases(glyphs: Glyphs) -> dict[tuple[bool, Side], tuple[str, str]]:
    """(A > 0, side) -> what the minimum is, what the sample does: PPO's figure 1 as a table."""
    signs = signs_of(glyphs)
    up, down = f"push {signs.up}", f"push {signs.down}"
    return {
        (True, "below"): ("rA", up),
        (True, "inside"): ("rA", up),
        (True, "above"): (f"(1+{signs.epsilon})A", "flat"),
        (False, "below"): (f"(1{glyphs.minus}{signs.epsilon})A", "flat"),
        (False, "inside"): ("rA", down),
        (False, "above"): ("rA", down),
    }


def table(point: Point, width: int, glyphs: Glyphs, *, hidden: bool = False) -> list[Line]:
    """Three lines: the ranges of r, and for A > 0 and A < 0 what L is in each; the present case is pointed at."""
    fewest, most = CELLS
    cell = min(most, max(fewest, (width - ROW_NAME) // len(SIDES)))
    columns = _ranges(point, glyphs, short=cell < most)
    header: Line = [(" L is".ljust(ROW_NAME), "muted")]
    header += [(f"  {text}".ljust(cell), "muted") for text in columns]
    return [header, *(_row(point, positive, cell, glyphs, hidden=hidden) for positive in (True, False))]


def _ranges(point: Point, glyphs: Glyphs, *, short: bool) -> tuple[str, str, str]:
    """`r < 1−ε = 0.8`, `inside`, `r > 1+ε = 1.2`; short: the numbers alone."""
    epsilon = signs_of(glyphs).epsilon
    below, above = ("", "") if short else (f"1{glyphs.minus}{epsilon} = ", f"1+{epsilon} = ")
    return f"r < {below}{number(point.low, glyphs)}", "inside", f"r > {above}{number(point.high, glyphs)}"


def _row(point: Point, positive: bool, cell: int, glyphs: Glyphs, *, hidden: bool) -> Line:
    line: Line = [(f" A {'>' if positive else '<'} 0  ".ljust(ROW_NAME), "advantage")]
    for side in SIDES:
        formula, push = _cases(glyphs)[positive, side]
        here = (
            not hidden and (point.advantage > 0) == positive and point.advantage != 0 and point.side == side
        )
        pointer = glyphs.pointer if here else " "
        text = "?" if hidden else f"{formula:<8} {push}"
        line += [(f"{pointer} ", "accent"), (text.ljust(cell - 2), "strong" if here else "")]
    return line


# What it means


def meaning(point: Point, glyphs: Glyphs) -> list[Line]:
    """Two sentences of at most 75 cells: what this sample does, and why."""
    first, second = _sentences(point, signs_of(glyphs).epsilon)
    return [[(f" {first}", "")], [(f" {second}", "muted")]]


def _sentences(point: Point, epsilon: str) -> tuple[str, str]:
    if point.push == "flat":
        return "Exactly average: r times 0 is 0 whatever r is, and nothing pushes.", "Up and down change A."
    good = point.advantage > 0
    if point.push == "clipped":
        what = "Better than average, already likelier" if good else "Worse than average, already rarer"
        return (
            f"{what} by more than {epsilon}: no more push.",
            "The policy may still move: other samples push, momentum carries on.",
        )
    if point.side == "inside":
        what = "Better than average: pushed up" if good else "Worse than average: pushed down"
        return f"{what}.", "Inside the range all three lines are one: here the clip changes nothing."
    if good:
        what = "Better than average, yet rarer than before: pushed up in full."
    else:
        what = "Worse than average, yet likelier than before: pushed down in full."
    return what, "Not clipped: the minimum is rA, and a step the wrong way is pushed back."
