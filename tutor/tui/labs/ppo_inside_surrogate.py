"""Formulas of what an epoch changes: the ratio, its clip, and the objective that is maximised."""

from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.ppo_inside_sample import Sample, equals, worked
from tutor.tui.labs.ppo_inside_signs import num
from tutor.tui.labs.value_map import Array


def old(k: Sample) -> list[Line]:
    name = f"{k.s.pi}_old({ACTIONS[k.action]}|{k.where})"
    return [
        equals(name, k.n("old"), "policy"),
        [("The policy that walked. It stays as it is in every epoch of this update.", "muted")],
        _distribution(k, k.session.inside.old_policy[k.state]),
    ]


def new(k: Sample) -> list[Line]:
    name = f"{k.s.pi}({ACTIONS[k.action]}|{k.where})"
    return [
        equals(name, k.n("new"), "policy"),
        [(f"{_when(k)}; it was {k.n('old')} when the policy walked.", "muted")],
        _distribution(k, k.now.policy[k.state]),
    ]


def _when(k: Sample) -> str:
    return f"After epoch {k.now.epoch} of {k.session.epochs}" if k.now.epoch else "Before the first epoch"


def _distribution(k: Sample, chances: Array) -> Line:
    parts = [
        ((f"{name} ", "action"), (f"{num(float(chance), k.g)}   ", "policy"))
        for name, chance in zip(ACTIONS, chances, strict=True)
    ]
    return [part for pair in parts for part in pair]


def ratio(k: Sample) -> list[Line]:
    low, high = 1 - k.session.epsilon, 1 + k.session.epsilon
    where = "Above" if k.x("ratio") > high else "Below" if k.x("ratio") < low else "Inside"
    name = k.sub("ratio")
    return [
        equals(name, f"{k.s.pi}(a|s) / {k.s.pi}_old(a|s)", "policy"),
        worked(name, f"{k.n('new')} / {k.n('old')}", k.n("ratio"), "policy"),
        [(f"{where} the range {num(low, k.g)} to {num(high, k.g)}. {_when(k)}.", "muted")],
    ]


def clip(k: Sample) -> list[Line]:
    low, high = num(1 - k.session.epsilon, k.g), num(1 + k.session.epsilon, k.g)
    name, epsilon = f"clip({k.sub('ratio')})", k.s.epsilon
    return [
        equals(name, f"clip(ratio, 1{k.g.minus}{epsilon}, 1+{epsilon})", "policy"),
        worked(name, f"clip({k.n('ratio')}, {low}, {high})", k.n("clip"), "policy"),
        [("Whether this stops the push is for the minimum to say: one further, L.", "muted")],
    ]


def objective(k: Sample) -> list[Line]:
    name, dot = k.sub("L"), k.s.times
    both = [f"{k.n(factor)}{dot}{k.f('weight')}" for factor in ("ratio", "clip")]
    products = [num(k.x(factor) * k.x("weight"), k.g) for factor in ("ratio", "clip")]
    return [
        equals(name, f"min(ratio{dot}{k.letter}, clip(ratio){dot}{k.letter})", "return"),
        [(f"{' ' * len(name)} = min({both[0]}, {both[1]})", "")],
        worked(name, f"min({products[0]}, {products[1]})", k.n("objective"), "return"),
        verdict(k),
    ]


def verdict(k: Sample) -> Line:
    """Whether the sample pushes, and why."""
    weight, epsilon = k.x("weight"), k.session.epsilon
    if k.now.clipped[k.i]:
        side = f"above {num(1 + epsilon, k.g)}" if weight > 0 else f"below {num(1 - epsilon, k.g)}"
        way = "likelier" if weight > 0 else "rarer"
        return [(f"{k.g.check_on} clipped", "error"), (f": {side} already; still {way} gains nothing.", "")]
    if weight == 0:
        return [("Exactly average: it pushes nowhere.", "")]
    way = "up" if weight > 0 else "down"
    outside = abs(k.x("ratio") - 1) > epsilon
    reason = ": out of the range, but on the wrong side, so in full" if outside else ""
    return [("Not clipped", "strong"), (f": it pushes its action {way}{reason}.", "")]
