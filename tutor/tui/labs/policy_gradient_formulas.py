"""The advantage of one step with its numbers put in: pure text, as in `policy_gradient_words`."""

from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line, number, power, probability, symbol
from tutor.tui.labs.planning_words import value
from tutor.tui.labs.policy_gradient_session import PolicyGradientSession
from tutor.tui.labs.policy_gradient_signs import signs_of


def advantage(session: PolicyGradientSession, row: int, width: int, glyphs: Glyphs) -> tuple[Line, Line]:
    """What the step in that row is weighed by: two lines of at most `width`."""
    if session.method == "actor-critic":
        return _delta(session, row, width, glyphs), _backwards(session, row, width, glyphs)
    if session.method == "baseline":
        return _less_baseline(session, row, width, glyphs), _sum(session, row, "", width, glyphs)
    equal = f"{symbol('A', row, glyphs)} = "
    return _sum(session, row, equal, width, glyphs), _sum_in_numbers(session, row, width, glyphs)


def _sum(session: PolicyGradientSession, row: int, before: str, width: int, glyphs: Glyphs) -> Line:
    """`A₃ = G₃ = R₄ + γR₅ + γ²R₆ + … + γ⁵R₉ = .76`; `before` stands first."""
    head = f"{before}{symbol('G', row, glyphs)} = "
    result = f" = {value(float(session.returns[row]), glyphs)}"
    names = [symbol("R", row + k + 1, glyphs) for k in range(session.known.steps - row)]
    terms = [power(k, glyphs) + name for k, name in enumerate(names)]
    terms += _bootstrap(session, row, glyphs)
    return [
        (head, "return"),
        (_joined(terms, width - len(head) - len(result), glyphs), "reward"),
        (result, "return"),
    ]


def _sum_in_numbers(session: PolicyGradientSession, row: int, width: int, glyphs: Glyphs) -> Line:
    """`= −.04 − .0396 − .0392 + …`: every reward as far away as it is."""
    samples = session.known.samples
    head = " " * (len(symbol("A", row, glyphs)) + 1) + "= "
    worth = [session.gamma**k * float(reward) for k, reward in enumerate(samples.reward[row:])]
    return [(head, ""), (_joined([number(x, glyphs, 3) for x in worth], width - len(head), glyphs), "reward")]


def _bootstrap(session: PolicyGradientSession, row: int, glyphs: Glyphs) -> list[str]:
    """Where a critic speaks for what was cut off: the term at the end of the sum."""
    samples = session.known.samples
    if not samples.truncated[-1] or not session.learns_values:
        return []
    n = len(samples)
    return [f"{power(n - row, glyphs)}V({symbol('S', n, glyphs)})"]


def _joined(terms: list[str], room: int, glyphs: Glyphs) -> str:
    """The terms with their signs between them; in the middle `…` where there is no room for all."""
    more = signs_of(glyphs).more
    for kept in range(min(len(terms), 24), 0, -1):
        shown = terms if kept == len(terms) else [*terms[: kept - 1], more, terms[-1]]
        text = " + ".join(shown).replace(f"+ {glyphs.minus}", f"{glyphs.minus} ")
        if len(text) <= room:
            return text
    return more


def _less_baseline(session: PolicyGradientSession, row: int, width: int, glyphs: Glyphs) -> Line:
    """`A₃ = G₃ − V(S₃) = .76 − .40 = .36`."""
    samples = session.known.samples
    numbers: Line = [
        (value(float(session.returns[row]), glyphs), "return"),
        (f" {glyphs.minus} {_bracketed(float(samples.value[row]), glyphs)} = ", ""),
        (value(float(samples.advantage[row]), glyphs), "advantage"),
    ]
    law = f"{symbol('G', row, glyphs)} {glyphs.minus} V({symbol('S', row, glyphs)})"
    return _equation(symbol("A", row, glyphs), law, numbers, width)


def _delta(session: PolicyGradientSession, row: int, width: int, glyphs: Glyphs) -> Line:
    """`δ₃ = R₄ + γV(S₄) − V(S₃) = −.040 + .99·.5 − .4 = .055`; nothing follows the end."""
    samples, signs = session.known.samples, signs_of(glyphs)
    V, later = (_bracketed(float(each[row]), glyphs) for each in (samples.value, samples.next_value))
    end = bool(samples.terminated[row])
    following = "" if end else f" + {signs.gamma}V({symbol('S', row + 1, glyphs)})"
    worth = "" if end else f" + {probability(session.gamma)}{signs.times}{later}"
    numbers: Line = [
        (value(float(samples.reward[row]), glyphs), "reward"),
        (f"{worth} {glyphs.minus} {V} = ", ""),
        (value(float(samples.delta[row]), glyphs), "advantage"),
    ]
    law = f"{symbol('R', row + 1, glyphs)}{following} {glyphs.minus} V({symbol('S', row, glyphs)})"
    return _equation(symbol(signs.delta, row, glyphs), law, numbers, width)


def _backwards(session: PolicyGradientSession, row: int, width: int, glyphs: Glyphs) -> Line:
    """`A₃ = δ₃ + γλ A₄ = .055 + .941·.31 = .346`."""
    samples, signs = session.known.samples, signs_of(glyphs)
    name, delta = symbol("A", row, glyphs), symbol(signs.delta, row, glyphs)
    own, result = (value(float(each[row]), glyphs) for each in (samples.delta, samples.advantage))
    if row == session.known.steps - 1:
        return _equation(name, delta, [(result, "advantage"), ("   nothing follows", "muted")], width)
    fade = probability(session.gamma * float(session.known.how["lambda"]))
    later = _bracketed(float(samples.advantage[row + 1]), glyphs)
    numbers: Line = [(f"{own} + {fade}{signs.times}{later} = ", ""), (result, "advantage")]
    law = f"{delta} + {signs.gamma}{signs.lambda_} {symbol('A', row + 1, glyphs)}"
    return _equation(name, law, numbers, width)


def _equation(name: str, law: str, numbers: Line, width: int) -> Line:
    """The law, and the same in numbers; these alone, or the result alone, where there is no room for both."""
    head: Line = [(name, "advantage"), (" = ", "")]
    forms: list[Line] = [[*head, (f"{law} = ", ""), *numbers], [*head, *numbers]]
    result = next(part for part in reversed(numbers) if part[1] == "advantage")
    fitting = (form for form in forms if sum(len(text) for text, _ in form) <= width)
    return next(fitting, [*head, result])


def _bracketed(x: float, glyphs: Glyphs) -> str:
    text = value(x, glyphs)
    return f"({text})" if text.startswith(glyphs.minus) else text
