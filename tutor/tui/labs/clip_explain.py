"""What the numbers of a sample mean, in sentences: rules over the point."""

from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.clip_session import Point
from tutor.tui.labs.clip_words import named, probability, signs_of
from tutor.tui.labs.gridworld_words import number


def explain(point: Point, glyphs: Glyphs) -> list[str]:
    """Paragraphs: the ratio, the objective, this case, what the minimum is for, what the clip does not promise."""
    return [_ratio(point, glyphs), _objective(point, glyphs), _case(point, glyphs), *_general(point, glyphs)]


def _ratio(point: Point, glyphs: Glyphs) -> str:
    ratio = number(point.ratio, glyphs)
    moved = (
        "as likely as it was"
        if point.ratio == 1
        else f"{ratio} times as likely as it was: {'more' if point.ratio > 1 else 'less'} likely"
    )
    if not point.old:
        return f"r = {ratio}: under the new policy the action is {moved}."
    old, new = probability(point.old), probability(point.new)
    before = (point.prompt, " ".join(point.token.split()[:-1]))
    after = "".join(f' after "{ascii_safe(text, glyphs)}"' for text in before if text)
    return (
        f"The old policy gave {named(point, glyphs) or 'the action'}{after} the probability {old}, the new one gives "
        f"{new}. r = {new} / {old} = {ratio}: it is {moved}."
    )


def ascii_safe(text: str, glyphs: Glyphs) -> str:
    """Somebody's own text, printable, and in ASCII where the terminal is."""
    text = "".join(c for c in text if c.isprintable())[:60]
    return text if glyphs.sub_digits else text.encode("ascii", "replace").decode()


def _objective(point: Point, glyphs: Glyphs) -> str:
    signs = signs_of(glyphs)
    low, high = number(point.low, glyphs), number(point.high, glyphs)
    return (
        f"L = min(rA, clip(r, {low}, {high})A) is the objective: it is maximised, and the loss that an optimiser "
        f"minimises is {glyphs.minus}L. Here rA = {number(point.unclipped, glyphs)} and clip(r)A = "
        f"{number(point.clipped, glyphs)}, so L = {number(point.surrogate, glyphs)}. With {signs.epsilon} = "
        f"{number(point.epsilon, glyphs)} the range is {low} to {high}; its edges still push."
    )


def _case(point: Point, glyphs: Glyphs) -> str:
    slope = number(point.gradient, glyphs)
    good = point.advantage > 0
    d = signs_of(glyphs).partial
    derivative = f"{d}L/{d}r = {slope}"
    if point.push == "flat":
        return f"A = 0: the action was exactly as good as average. {derivative}, so this sample asks for no change."
    if point.push == "clipped":
        way = "made likelier" if good else "made rarer"
        return (
            f"A {'>' if good else '<'} 0: the action should be {way}, and it has been, by more than the range. There L "
            f"is flat: {derivative}, so this sample pushes no more."
        )
    push = "up: make the action likelier" if good else "down: make it rarer"
    where = {
        "inside": "The ratio is inside the range, where the clip changes nothing.",
        "below": "The action is good and has become rarer, a step the wrong way; nothing is clipped.",
        "above": "The action is bad and has become likelier, a step the wrong way; nothing is clipped.",
    }[point.side]
    return f"{where} {derivative}: this sample pushes {push}, with the full strength of A."


def _general(point: Point, glyphs: Glyphs) -> list[str]:
    low, high = number(point.low, glyphs), number(point.high, glyphs)
    return [
        "What the minimum is for: clip(r)A alone would be flat on both sides, also where the policy has gone the wrong "
        "way, and would leave it there. The minimum takes the lower, pessimistic value: a change for the better counts "
        "only up to the edge, a change for the worse counts in full.",
        f"What the clip does not promise: that r stays below {high} or above {low}. It takes away this sample's push, "
        "not the movement. One gradient step may jump over the edge, other samples share the same parameters and push "
        "on, and an optimiser with momentum carries on for a while. When r comes back inside, so does the push.",
    ]
