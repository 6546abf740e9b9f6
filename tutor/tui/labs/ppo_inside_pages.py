"""The pages over the lab inside PPO: a prediction, an explanation, the code."""

from collections.abc import Sequence

from textual.content import Content

from tutor.rl.environments.gridworld import ACTIONS
from tutor.rl.policies import logit_gradient
from tutor.rl.policy_ascent import Ascent
from tutor.rl.policy_batches import make_batch
from tutor.rl.policy_gradient import ppo
from tutor.rl.returns import gae_advantages
from tutor.rl.surrogate import clip_is_active, clipped_surrogate, clipped_surrogate_gradient
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.ppo_inside_explain import explain
from tutor.tui.labs.ppo_inside_session import PpoInsideSession
from tutor.tui.labs.ppo_inside_signs import num
from tutor.tui.labs.predict import PredictScreen
from tutor.tui.labs.reader import ReaderScreen
from tutor.tui.labs.value_map import cell_name

CODE = (
    ppo,
    make_batch,
    gae_advantages,
    clipped_surrogate,
    clip_is_active,
    clipped_surrogate_gradient,
    logit_gradient,
    Ascent.improve,
    Ascent._logit_gradient,
    Ascent._move,
)
CLIPPED, INSIDE, OUTSIDE = range(3)  # the answers


def question(session: PpoInsideSession, glyphs: Glyphs) -> PredictScreen | None:
    """Will the chosen sample be clipped after the next epoch? None when the update has no further one."""
    if session.finished:
        return None
    i = session.row

    def n(value: float) -> str:
        return num(value, glyphs)

    weight, ratio = float(session.samples.weight[i]), float(session.now.ratio[i])
    low, high = n(1 - session.epsilon), n(1 + session.epsilon)
    letter = "normalised A" if session.setting("normalise") else "A"
    asked = (
        f"Sample {i}: {_what(session, i)}. {letter} = {n(float(f'{weight:.3g}'))}, ratio now {n(ratio)}. "
        "Will it be clipped after the next epoch?"
    )
    beyond, other = (f"above {high}", f"below {low}") if weight >= 0 else (f"below {low}", f"above {high}")
    sign = ">" if weight > 0 else "<" if weight < 0 else "="
    return PredictScreen(
        asked,
        [
            f"Yes: A {sign} 0 and a ratio {beyond}",
            f"No: a ratio from {low} to {high}",
            f"No: a ratio {other}, where A {sign} 0 is not clipped",
        ],
    )


def _what(session: PpoInsideSession, index: int) -> str:
    state, action = int(session.samples.state[index]), int(session.samples.action[index])
    return f"{ACTIONS[action]} in {cell_name(session.env, state)}"


def outcome(session: PpoInsideSession) -> int:
    """Which of the answers holds of the chosen sample now."""
    if session.now.clipped[session.row]:
        return CLIPPED
    outside = abs(float(session.now.ratio[session.row]) - 1) > session.epsilon
    return OUTSIDE if outside else INSIDE


def judged(session: PpoInsideSession, choice: int, glyphs: Glyphs) -> Line:
    """Make the epoch, and say what came."""
    session.step()
    came = outcome(session)
    ratio = num(float(session.now.ratio[session.row]), glyphs)
    what = {
        CLIPPED: "clipped, it pushes no more",
        INSIDE: "in the range, it pushes on",
        OUTSIDE: "out of the range on the side that is not clipped",
    }[came]
    verdict = "As predicted" if came == choice else "No"
    return [(f"{verdict}: ", "strong"), (f"ratio {ratio}", "policy"), (f", {what}.", "")]


def explanation(session: PpoInsideSession, glyphs: Glyphs, plots: Sequence[str]) -> ReaderScreen:
    """What the update did and why, then the plots in words."""
    paragraphs = [*explain(session, glyphs), *(f"The plot: {plot}" for plot in plots)]
    return ReaderScreen("Inside this update", [Content(text) for text in paragraphs])
