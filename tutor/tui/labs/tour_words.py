"""The same words under both agents of the tour. Pure text: (text, role) pairs."""

from tutor.rl.environments.gridworld import ACTIONS
from tutor.rl.episodes import StepFrame
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs import token_words
from tutor.tui.labs.gridworld_explain import plural
from tutor.tui.labs.gridworld_session import GridworldSession
from tutor.tui.labs.gridworld_words import Line, cell_name, number, signed, symbol
from tutor.tui.labs.token_session import TokenSession
from tutor.tui.labs.tour_session import TourSession

LABEL = 9  # columns for the word at the left
ROWS = 7  # the six words and what happened


def title(session: TourSession, glyphs: Glyphs) -> str:
    """`Tour: two agents, the same words · γ 1 · seed 1`."""
    gamma = glyphs.gamma if glyphs.sub_digits else "gamma"
    parts = ("Tour: two agents, the same words", f"{gamma} {session.gamma:g}", f"seed {session.seed}")
    return glyphs.between.join(parts)


def world_words(session: GridworldSession, glyphs: Glyphs) -> list[Line]:
    """State, policy, action, reward, next state, return of the walker's last step; then what happened."""
    frame = session.last
    if frame is None:
        return _before(cell_name(session, session.state) + ", its cell", "up, right, down or left", glyphs)
    chance = session.action_probability(frame.state, frame.action)
    return [
        *_step(
            frame.t,
            cell_name(session, frame.state),
            ACTIONS[frame.action],
            chance,
            number(frame.reward, glyphs),
            cell_name(session, frame.next_state),
            number(session.episode_return, glyphs),
            glyphs,
        ),
        _world_happened(session, frame, glyphs),
    ]


def _world_happened(session: GridworldSession, frame: StepFrame, glyphs: Glyphs) -> Line:
    """As meant or not; at the end what the cell paid."""
    env = session.env
    if session.over:
        pay = env.rewards.get(env.character(frame.next_state), 0.0)
        return [("Over: ", "strong"), (f"this cell pays {signed(pay, glyphs)}.", "")]
    if frame.slipped:
        return [("slipped", "strong"), (f": moved {ACTIONS[frame.moved]}, not {ACTIONS[frame.action]}", "")]
    return [("moved as meant", "")]


def answer_words(session: TokenSession, glyphs: Glyphs) -> list[Line]:
    """The same seven lines of the writer's last token."""
    frame = session.last
    if frame is None:
        return _before("the text so far", f"one of {len(session.ranking())} tokens", glyphs)
    count = len(session.start) - 2 + frame.t
    return [
        *_step(
            frame.t,
            f"{count} tokens so far",
            token_words.shown(frame.action),
            token_words.chance_of(frame),
            number(frame.reward, glyphs),
            f"the same and {token_words.shown(frame.action)}",
            number(session.episode_return, glyphs),
            glyphs,
        ),
        token_words.happened(session, glyphs)[2]
        if session.over
        else [("the token is added: nothing slips", "")],
    ]


def _before(state: str, action: str, glyphs: Glyphs) -> list[Line]:
    """Before the first step: what each word will mean."""
    first = symbol("S", 0, glyphs)
    return [
        _labelled("state", f"{first} = {state}", "state"),
        _labelled("policy", "the chance of each action", "policy"),
        _labelled("action", action, "action"),
        _labelled("reward", "a number after each action", "reward"),
        _labelled("state", "the next one", "state"),
        _labelled("return", "all rewards together", "return"),
        [],
    ]


def _step(
    t: int, state: str, action: str, chance: float, reward: str, following: str, total: str, glyphs: Glyphs
) -> list[Line]:
    pi, odds = token_words.pi(glyphs), token_words.equals(chance)
    at, did = symbol("S", t, glyphs), symbol("A", t, glyphs)
    return [
        _labelled("state", f"{at} = {state}", "state"),
        _labelled("policy", f"{pi}({action}|{at}) {odds}", "policy"),
        _labelled("action", f"{did} = {action}", "action"),
        _labelled("reward", f"{symbol('R', t + 1, glyphs)} = {reward}", "reward"),
        _labelled("state", f"{symbol('S', t + 1, glyphs)} = {following}", "state"),
        _labelled("return", f"{symbol('G', 0, glyphs)} = {total}", "return"),
    ]


def _labelled(label: str, text: str, role: str) -> Line:
    return [(label.ljust(LABEL), "strong"), (text, role)]


def explain(session: TourSession, glyphs: Glyphs) -> list[str]:
    """The words, each for both agents, with the numbers of now."""
    world, answer = session.world, session.answer
    here, text = cell_name(world, world.state), plural(len(answer.state) - 2, "token")
    minus = glyphs.minus
    judge = (
        f"+1 or {minus}1 from a verifier that reads the answer when it has ended, and 0 before"
        if answer.asked
        else "0 here, for nothing can judge this prompt by rule (in RLHF a reward model does)"
    )
    return [
        f"State S: what the agent knows when it acts. In the gridworld the cell it stands on, now {here}; for the "
        f"language model the text so far, now {text}.",
        f"Action A: what it may do. Four directions there, {len(answer.ranking())} tokens here; `end` is one of them.",
        "Policy: how likely each action is in a state. The walker has the best policy of this grid; where several "
        "actions are equally good it has no favourite. The model gives every token a probability, and one is sampled.",
        "Environment: what answers. The grid may slip and send the agent sideways; the text just grows by the token: "
        "all chance is in the policy.",
        f"Reward R: a number after every action. {number(world.env.step_reward, glyphs)} a step and +1 or {minus}1 at "
        f"the end there; {judge}.",
        f"Return G: the rewards from here to the end together, each discounted by {glyphs.gamma} a step. "
        f"{symbol('G', 0, glyphs)} so far: {number(world.episode_return, glyphs)} there, "
        f"{number(answer.episode_return, glyphs)} here.",
        "Learning is the same for both: change the policy so that the return is expected to grow.",
    ]
