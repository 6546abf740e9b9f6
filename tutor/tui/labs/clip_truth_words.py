"""The words of the lab on what the clip holds: a table of both runs, and what moved the token that is looked at."""

from collections.abc import Sequence
from dataclasses import dataclass

from tutor.toy_llm.clip_frames import ClipTruthFrame, FollowedToken
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line, wrapped
from tutor.tui.labs.ppo_inside_signs import cell, num, signs_of
from tutor.tui.labs.run_session import RunSession

NAME = 11  # columns of a run's name
ROOMY = 76  # columns from which two lines hold what a step was made of


@dataclass(frozen=True)
class Column:
    """decimals: the same in every row, so that the points stand under one another. least: columns of the lab from which
    it is there."""

    name: str
    header: str
    width: int
    decimals: int
    role: str
    least: int = 0


def nothing_yet(session: RunSession) -> str:
    """Why there are no numbers."""
    if session.waits_for_key:
        return "r or space samples a batch and takes steps on it."
    return "The batch is being sampled: the first numbers come at once."


def lines(width: int) -> int:
    """Of what is told under the table."""
    return 2 if width >= ROOMY else 3


def columns(width: int, glyphs: Glyphs) -> list[Column]:
    s = signs_of(glyphs)
    every = (
        Column("ratio", "ratio", 7, 3, "policy"),
        Column("probability", s.pi, 7, 3, "policy", 60),
        Column("surrogate", "L", 7, 3, "return", 74),
        Column("own", "own", 8, 4, "strong"),
        Column("others", "others", 8, 4, ""),
        Column("momentum", "momentum", 10, 4, ""),
        Column("first_order", "sum", 8, 4, "", 67),
        Column("real", "real", 8, 4, "accent", 52),
    )
    return [column for column in every if width >= column.least]


def followed(session: RunSession, series: str, back: int = 0) -> FollowedToken | None:
    """The token that is looked at, `back` steps before the one that is looked at."""
    frame = session.at(series)
    if frame is None or frame.update < back:
        return None
    wanted = frame.update - back
    found = next((f for f in session.frames if f.series == series and f.update == wanted), None)
    return None if found is None else token_of(found.detail, session)


def token_of(detail: ClipTruthFrame, session: RunSession) -> FollowedToken:
    return detail.tokens[min(int(session.parameters["token"]), len(detail.tokens)) - 1]


def named(token: FollowedToken) -> str:
    """`"sunny"`, `"." after "sunny"`."""
    return f'"{token.word}"' + (f' after "{token.before}"' if token.before else "")


def table(session: RunSession, names: Sequence[str], width: int, glyphs: Glyphs) -> list[Line]:
    """A heading and a line for each run: the token as it stands, and by how much the last step changed its log pi."""
    shown = columns(width, glyphs)
    token = followed(session, names[0])
    heading: Line = [((named(token) if token is not None else "")[: NAME - 1].ljust(NAME), "accent")]
    heading += [(column.header.rjust(column.width), "muted") for column in shown]
    return [heading, *(_row(session, name, shown, glyphs) for name in names)]


def _row(session: RunSession, name: str, shown: Sequence[Column], glyphs: Glyphs) -> Line:
    token = followed(session, name)
    mark = glyphs.check_on if token is not None and token.clipped else " "
    line: Line = [(f"{name} ".ljust(NAME - 1), "strong"), (mark, "error")]
    if token is None:
        return line
    return [*line, *((_cell(token, c, glyphs).rjust(c.width), c.role) for c in shown)]


def _cell(token: FollowedToken, column: Column, glyphs: Glyphs) -> str:
    """A dot where there has been no step."""
    holder = token if hasattr(token, column.name) else token.change
    if holder is None:
        return glyphs.dot
    return cell(getattr(holder, column.name), column.decimals, column.width - 1, glyphs)


def short(value: float, glyphs: Glyphs) -> str:
    """Three significant digits, four decimals at most: `−.0286`, `1.57`, `0`."""
    return num(round(float(f"{value:.3g}"), 4), glyphs)


def signed(value: float, glyphs: Glyphs) -> str:
    text = short(value, glyphs)
    return text if value < 0 or text == "0" else f"+{text}"


def told(session: RunSession, width: int, glyphs: Glyphs) -> list[Line]:
    """What the last step of the clipped run was made of, and why."""
    before, now = followed(session, "clipped", 1), followed(session, "clipped")
    if now is None:
        return [[(nothing_yet(session), "muted")]]
    line = (
        _beginning(now, glyphs)
        if before is None or now.change is None
        else _step(before, now, session, glyphs)
    )
    return wrapped(line, width)[: lines(width)]


def _beginning(token: FollowedToken, glyphs: Glyphs) -> Line:
    way = "up" if token.advantage > 0 else "down"
    return [
        (f"{named(token)}, {token.count} times in the batch, ", ""),
        (f"A {short(token.advantage, glyphs)}", "advantage"),
        (f": pushed {way}. New is old, ratio 1; space takes a step of Adam on the whole batch.", ""),
    ]


def _step(before: FollowedToken, now: FollowedToken, session: RunSession, glyphs: Glyphs) -> Line:
    change = now.change
    assert change is not None  # noqa: S101  (there is one after every step)
    s = signs_of(glyphs)
    rest = f"others {signed(change.others, glyphs)}, momentum {signed(change.momentum, glyphs)}"
    whole, real = signed(change.first_order, glyphs), signed(change.real, glyphs)
    came = f" make {whole} of log {s.pi}; really {real}."
    own = "" if before.clipped else f"own {signed(change.own, glyphs)}, "
    return [*_own(before, session, glyphs), (own, "strong"), (rest, ""), (came, "muted")]


def _own(before: FollowedToken, session: RunSession, glyphs: Glyphs) -> Line:
    """Where it stood when the step was taken, and whether it pushed."""
    ratio, epsilon = short(before.ratio, glyphs), float(session.parameters["epsilon"])
    if not before.clipped:
        return [(f"From {ratio} it pushed {'up' if before.advantage > 0 else 'down'}: ", "")]
    edge, side = (1 + epsilon, "above") if before.advantage > 0 else (1 - epsilon, "below")
    where = f"From {ratio}, {side} {num(edge, glyphs)}: "
    return [(where, ""), (f"{glyphs.check_on} clipped, its own gradient 0. ", "error"), ("Still ", "")]


def verdict(session: RunSession, width: int, glyphs: Glyphs) -> Line:
    """Whether the clip held the word's ratio, from the whole run."""
    clipped, unclipped = ratios(session, "clipped"), ratios(session, "unclipped")
    if not clipped or not unclipped:
        return []
    edge = 1 + float(session.parameters["epsilon"])
    above = [step for step, ratio in enumerate(clipped) if ratio > edge]
    word = f'"{session.parameters["word"]}"'
    if not above:
        return [(f"{word} never passed {num(edge, glyphs)}.", "strong")]
    line: Line = [
        (
            f"{word} past {num(edge, glyphs)} at step {above[0]}, up to {short(max(clipped), glyphs)}",
            "strong",
        ),
        (f" ({short(max(unclipped), glyphs)} without): ", ""),
        ("no reason, yet it moves.", "strong"),
    ]
    return line if sum(len(text) for text, _ in line) <= width else line[:1]


def ratios(session: RunSession, series: str) -> list[float]:
    """Of the rewarded word at every step that has come, first seed."""
    return [frame.detail.tokens[0].ratio for frame in session.frames if frame.series == series]
