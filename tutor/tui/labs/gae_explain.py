"""What the table of generalised advantages says, in sentences."""

from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gae_session import GaeSession, Table
from tutor.tui.labs.gae_words import signs_of
from tutor.tui.labs.gridworld_words import number, symbol

SMALL = 1e-9


def explain(session: GaeSession, glyphs: Glyphs) -> list[str]:
    """Sentences about the step under the cursor and about the table as a whole."""
    known, t = session.table, session.step
    return [_step(known, t, glyphs), _lambda(known, t, glyphs), _critic(known, glyphs), _end(known, glyphs)]


def _step(known: Table, t: int, glyphs: Glyphs) -> str:
    delta = known.deltas[t]
    name = symbol(signs_of(glyphs).delta, t, glyphs)
    if abs(delta) < SMALL:
        return f"{name} is 0: step {t} was just as good as the critic had expected."
    better = "better" if delta > 0 else "worse"
    return (
        f"{name} = {number(delta, glyphs)}: judged by the next value, step {t} was {better} than the critic had "
        f"expected."
    )


def _lambda(known: Table, t: int, glyphs: Glyphs) -> str:
    signs = signs_of(glyphs)
    fade = known.gamma * known.lambda_
    name = symbol(signs.advantage, t, glyphs)
    if t == known.steps - 1:
        return f"Nothing follows step {t}, so {signs.lambda_} changes nothing: {name} is its TD error."
    weights = ", ".join(number(fade**k, glyphs, 3) for k in range(1, known.steps - t))
    low, high = known.deltas[t], known.beyond_values(t)
    late = (
        "right on average whatever the critic says, but all that chance does later is in it"
        if known.values[-1] == 0
        else "the critic is trusted once, in V of the last state, and all that chance does until there is in it"
    )
    return (
        f"In {name} the later TD errors count with the weights {weights}. {signs.lambda_} = 0 would give "
        f"{number(low, glyphs)}: little noise, but as wrong as the critic. {signs.lambda_} = 1 would give "
        f"{number(high, glyphs)}: {late}."
    )


def _critic(known: Table, glyphs: Glyphs) -> str:
    if all(abs(delta) < SMALL for delta in known.deltas):
        return "All TD errors are 0: the critic foresaw this episode exactly, and nothing is pushed."
    if all(value == 0 for value in known.values):
        return (
            f"The critic says 0 everywhere, as before training: at {signs_of(glyphs).lambda_} = 1 this is REINFORCE, "
            "at 0 only the step that was paid is praised."
        )
    largest = max(range(known.steps), key=lambda t: abs(known.deltas[t]))
    return f"The critic was most surprised by step {largest}, by {number(known.deltas[largest], glyphs)}."


def _end(known: Table, glyphs: Glyphs) -> str:
    if known.values[-1] == 0:
        return "The value after the last step is 0: the episode ended there, nothing more is paid."
    return (
        f"The value after the last step is {number(known.values[-1], glyphs)}: the episode was cut off there, and V "
        "stands in for what would have come. With 0 in its place the cut would look like a punishment."
    )
