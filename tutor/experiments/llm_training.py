"""Experiments that train the toy language model: `sft`, `reward-model`, `rlhf`, `kl-control`, `rlvr`, `clip-truth`.

They need torch, on one thread. A seed gives the same whoever runs beside it. detail: the first seed's frame of the
engine (`tutor.toy_llm.training_frames`, `clip_frames`).
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields
from importlib.util import find_spec
from typing import Any

import numpy as np

from tutor.experiments.entries.clip_truth import CHANGES
from tutor.experiments.entries.llm_training import LOSS, METRICS, RLVR_METRICS
from tutor.experiments.frames import Frame
from tutor.experiments.learning import side_by_side
from tutor.experiments.parameters import ParameterError, Value
from tutor.toy_llm.checkpoint import CheckpointError, read, read_reward_model, shipped_path
from tutor.toy_llm.clip_frames import ClipTruthConfig, ClipTruthFrame
from tutor.toy_llm.inference import Array
from tutor.toy_llm.training_frames import TrainingConfig, TrainingFrame

Values = Mapping[str, Value]
Run = Callable[[int], Iterator[TrainingFrame]]  # a seed -> its frames
_FIELDS = {"learning_rate": "lr", "lambda": "lambda_"}
LATE = 10  # last updates whose mean KL is what a run "ends with"


class TorchMissingError(ValueError):
    """Training needs torch, and there is none; the message says what to install."""

    def __init__(self) -> None:
        super().__init__(
            "training the toy language model needs torch, which is not installed: pip install torch==2.13.0"
        )


def sft(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """`loss/sft`: of the next batch; `loss/sft_held_out`: of answers that are never trained on, now and then."""
    _prepare()
    from tutor.toy_llm.stages import sft_frames

    runs = [
        sft_frames(int(values["updates"]), int(values["batch"]), float(values["learning_rate"]), seed)
        for seed in seeds
    ]
    for rows in zip(*runs, strict=True):
        yield Frame("sft", rows[0].update, _stacked([row.metrics for row in rows]), rows[0])


def reward_model(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """Bradley-Terry on the answers of the shipped model, labelled by a simulated rater."""
    _prepare()
    from tutor.toy_llm.reward_build import reward_model_frames
    from tutor.toy_llm.reward_model import RewardModelConfig

    weights = _weights()
    runs = [
        reward_model_frames(
            weights,
            RewardModelConfig(
                pairs=int(values["pairs"]),
                epochs=int(values["epochs"]),
                lr=float(values["learning_rate"]),
                seed=seed,
            ),
        )
        for seed in seeds
    ]
    for rows in zip(*runs, strict=True):
        metrics = [
            {LOSS["loss"]: row.loss, LOSS["accuracy"]: row.accuracy,
             LOSS["held_out_loss"]: row.held_out_loss, LOSS["held_out_accuracy"]: row.held_out_accuracy}
            for row in rows
        ]  # fmt: skip
        yield Frame("reward-model", rows[0].update, _stacked(metrics), rows[0])


def rlhf(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """One run, with what its parameters say; `fault` and `inside` for labs."""
    config = config_of({**values, "fault": "" if values["fault"] == "none" else values["fault"]})
    yield from _curve("rlhf", _politeness(config, inside=bool(values["inside"])), seeds, METRICS)


def kl_control(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """Three series from the same seeds: `none`, `fixed`, `adaptive`. With `fair` the adaptive runs follow when the
    others have ended, each with the KL that its seed's fixed run ended with for a target."""
    none = config_of({**values, "controller": "none"})
    fixed = config_of({**values, "controller": "fixed"})
    steered = {**values, "controller": "adaptive", "beta": values["first_beta"]}
    first = [
        _curve(name, _politeness(config), seeds, METRICS)
        for name, config in (("none", none), ("fixed", fixed))
    ]
    if not values["fair"]:
        adaptive = _curve("adaptive", _politeness(config_of(steered)), seeds, METRICS)
        yield from side_by_side([*first, adaptive])
        return
    ends: list[np.ndarray[Any, np.dtype[np.float64]]] = []
    for frame in side_by_side(first):
        if frame.series == "fixed":
            ends.append(frame.metrics["objective/kl"])
        yield frame
    targets = dict(zip(seeds, np.mean(ends[-LATE:], 0).tolist(), strict=True))
    yield from _curve(
        "adaptive",
        lambda seed: _politeness(config_of({**steered, "target": max(targets[seed], 0.01)}))(seed),
        seeds,
        METRICS,
    )


def rlvr(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """Three series from the same seeds: `ppo` (a critic, a KL penalty), `grpo` (groups of answers to one sum) and
    `reinforce` (each answer against the mean of the others, one step an update)."""
    shared = {**values, "limit": 14, "final_lr": 0.0, "controller": "fixed"}
    configs = {
        "ppo": config_of({**shared, "algorithm": "ppo"}),
        "grpo": config_of({**shared, "algorithm": "grpo", "beta": 0.0}),
        "reinforce": config_of(
            {**shared, "algorithm": "reinforce", "beta": 0.0, "epochs": 1, "minibatches": 1}
        ),
    }
    held_out = int(values["held_out"])
    yield from side_by_side(
        [_curve(name, _sums(config, held_out), seeds, RLVR_METRICS) for name, config in configs.items()]
    )


def clip_truth(values: Values, seeds: Sequence[int]) -> Iterator[Frame]:
    """Two series from the same start and batch: `clipped` and `unclipped`. The metrics are of the rewarded word."""
    _prepare()
    from tutor.toy_llm.clip_truth import clip_truth as steps

    weights = _weights()

    def curve(series: str, epsilon: float) -> Iterator[Frame]:
        config = ClipTruthConfig(
            prompt=str(values["prompt"]),
            word=str(values["word"]),
            batch=int(values["batch"]),
            steps=int(values["steps"]),
            lr=float(values["learning_rate"]),
            epsilon=epsilon,
        )
        for rows in zip(*(steps(weights, config, seed) for seed in seeds), strict=True):
            yield Frame(series, rows[0].step, _stacked([_of_word(row) for row in rows]), rows[0])

    yield from side_by_side([curve("clipped", float(values["epsilon"])), curve("unclipped", math.inf)])


def _of_word(row: ClipTruthFrame) -> dict[str, float]:
    """What is measured of the rewarded word and of the batch; the changes only after a step."""
    token = row.tokens[0]
    measured = {
        "policy/ratio": token.ratio,
        "policy/probability": token.probability,
        "objective/surrogate": token.surrogate,
        "policy/kl": row.kl,
        "policy/clipfrac_avg": row.clip_fraction,
    }
    if token.change is not None:
        changed = asdict(token.change) | {"first_order": token.change.first_order}
        measured |= {f"change/{name}": changed[name] for name in CHANGES}
    return measured


def config_of(values: Mapping[str, Any]) -> TrainingConfig:
    """The parameters that a training run has. Raises ParameterError where they do not fit each other."""
    known = {field.name for field in fields(TrainingConfig)}
    own = {_FIELDS.get(name, name): value for name, value in values.items()}
    try:
        return TrainingConfig(**{name: value for name, value in own.items() if name in known})
    except ValueError as error:
        raise ParameterError(str(error)) from None


def _politeness(config: TrainingConfig, *, inside: bool = False) -> Run:
    _prepare()
    from tutor.toy_llm.scorer import scorer_of
    from tutor.toy_llm.tasks import Politeness
    from tutor.toy_llm.training import train

    weights, judge = _weights(), _read(read_reward_model)
    task = Politeness(scorer_of(judge).requires_grad_(False))
    return lambda seed: train(weights, task, config, seed, "full" if inside else "scalars")


def _sums(config: TrainingConfig, held_out: int) -> Run:
    _prepare()
    from tutor.toy_llm.tasks import Sums
    from tutor.toy_llm.training import train

    weights = _weights()
    return lambda seed: train(weights, Sums(held_out, np.random.default_rng(seed)), config, seed)


def _curve(series: str, run: Run, seeds: Sequence[int], metrics: Sequence[str]) -> Iterator[Frame]:
    """The runs of all seeds, update by update; what is not among `metrics` is left out."""
    for rows in zip(*(run(seed) for seed in seeds), strict=True):
        named = [{name: row.metrics[name] for name in metrics if name in row.metrics} for row in rows]
        yield Frame(series, rows[0].update, _stacked(named), rows[0])


def _stacked(rows: Sequence[Mapping[str, float]]) -> dict[str, Any]:
    return {name: np.array([row[name] for row in rows], np.float64) for name in rows[0]}


def _prepare() -> None:
    """Torch on one thread, as figures and speed want it. Raises TorchMissingError."""
    if find_spec("torch") is None:
        raise TorchMissingError
    from tutor.toy_llm.torch_setup import one_thread

    one_thread()


def _weights() -> dict[str, Array]:
    return _read(lambda: read(shipped_path()))


def _read(reader: Callable[[], dict[str, Array]]) -> dict[str, Array]:
    try:
        return reader()
    except CheckpointError as error:
        raise ParameterError(str(error)) from error
