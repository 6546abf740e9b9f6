"""What happened in an episode and why, in sentences: rules over the session's frames."""

from tutor.rl.environments.gridworld import ACTIONS
from tutor.rl.episodes import uniform_policy
from tutor.rl.planning import PlanningError, optimal_values, solve
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_session import GridworldSession
from tutor.tui.labs.gridworld_words import cell_name, number, probability, signed, symbol

FAR_SIGHT = 100  # steps; a horizon beyond this is called far


def explain(session: GridworldSession, glyphs: Glyphs) -> list[str]:
    """Paragraphs: the episode, the last step, the rules of the world, what gamma does; last the best possible."""
    paragraphs = [_episode(session, glyphs), _last_step(session), _world(session, glyphs)]
    paragraphs += [_gamma(session, glyphs), _against_the_best(session, glyphs)]
    return [paragraph for paragraph in paragraphs if paragraph]


def _world(session: GridworldSession, glyphs: Glyphs) -> str:
    env = session.env
    pays = ", ".join(_pays(session, letter, glyphs) for letter in env.rewards)
    sure = f"An action goes where it is meant with probability {probability(1 - env.slip)}"
    slips = f", and to each side of that with {probability(env.slip / 2)}" if env.slip else ""
    limit = f" An episode is cut off after {env.step_limit} steps." if env.step_limit else ""
    step = number(env.step_reward, glyphs)
    return f"The rules here: every step pays {step}; cells pay on top: {pays}. {sure}{slips}.{limit}"


def _pays(session: GridworldSession, letter: str, glyphs: Glyphs) -> str:
    """`+1`, `0 at H`, `−99 at C (with the step −100; back to S)`: the letter where the map is sure to show it."""
    env = session.env
    pay = signed(env.rewards[letter], glyphs)
    if letter in env.restarts:
        in_all = signed(env.rewards[letter] + env.step_reward, glyphs)
        return f"{pay} at {letter} (with the step {in_all}; back to S)"
    return pay if env.rewards[letter] else f"{pay} at {letter}"


def _episode(session: GridworldSession, glyphs: Glyphs) -> str:
    if not session.frames:
        return "Nothing has happened yet: an arrow key acts, space lets the policy act."
    falls = sum(
        frame.next_state == session.env.start and _fell(session, i) for i, frame in enumerate(session.frames)
    )
    fell = f" It was sent back to S {times(falls)}." if falls else ""
    steps, slips = plural(session.t, "step"), plural(session.slips, "slip")
    return f"{steps} so far, of which {slips}.{fell} {_end(session, glyphs)}"


def _fell(session: GridworldSession, index: int) -> bool:
    cell = session.entered(session.frames[index])
    return cell is not None and session.env.character(cell) in session.env.restarts


def _end(session: GridworldSession, glyphs: Glyphs) -> str:
    frame = session.last
    here = cell_name(session, session.state)
    if frame is None or not session.over:
        return f"The agent stands on {here} and the episode goes on."
    if frame.terminated:
        letter = session.env.character(frame.next_state)
        pay = signed(session.env.rewards[letter], glyphs)
        total = number(frame.reward, glyphs)
        return (
            f"It ended on {here}, a terminal cell: {pay} for the cell and {number(session.env.step_reward, glyphs)} "
            f"for the step make {symbol('R', session.t, glyphs)} = {total}. Nothing comes after it."
        )
    return (
        f"It was cut off on {here} (truncated): the world did not end there, the clock did, so more reward could still "
        "have come."
    )


def _last_step(session: GridworldSession) -> str:
    frame = session.last
    if frame is None:
        return ""
    meant, went = ACTIONS[frame.action], ACTIONS[frame.moved]
    if frame.slipped:
        chance = next(p for p, direction in session.env.directions(frame.action) if direction == frame.moved)
        return (
            f"The last step slipped: {meant} was meant, the dice said {went}, which happens with probability "
            f"{probability(chance)}. The agent chooses the action; the environment chooses what comes of it. u takes "
            f"it back; the same key then slips the same way again, another key meets the same dice."
        )
    if session.entered(frame) is None:
        return f"The last step ran {went} into a wall: the agent stayed, and the step was paid all the same."
    return f"The last step went {went}, as meant."


def _against_the_best(session: GridworldSession, glyphs: Glyphs) -> str:
    total = number(session.episode_return, glyphs, 6)
    try:
        best, random = start_values(session)
    except PlanningError:
        return (
            f"{symbol('G', 0, glyphs)} so far is {total}. With {glyphs.gamma} = 1 no best return can be computed here: "
            "walking on for ever would have no finite return."
        )
    cut = " (without the cut-off)" if session.env.step_limit else ""
    text = (
        f"{symbol('G', 0, glyphs)} so far is {total}. To compare: from S the best possible way of acting gets "
        f"{number(best, glyphs)} on average"
    )
    if random is None:
        text += f", computed exactly{cut}."
    else:
        text += f", choosing at random {number(random, glyphs)}: both computed exactly{cut}."
    return f"{text} {_difference(session, best, glyphs)}" if session.over else text


def _difference(session: GridworldSession, best: float, glyphs: Glyphs) -> str:
    """How far the whole episode is from the best average."""
    difference = session.episode_return - best
    if abs(difference) < 1e-9:
        return "This episode got exactly that best average."
    side = "more" if difference > 0 else "less"
    luck = " One episode may beat the average: luck is in it." if difference > 0 and session.env.slip else ""
    return f"This episode got {number(abs(difference), glyphs)} {side} than the best average.{luck}"


def start_values(session: GridworldSession) -> tuple[float, float | None]:
    """V(S) of the best policy, and of the random one where it is finite. Raises PlanningError."""
    P, R = session.env.transitions()
    best = float(optimal_values(P, R, session.gamma)[session.env.start])
    try:
        random = float(solve(P, R, session.gamma, uniform_policy(session.env))[session.env.start])
    except PlanningError:
        return best, None
    return best, random


def _gamma(session: GridworldSession, glyphs: Glyphs) -> str:
    gamma, name = session.gamma, glyphs.gamma
    if gamma == 1:
        return f"{name} = 1: no reward fades, however late it comes."
    if gamma == 0:
        return f"{name} = 0: only the next reward counts; the return is the first reward."
    horizon = 1 / (1 - gamma)
    half = (
        f"A reward {round(horizon)} steps away counts {number(gamma ** round(horizon), glyphs, 2)} of itself."
    )
    reach = (
        "about the whole episode" if horizon >= FAR_SIGHT else f"about {plural(round(horizon), 'step')} ahead"
    )
    return f"{name} = {gamma:g} looks {reach}: 1/(1 {glyphs.minus} {name}) = {horizon:.3g}. {half}"


def plural(count: int, noun: str) -> str:
    """`1 step`, `0 steps`."""
    return f"{count} {noun}{'' if count == 1 else 's'}"


def times(count: int) -> str:
    """`once`, `twice`, `5 times`."""
    return {1: "once", 2: "twice"}.get(count, f"{count} times")
