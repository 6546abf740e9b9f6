"""What the toy model did, in words, symbols and numbers. Pure text: (text, role) pairs, as in the gridworld lab."""

from math import exp
from typing import cast

from tutor.toy_llm import verifier
from tutor.toy_llm.episodes import TokenFrame
from tutor.toy_llm.tokenizer import BOS, BOT, EOS, word
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs import gridworld_words
from tutor.tui.labs.gridworld_session import GridworldSession
from tutor.tui.labs.gridworld_words import AT_THE_END, Line, number, signed, symbol
from tutor.tui.labs.token_session import TokenSession

END = "end"  # how `<eos>` is shown
LEAST = 0.0005  # a probability below it is written with an exponent
BARS = {False: ("▇", "▏"), True: ("#", ".")}  # ASCII -> a whole cell, less than half a cell
WORD_WIDTH, NUMBER_WIDTH = 11, 6


def shown(token: int) -> str:
    """The word of a token as people read it: `<eos>` is `end`."""
    return END if token == EOS else word(token)


def probability(value: float) -> str:
    """`.155`, `1`, `>.999`, `4e-6`: three decimals, as the field writes them."""
    if value in (0, 1):
        return str(int(value))
    if value < LEAST:
        mantissa, exponent = f"{value:.0e}".split("e")
        return f"{mantissa}e{int(exponent)}"
    return ">.999" if value >= 0.9995 else f"{value:.3f}"[1:]


def equals(value: float) -> str:
    """`= .155`, `> .999`."""
    text = probability(value)
    return f"> {text[1:]}" if text.startswith(">") else f"= {text}"


def title(session: TokenSession, glyphs: Glyphs) -> str:
    """`Token agent · temperature 1 · γ 1 · seed 0`."""
    gamma = glyphs.gamma if glyphs.sub_digits else "gamma"
    numbers = (f"temperature {session.temperature:.3g}", f"{gamma} {session.gamma:g}", f"seed {session.seed}")
    return glyphs.between.join(("Token agent", *numbers))


# The state: prompt and answer so far


def state_lines(session: TokenSession, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """`S₅ = How much is 2 + 2 ? ▸ Start with 2 . Then`, the newest word in the colour of an action.

    At most `height` lines; words at the beginning make way.
    """
    label = f"{symbol('S', session.t, glyphs)} = "
    rows = _wrapped(_state_words(session, glyphs), width - len(label))
    if len(rows) > height:
        rows = rows[-height:]
        left = rows[0][1:]
        while sum(1 + len(text) for text, _ in left) + len(glyphs.ellipsis) > width - len(label):
            left = left[1:]  # the mark is wider than a short word
        rows[0] = [(glyphs.ellipsis, "muted"), *left]
    names = [label, *[" " * len(label)] * (len(rows) - 1)]
    return [[(name, "state"), *_spaced(row)] for name, row in zip(names, rows, strict=True)]


def _state_words(session: TokenSession, glyphs: Glyphs) -> Line:
    prompt = [(word(token), "state") for token in session.start if token not in (BOS, BOT)]
    answer = [(shown(token), "state") for token in session.tokens]
    if answer:
        answer[-1] = (answer[-1][0], "action")
    return [*prompt, (glyphs.pointer, "muted"), *answer]


def _wrapped(words: Line, width: int) -> list[Line]:
    """Rows of words that fit into `width` with a blank between them."""
    rows: list[Line] = [[]]
    used = -1  # the first word of a row has no blank before it
    for text, role in words:
        if rows[-1] and used + 1 + len(text) > width:
            rows.append([])
            used = -1
        used += 1 + len(text)
        rows[-1].append((text, role))
    return rows


def _spaced(row: Line) -> Line:
    return [(f" {text}" if place else text, role) for place, (text, role) in enumerate(row)]


# The policy: what may come next


def policy_lines(session: TokenSession, cursor: int, width: int, height: int, glyphs: Glyphs) -> list[Line]:
    """A heading, as many tokens as fit with bars and probabilities, and what the others have together."""
    order, chances = session.ranking(), session.policy()
    rows = max(1, height - 2)
    first = max(0, min(cursor - rows // 2, len(order) - rows)) if cursor >= rows else 0
    visible = order[first : first + rows]
    lines = [_heading(session, width, glyphs)]
    for place, token in enumerate(visible, first):
        lines.append(_row(token, float(chances[token]), place == cursor, width, glyphs))
    rest = max(0.0, 1 - sum(float(chances[token]) for token in visible))
    others = f"  {len(order) - len(visible)} other tokens"
    return [*lines, _ended(others, "muted", "" if rest < 1e-12 else probability(rest), width)]


def _heading(session: TokenSession, width: int, glyphs: Glyphs) -> Line:
    chances = f"{pi(glyphs)}(A|{symbol('S', session.t - session.over, glyphs)})"
    name = "  last choice" if session.over else "  next action"
    return _ended(name, "action", chances, width)


def _ended(left: str, role: str, right: str, width: int) -> Line:
    return [(left.ljust(max(0, width - len(right))), role), (right, "policy")]


def _row(token: int, chance: float, on: bool, width: int, glyphs: Glyphs) -> Line:
    room = max(1, width - 2 - WORD_WIDTH - NUMBER_WIDTH)
    full, sliver = BARS[not glyphs.sub_digits]
    cells = round(chance * room)
    bar = full * cells if cells else sliver if chance >= LEAST else ""
    name = f"{shown(token):<{WORD_WIDTH}}"
    return [
        (f"{glyphs.pointer} " if on else "  ", "accent"),
        (name, "accent" if on else "action"),
        (bar.ljust(room), "policy"),
        (probability(chance).rjust(NUMBER_WIDTH), "policy"),
    ]


def pi(glyphs: Glyphs) -> str:
    """The letter of a policy."""
    return "π" if glyphs.sub_digits else "pi"


# What happened, and the return


def happened(session: TokenSession, glyphs: Glyphs) -> list[Line]:
    """Five lines: the action, its reward, what came of it, at the end every token's return and what to do now."""
    frame = session.last
    if frame is None:
        return [
            [("space", "strong"), (": the model samples a token", "")],
            [(f"{_arrows(glyphs)} enter", "strong"), (": force the token you point at", "")],
            [
                ("u", "strong"),
                (" undoes   ", ""),
                ("[ ]", "strong"),
                (" temperature   ", ""),
                ("e", "strong"),
                (" explains", ""),
            ],
            [],
            _promise(session, glyphs),
        ]
    lines = [_action(session, frame, glyphs), _reward(session, frame, glyphs)]
    if not session.over:
        return [*lines, [], [], []]
    return [*lines, _verdict(session, frame), _same_return(session, glyphs), AT_THE_END]


def _arrows(glyphs: Glyphs) -> str:
    return f"{glyphs.arrows[0]}{glyphs.arrows[2]}" if glyphs.sub_digits else "up down"


def _promise(session: TokenSession, glyphs: Glyphs) -> Line:
    if session.asked:
        return [
            ("At the end a verifier pays ", "muted"),
            (f"+1 or {glyphs.minus}1", "reward"),
            (".", "muted"),
        ]
    if verifier.nearly_asks_sum(session.prompt):
        return [("The verifier reads only ", "muted"), ("a + b", "strong"), (".", "muted")]
    return [("No verifier: a reward model would judge.", "muted")]


def _action(session: TokenSession, frame: TokenFrame, glyphs: Glyphs) -> Line:
    chance = chance_of(frame)
    how = "forced" if session.forced[-1] else "sampled"
    return [
        (f"{symbol('A', frame.t, glyphs)} = {shown(frame.action)}", "action"),
        (f"   {pi(glyphs)} {equals(chance)}", "policy"),
        (f"   {how}", "muted"),
    ]


def chance_of(frame: TokenFrame) -> float:
    """pi of the token that was taken, at the temperature of that moment."""
    return min(1.0, exp(frame.log_prob))


def _reward(session: TokenSession, frame: TokenFrame, glyphs: Glyphs) -> Line:
    reward = f"{symbol('R', frame.t + 1, glyphs)} = {signed(frame.reward, glyphs)}"
    if session.asked:
        why = "   the verifier speaks" if frame.ended else "   the verifier speaks at the end"
    else:
        why = "   no verifier for this prompt"
    return [(reward, "reward"), (why, "muted")]


def _verdict(session: TokenSession, frame: TokenFrame) -> Line:
    end = "Over: " if frame.terminated else f"Cut off at {session.t} tokens: "
    asked, answered = session.asked, session.answered
    if asked is None:
        return [(end, "strong"), ("a reward model would judge here.", "")]
    total = f"{asked.a} + {asked.b} = {asked.answer}"
    if answered is None:
        return [(end, "strong"), ("no answer to ", ""), (f"{asked.a} + {asked.b}", "")]
    said = "right." if answered == asked.answer else f"not {answered}."
    return [(end, "strong"), (f"{total}, {said}", "")]


def _same_return(session: TokenSession, glyphs: Glyphs) -> Line:
    """With gamma 1 every token's return is the final reward; else the first fades most."""
    returns = session.token_returns()
    first, last = (symbol("G", t, glyphs) for t in (0, len(returns) - 1))
    if len(returns) == 1 or not session.asked:
        return []
    if session.gamma == 1:
        many = f"{first} = {glyphs.ellipsis} = {last} = {signed(returns[0], glyphs)}"
        return [(many, "return"), (": every token's return", "muted")]
    ends = f"{first} = {number(returns[0], glyphs)} {glyphs.ellipsis} {last} = {number(returns[-1], glyphs)}"
    return [(ends, "return")]


def return_sum(session: TokenSession, width: int, glyphs: Glyphs) -> list[Line]:
    """Three lines: the sum in symbols, in numbers, its value; written as the gridworld writes its own."""
    return gridworld_words.return_sum(as_episode(session), width, glyphs)


def as_episode(session: TokenSession) -> GridworldSession:
    """For what the gridworld lab says of any episode (its sum, its plots): they read only t, gamma, frames, returns
    and episode_return, which both have."""
    return cast(GridworldSession, session)
