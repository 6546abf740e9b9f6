"""The sizes of the toy model and the names and shapes of its weights, for torch and numpy alike."""

from collections.abc import Iterator
from dataclasses import dataclass

from tutor.toy_llm.tokenizer import VOCABULARY


@dataclass(frozen=True)
class Shape:
    """Sizes of a GPT. context: most tokens in a sequence, prompt and answer and specials together."""

    vocabulary: int = len(VOCABULARY)
    context: int = 40
    width: int = 48
    layers: int = 2
    heads: int = 3

    @property
    def head_width(self) -> int:
        return self.width // self.heads

    def weights(self) -> dict[str, tuple[int, ...]]:
        """Name -> shape of every weight; matrices are (out, in), as torch stores them."""
        return dict(self._weights())

    def _weights(self) -> Iterator[tuple[str, tuple[int, ...]]]:
        C = self.width
        yield "word.weight", (self.vocabulary, C)
        yield "position.weight", (self.context, C)
        for layer in range(self.layers):
            for name, inputs, outputs in (
                ("attention.qkv", C, 3 * C),
                ("attention.project", C, C),
                ("widen", C, 4 * C),
                ("narrow", 4 * C, C),
            ):
                yield f"blocks.{layer}.{name}.weight", (outputs, inputs)
                yield f"blocks.{layer}.{name}.bias", (outputs,)
            for name in ("norm_1", "norm_2"):
                yield f"blocks.{layer}.{name}.weight", (C,)
                yield f"blocks.{layer}.{name}.bias", (C,)
        yield "norm.weight", (C,)
        yield "norm.bias", (C,)


SHAPE = Shape()
SCORER_HEAD = {
    "head.weight": (1, SHAPE.width),
    "head.bias": (1,),
}  # what a scorer has beside the weights of its trunk
# The logit of a token that is no action. So low that its probability is exactly 0 at any temperature; finite, so that
# 0 log 0 in an entropy and a difference of two log-probabilities in a divergence stay numbers; a power of two, so that
# float32 and float64 have the same.
IMPOSSIBLE = -(2.0**100)
