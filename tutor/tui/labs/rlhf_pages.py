"""The pages over the RLHF lab: what a stage is, its numbers in sentences, what to predict of it, its code."""

from collections.abc import Sequence

from textual.content import Content

from tutor.charts.text import clean
from tutor.experiments.evidence import Evidence, last_part, listed, number
from tutor.toy_llm.rater import EVERY, FEATURES, Rated
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.rlhf_session import StageSession
from tutor.tui.labs.rlhf_watched import BEFORE, PROBABILITY, PROMPT, WORD, Token, Watched, watched
from tutor.tui.labs.rlhf_words import PAIRS, truth_name

SCORE, GOLD = "objective/scores", "objective/gold"
UNSEEN, RIGHT = "loss/sft_held_out", "accuracy/reward_model_held_out"
RISES = 1.1  # times the lowest loss: from here on it has risen again
PARTED = 0.1  # of score and truth: less is no change
FEW, MOST = 0.6, 0.8  # of the pairs held out
STAGE = {
    "sft": "Stage 1, supervised fine-tuning: from nothing, the model learns to answer as its corpus does. Seed 3 with "
    "1500 updates is the run that made the shipped model; stages 2 and 3 begin with the shipped one, whatever is made "
    "here.",
    "reward-model": "Stage 2, the reward model: it reads prompt and answer and gives one number, so that of two "
    "answers the one that a rater prefers gets more. P(first preferred) = sigmoid(score of the first - score of the "
    "second), Bradley-Terry; the loss is -log of what it gave the pair as it was labelled.",
    "ppo": "Stage 3, PPO with four models: the actor answers and learns; the critic learns to foresee what comes of an "
    "answer begun; the reward model scores it whole, frozen; the reference, frozen, is the actor as it began. An "
    "answer is paid R = score - beta KL, KL in sum log(pi/pi_ref) of its words; GAE makes advantages A of R and of the "
    "critic's V.",
}
_SOURCES = {
    "sft": (("tutor.toy_llm.stages", "sft_frames"), ("tutor.toy_llm.sft", "sft")),
    "reward-model": (
        ("tutor.toy_llm.reward_model", "fit_reward_model"),
        ("tutor.toy_llm.reward_model", "bradley_terry_loss"),
        ("tutor.toy_llm.reward_build", "_preferences"),
        ("tutor.toy_llm.rater", "fitted"),
    ),
    "ppo": (
        ("tutor.toy_llm.training", "Training.frames"),
        ("tutor.toy_llm.training", "Training._step"),
        ("tutor.toy_llm.rollouts", "learned_from"),
    ),
}


def sources(stage: str) -> Sequence[tuple[str, str]]:
    """Module and name of what runs."""
    return _SOURCES[stage]


# Predict, then see


def question(session: StageSession) -> tuple[str, Sequence[str]]:
    """Of the stage that is to run."""
    if session.stage == "sft":
        answers = "falls, and stays there", "falls, and rises again by more than a tenth"
        return "How will the loss of answers that it never learns from go?", answers
    if session.stage == "reward-model":
        asked = "Of pairs that it has never seen: in how many will it score the preferred answer higher?"
        return asked, ("in fewer than 6 of 10", "in 6 to 8 of 10", "in more than 8 of 10")
    if not _parting(session):
        asked = (
            f'P({WORD} | "{BEFORE}") is about 0.08. How far does this run bring it (mean of its last fifth)?'
        )
        return asked, ("it falls", "up to its double", "further than its double")
    truth = "what you would say" if session.parameters["picks"] else "the true quality"
    return f"Will the reward model's score and {truth} part?", (
        "both rise",
        "the score rises alone",
        "it falls",
    )


def _parting(session: StageSession) -> bool:
    """Whether the question is whether score and truth part."""
    return bool(session.parameters["picks"]) or session.parameters["controller"] == "none"


def verdict(session: StageSession) -> int | None:
    """Which of the answers came."""
    evidence, series = Evidence(session.frames, metric=GOLD), session.series_name
    if session.stage == "sft":
        losses = evidence.mean_of(series, UNSEEN)
        return int(losses[-1] > RISES * losses.min())
    if session.stage == "reward-model":
        right = float(evidence.mean_of(series, RIGHT)[-1])
        return (right >= FEW) + (right > MOST)
    if not _parting(session):
        began, ended = _change(evidence, series, PROBABILITY)
        return (ended >= began) + (ended > 2 * began)
    (score, last_score), (truth, last_truth) = (_change(evidence, series, name) for name in (SCORE, GOLD))
    if last_score < score + PARTED:
        return 2
    return 0 if last_truth > truth + PARTED else 1


def _change(evidence: Evidence, series: str, metric: str) -> tuple[float, float]:
    """The first value, and the mean of the last fifth."""
    values = evidence.mean_of(series, metric)
    return float(values[0]), float(last_part(values).mean())


# In sentences


def explained(session: StageSession, rated: Rated | None, glyphs: Glyphs) -> list[Content]:
    """What the stage is, and what its numbers at this update mean."""
    texts = [STAGE[session.stage]]
    if session.stage != "sft":
        texts += labelled(rated)
    if session.stage == "ppo":
        texts += _of_ppo(session)
    return [Content(clean(text, not glyphs.sub_digits)) for text in texts]


def labelled(rated: Rated | None) -> list[str]:
    """Whose preferences they are."""
    if rated is None:
        return [
            f"The {PAIRS} labels are those of a simulated rater who goes by the rule of quality: polite 1, neutral .4, "
            "rude 0, half a point off for a stuttered word, -1 for what is no sentence."
        ]
    own, held = len(rated.learned), len(rated.held_out)
    weights = zip(FEATURES, rated.rater.weights, strict=True)
    told = listed([f"{name} {number(round(weight, 2))}" for name, weight in weights])
    return [
        f"You picked {own + held} times. {own} picks are labels as they are, and a simulated rater is fitted to them "
        f"(logistic regression on what the two answers differ in): {told} (length: for ten words). It labels the "
        f"other {PAIRS - own} pairs. Every {EVERY}th of your picks was held out: it agrees with {rated.agreed} of "
        f"{held}. What it does not know of your taste, nobody downstream can learn.",
    ]


def _of_ppo(session: StageSession) -> list[str]:
    found = watched(session)
    texts = [
        f"{truth_name(session)}: how often the rater fitted to your picks prefers the answers to those of the model "
        "before, less how often it does not, from -1 to 1. PPO never sees it; it sees the reward model's score."
        if session.parameters["picks"]
        else "truth: the rule of quality, from -1 to 1. PPO never sees it; it sees the reward model's score.",
    ]
    if found is not None:
        texts.append(_over_run(found))
        if found.steps:
            texts.append(_in_update(found))
    return texts


def _over_run(now: Watched) -> str:
    return (
        f'After "{PROMPT}" and "{BEFORE}", π({WORD}) is {number(now.probability)} after update {now.update}. The '
        f"reference, the model as it began, has π_ref = {number(now.reference)}: π/π_ref = {number(now.over_run)} over "
        "the whole run. No clip bounds this ratio; the price of KL does."
    )


def _in_update(now: Watched) -> str:
    steps = listed([number(ratio) for ratio in now.in_update[1:]])
    told = (
        f"Inside update {now.update}, π_old is the policy that drew its batch: π_old = {number(now.steps[0])}, and "
        f"π/π_old goes {steps}, step of Adam by step. This is the ratio r that PPO clips at 1 ± {number(now.epsilon)}."
    )
    if now.token is None:
        return f'{told} Nobody in the batch said "{BEFORE} {WORD}": other words moved it.'
    return f"{told} {_token(now.token, now.epsilon)}"


def _token(token: Token, epsilon: float) -> str:
    where = "there" if token.asked else f'in answer to "{token.prompt}"'
    bounded = f"clip(r, {number(1 - epsilon)}, {number(1 + epsilon)}) A = {number(token.clipped)}"
    return (
        f"Of {token.count} sampled {where}, the one with the largest A (whitened over the batch) = "
        f"{number(token.advantage)} has r = {number(token.ratio)} in the end: unclipped r A = "
        f"{number(token.unclipped)}, clipped {bounded}; the objective takes the smaller, {number(token.objective)}."
    )
