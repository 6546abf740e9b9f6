"""One sample with what its formulas need, and how a formula is set."""

from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.ppo_inside_batch import GridBatch
from tutor.tui.labs.ppo_inside_signs import Signs, at, factor, num, signs_of
from tutor.tui.labs.value_map import cell_name


class Sample:
    """One sample of a batch with what its formulas need: `x("delta")` is its number of that name."""

    def __init__(self, batch: GridBatch, index: int) -> None:
        self.batch, self.session, self.i = batch, batch.session, index
        self.samples, self.now = self.session.samples, self.session.now
        self.g: Glyphs = batch.glyphs
        self.s: Signs = signs_of(self.g)
        self.state, self.action = int(self.samples.state[index]), int(self.samples.action[index])
        self.ends = bool(self.samples.terminated[index])
        self.cut = bool(self.samples.truncated[index])

    def x(self, name: str) -> float:
        return float(self.batch.numbers[name][self.i])

    def n(self, name: str) -> str:
        return num(self.x(name), self.g)

    def f(self, name: str) -> str:
        return factor(self.x(name), self.g)

    def sub(self, letter: str, ahead: int = 0) -> str:
        return at(letter, self.i + ahead, self.g)

    @property
    def letter(self) -> str:
        """Of the advantage as the update uses it."""
        return self.s.weight if self.session.setting("normalise") else "A"

    @property
    def where(self) -> str:
        return cell_name(self.session.env, self.state)

    @property
    def reached(self) -> str:
        return cell_name(self.session.env, int(self.samples.next_state[self.i]))

    @property
    def followed(self) -> bool:
        """Whether the next row goes on where this one ends."""
        last = self.i + 1 == len(self.batch) or self.samples.env[self.i] != self.samples.env[self.i + 1]
        return not (self.ends or self.cut or last)

    def setting(self, name: str) -> str:
        return num(float(self.session.setting(name)), self.g)

    @property
    def gap(self) -> str:
        """Between two factors: nothing where each letter is one sign."""
        return "" if self.g.sub_digits else "*"


def equals(name: str, general: str, role: str) -> Line:
    return [(f"{name} = ", role), (general, "")]


def worked(name: str, numbers: str, value: str, role: str) -> Line:
    """`   = numbers = value`, the first sign below that of the line above."""
    gap = " " * len(name)
    work: Line = [(f"{gap} = {numbers}", "")] if numbers else []
    return [*work, (f"{' = ' if numbers else f'{gap} = '}", ""), (value, role)]
