"""What one update of PPO did and why, in sentences: rules over the epochs of a session."""

import numpy as np

from tutor.rl.environments.gridworld import ACTIONS
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.ppo_inside_session import PpoInsideSession
from tutor.tui.labs.ppo_inside_signs import num
from tutor.tui.labs.value_map import Array, cell_name

MANY_CLIPPED = 0.3  # of the samples; above it most of an update's later epochs have little left to push
EACH = 1e-9  # a difference below it is rounding


def explain(session: PpoInsideSession, glyphs: Glyphs) -> list[str]:
    """Paragraphs; what does not hold of this update is left out."""
    rules = (_place, _critic, _weights, _clip, _many, _moved_on, _wrong_side, _distance, _strongest, _gain)
    return [text for rule in rules if (text := rule(session, glyphs))]


def _count(n: int, what: str) -> str:
    return f"{n} {what}" if n == 1 else f"{n} {what}s"


def _place(session: PpoInsideSession, _glyphs: Glyphs) -> str:
    n, state = len(session.samples), len(set(session.samples.state.tolist()))
    ended = int(session.samples.terminated.sum())
    return (
        f"Update {session.update}, after epoch {session.epoch} of {session.epochs}. The policy walked once: "
        f"{_count(n, 'sample')} from {_count(state, 'state')}, {_count(ended, 'episode')} ended. Every epoch goes over "
        "these same samples; rewards, values, delta and advantages stay, only pi, and with it the ratio, moves."
    )


def _critic(session: PpoInsideSession, _glyphs: Glyphs) -> str:
    if np.any(session.inside.old_values):
        return ""
    return (
        "The critic knows nothing yet (V = 0 everywhere), so each delta is just its reward: what sets samples apart "
        "is how much reward followed them in this batch."
    )


def _weights(session: PpoInsideSession, _glyphs: Glyphs) -> str:
    samples = session.samples
    if not session.setting("normalise"):
        return ""
    turned = int((samples.advantage * samples.weight < 0).sum())
    if not turned:
        return ""
    return (
        f"Normalising turned the sign of {turned} of {_count(len(samples), 'advantage')}: what counts is being better "
        "than the mean of the batch, so even a batch of bad luck has samples that are pushed up."
    )


def _clip(session: PpoInsideSession, glyphs: Glyphs) -> str:
    now, weight = session.now, session.samples.weight
    if not session.epoch:
        return (
            "Before the first epoch pi = pi_old: every ratio is 1, nothing is clipped, and the gradient is the plain "
            "policy gradient."
        )
    if not now.clipped.any():
        return "No ratio has left the clip range on the side that its sample pushes to: nothing is clipped."
    up, down = int((now.clipped & (weight > 0)).sum()), int((now.clipped & (weight < 0)).sum())
    low, high = num(1 - session.epsilon, glyphs), num(1 + session.epsilon, glyphs)
    return (
        f"Clipped: {up} with A > 0 and a ratio above {high}, {down} with A < 0 and a ratio below {low}. The objective "
        "is flat there, so these samples push no more in the next epoch (PPO, arXiv 1707.06347, equation 7)."
    )


def _many(session: PpoInsideSession, glyphs: Glyphs) -> str:
    fraction = session.now.clip_fraction
    if fraction <= MANY_CLIPPED:
        return ""
    return (
        f"A clip fraction of {num(fraction, glyphs)} is above {num(MANY_CLIPPED, glyphs)}: the steps are large for "
        "this range (the bound is this program's own; Huang et al. 2022, The 37 Implementation Details of PPO, "
        "watch the same number). A smaller learning rate or fewer epochs would leave more samples a say."
    )


def _moved_on(session: PpoInsideSession, _glyphs: Glyphs) -> str:
    """Samples that were clipped before the last epoch, and whose ratio went farther out in it."""
    if not session.epoch:
        return ""
    before = session.inside.epochs[session.epoch - 1]
    farther = np.abs(session.now.ratio - 1) > np.abs(before.ratio - 1) + EACH
    moved = int((before.clipped & farther).sum())
    if not moved:
        return ""
    return (
        f"{_count(moved, 'sample')} already clipped before this epoch moved farther out in it all the same. The clip "
        "removes a sample's own push, not the movement: other samples push the same logits, and Adam's momentum "
        "carries on."
    )


def _wrong_side(session: PpoInsideSession, _glyphs: Glyphs) -> str:
    outside = np.abs(session.now.ratio - 1) > session.epsilon + EACH
    wrong = int((outside & ~session.now.clipped & (session.samples.weight != 0)).sum())
    if not wrong:
        return ""
    return (
        f"{_count(wrong, 'sample')} left the range on the wrong side (A > 0 and rarer, or A < 0 and likelier). The "
        "minimum does not clip these: they push back in full."
    )


def _distance(session: PpoInsideSession, glyphs: Glyphs) -> str:
    now = session.now
    if not session.epoch:
        return ""
    return (
        f"How far the policy went: KL(old, new) {num(now.kl, glyphs)} nats, exact, over the batch's states; from the "
        f"samples alone, half the mean squared log ratio, {num(now.approx_kl, glyphs)}. The clip bounds neither."
    )


def _strongest(session: PpoInsideSession, glyphs: Glyphs) -> str:
    """The probability that changed most among the states of the batch."""
    if not session.epoch:
        return ""
    states = np.unique(session.samples.state)
    change: Array = session.now.policy[states] - session.inside.old_policy[states]
    row, action = np.unravel_index(int(np.abs(change).argmax()), change.shape)
    state = int(states[row])
    old, new = (float(policy[state, action]) for policy in (session.inside.old_policy, session.now.policy))
    return (
        f"The largest change: {ACTIONS[int(action)]} in {cell_name(session.env, state)}, from {num(old, glyphs)} to "
        f"{num(new, glyphs)}."
    )


def _gain(session: PpoInsideSession, glyphs: Glyphs) -> str:
    if not session.finished:
        return ""
    before, after = (session.expected_return(update) for update in (session.update - 1, session.update))
    verdict = "better" if after > before + EACH else "worse" if after < before - EACH else "no different"
    return (
        f"The new policy's exact J is {num(after, glyphs)}; it was {num(before, glyphs)}: {verdict}. One batch of "
        f"{len(session.samples)} samples says little about J; the update only made its own good samples likelier."
    )
