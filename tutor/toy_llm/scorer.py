"""A GPT with one number for a head: the critic, and the reward model."""

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from tutor.toy_llm.gpt import GPT, load_arrays
from tutor.toy_llm.inference import Array
from tutor.toy_llm.packed import Packed, stream
from tutor.toy_llm.shape import SCORER_HEAD, SHAPE, Shape


class Scorer(nn.Module):
    """One number for each text so far. The trunk is a GPT of its own; the head begins at zero."""

    def __init__(self, trunk: Mapping[str, Array], shape: Shape = SHAPE) -> None:
        """trunk: the weights that the GPT begins with. Raises RuntimeError where names or sizes differ."""
        super().__init__()
        self.gpt = GPT(shape)
        load_arrays(self.gpt, trunk.items())
        self.head = nn.Linear(shape.width, 1)
        nn.init.zeros_(self.head.weight)
        nn.init.zeros_(self.head.bias)

    def forward(self, packed: Packed) -> Tensor:
        """(R,): after each wanted token."""
        return packed.each(self.head(stream(self.gpt, packed))[:, 0])

    def arrays(self) -> dict[str, Array]:
        """The weights as a checkpoint has them: the trunk's by their own names, then `SCORER_HEAD`."""
        named = [*self.gpt.named_parameters(), *zip(SCORER_HEAD, self.head.parameters(), strict=True)]
        return {name: weight.detach().numpy().copy() for name, weight in named}


def scorer_of(weights: Mapping[str, Array]) -> Scorer:
    """The scorer of a checkpoint's weights."""
    scorer = Scorer({name: weight for name, weight in weights.items() if name not in SCORER_HEAD})
    with torch.no_grad():
        for name, parameter in zip(SCORER_HEAD, scorer.head.parameters(), strict=True):
            parameter.copy_(torch.tensor(weights[name]))
    return scorer
