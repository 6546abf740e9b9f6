"""Frames of runs that train the language model, made up by formulas: real ones would take minutes."""

from collections.abc import Iterator

import numpy as np

from tutor.experiments import Frame
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


def frame(series: str, update: int, numbers: dict[str, float], gold: float) -> Frame:
    """A frame of one seed with two answers, whose texts tell where they are from."""
    answers = tuple(
        Answer(f"prompt {place}", f"{series} {update} said {place}", 1.0, gold, 1.0, True) for place in (1, 2)
    )
    metrics = {name: np.array([value]) for name, value in numbers.items()}
    return Frame(series, update, metrics, TrainingFrame(update, numbers, answers))
