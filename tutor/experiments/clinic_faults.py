"""What may be wrong with a run: the twelve faults of the clinic, what each does to the curves, and why.

Every bound is this program's own: between what its broken runs measure and what its other runs do
(`python -m tests.benchmarks.rlhf clinic` measures them all anew).
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tutor.experiments import clinic_signs as signs
from tutor.experiments.clinic_signs import Reading, Sign
from tutor.experiments.evidence import number

KL, SCORE, WORD = "objective/kl", "objective/scores", "policy/probability"
ENTROPY, LENGTH = "objective/entropy", "objective/length"
CLIPPED, APPROX = "policy/clipfrac_avg", "policy/approxkl_avg"
LOSS = "loss/value_avg"
RETURN, WALKED, STEP_KL = "objective/return", "objective/episode_return", "policy/kl"
MOVED = 1e-4  # of the approximate KL of an update: above it, the policy has moved

Kind = Literal["toy", "grid"]


@dataclass(frozen=True)
class Fault:
    """name: in the list, to go after `the fault is`. cause: what is wrong. why: what makes the curves look so. alike:
    what else looks like it, and what tells them apart. where: (module, function) whose code it is built into. signs:
    all hold of its run, and not all of any other. only: the one kind of run that can have it, and `not_here` what
    says so of the other."""

    id: str
    name: str
    cause: str
    why: str
    alike: str
    where: tuple[tuple[str, str], ...]
    signs: tuple[Sign, ...]
    only: Kind | None = None
    not_here: str = ""

    def shows(self, reading: Reading) -> bool:
        """Whether the curves have all its signs."""
        return all(sign.holds(reading) for sign in self.signs)

    def against(self, reading: Reading, kind: Kind) -> str:
        """What speaks against it, with a number of the run; empty where nothing does."""
        if self.only not in (None, kind):
            return self.not_here
        for sign in self.signs:
            value = sign.value(reading)
            if not math.isnan(value) and not sign.low <= value <= sign.high:
                return f"{sign.what} would be {sign.expected}; here it is {told(value)}."
        return ""


def told(value: float) -> str:
    """Three significant digits; what is next to nothing in full."""
    return number(value) if value == 0 or abs(value) >= MOVED else f"{value:.0e}".replace("-", "−")


_STILL = Sign(APPROX, "the highest approximate KL of an update", signs.highest, high=0.0)
_MOVES = Sign(APPROX, "the highest approximate KL of an update", signs.highest, low=MOVED)
_CALM_START = Sign(APPROX, "the approximate KL of the first update", signs.first, high=1.0)
_NO_REFERENCE = "A walk on a grid has no reference model, and so no KL to one."
_TOY, _ROLLOUTS = "tutor.toy_llm.training", "tutor.toy_llm.rollouts"

FAULTS: tuple[Fault, ...] = (
    Fault(
        "bad-critic",
        "a critic that is far off, always to the same side",
        "Every value that the critic gives has 3 added to it, and no training takes that away.",
        "The targets are made from the values, so they carry the 3 with them: the value loss stays near ½ · 3² = 4.5 "
        "and the critic explains next to nothing. At the end of an answer no value follows, so that ending costs 3: "
        "every last token is blamed, and the answers grow towards the limit of 16 tokens.",
        "A reward that is out of scale has a high value loss too, but a far higher one, and its answers do not grow.",
        ((_ROLLOUTS, "learned_from"),),
        (Sign(LOSS, "the lowest value loss from the fifth update on", signs.lowest_later, 1.0, 20.0),),
    ),
    Fault(
        "large-epsilon",
        "epsilon too large: nothing is clipped",
        "The clip range epsilon is 1000: every ratio is inside it.",
        "min(r A, clip(r) A) is r A for every sample, so no sample ever falls silent, and four epochs on the same "
        "batch push it as far as they can. With a short step and two epochs the same epsilon does no harm at all: the "
        "clip fraction tells it all the same.",
        "A learning rate that is too large leaps as far in its first update, but then its clip counts many samples. A "
        "policy that stands still clips nothing either: look whether it moves.",
        (("tutor.toy_llm.objectives", "clipped_surrogate"),),
        (Sign(CLIPPED, "the highest clip fraction", signs.highest, high=0.01), _MOVES),
    ),
    Fault(
        "entropy-collapse",
        "the entropy's sign is wrong: fined, not paid",
        "The entropy bonus is taken away instead of added: its weight is −1.",
        "The objective pays for being sure, whatever of. Within a few updates the policy gives nearly the same answer "
        "to everything, samples nothing else, and so learns nothing else. What it has settled on may even score well.",
        "Every run that has broken loses its entropy in the end. Here it goes first, while each step is still small: "
        "approximate KL and clip fraction tell it from steps that are too long.",
        ((_TOY, "Training._step"),),
        (
            Sign(
                ENTROPY,
                "what is left of the entropy after ten updates, as a share of the first,",
                signs.left_of_ten,
                high=0.25,
            ),
            _CALM_START,
        ),
    ),
    Fault(
        "frozen-actor",
        "a frozen actor: its weights never change",
        "The optimiser's step on the actor is never taken. (Usual reasons: weights copied together with "
        "requires_grad = False, or an optimiser that was given other parameters.)",
        "Every ratio is exactly 1, so nothing is clipped and the KL is 0, of an update and to the reference. "
        "Score, entropy and length only rattle: each batch is another sample of one policy. The critic does learn.",
        "A reference that moves has a KL of 0 to the reference, too; but there the policy moves: look at the clip "
        "fraction, or at the answers.",
        ((_TOY, "Training._step"),),
        (_STILL,),
    ),
    Fault(
        "large-rate",
        "a learning rate that is too large",
        "Adam's step is 0.02, more than ten times that of the mended run.",
        "Adam moves every weight by about the learning rate, whatever the gradient's length. The first steps alone "
        "throw the policy far away, before any ratio could be clipped; it becomes sure of something useless, and from "
        "there no gradient leads back.",
        "Too many epochs go far, too, but by many small steps: the first of them is short, and the clip fraction stays "
        "high. Without a clip nothing is clipped.",
        ((_TOY, "Training._set_rate"), ("tutor.toy_llm.descent", "Descent._adam")),
        (
            Sign(APPROX, "the approximate KL of the first update", signs.first, low=5.0),
            Sign(CLIPPED, "the highest clip fraction", signs.highest, low=0.05),
        ),
    ),
    Fault(
        "no-kl",
        "no penalty for the KL to the reference",
        "Beta is 0: a nat of KL costs nothing.",
        "Nothing holds the policy where the reward model knows what it judges. The score stays high while the answers "
        "turn into what the reward model overrates and people do not: the truth falls, the KL goes on growing.",
        "A reward that is out of scale makes beta meaningless, with the same end: only the value loss differs. Any "
        "fault that drives the policy far raises the KL: length, clip fraction and value loss must be as usual.",
        (("tutor.toy_llm.token_rewards", "token_rewards"),),
        (
            Sign(KL, "the KL to the reference at the end", signs.end, low=8.0),
            Sign(LOSS, "the lowest value loss from the fifth update on", signs.lowest_later, high=1.0),
            Sign(LENGTH, "the length of an answer at the end", signs.end, high=13.0),
            Sign(CLIPPED, "the clip fraction of the middle update", signs.middle, 0.002, 0.12),
            _CALM_START,
        ),
        "toy",
        _NO_REFERENCE,
    ),
    Fault(
        "no-line-search",
        "TRPO without its line search",
        "The whole step of the natural gradient is taken, whatever comes of it.",
        "Its length comes from a parabola that holds near by, and from a Fisher matrix that a batch has estimated. As "
        "long as the policy is undecided both are right, and an update has the KL of 0.03 that was asked for. Once it "
        "is nearly sure, the parabola allows steps of a hundred times that. J falls in the same update.",
        "A learning rate that is too large leaps from the first update on; this one only once it has learned.",
        (("tutor.rl.trust_region", "TrustRegion._search"),),
        (
            Sign(
                STEP_KL, "the highest KL of an update, in multiples of the middle one,", signs.leap, low=10.0
            ),
            Sign(RETURN, "the deepest fall of J below its best", signs.fall, low=0.3),
        ),
        "grid",
        "PPO has no line search to leave out: its steps are Adam's.",
    ),
    Fault(
        "moving-reference",
        "a reference that moves along with the policy",
        "After every update the reference gets the actor's weights. (Usual reason: both are the same object.)",
        "The KL is measured to a copy of the policy itself: it is 0, and the penalty costs nothing. So the policy goes "
        "wherever the reward model leads it, as without a penalty, and the curve that should warn says all is well.",
        "A frozen actor has a KL of 0, too; but then nothing else moves.",
        ((_TOY, "Training.frames"),),
        (Sign(KL, "the highest KL to the reference", signs.highest, high=0.0), _MOVES),
        "toy",
        _NO_REFERENCE,
    ),
    Fault(
        "raw-reward",
        "a reward that was not normalised",
        "The reward model's scores come in 20 times as large; the plot of the score shows them as they should be.",
        "Beta was chosen for scores of about 1: against 20 a nat that costs 0.05 is nothing. Whitening hides it from "
        "the policy's gradient, but the critic has to reach returns of 20 by steps that its clip keeps to 0.2: its "
        "loss is a hundred times as high, and it explains nothing.",
        "Without a KL penalty the policy goes as far. The value loss tells them apart.",
        ((_ROLLOUTS, "_rewards"),),
        (Sign(LOSS, "the lowest value loss from the fifth update on", signs.lowest_later, low=20.0),),
    ),
    Fault(
        "reward-on-padding",
        "the reward is paid on padding",
        "The score is put into the last column of the batch, where only its longest answers have a token: for all "
        "others it lies on padding, which the mask takes away.",
        "Most answers are paid nothing, however good. What is left is the price of KL and the luck of the longest few: "
        "the policy moves, and the score wanders, where in a run that is right it has risen within ten updates. Later "
        "it may rise by accident: for a while, or once all answers have the most tokens that they may, and are paid.",
        "The score of a frozen actor wanders a little, too, but nothing moves it: look at the clip fraction.",
        ((_ROLLOUTS, "_rewards"),),
        (
            Sign(SCORE, "the score around the tenth update", signs.around_ten, high=0.8),
            _MOVES,
            _CALM_START,
        ),
        "toy",
        "Steps on a grid are not padded: every one of them is a sample.",
    ),
    Fault(
        "many-epochs",
        "too many epochs on each batch",
        "Ten epochs on each batch where two were meant.",
        "After the first passes most samples that could push are past the clip and fall silent; the few that are left, "
        "and Adam's momentum, go on moving weights that all share. The clip fraction is high in update after update, "
        "and the policy leaves the batch that it was judged on far behind.",
        "A learning rate that is too large shows in the very first update, and soon there is nothing left to clip.",
        ((_TOY, "Training._learn"),),
        (
            Sign(CLIPPED, "the clip fraction of the middle update", signs.middle, low=0.12),
            Sign(APPROX, "the approximate KL of the first update", signs.first, high=5.0),
        ),
    ),
    Fault(
        "truncation",
        "a truncation taken for a termination",
        "An episode is cut off after 20 steps, and the program takes that for its end: nothing is said to follow.",
        "Whoever is cut off pays nothing any more, so hanging about until then looks cheaper than it is: its value is "
        "that of 20 steps and not of all those to come. The policy learns to wait for the cut. What was walked looks "
        "fair, while J, which knows no cut, is that of a walk that never arrives.",
        "No step is too long here, and the critic is right about what it was told. The two returns tell: J lies far "
        "below what was walked.",
        (
            ("tutor.rl.rollout", "Rollout.with_truncation_for_end"),
            ("tutor.rl.rollout", "Rollout.bootstrapped"),
        ),
        (
            Sign(WALKED, "what was walked, less J, at the end", signs.end, low=0.4, less=RETURN),
            Sign(STEP_KL, "the highest KL of an update", signs.highest, high=0.5),
        ),
        "grid",
        "An answer of 16 tokens ends at its limit by the rules of this task: nothing is cut off that would go on.",
    ),
)

BY_ID: Mapping[str, Fault] = {fault.id: fault for fault in FAULTS}
