"""What planning did and why, in sentences: rules over the frames of a session."""

import numpy as np

from tutor.rl.planning import PolicyIterationFrame, action_values, greedy_with_ties
from tutor.rl.planning.sweeps import full
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import probability
from tutor.tui.labs.planning_session import PlanningSession
from tutor.tui.labs.planning_words import delta
from tutor.tui.labs.value_map import Array, cell_name


def explain(session: PlanningSession, glyphs: Glyphs) -> list[str]:
    """Paragraphs: what this method does, how far it is, how fast, where the values have come, when the policy was
    already best."""
    if not session.frames:
        return [f"This cannot be planned: {session.problem}"]
    paragraphs = [_method(session), _state(session, glyphs)]
    paragraphs += [_speed(session), _reach(session), _policy_first(session)]
    return [paragraph for paragraph in paragraphs if paragraph]


def _method(session: PlanningSession) -> str:
    order = (
        "In place: a backup uses values that the same sweep has already changed, so news travels farther in one sweep."
        if session.parameters["in_place"]
        else "Synchronous: every backup of a sweep uses the values from before it."
    )
    match session.algorithm:
        case "value-iteration":
            return (
                "Value iteration: each sweep replaces every V(s) by the best action's p [r + gamma V(s')]. The policy "
                f"drawn is greedy in the values shown. {order}"
            )
        case "policy-evaluation":
            return (
                "Policy evaluation: each sweep replaces every V(s) by the policy's own average over its actions. The "
                f"policy stays as it is; only its value is found. {order}"
            )
    exact = int(session.parameters["evaluation_sweeps"]) == 0
    how = "exactly, by a linear system" if exact else "by sweeps"
    return (
        f"Policy iteration: the policy's value is found ({how}), then every state takes the action that is best under "
        "those values; again, until no action is better anywhere. An action that is only as good changes nothing."
    )


def _state(session: PlanningSession, glyphs: Glyphs) -> str:
    frame = session.frame
    if session.over:
        if isinstance(frame, PolicyIterationFrame):
            return f"It is done: in round {frame.round} no state had a better action, so the policy is a best one."
        return f"It is done: sweep {frame.sweep} changed nothing by more than {delta(frame.delta, glyphs)}."
    if not session.at:
        return "Nothing has been computed yet: space makes a sweep, enter backs up one state."
    left = delta(session.error, glyphs)
    return f"The last sweep changed a value by {delta(frame.delta, glyphs)} at most; the farthest value is {left} off."


def _speed(session: PlanningSession) -> str:
    """A sweep brings the values nearer by a factor gamma at least (Puterman, 1994, section 6.3)."""
    if session.algorithm == "policy-iteration" or session.at < 2 or session.target is None:
        return ""
    now, before = (
        float(np.abs(full(session.frames[n].V) - session.target).max()) for n in (session.at, session.at - 1)
    )
    if before < 1e-12:
        return ""
    ratio = now / before
    shrank = f"The distance to the exact values shrank by the factor {ratio:.3f} in this sweep."
    if session.gamma == 1:
        return f"{shrank} At gamma 1 nothing but the ends of the episode pulls it in."
    bound = probability(session.gamma)
    return f"{shrank} gamma = {bound} is the most it can be: each look ahead is multiplied by gamma."


def _reach(session: PlanningSession) -> str:
    """News of a reward travels one cell a sweep (synchronous)."""
    if not session.at or session.algorithm == "policy-iteration" or session.parameters["in_place"]:
        return ""
    end = session.env.step_reward
    paid_far = abs(end) < 1e-12
    if not paid_far:
        return "Every cell changes from the first sweep on, because every step pays; what the ends pay arrives later."
    touched = [s for s in session.live if abs(session.values[s]) > 0]
    return (
        f"{len(touched)} of {len(session.live)} cells have heard of a reward so far: in a synchronous sweep the news "
        "travels one cell."
    )


def _policy_first(session: PlanningSession) -> str:
    """The greedy policy is often best long before the values are exact."""
    if session.algorithm != "value-iteration" or session.target is None or session.unfinished():
        return ""
    best = greedy_with_ties(action_values(session.P, session.R, session.gamma, session.target))
    first = session.at
    while first and not _wrong(session, first - 1, best):
        first -= 1
    start = cell_name(session.env, session.env.start)
    worth = f"; the start {start} is worth {session.target[session.env.start]:.3f} under it"
    return (
        f"The greedy policy has been a best one since sweep {first}{worth}. The values go on changing, the choice "
        "does not."
    )


def _wrong(session: PlanningSession, number: int, best: Array) -> bool:
    greedy = greedy_with_ties(
        action_values(session.P, session.R, session.gamma, full(session.frames[number].V))
    )
    return bool(((greedy > 0) & (best == 0))[session.live].any())
