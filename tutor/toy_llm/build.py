"""The shipped checkpoint, made anew: trained from nothing, measured, written."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tutor.toy_llm import checkpoint
from tutor.toy_llm.figures import Figures, measure
from tutor.toy_llm.gpt import GPT
from tutor.toy_llm.inference import Array, ToyModel
from tutor.toy_llm.sft import SFTConfig, SFTFrame, sft


@dataclass(frozen=True)
class Built:
    """What was made: where, what it can do, its checksum."""

    path: Path
    figures: Figures
    sha256: str


def build(path: Path, config: SFTConfig, report: Callable[[SFTFrame], None]) -> Built:
    """Train, measure and write. Nothing is written before the end. `report` gets every frame.

    Sets torch to one thread, so that the same machine and torch make the same file. Raises OSError.
    """
    checkpoint.check_writable(path)
    torch.set_num_threads(1)
    model = GPT(seed=config.seed)
    for frame in sft(model, config):
        report(frame)
    weights = arrays(model)
    facts = {"seed": str(config.seed), "steps": str(config.steps), "torch": torch.__version__}
    figures = measure(ToyModel(weights))
    checkpoint.write(path, weights, facts)
    return Built(path, figures, checkpoint.about(path)["sha256"])


def arrays(model: GPT) -> dict[str, Array]:
    """The weights of a torch model as numpy arrays, by name."""
    return {name: weight.detach().numpy().astype(np.float32) for name, weight in model.named_parameters()}
