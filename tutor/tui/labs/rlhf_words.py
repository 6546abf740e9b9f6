"""The words of the RLHF lab: where the stages are, and each stage's numbers and samples. Pure text."""

from collections.abc import Sequence
from textwrap import wrap

import numpy as np

from tutor.charts.text import clean
from tutor.experiments import Frame
from tutor.toy_llm.rater import FEATURES, Rated
from tutor.toy_llm.training_frames import Answer, ScoredPair
from tutor.tui.glyphs import Glyphs
from tutor.tui.labs.gridworld_words import Line
from tutor.tui.labs.rlhf_session import STAGES, TITLE, Stages, StageSession
from tutor.tui.labs.rlhf_watched import BEFORE, PROBABILITY, WORD, Watched
from tutor.tui.labs.trained_words import short, value

PAIRS = 800  # labelled ones that a reward model is made from, a fifth of them held out
WIDE = 100  # columns from which an answer stands beside what it answers
PROMPT = 28
NARROW = 70  # columns below which it is not said where a token was said
Parts = Sequence[tuple[str, str]]


def bar(stages: Stages, width: int, glyphs: Glyphs) -> Line:
    """The three stages and how far each is; the present one pointed at."""
    line: list[tuple[str, str]] = []
    for number, stage in enumerate(STAGES, 1):
        session, here = stages.of(stage), stage == stages.stage
        mark = glyphs.pointer if here else glyphs.done if session.over else " "
        text = f"{mark}{number} {TITLE[stage]} {session.reached}/{session.total}  "
        line.append((text, "accent" if here else "muted"))
    picks = stages.now.parameters["picks"]
    whose = f"labels: your {len(str(picks))} picks" if picks else "labels: a rule's"
    room = width - sum(len(text) for text, _ in line)
    return [*line, (whose, "reward" if picks else "muted")] if len(whose) <= room else line


def told(parts: Parts, width: int) -> Line:
    """As many of the parts, from the left, as have room, two cells between."""
    line: list[tuple[str, str]] = []
    for text, role in parts:
        gap = "  " if line else " "
        if sum(len(piece) for piece, _ in line) + len(gap) + len(text) > width:
            break
        line += [(gap, ""), (text, role)]
    return line


def broken(problem: str, width: int) -> list[str]:
    """Why there is no run, or no more of it, in lines."""
    return [f"  {line}" for line in wrap(problem, max(20, width - 2))]


def next_stage(stages: Stages) -> Line:
    """What comes after a stage that is done."""
    if stages.following is None:
        return [("The last stage is done", "strong"), (": 0 runs it again, s another seed.", "")]
    number = STAGES.index(stages.following)
    follows = f": r goes on with stage {number + 1}, {TITLE[stages.following]}."
    return [(f"Stage {number} is done", "strong"), (follows, "")]


def rows(stage: str, each: int) -> int:
    """How many lines a stage has, once all of it is there, where so many answers have room."""
    return {"sft": 3 + min(each, 2), "reward-model": 7, "ppo": 5 + each}[stage]


class Numbers:
    """Numbers of the session's newest frames that are not after the update looked at."""

    def __init__(self, session: StageSession, glyphs: Glyphs) -> None:
        self.session, self.glyphs = session, glyphs

    def of(self, metric: str) -> str:
        return value(self.session, self.session.series_name, metric, self.glyphs) or "?"

    def frame(self) -> Frame | None:
        return self.session.at(self.session.series_name)


# Stage 1


def sft(session: StageSession, first: int, each: int, width: int, glyphs: Glyphs) -> list[Line]:
    """Losses, the probability that stage 3 follows, and what it answers."""
    numbers = Numbers(session, glyphs)
    parts = [
        (f"loss {numbers.of('loss/sft')} nats a token", "error"),
        (f"unseen {numbers.of('loss/sft_held_out')}", "error"),
        (f'P({WORD} | "{BEFORE}") {numbers.of(PROBABILITY)}', "policy"),
    ]
    frame = session.at("sft", lambda frame: frame.detail is not None and bool(frame.detail.answers))
    if frame is None:
        return [told([(text, "" if role == "error" else role) for text, role in parts], width)]
    answers = frame.detail.answers
    heading = f"  sampled after update {frame.update}, every 25"
    shown = [answers[(first + place) % len(answers)] for place in range(min(each + 1, len(answers)))]
    return [
        told([(text, "" if role == "error" else role) for text, role in parts], width),
        [(heading, "muted")],
        *(_asked(prompt, text, glyphs) for prompt, text in shown),
    ]


def _asked(prompt: str, text: str, glyphs: Glyphs) -> Line:
    ascii = not glyphs.sub_digits
    return [(f"  {clean(prompt, ascii)}".ljust(PROMPT), "muted"), (clean(text, ascii), "")]


# Stage 2


def reward_model(
    session: StageSession, rated: Rated | None, first: int, width: int, glyphs: Glyphs
) -> list[Line]:
    """Loss and accuracy, whose labels they are, and a pair with both scores."""
    numbers = Numbers(session, glyphs)
    line = told(
        [
            (f"loss {numbers.of('loss/reward_model')}", ""),
            (f"held out {numbers.of('loss/reward_model_held_out')}", ""),
            (f"right {numbers.of('accuracy/reward_model')}", "strong"),
            (f"held out {numbers.of('accuracy/reward_model_held_out')}", "strong"),
        ],
        width,
    )
    frame = numbers.frame()
    pairs: tuple[ScoredPair, ...] = () if frame is None or frame.detail is None else frame.detail.pairs
    shown = _pair(pairs[first % len(pairs)], first % len(pairs) + 1, len(pairs), glyphs) if pairs else []
    return [line, *labels(rated, width, glyphs), *shown]


def labels(rated: Rated | None, width: int, glyphs: Glyphs) -> list[Line]:
    """Whose labels the reward model learns from: two lines."""
    if rated is None:
        rule = f"{PAIRS} labels of a simulated rater: the rule of quality"
        return [told([(rule, "")], width), told([("y: be the rater yourself", "muted")], width)]
    own, held = len(rated.learned), len(rated.held_out)
    return [
        told([(f"labels: {own} yours, {PAIRS - own} a simulated rater's, fitted to them", "reward")], width),
        told(
            [
                (f"of {held} picks held out it agrees with {rated.agreed}", "strong"),
                *((text, "muted") for text in weights(rated, glyphs)),
            ],
            width,
        ),
    ]


NO_PICKS: Line = [("There are no picks of yours yet: y.", "muted")]
RULE_LABELS: Line = [("The rule of quality labels all pairs again", "strong"), (": w, your picks.", "muted")]
PICKS_LABEL: Line = [("Your picks are the labels", "strong"), (": w, the rule's again.", "muted")]


def kept_picks(count: int) -> Line:
    """Of picks that are not trained on yet."""
    return [(f"{count} pick{' is' if count == 1 else 's are'} kept: y goes on.", "muted")]


def trained_on_picks(session: StageSession) -> Line:
    """What follows from the picks, in stage 2."""
    if session.over:
        return [("The reward model has learned from these picks", "strong"), (": r goes on with PPO.", "")]
    return [
        ("Your picks are the labels now", "strong"),
        (": the reward model trains on them; ] goes on to PPO.", ""),
    ]


def weights(rated: Rated, glyphs: Glyphs) -> list[str]:
    """What the simulated rater thinks of each feature."""
    found = sorted(zip(FEATURES, rated.rater.weights, strict=True), key=lambda pair: -abs(pair[1]))
    return [f"{name} {short(round(weight, 2), glyphs)}" for name, weight in found]


def _pair(pair: ScoredPair, number: int, count: int, glyphs: Glyphs) -> list[Line]:
    ascii = not glyphs.sub_digits
    better = float(1 / (1 + np.exp(pair.other_score - pair.preferred_score)))
    rows = ((glyphs.pointer, pair.preferred_score, pair.preferred), (" ", pair.other_score, pair.other))
    return [
        [(f"  pair {number} of {count}, not learned from: ", "muted"), (clean(pair.prompt, ascii), "state")],
        *(
            [(f"  {mark} ", "accent"), (f"score {short(round(score, 2), glyphs)}".ljust(13), "reward"),
             (clean(text, ascii), "action")]
            for mark, score, text in rows
        ),
        [(f"    P({glyphs.pointer} preferred) = sigmoid of the difference = {short(better, glyphs)}", "policy")],
    ]  # fmt: skip


# Stage 3


def ppo(
    session: StageSession,
    now: Watched | None,
    charged: float | None,
    first: int,
    each: int,
    width: int,
    glyphs: Glyphs,
) -> list[Line]:
    """Score and truth, KL and its price, the politeness example, and sampled answers. charged: the price that the
    update paid, where that is what is looked at; None: what the next one will pay."""
    numbers, truth = Numbers(session, glyphs), truth_name(session)
    line = told(
        [
            (f"score {numbers.of('objective/scores')}", "reward"),
            (f"{truth} {numbers.of('objective/gold')}", "reward"),
            (f"KL {numbers.of('objective/kl')}", "kl"),
            (f"beta {numbers.of('beta') if charged is None else short(charged, glyphs)}", "kl"),
            (f"clipped {numbers.of('policy/clipfrac_avg')}", "policy"),
            (f"entropy {numbers.of('objective/entropy')}", "policy"),
            (f"distinct {numbers.of('objective/unique')}", "policy"),
        ],
        width,
    )
    frame = numbers.frame()
    answers = () if frame is None or frame.detail is None else frame.detail.answers
    return [
        line,
        *example(now, width, glyphs),
        *_answers(answers, truth, session.shown, first, each, width, glyphs),
    ]


def truth_name(session: StageSession) -> str:
    """What `objective/gold` is called: without picks the rule's quality, with them what their rater would say."""
    return "yours" if session.parameters["picks"] else "truth"


def example(now: Watched | None, width: int, glyphs: Glyphs) -> list[Line]:
    """pi/pi_ref over the run, pi/pi_old inside the update, and what the objective made of the sampled token: three
    lines."""
    if now is None:
        return [[], [], []]
    pi, times = ("pi", "*") if not glyphs.sub_digits else ("π", "·")
    is_now = short(now.probability, glyphs)
    run = (f"{pi}/{pi}_ref {is_now}/{short(now.reference, glyphs)} = {short(now.over_run, glyphs)}", "policy")
    first = told([(f'P({WORD} | "{BEFORE}")', "strong"), run, ("over the run", "muted")], width)
    if not now.steps:
        return [first, told([("pi/pi_old: inside an update; space makes one", "muted")], width), []]
    old, new, ratio = (short(each, glyphs) for each in (now.steps[0], now.steps[-1], now.in_update[-1]))
    steps = f"in {len(now.steps) - 1} steps"
    second = told(
        [
            (f"inside update {now.update}".ljust(19), "strong"),
            (f"{pi}/{pi}_old {new}/{old} = {ratio}", "policy"),
            (steps, "muted"),
        ],
        width,
    )
    return [first, second, _token(now, times, width, glyphs)]


def _token(now: Watched, times: str, width: int, glyphs: Glyphs) -> Line:
    token = now.token
    if token is None:
        return told([(f'nobody said "{BEFORE} {WORD}" in its batch: no A of it', "muted")], width)
    r, advantage = short(token.ratio, glyphs), short(token.advantage, glyphs)
    where = "" if width < NARROW else "there: " if token.asked else "elsewhere: "
    return told(
        [
            (f"{where}rA {r}{times}{advantage} = {short(token.unclipped, glyphs)}", "advantage"),
            (f"clip(r)A {short(token.clipped, glyphs)}", ""),
            (f"min {short(token.objective, glyphs)}", "strong"),
            ("A whitened", "muted"),
            (f"of {token.count} the largest", "muted"),
        ],
        width,
    )


def _answers(
    answers: Sequence[Answer], truth: str, update: int, first: int, each: int, width: int, glyphs: Glyphs
) -> list[Line]:
    count = len(answers)
    if not count:
        return []
    ascii, first = not glyphs.sub_digits, first % count
    heading = f"  sampled after update {update}: answer {first + 1} of {count}, a shows others"
    lines: list[Line] = [[(heading, "muted")]]
    for place in range(min(each, count)):
        answer = answers[(first + place) % count]
        score, good = short(round(answer.score, 2), glyphs), short(round(answer.gold, 2), glyphs)
        line = [(f"  score {score}".ljust(14), "reward"), (f"{truth} {good}".ljust(12), "reward")]
        if width >= WIDE:
            line.append((clean(answer.prompt, ascii).ljust(PROMPT), "muted"))
        lines.append([*line, (clean(answer.text, ascii), "")])
    return lines
