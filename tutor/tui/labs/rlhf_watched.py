"""The politeness example inside a run: P(understand | "I") over updates, inside one of them, and what its token came
to. Pure numbers."""

import math
from dataclasses import dataclass

import numpy as np

from tutor.experiments import Frame
from tutor.rl.surrogate import clipped_surrogate
from tutor.toy_llm.corpus import COMPLAINTS
from tutor.toy_llm.tokenizer import token_of
from tutor.toy_llm.training_frames import Inside, TokenBatch
from tutor.tui.labs.rlhf_session import StageSession

PROBABILITY = "policy/probability"
PROMPT, BEFORE, WORD = COMPLAINTS[0], "I", "understand"


@dataclass(frozen=True)
class Token:
    """One sampled "understand" after "I" in the batch of an update. asked: whether it answers PROMPT, so that its state
    is the watched one. count: how many there are. ratio = pi/pi_old after the update; advantage: as the objective has
    it; unclipped = r A, clipped = clip(r) A, objective: the smaller."""

    prompt: str
    count: int
    ratio: float
    advantage: float
    unclipped: float
    clipped: float
    objective: float

    @property
    def asked(self) -> bool:
        return self.prompt == PROMPT


@dataclass(frozen=True)
class Watched:
    """After an update. probability, reference: pi and pi_ref of the watched word. steps: pi before the update and after
    each step of the optimiser in it, empty before the first update. token: None where nobody said it."""

    update: int
    probability: float
    reference: float
    steps: tuple[float, ...]
    epsilon: float
    token: Token | None

    @property
    def over_run(self) -> float:
        """pi/pi_ref."""
        return self.probability / self.reference

    @property
    def in_update(self) -> tuple[float, ...]:
        """pi/pi_old after each step of the optimiser, 1 before the first; nan where pi_old has underflowed to 0."""
        old = self.steps[0] if self.steps else 0.0
        return tuple(step / old if old > 0 else math.nan for step in self.steps)


def inside_of(frame: Frame | None) -> Inside | None:
    """The detail of the update that led to a frame of PPO."""
    return None if frame is None or frame.detail is None else frame.detail.inside


def watched(session: StageSession) -> Watched | None:
    """Of the update that PPO's session looks at; None before there is one."""
    frame, first = session.at("rlhf"), session.frames[0] if session.frames else None
    if frame is None or first is None:
        return None
    inside = inside_of(frame)
    return Watched(
        frame.update,
        float(frame.metrics[PROBABILITY][0]),
        float(first.metrics[PROBABILITY][0]),
        () if inside is None else inside.watched,
        float(session.parameters["epsilon"]),
        None if inside is None else said(inside),
    )


def said(inside: Inside) -> Token | None:
    """The token of the watched word in the batch, of several that with the largest advantage, where there are some
    those in the watched state; None: nobody said it."""
    batch = inside.batch
    rows = _saying(batch)
    if not rows.size:
        return None
    asked = [row for row in rows if batch.prompts[row] == PROMPT]
    among = np.array(asked) if asked else rows
    row = among[np.abs(batch.weight[among, 1]).argmax()]
    ratio, advantage = float(inside.epochs[-1].ratio[row, 1]), float(batch.weight[row, 1])
    epsilon = inside.config.epsilon
    return Token(
        batch.prompts[row],
        len(among),
        ratio,
        advantage,
        ratio * advantage,
        float(np.clip(ratio, 1 - epsilon, 1 + epsilon)) * advantage,
        float(clipped_surrogate(np.array(ratio), np.array(advantage), epsilon)),
    )


def _saying(batch: TokenBatch) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    """Rows whose answer begins with BEFORE and WORD."""
    if batch.tokens.shape[1] < 2:
        return np.empty(0, np.int64)
    begun = (batch.tokens[:, 0] == token_of(BEFORE)) & (batch.tokens[:, 1] == token_of(WORD))
    return np.flatnonzero(begun)
