"""Formulas of what a walk brings: rewards, the critic's values, delta, and GAE's advantages."""

import numpy as np

from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.ppo_inside_sample import Sample, equals, worked
from tutor.tui.labs.ppo_inside_signs import factor, num
from tutor.tui.labs.value_map import cell_name


def rollout(k: Sample) -> list[Line]:
    s, a, following = k.sub("s"), k.sub("a"), k.sub("s", 1)
    chance = k.n("old")
    walked: Line = [(f"{s} = {k.where}", "state"), (f"   {a} = {ACTIONS[k.action]}", "action")]
    lines: list[Line] = [
        [*walked, (f"   {k.s.to} ", ""), (f"{following} = {k.reached}", "state")],
        [
            (
                f"The policy chose {ACTIONS[k.action]} with {k.s.pi}_old = {chance}; the world did the rest.",
                "muted",
            )
        ],
    ]
    if k.ends:
        lines.append([("The episode ended there; the next sample begins a new one at S.", "")])
    elif k.cut:
        lines.append([("The episode was cut off there; the next sample begins a new one at S.", "")])
    return lines


def reward(k: Sample) -> list[Line]:
    name, env = k.sub("R", 1), k.session.env
    following = int(k.samples.next_state[k.i])
    step, paid = env.step_reward, k.x("reward") - env.step_reward
    if abs(paid) < 1e-12:
        return [
            equals(name, k.n("reward"), "reward"),
            [("What every step pays; the cell adds nothing.", "muted")],
        ]
    work = f"{num(step, k.g)} + {factor(paid, k.g)}"
    what = f"what {cell_name(env, following)} pays" if k.ends else "what the cell pays that sends back to S"
    line: Line = [(f"{name} = ", "reward"), (f"{work} = ", ""), (k.n("reward"), "reward")]
    return [line, [(f"The step, and {what}.", "muted")]]


def _critic(k: Sample) -> Line:
    if not np.any(k.session.inside.old_values):
        return [("The critic has learned nothing yet: every value is 0 before the first update.", "muted")]
    return [("What the critic learned in earlier updates; fixed while this one lasts.", "muted")]


def value(k: Sample) -> list[Line]:
    name = f"V({k.sub('s')}) = V{k.where}"
    meaning = f"the return the critic expects from {k.where} on"
    return [
        [(f"{name} = ", "return"), (k.n("value"), "return")],
        [(f"{meaning[0].upper()}{meaning[1:]}.", "")],
        _critic(k),
    ]


def next_value(k: Sample) -> list[Line]:
    following = k.sub("s", 1)
    if k.ends:
        return [
            [(f"V({following}) = 0", "return")],
            [("The episode ended there: nothing is to come, so no value is added.", "")],
        ]
    line: Line = [(f"V({following}) = V{k.reached} = ", "return"), (k.n("next_value"), "return")]
    if k.cut:
        return [line, [("Cut off, not ended: the critic's value stands in for the rest.", "")], _critic(k)]
    return [line, [(f"What the critic expects after the step, from {k.reached} on.", "")], _critic(k)]


def delta(k: Sample) -> list[Line]:
    name, dot = k.sub(k.s.delta), k.s.times
    general = f"{k.sub('R', 1)} + {k.s.gamma}{k.gap}V({k.sub('s', 1)}) {k.g.minus} V({k.sub('s')})"
    work = f"{k.n('reward')} + {k.setting('gamma')}{dot}{k.f('next_value')} {k.g.minus} {k.f('value')}"
    return [
        equals(name, general, "advantage"),
        worked(name, work, k.n("delta"), "advantage"),
        [(_better(k.x("delta"), "this one step went", "than the critic expected"), "muted")],
    ]


def _better(value: float, subject: str, than: str) -> str:
    if abs(value) < 1e-12:
        return f"{subject[0].upper()}{subject[1:]} exactly as well as {than.removeprefix('than ')}."
    return f"{subject[0].upper()}{subject[1:]} {'better' if value > 0 else 'worse'} {than}."


def advantage(k: Sample) -> list[Line]:
    name = k.sub("A")
    if not k.followed:
        why = (
            "the episode ended here" if k.ends else "it was cut off here" if k.cut else "the batch ends here"
        )
        return [
            equals(name, k.sub(k.s.delta), "advantage"),
            worked(name, "", k.n("advantage"), "advantage"),
            [(f"No later {k.s.delta} belongs to it: {why}.", "muted")],
        ]
    dot, further = k.s.times, float(k.batch.numbers["advantage"][k.i + 1])
    general = f"{k.sub(k.s.delta)} + {k.s.gamma}{k.gap}{k.s.lambda_} {k.sub('A', 1)}"
    work = f"{k.n('delta')} + {k.setting('gamma')}{dot}{k.setting('lambda')}{dot}{factor(further, k.g)}"
    return [
        equals(name, general, "advantage"),
        worked(name, work, k.n("advantage"), "advantage"),
        [
            (
                f"GAE, from the last sample backwards: each later {k.s.delta} counts {k.s.gamma}{k.gap}{k.s.lambda_}.",
                "muted",
            )
        ],
    ]


def weight(k: Sample) -> list[Line]:
    advantages = k.samples.advantage
    mean, deviation = float(advantages.mean()), float(advantages.std())
    name = k.sub(k.s.weight)
    work = f"({k.n('advantage')} {k.g.minus} {factor(mean, k.g)}) / {num(deviation, k.g)}"
    lines = [
        equals(name, f"({k.sub('A')} {k.g.minus} mean A) / std A", "advantage"),
        worked(name, work, k.n("weight"), "advantage"),
    ]
    if k.x("advantage") * k.x("weight") < 0:
        side = "less bad" if k.x("weight") > 0 else "less good"
        push = "up" if k.x("weight") > 0 else "down"
        return [
            *lines,
            [(f"The sign turned: {side} than the batch's mean, so it is pushed {push}.", "strong")],
        ]
    return [
        *lines,
        [("Mean 0 and standard deviation 1 over the batch: one scale for every update.", "muted")],
    ]
