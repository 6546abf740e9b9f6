"""The pages over the policy-gradient lab: a prediction, an explanation, the code."""

import numpy as np
from textual.content import Content

from tutor.rl.environments.gridworld import ACTIONS
from tutor.rl.policies import logit_gradient
from tutor.rl.policy_ascent import Ascent
from tutor.rl.policy_gradient import actor_critic, reinforce
from tutor.rl.returns import discounted_returns, gae_advantages
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_explain import plural
from tutor.tui.labs.gridworld_words import Line, symbol
from tutor.tui.labs.planning_words import value
from tutor.tui.labs.policy_gradient_explain import explain
from tutor.tui.labs.policy_gradient_session import PolicyGradientSession
from tutor.tui.labs.policy_gradient_signs import signs_of
from tutor.tui.labs.policy_gradient_update import Known
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.value_map import Array, cell_name, plain

CODE = (reinforce, actor_critic, discounted_returns, gae_advantages, logit_gradient, Ascent)
ANSWERS = ("More likely", "Less likely", "As likely as before")
TELLS = 1e-9


def asked(session: PolicyGradientSession) -> int | None:
    """The step of the coming episode that is asked about: the one whose action changes most, among the states that are
    visited but once if it changes there. None where nothing more comes. Raises DivergedError."""
    if session.over:
        return None
    known = session.ahead()
    moves, states = np.abs(_moves(known)), known.samples.state
    once = (np.bincount(states)[states] == 1) & (moves > TELLS)
    return int(np.argmax(np.where(once, moves, 0.0) if once.any() else moves))


def _moves(known: Known) -> Array:
    """[n]: how the probability of each step's action changes."""
    samples = known.samples
    moves: Array = (known.inside.new_policy - known.inside.old_policy)[samples.state, samples.action]
    return moves


def question(session: PolicyGradientSession, row: int, glyphs: Glyphs) -> PredictScreen:
    """The coming episode is walked, its update not made: what will that do to the action of one step?"""
    known = session.ahead()
    samples = known.samples
    state, action = int(samples.state[row]), int(samples.action[row])
    visits = int((samples.state == state).sum())
    often = f" (one of {visits} visits)" if visits > 1 else ""
    text = (
        f"The next episode takes {plural(len(samples), 'step')}. At t = {row} it goes {ACTIONS[action]} in "
        f"{cell_name(session.env, state)}{often}. {_evidence(session, known, row, glyphs)} "
        "What will the update make of that action there?"
    )
    return PredictScreen(text, ANSWERS)


def _evidence(session: PolicyGradientSession, known: Known, row: int, glyphs: Glyphs) -> str:
    """What the advantage is made of, but not the advantage."""
    samples = known.samples
    V = f"V = {value(float(samples.value[row]), glyphs)}"
    if session.method != "actor-critic":
        G = value(float(session.returns_of(known)[row]), glyphs)
        total = f"{symbol('G', row, glyphs)} = {G}"
        return f"{total}, {V} there." if session.learns_values else f"{total}."
    reward, later = value(float(samples.reward[row]), glyphs), value(float(samples.next_value[row]), glyphs)
    seen = f"r = {reward}, {V} there and {later} after it"
    if row + 1 == len(samples):
        return f"{seen}; it is the last step."
    return f"{seen}; the next step's advantage is {value(float(samples.advantage[row + 1]), glyphs)}."


def judged(session: PolicyGradientSession, row: int, choice: int, glyphs: Glyphs) -> Line:
    """Make the update, look at that step, and say what had been said and what came."""
    session.step()
    session.look_at(row)
    samples, inside = session.known.samples, session.known.inside
    at = samples.state[row], samples.action[row]
    before, after = float(inside.old_policy[at]), float(inside.new_policy[at])
    came = 2 if abs(after - before) < TELLS else 0 if after > before else 1
    said = "As predicted" if came == choice else f"Not so: {ANSWERS[came].lower()}"
    A = f"{symbol('A', row, glyphs)} = {value(float(samples.advantage[row]), glyphs)}"
    signs = signs_of(glyphs)
    moved = f"{signs.pi} {plain(before, 3, glyphs)} {signs.to} {plain(after, 3, glyphs)}"
    return [(said, "strong"), (f". {A}; ", "advantage"), (moved, "policy")]


def explanation(session: PolicyGradientSession, glyphs: Glyphs, plot: str) -> ReaderScreen:
    """What the update did and why, then the plot in words."""
    paragraphs = [*explain(session, glyphs), f"The plot: {plot}"]
    return ReaderScreen("What the update did", [Content(text) for text in paragraphs])
