"""The four models of PPO and what flows between them: a drawing with the numbers of one answer. Pure text."""

from collections.abc import Callable, Sequence
from itertools import groupby

import numpy as np

from tutor.charts.text import clean, fit
from tutor.toy_llm.tokenizer import EOS, decode
from tutor.toy_llm.training_frames import Inside
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.trained_words import short

ART = """\
  │
┌─▼────────┐
│          ├───────┬───────────────┬──────────────┐
│          │ ┌─────▼────────┐ ┌────▼────────┐ ┌───▼──────┐
└─▲────────┘ │              │ │             │ │          │
  │          │              │ │             │ │          │
  │          └─────┬────────┘ └────┬────────┘ └─┬─────▲──┘
  │                │               │            │     │
  │                └──────────┬────┘            │     │
  │                           │                 │     │
  │                           └─────┬───────────┘     │
  └────────────────────────────────GAE────────────────┘"""
WIDTH, HEIGHT = 58, 12
IN_ASCII = str.maketrans("│─┌┐└┘├┤┬┴▼▲", "|-++++++++v^")
NAMES = (  # column, row, text, role
    (2, 2, "actor", "strong"), (2, 3, "learns", "muted"),
    (15, 4, "reward model", "strong"), (15, 5, "frozen", "muted"),
    (32, 4, "reference", "strong"), (32, 5, "frozen", "muted"),
    (48, 4, "critic", "strong"), (48, 5, "learns", "muted"),
)  # fmt: skip
Put = Callable[[int, int, str, str], None]


class Canvas:
    """Rows of signs, each with a role."""

    def __init__(self, art: str) -> None:
        self._rows = [[(sign, "muted") for sign in line.ljust(WIDTH)] for line in art.split("\n")]

    def put(self, column: int, row: int, text: str, role: str) -> None:
        """Write over what is there; what has no room is cut."""
        signs = [(sign, role) for sign in text[: WIDTH - column]]
        self._rows[row][column : column + len(signs)] = signs

    def lines(self) -> list[Line]:
        """Each row, in pieces of one role."""
        return [
            [("".join(sign for sign, _ in piece), role) for role, piece in groupby(row, lambda cell: cell[1])]
            for row in self._rows
        ]


def drawn(inside: Inside | None, answer: int, glyphs: Glyphs) -> list[Line]:
    """HEIGHT lines. answer: which one of the batch; its V, A, return and ratio are those of its first word."""
    ascii = not glyphs.sub_digits
    canvas = Canvas(ART.translate(IN_ASCII) if ascii else ART)
    for name in NAMES:
        canvas.put(*name)
    canvas.put(4, 0, "a complaint", "state")
    canvas.put(13, 1, "an answer, word by word", "action")
    if inside is not None:
        _numbers(canvas.put, inside, answer % len(inside.batch.prompts), glyphs)
    return canvas.lines()


def _numbers(put: Put, inside: Inside, row: int, glyphs: Glyphs) -> None:
    ascii, batch = not glyphs.sub_digits, inside.batch
    pi, beta, times = ("pi", "beta", "*") if ascii else ("π", "β", "·")

    def said(values: object) -> str:
        return short(float(np.asarray(values)), glyphs)

    score, price, kl = said(batch.score[row]), said(inside.beta), said(batch.kl_k1[row].sum())
    put(4, 0, _quoted(batch.prompts[row], WIDTH - 4, ascii), "state")
    put(13, 1, _quoted(text_of(inside, row), WIDTH - 13, ascii), "action")
    put(4, 7, f"score {score}".rjust(14), "reward")
    put(21, 7, f"KL {kl}".rjust(13), "kl")
    put(37, 7, f"{beta} {price}", "kl")
    put(37, 9, f"V {said(batch.value[row, 0])}".rjust(10), "return")
    reward = f"R={score}-{price}{times}{kl}={said(batch.reward[row].sum())}"
    put(4, 9, reward if ascii else reward.replace("-", glyphs.minus), "reward")
    push = f" A {said(batch.advantage[row, 0])}, {pi}/{pi}_old {said(inside.epochs[-1].ratio[row, 0])} "
    put(5, 11, push, "advantage")
    put(39, 11, f" G {said(batch.returns[row, 0])} ", "return")


def _quoted(text: str, width: int, ascii: bool) -> str:
    return fit(f'"{clean(text, ascii)}"', width, ascii).ljust(width)


def text_of(inside: Inside, row: int) -> str:
    """The words of an answer of the batch."""
    return decode(token for token in inside.batch.tokens[row].tolist() if token > EOS)


def caption(inside: Inside | None, update: int, answer: int) -> Sequence[Line]:
    """Whose numbers they are."""
    if inside is None:
        return [[(" The numbers come with PPO's first update: stage ppo, r.", "muted")]]
    count = len(inside.batch.prompts)
    told = (
        f" answer {answer % count + 1} of {count}, update {update}; V, A, G, ratio: its first word; G = A + V"
    )
    return [[(told, "muted")]]
