"""The clipped surrogate: experiments and labs."""

from tutor.experiments import clip_parameters
from tutor.experiments.descriptions import Experiment, LabDescription, runner_from

EXPERIMENTS: tuple[Experiment, ...] = (
    Experiment(
        id="clip",
        title="The clipped surrogate",
        sentence="What PPO maximises for one sample: min(r A, clip(r, 1 - epsilon, 1 + epsilon) A).",
        parameters=clip_parameters.EXPERIMENT,
        metrics=("objective/surrogate",),
        series=("clip",),
        runner=runner_from("clip", "clip"),
        deterministic=lambda _values: True,
    ),
)

LABS: tuple[LabDescription, ...] = (
    LabDescription(
        id="clip",
        title="Clip",
        sentence="Move ratio, advantage and epsilon, and see where the clipped objective stops pushing.",
        parameters=clip_parameters.LAB,
        main="epsilon",
        presets=clip_parameters.PRESETS,
        check_fit=clip_parameters.check_fit,
    ),
)
