"""What an update of the policy-gradient lab did, and why, in sentences. Every number is of the update that is shown."""

from itertools import pairwise

import numpy as np

from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_explain import plural
from tutor.tui.labs.planning_words import value
from tutor.tui.labs.policy_gradient_session import PolicyGradientSession
from tutor.tui.labs.policy_gradient_signs import signs_of
from tutor.tui.labs.policy_gradient_words import NAMES

WEIGHED = {
    "reinforce": (
        "REINFORCE pushes every action of the episode by the whole return that followed it, whatever the action had to "
        "do with it."
    ),
    "baseline": (
        "The baseline V(s) is what the state has paid so far on average. Taken off the return it leaves the part that "
        "was better or worse than usual. That changes no push on average over episodes, only how much they vary."
    ),
    "actor-critic": (
        "The critic V(s) judges every step by the next state: the TD error. GAE adds up the later TD errors, each "
        "fainter by gamma lambda: less noise than the return, but as wrong as the critic is."
    ),
}
ALMOST = 0.02  # a relative change of the spread below it is called the same
DECIDED = 0.25  # of the largest entropy; a policy below it is called nearly decided


def explain(session: PolicyGradientSession, glyphs: Glyphs) -> list[str]:
    """Paragraphs: the method, this episode's pushes, how much they vary, J, the entropy, the length of the step, the
    other methods."""
    method = WEIGHED[session.method]
    if not session.known.steps:
        return [method, "No episode has been walked yet: space walks one and makes its update."]
    told = (_pushes, _variance, _value, _entropy, _length, _others)
    return [method, *(text for each in told if (text := each(session, glyphs)))]


def _pushes(session: PolicyGradientSession, glyphs: Glyphs) -> str:
    """How many actions were praised and blamed."""
    A = session.known.samples.advantage
    up, down = int((A > 0).sum()), int((A < 0).sum())
    length, total = plural(len(A), "step"), value(session.known.curve.returns[-1], glyphs)
    cut = " and was cut off" if session.known.samples.truncated[-1] else ""
    said = f"The episode took {length}{cut}; its return was {total}. {up} of its actions were pushed up, {down} down"
    if not up and not down:
        return f"{said}: all advantages are 0, and nothing was learned from it."
    if session.method == "reinforce" and not up:
        return (
            f"{said}. Every return is below 0, so even a good action is made less likely, and those that were not "
            "tried gain. Only that worse ones are pushed down harder tells them apart."
        )
    if session.method == "reinforce" and not down:
        return f"{said}: every return is above 0, so every action that was taken gains, good or bad."
    return f"{said}."


def _variance(session: PolicyGradientSession, glyphs: Glyphs) -> str:
    """The spread of the weights, beside what REINFORCE would have weighed the same steps with."""
    A, G = session.known.samples.advantage, session.returns
    pairs = (float(np.sqrt((A**2).mean())), value(float(A.std()), glyphs), float(np.sqrt((G**2).mean())))
    size, spread, plain_size = pairs
    here = f"The advantages lie between {value(float(A.min()), glyphs)} and {value(float(A.max()), glyphs)}"
    if session.method == "reinforce":
        return (
            f"{here}: standard deviation {spread}, root mean square {value(size, glyphs)}. The square is what the "
            "noise of the gradient grows with; a baseline makes it smaller (a)."
        )
    seen = f"{here}, standard deviation {spread}. Their root mean square is {value(size, glyphs)}"
    other = f"REINFORCE would have weighed the same steps with returns of {value(plain_size, glyphs)} by that measure"
    if abs(size - plain_size) <= ALMOST * plain_size:
        so = (
            "V is still near 0, so there is no difference yet"
            if session.t == 1
            else f"no difference this time (within {ALMOST:.0%}, this program's own bound)"
        )
        return f"{seen}; {other}: {so}."
    better = size < plain_size
    so = (
        "the pushes are smaller, and so is their noise"
        if better
        else "larger this time: V was wrong about these states"
    )
    return f"{seen}; {other}: {so}."


def _value(session: PolicyGradientSession, glyphs: Glyphs) -> str:
    true = session.known.curve.true
    change = true[-1] - true[-2]
    fell = sum(after < before for before, after in pairwise(true))
    way = "rose" if change > 0 else "fell" if change < 0 else "did not change"
    total = f"in {fell} of {plural(session.t, 'update')} so far it fell"
    return (
        f"J, what the policy earns an episode on average, computed exactly, {way}: {value(true[-2], glyphs)}, now "
        f"{value(true[-1], glyphs)}. One episode is a sample: the push is right only on average, and {total}."
    )


def _entropy(session: PolicyGradientSession, glyphs: Glyphs) -> str:
    before, after = (session.known.inside.epochs[at].entropy for at in (0, -1))
    most = float(np.log(session.env.n_actions))
    way = "fell" if after < before else "rose" if after > before else "stayed"
    hint = (
        f" That is below {DECIDED:.0%} of it (this program's own bound): the policy is nearly decided, and what it "
        "does not try any more it cannot learn about (Ahmed et al. 2019, arXiv 1811.11214)."
        if after < DECIDED * most
        else ""
    )
    return (
        f"Over the states of the episode the entropy {way}: {value(before, glyphs)}, now {value(after, glyphs)} nats; "
        f"a policy that chooses blindly has ln 4 = {value(most, glyphs)}.{hint}"
    )


def _length(session: PolicyGradientSession, _glyphs: Glyphs) -> str:
    n = session.known.steps
    return (
        f"The gradient is a mean over the episode's {plural(n, 'step')}: every step moves the logits of its state by "
        f"{session.rate:g}/{n} of its advantage times grad log pi, and several visits add up. So a long episode pushes "
        "no harder than a short one."
    )


def _others(session: PolicyGradientSession, glyphs: Glyphs) -> str:
    """The methods beside each other after as many updates as all have made."""
    known = session.known
    curves = {**known.others, known.method: known.curve}
    ran = {name: curve.true for name, curve in curves.items() if len(curve.true) > 1}
    if len(ran) < 2:
        return (
            f"a runs the next method from the same seed {signs_of(glyphs).more} and draws it beside this one."
        )
    least = min(map(len, ran.values())) - 1
    names = ", ".join(f"{NAMES[name]} {value(true[least], glyphs)}" for name, true in ran.items())
    return f"J after {plural(least, 'update')} from this seed: {names}. One seed proves nothing; s takes another seed."
