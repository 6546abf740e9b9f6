"""From samples to the new policy: each sample's push, the gradient of a state's logits, the policy before and after."""

import numpy as np

from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.ppo_inside_batch import GridBatch
from tutor.tui.labs.ppo_inside_signs import factor, num, signs_of
from tutor.tui.labs.value_map import cell_name

MOST_BAR = 24  # cells of a probability of 1
BESIDE_BARS = 21  # what else stands in a line with two bars
NO_MORE: Line = [("The last epoch is over: no gradient is taken any more. This is the new policy.", "muted")]


def push_lines(batch: GridBatch, index: int) -> list[Line]:
    """How strongly one sample pushes the log-probability of its action."""
    session, g, s = batch.session, batch.glyphs, signs_of(batch.glyphs)
    letter = s.weight if session.setting("normalise") else "A"
    name = f"{s.partial}L/{s.partial} log {s.pi}"
    general: Line = [
        (f"{name} = ", "strong"),
        (f"ratio{s.times}{letter} / n", ""),
        ("     0 when clipped", "muted"),
    ]
    if session.finished:
        return [general, NO_MORE]
    push = float(batch.numbers["push"][index])
    gap = " " * len(name)
    if session.now.clipped[index]:
        zero: Line = [
            (f"{gap} = 0", "strong"),
            (f"   {g.check_on} clipped: L is flat in the ratio here.", "error"),
        ]
        moves: Line = [("Its ratio may move all the same: others push, and Adam's momentum.", "muted")]
        return [general, zero, moves]
    ratio, weight = num(float(session.now.ratio[index]), g), factor(float(session.samples.weight[index]), g)
    work: Line = [(f"{gap} = {ratio}{s.times}{weight} / {len(batch)} = ", ""), (num(push, g), "strong")]
    way = "up" if push > 0 else "down"
    name = ACTIONS[session.samples.action[index]]
    return [
        general,
        work,
        [(f"Pushes log {s.pi}({name}|s) {way}; L here is the mean over the n samples.", "muted")],
    ]


def gradient_lines(batch: GridBatch, index: int) -> list[Line]:
    """The gradient of one logit: the sum over the samples of its state."""
    session, g, s = batch.session, batch.glyphs, signs_of(batch.glyphs)
    state, action = int(session.samples.state[index]), int(session.samples.action[index])
    name = ACTIONS[action]
    of = f"({name}|{cell_name(session.env, state)})"
    law = f"{s.sum} push{s.times}([a = {name}] {g.minus} {s.pi}{of})"
    general: Line = [(f"{s.partial}L/{s.partial}z{of} = ", "strong"), (law, "")]
    if session.finished or session.now.gradient is None:
        return [general, NO_MORE]
    chance = float(session.now.policy[state, action])
    own = np.flatnonzero(session.samples.state == state)
    terms = [_term(batch, int(i), action, chance) for i in own if not session.now.clipped[i]]
    total = num(float(session.now.gradient[state, action]), g)
    summed: Line = [(f"= {' + '.join(terms) or '0'}", "")]
    return [general, summed, [("= ", ""), (total, "strong"), (_over(len(own), len(terms)), "muted")]]


def _over(samples: int, pushing: int) -> str:
    """Which samples the sum went over."""
    who = f"over the {samples} samples of this state" if samples > 1 else "the only sample of this state"
    silent = samples - pushing
    return f"   {who}, {silent} of them clipped: 0" if silent else f"   {who}"


def _term(batch: GridBatch, index: int, action: int, chance: float) -> str:
    """`.031·(1 − .25)`."""
    g, s = batch.glyphs, signs_of(batch.glyphs)
    is_it = int(batch.session.samples.action[index] == action)
    push = factor(float(f"{batch.numbers['push'][index]:.3g}"), g)
    return f"{push}{s.times}({is_it} {g.minus} {num(float(f'{chance:.3g}'), g)})"


def policy_lines(batch: GridBatch, index: int, width: int) -> list[Line]:
    """The policy of the sample's state before the update and now, as bars, with the KL between them."""
    session, g, s = batch.session, batch.glyphs, signs_of(batch.glyphs)
    state = int(session.samples.state[index])
    old, now = session.inside.old_policy[state], session.now.policy[state]
    where = cell_name(session.env, state)
    kl = num(float(batch.numbers["kl"][index]), g)
    parts = [
        (f"{s.pi}({g.dot}|{where})", "policy"),
        (f"before {s.to} after epoch {session.epoch} of {session.epochs}", "muted"),
        (f"KL {kl}", "kl"),
        (f"V {num(float(session.inside.old_values[state]), g)}{_value_after(batch, state)}", "return"),
    ]
    bar = min(MOST_BAR, max(1, (width - BESIDE_BARS) // 2))
    return [
        _head(parts, width),
        *(_bars(a, float(old[a]), float(now[a]), bar, g) for a in range(len(ACTIONS))),
    ]


def _head(parts: list[tuple[str, str]], width: int) -> Line:
    """As many of the parts as fit, the first of them at least."""
    line = parts[:1]
    for text, role in parts[1:]:
        if sum(len(part) for part, _ in line) + 3 + len(text) > width:
            break
        line.append((f"   {text}", role))
    return line


def _value_after(batch: GridBatch, state: int) -> str:
    """The critic learns once an update: after the last epoch."""
    if not batch.session.finished:
        return ""
    s = signs_of(batch.glyphs)
    return f" {s.to} {num(float(batch.session.inside.new_values[state]), batch.glyphs)}"


def _bars(action: int, old: float, new: float, size: int, g: Glyphs) -> Line:
    s = signs_of(g)
    bars = [(s.bar * round(size * chance)).ljust(size) for chance in (old, new)]
    return [
        (f"{ACTIONS[action]:<6}", "action"),
        (f"{old:.3f}".removeprefix("0"), "muted"),
        (f" {bars[0]} {s.to} ", "muted"),
        (f"{new:.3f}".removeprefix("0"), "policy"),
        (f" {bars[1].rstrip()}", "policy"),
    ]
