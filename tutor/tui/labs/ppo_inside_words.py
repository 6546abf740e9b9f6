"""The lab inside PPO in words: its title, the line of stages, where the update stands."""

from collections.abc import Sequence

from tutor.experiments import grid_title
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line, wrapped
from tutor.tui.labs.ppo_inside_session import PpoInsideSession
from tutor.tui.labs.ppo_inside_signs import num, signs_of

FEWEST = 3  # lines of a formula: its general form, the result, what follows from it


def title(session: PpoInsideSession, glyphs: Glyphs, *, short: bool = False) -> str:
    """`Inside PPO · russell-norvig · ε 0.2 · rate 0.1 · seed 0`; short: without the first words."""
    p = session.parameters
    parts = [
        grid_title(str(p["grid"])),
        f"{signs_of(glyphs).epsilon} {session.epsilon:g}",
        f"rate {float(session.setting('learning_rate')):g}",
        f"seed {p['seed']}",
    ]
    parts = parts if short else ["Inside PPO", *parts]
    return glyphs.between.join(parts)


def computing(session: PpoInsideSession) -> Line:
    """How far it has come, while there is nothing to look at yet."""
    if not session.lacking:
        return [(f" {session.problem}", "error")]
    made = f" computing update {len(session.settings) + 1} of {session.wanted}"
    return [(made, "accent"), ("   esc leaves; all is kept", "muted")]


def stage_line(stages: Sequence[str], stage: int, width: int, glyphs: Glyphs) -> Line:
    """` rollout → rewards →[values]→ …`: all stages where they fit, else those around the present one."""
    arrow = signs_of(glyphs).to if glyphs.sub_digits else ">"
    short = [name.replace("policy", signs_of(glyphs).pi) for name in stages]
    for names in (list(stages), short):
        if len(f" {arrow} ".join(names)) + 2 <= width:
            return _stages(names, 0, len(names), stage, f" {arrow} ")
    first = last = stage
    while True:
        wider = [(first, last + 1), (first - 1, last)]
        fits = [
            pair
            for pair in wider
            if pair[0] >= 0 and pair[1] < len(short) and _needed(short, *pair, arrow) <= width
        ]
        if not fits:
            return _stages(short, first, last + 1, stage, f" {arrow} ")
        first, last = fits[0]


def _needed(names: list[str], first: int, last: int, arrow: str) -> int:
    """Cells of these stages with an arrow to either side."""
    return len(f" {arrow} ".join(["", *names[first : last + 1], ""]))


def _stages(names: list[str], first: int, end: int, stage: int, between: str) -> Line:
    """The brackets of the present stage take the place of a blank on either side."""
    text = between.join(names[first:end])
    text = (between if first else " ") + text + (between if end < len(names) else " ")
    at = len(between if first else " ") + len(between.join([*names[first:stage], ""]))
    stop = at + len(names[stage])
    before, after = text[: at - 1], text[stop + 1 :]
    return [(before, "muted"), (f"[{names[stage]}]", "accent"), (after.rstrip(), "muted")]


def where(session: PpoInsideSession, width: int, glyphs: Glyphs) -> Line:
    """KL, clip fraction and J, as much of it as fits."""
    now, n = session.now, len(session.samples)
    clipped = int(now.clipped.sum())
    parts: list[Line] = [
        [("KL ", "kl"), (num(now.kl, glyphs), "kl")],
        [
            (
                f"{glyphs.check_on} clipped {clipped} of {n} = {num(now.clip_fraction, glyphs)}",
                "error" if clipped else "",
            )
        ],
        [("mean L ", "return"), (num(float(f"{now.surrogate:.3g}"), glyphs), "return")],
        [_j(session, glyphs)],
    ]
    line: Line = []
    for part in parts:
        gap: Line = [("   ", "")] if line else []
        longer = [*line, *gap, *part]
        if sum(len(text) for text, _ in longer) > width:
            break
        line = longer
    return line


def _j(session: PpoInsideSession, glyphs: Glyphs) -> tuple[str, str]:
    """The exact expected return of the policy that walked; once the update is over of the new one, too."""
    before = f"J old {_return(session, session.update - 1, glyphs)}"
    if not session.finished:
        return before, "return"
    return f"{before}, new {_return(session, session.update, glyphs)}", "return"


def _return(session: PpoInsideSession, update: int, glyphs: Glyphs) -> str:
    return num(float(f"{session.expected_return(update):.3g}"), glyphs)


def fitted(lines: Sequence[Line], width: int, rows: int) -> list[Line]:
    """The formula's lines, broken where they are too long. Where there are more than rows, what only comments goes
    first, then what stands between the general form and the result."""
    kept = list(lines)
    while len(pieces := [piece for line in kept for piece in wrapped(list(line), width)]) > rows:
        comments = [place for place, line in enumerate(kept) if all(role == "muted" for _, role in line)]
        if not comments and len(kept) <= FEWEST:
            break
        del kept[comments[-1] if comments else 1]
    return [*pieces, *[[]] * rows][:rows]
