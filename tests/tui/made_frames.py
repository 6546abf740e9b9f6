"""Frames of runs that train the language model, made up by formulas: real ones would take minutes."""

from collections.abc import Iterator

import numpy as np

from tutor.experiments import Frame
from tutor.toy_llm.clip_frames import Change, ClipTruthFrame, FollowedToken
from tutor.toy_llm.training_frames import Answer, TrainingFrame

UPDATES = 30


def kl_frames(updates: int = UPDATES) -> Iterator[Frame]:
    """`none` goes away by a nat an update, and in the second half its truth falls while its proxy rises; `fixed`
    stands at 3 nats and a truth of .8, `adaptive` at 1.5 nats and .6."""
    for update in range(updates + 1):
        on, late = min(update / 5, 1.0), max(0.0, 2 * update / updates - 1)
        for series, kl, gold, beta in (
            ("none", float(update), on * (1 - 2 * late), 0.0),
            ("fixed", 3 * on, 0.8 * on, 0.1),
            ("adaptive", 1.5 * on, 0.6 * on, 0.7),
        ):
            numbers = {
                "objective/kl": kl,
                "objective/kl_k1": kl,
                "objective/kl_k2": 2 * kl,
                "objective/kl_k3": 0.9 * kl,
                "objective/scores": 2 * on + late / 10,
                "objective/gold": gold,
                "objective/entropy": 0.6 - 0.4 * on,
                "objective/unique": 0.5,
                "beta": beta,
            }
            yield frame(series, update, numbers, gold)


def sums_frames(updates: int = UPDATES) -> Iterator[Frame]:
    """From one half right to 1 (`ppo`, at update 10), .98 (`grpo`, at 20) and .8 (`reinforce`, at 30); held out a tenth
    less; the best of 8 is .99 all the time."""
    for update in range(updates + 1):
        for series, end, slow in (("ppo", 1.0, 10), ("grpo", 0.98, 20), ("reinforce", 0.8, 30)):
            right = 0.5 + (end - 0.5) * min(1.0, update / slow)
            numbers = {
                "accuracy/train": right,
                "accuracy/held_out": right - 0.1,
                "objective/kl": 0.5,
                "objective/entropy": 0.2 - 0.15 * min(1.0, update / slow),
                "objective/unique": 0.4,
            }
            if not update % 10:
                ways = dict.fromkeys(("train_greedy", "held_out_greedy", "best_of"), 0.99)
                numbers |= {f"accuracy/{way}": value for way, value in ways.items()}
            yield frame(series, update, numbers, 1.0)


def frame(series: str, update: int, numbers: dict[str, float], gold: float) -> Frame:
    """A frame of one seed with two answers, whose texts tell where they are from."""
    answers = tuple(
        Answer(f"prompt {place}", f"{series} {update} said {place}", 1.0, gold, 1.0, True) for place in (1, 2)
    )
    metrics = {name: np.array([value]) for name, value in numbers.items()}
    return Frame(series, update, metrics, TrainingFrame(update, numbers, answers))


def clip_frames(steps: int = 6) -> Iterator[Frame]:
    """`unclipped` gains .2 a step; `clipped` as much up to 1.4, then .1, its own part 0 from there on. A second token
    falls by .05 a step in both and is never clipped."""
    for step in range(steps + 1):
        for series in ("clipped", "unclipped"):
            held = series == "clipped"
            ratio = 1 + 0.2 * step if not held else 1 + 0.2 * min(step, 2) + 0.1 * max(0, step - 2)
            own = 0.0 if held and step > 2 else 0.125
            change = Change(own, -0.0625, 0.25, 0.03125, own + 0.1875) if step else None
            word = FollowedToken("", "sunny", 8, 2.5, 0.15, 0.15 * ratio, 2.5, held and step > 1, change)
            other = FollowedToken("", "cloudy", 20, -0.5, 0.25, 0.25 - 0.0125 * step, -0.5, False, change)
            detail = ClipTruthFrame(step, (word, other), 0.01 * step, 0.25 if held and step > 1 else 0.0)
            numbers = {"policy/ratio": ratio, "policy/clipfrac_avg": detail.clip_fraction}
            if change is not None:
                parts = ("own", "others", "momentum", "first_order", "real")
                numbers |= {f"change/{part}": getattr(change, part) for part in parts}
            yield Frame(series, step, {name: np.array([value]) for name, value in numbers.items()}, detail)
