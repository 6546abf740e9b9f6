"""The formula of one number of a token: in general, with the token's numbers put in, and what it comes to."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING

from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.ppo_inside_sample import equals, worked
from tutor.tui.labs.ppo_inside_signs import at, factor, num, signs_of

if TYPE_CHECKING:
    from tutor.tui.labs.ppo_inside_tokens_batch import TokenTable


class Token:
    """One token of an answer with what its formulas need: `x("delta")` is its number of that name."""

    def __init__(self, table: "TokenTable", index: int) -> None:
        self.table, self.i = table, index
        self.g, self.s = table.glyphs, signs_of(table.glyphs)
        self.config, self.word = table.inside.config, table.words[index]
        self.last = index == len(table) - 1

    def x(self, name: str, ahead: int = 0) -> float:
        return float(self.table.numbers[name][self.i + ahead])

    def n(self, name: str) -> str:
        return num(self.x(name), self.g)

    def f(self, name: str, ahead: int = 0) -> str:
        return factor(self.x(name, ahead), self.g)

    def sub(self, letter: str, ahead: int = 0) -> str:
        return at(letter, self.i + ahead, self.g)

    def number(self, value: float) -> str:
        return num(value, self.g)

    @property
    def beta(self) -> str:
        return "β" if self.g.sub_digits else "beta"

    @property
    def gap(self) -> str:
        """Between two factors: nothing where each letter is one sign."""
        return "" if self.g.sub_digits else "*"


def _note(text: str) -> Line:
    return [(text, "muted")]


def _when(k: Token) -> str:
    now = k.table.now.epoch
    return f"After epoch {now} of {len(k.table.inside.epochs) - 1}" if now else "Before the first epoch"


def old(k: Token) -> list[Line]:
    return [
        equals(f"{k.s.pi}_old({k.word}|s)", k.n("old"), "policy"),
        _note("The policy that wrote the answer. It stays as it is in every epoch of this update."),
    ]


def ref(k: Token) -> list[Line]:
    return [
        equals(f"{k.s.pi}_ref({k.word}|s)", k.n("ref"), "policy"),
        _note("The frozen reference: the model as it was before the first update."),
    ]


def k1(k: Token) -> list[Line]:
    name = k.sub("k1")
    work = f"log {k.n('old')} {k.g.minus} log {k.n('ref')}"
    return [
        equals(name, f"log {k.s.pi}_old {k.g.minus} log {k.s.pi}_ref", "kl"),
        worked(name, work, k.n("k1"), "kl"),
        _note("What this one token says of the KL; below 0 where the reference likes it better."),
    ]


def kl(k: Token) -> list[Line]:
    law = f"{k.s.sum} {k.s.pi}_old log({k.s.pi}_old / {k.s.pi}_ref)"
    name = k.sub("KL")
    return [
        equals(name, law, "kl"),
        worked(name, "", k.n("kl"), "kl"),
        _note("Exact, over every word that might have come here; the reward is charged for k1, not for it."),
    ]


def reward(k: Token) -> list[Line]:
    name, price = k.sub("R", 1), k.number(k.table.inside.beta)
    general = f"{k.g.minus}{k.beta}{k.s.times}{k.sub('k1')}"
    work = f"{k.g.minus}{price}{k.s.times}{k.f('k1')}"
    if not k.last:
        return [
            equals(name, general, "reward"),
            worked(name, work, k.n("reward"), "reward"),
            _note("Only the price of KL: the score comes with the last token."),
        ]
    score = float(k.table.batch.score[k.table.answer])
    return [
        equals(name, f"{general} + score", "reward"),
        worked(name, f"{work} + {factor(score, k.g)}", k.n("reward"), "reward"),
        _note("The last token also gets what the reward model says of the whole answer."),
    ]


def value(k: Token) -> list[Line]:
    return [
        equals(f"V({k.sub('s')})", k.n("value"), "return"),
        _note("What the critic expects of the answer from here on, before this update."),
    ]


def next_value(k: Token) -> list[Line]:
    why = (
        "The answer ends here: nothing is to come."
        if k.last
        else "What the critic expects once the token is there."
    )
    return [equals(f"V({k.sub('s', 1)})", k.n("next_value"), "return"), _note(why)]


def delta(k: Token) -> list[Line]:
    name = k.sub(k.s.delta)
    general = f"{k.sub('R', 1)} + {k.s.gamma}{k.gap}V({k.sub('s', 1)}) {k.g.minus} V({k.sub('s')})"
    gamma = k.number(k.config.gamma)
    work = f"{k.n('reward')} + {gamma}{k.s.times}{k.f('next_value')} {k.g.minus} {k.f('value')}"
    better = "better" if k.x("delta") > 0 else "worse"
    return [
        equals(name, general, "advantage"),
        worked(name, work, k.n("delta"), "advantage"),
        _note(f"With this token things look {better} than the critic expected."),
    ]


def advantage(k: Token) -> list[Line]:
    name = k.sub("A")
    if k.last:
        return [
            equals(name, k.sub(k.s.delta), "advantage"),
            worked(name, "", k.n("advantage"), "advantage"),
            _note(f"The answer ends here: no later {k.s.delta} belongs to it."),
        ]
    dot = k.s.times
    general = f"{k.sub(k.s.delta)} + {k.s.gamma}{k.gap}{k.s.lambda_} {k.sub('A', 1)}"
    discount = f"{k.number(k.config.gamma)}{dot}{k.number(k.config.lambda_)}"
    return [
        equals(name, general, "advantage"),
        worked(name, f"{k.n('delta')} + {discount}{dot}{k.f('advantage', 1)}", k.n("advantage"), "advantage"),
        _note("GAE, from the last token backwards: what comes later counts for this token, too."),
    ]


def returns(k: Token) -> list[Line]:
    name = k.sub("G")
    return [
        equals(name, f"{k.sub('A')} + V({k.sub('s')})", "return"),
        worked(name, f"{k.n('advantage')} + {k.f('value')}", k.n("returns"), "return"),
        _note("What the critic is fitted to."),
    ]


def weight(k: Token) -> list[Line]:
    real = k.table.batch.advantage[k.table.batch.mask]
    mean, deviation = float(real.mean()), float(real.std(ddof=1))
    name = k.sub(k.s.weight)
    return [
        equals(name, f"({k.sub('A')} {k.g.minus} mean A) / std A", "advantage"),
        worked(
            name,
            f"({k.n('advantage')} {k.g.minus} {factor(mean, k.g)}) / {k.number(deviation)}",
            k.n("weight"),
            "advantage",
        ),
        _note(f"Whitened over the {real.size} tokens of the batch: mean 0, standard deviation 1."),
    ]


def new(k: Token) -> list[Line]:
    return [
        equals(f"{k.s.pi}({k.word}|s)", k.n("new"), "policy"),
        _note(f"{_when(k)}; it was {k.n('old')} when the answer was written."),
    ]


def ratio(k: Token) -> list[Line]:
    low, high = 1 - k.config.epsilon, 1 + k.config.epsilon
    where = "Above" if k.x("ratio") > high else "Below" if k.x("ratio") < low else "Inside"
    name = k.sub("ratio")
    return [
        equals(name, f"{k.s.pi} / {k.s.pi}_old", "policy"),
        worked(name, f"{k.n('new')} / {k.n('old')}", k.n("ratio"), "policy"),
        _note(f"{where} the range {k.number(low)} to {k.number(high)}. {_when(k)}."),
    ]


def clip(k: Token) -> list[Line]:
    low, high = k.number(1 - k.config.epsilon), k.number(1 + k.config.epsilon)
    name = f"clip({k.sub('ratio')})"
    return [
        equals(name, f"clip(ratio, 1{k.g.minus}{k.s.epsilon}, 1+{k.s.epsilon})", "policy"),
        worked(name, f"clip({k.n('ratio')}, {low}, {high})", k.n("clip"), "policy"),
        _note("Whether this stops the push is for the minimum to say: one further, L."),
    ]


def objective(k: Token) -> list[Line]:
    name, dot = k.sub("L"), k.s.times
    both = [f"{k.n(part)}{dot}{k.f('weight')}" for part in ("ratio", "clip")]
    return [
        equals(name, f"min(ratio{dot}{k.s.weight}, clip(ratio){dot}{k.s.weight})", "return"),
        worked(name, f"min({both[0]}, {both[1]})", k.n("objective"), "return"),
        _pushes(k),
    ]


def _pushes(k: Token) -> Line:
    """Whether the token pushes, and why."""
    up = k.x("weight") > 0
    if k.table.clipped[k.i]:
        edge = k.number(1 + k.config.epsilon if up else 1 - k.config.epsilon)
        side = f"{'above' if up else 'below'} {edge} already"
        return [
            (f"{k.g.check_on} clipped", "error"),
            (f": {side}; its gradient is 0, others may move it.", ""),
        ]
    return [("Not clipped", "strong"), (f": it pushes its word {'up' if up else 'down'}.", "")]


def now(k: Token) -> list[Line]:
    return [
        equals(f"V({k.sub('s')})", k.n("now"), "return"),
        _note(f"The critic as it is. {_when(k)}; it was {k.n('value')}, and is fitted to {k.n('returns')}."),
    ]


def loss(k: Token) -> list[Line]:
    name, near = k.sub("L_V"), k.config.value_epsilon
    held = min(max(k.x("now"), k.x("value") - near), k.x("value") + near)
    square = "²" if k.g.sub_digits else "^2"
    target = f"{k.g.minus} {k.f('returns')}"
    law = f".5{k.s.times}max((V {k.g.minus} G){square}, (V_near {k.g.minus} G){square})"
    work = f".5{k.s.times}max(({k.n('now')} {target}){square}, ({k.number(held)} {target}){square})"
    return [
        equals(name, law, "return"),
        worked(name, work, k.n("loss"), "return"),
        _note(
            f"V_near is V, at most {k.number(near)} from the old one. The worse counts, as for the policy."
        ),
    ]


FORMULAS: Mapping[str, Callable[[Token], list[Line]]] = {
    each.__name__: each
    for each in (
        old, ref, k1, kl, reward, value, next_value, delta, advantage, returns, weight, new, ratio, clip,
        objective, now, loss,
    )
}  # fmt: skip
