"""What the labs that read the toy model share: the model, which may be missing, prompts, a form with its words."""

from tutor.experiments import Value
from tutor.toy_llm.checkpoint import CheckpointError, load_model
from tutor.toy_llm.inference import ToyModel
from tutor.tui.labs.step_lab import D, DiceLab
from tutor.tui.labs.token_missing import NoModel
from tutor.tui.labs.token_options import TokenOptions


class ModelLab(DiceLab[D]):
    """Its session is made with `self.model`; where that cannot be read, one line says so."""

    model: ToyModel

    def missing(self) -> NoModel | None:
        try:
            self.model = load_model()
        except CheckpointError as error:
            return NoModel(error)
        return None

    def next_preset(self) -> None:
        """The next prompt."""
        presets = self.description.presets
        prompts = [preset["prompt"] for preset in presets]
        here = self.session.parameters["prompt"]
        following = presets[(prompts.index(here) + 1) % len(prompts) if here in prompts else 0]
        self.session.set_parameters({**self.fresh(), **following})

    def fresh(self) -> dict[str, Value]:
        """What goes back to its default with another prompt."""
        return {}

    def options(self) -> type[TokenOptions]:
        return TokenOptions
