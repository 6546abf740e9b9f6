"""Weights in a file: safetensors, which hold numbers and nothing that could run, with a checksum inside.

Every fault of a file is a CheckpointError that says what is wrong and which command makes the file anew.
"""

import hashlib
import json
import os
import shlex
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np

from tutor.toy_llm.inference import Array, ToyModel
from tutor.toy_llm.shape import SCORER_HEAD, SHAPE, Shape
from tutor.toy_llm.tokenizer import VOCABULARY

FORMAT = "rl-tutor toy language model 1"
REBUILD = "rl-tutor toy-llm build"
REBUILD_REWARD_MODEL = "rl-tutor toy-llm build-reward-model"
REWARD_MODEL = "rl-tutor toy reward model 1"  # the format of a file that holds one
ENTRY = "rl-tutor"  # of the header's metadata: the facts about the model, as JSON
LARGEST = 10_000_000  # bytes; what is larger is no toy model and is not read


class CheckpointError(Exception):
    """A checkpoint is missing, damaged or of another kind. The message ends with the command that rebuilds it.

    reason: what is wrong, without path and advice. rebuild: the command that makes files of its kind. command: what
    makes this file anew.
    """

    def __init__(self, path: Path, reason: str, rebuild: str = REBUILD) -> None:
        self.path, self.reason = path, reason
        shipped = {shipped_path(): REBUILD, shipped_reward_model_path(): REBUILD_REWARD_MODEL}
        self.command = shipped.get(path) or f"{rebuild} --output {shlex.quote(str(path))}"
        super().__init__(f"{path}: {reason}; make it anew with: {self.command}")


def shipped_path() -> Path:
    """Where the model that comes with the tutor is."""
    return Path(__file__).parent / "checkpoints" / "sft.safetensors"


def shipped_reward_model_path() -> Path:
    """Where the frozen reward model that comes with the tutor is."""
    return Path(__file__).parent / "checkpoints" / "reward-model.safetensors"


def load_model(path: Path | None = None) -> ToyModel:
    """The shipped model (or that of `path`), for numpy. Raises CheckpointError."""
    return ToyModel(read(path or shipped_path()))


def read(path: Path, shape: Shape = SHAPE) -> dict[str, Array]:
    """The weights of a checkpoint, float32, checked against its checksum, the model's shape and the vocabulary.

    Raises CheckpointError.
    """
    return _checked(path, _Kind(FORMAT, "toy language model", REBUILD, shape.weights(), shape))


def read_reward_model(path: Path | None = None) -> dict[str, Array]:
    """The weights of the frozen reward model (or that of `path`), trunk and head, checked likewise. Raises
    CheckpointError."""
    return _checked(path or shipped_reward_model_path(), _REWARD_MODEL)


def write(
    path: Path, weights: Mapping[str, Array], about: Mapping[str, str] | None = None, shape: Shape = SHAPE
) -> None:
    """Write a checkpoint, whole or not at all. about: further facts for its header, such as the seed.

    The same weights and facts give the same bytes. Raises OSError.
    """
    _write(path, weights, {**(about or {}), "format": FORMAT, "shape": _text(shape)})


def write_reward_model(path: Path, weights: Mapping[str, Array], about: Mapping[str, str]) -> None:
    """Write a reward model, as `write` does. Raises OSError."""
    _write(path, weights, {**about, "format": REWARD_MODEL, "shape": _text(SHAPE)})


@dataclass(frozen=True)
class _Kind:
    """What a file should be. rebuild: the command. weights: name -> shape of each. shape: the trunk's."""

    format: str
    noun: str
    rebuild: str
    weights: Mapping[str, tuple[int, ...]]
    shape: Shape


_REWARD_MODEL = _Kind(
    REWARD_MODEL, "toy reward model", REBUILD_REWARD_MODEL, {**SHAPE.weights(), **SCORER_HEAD}, SHAPE
)


def _checked(path: Path, kind: _Kind) -> dict[str, Array]:
    from safetensors import SafetensorError
    from safetensors.numpy import load

    def wrong(reason: str) -> CheckpointError:
        return CheckpointError(path, reason, kind.rebuild)

    data = _bytes(path, kind.rebuild)
    try:
        metadata = _metadata(data)
        weights = load(data)
    except (SafetensorError, ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise wrong("this is no whole safetensors file: cut short or altered") from error
    if metadata.get("format") != kind.format:
        raise wrong(f"this is no {kind.noun} of this version of rl-tutor")
    if metadata.get("sha256") != checksum(weights, metadata):
        raise wrong("its checksum does not fit what is in it: the file was altered")
    if metadata.get("vocabulary") != " ".join(VOCABULARY) or metadata.get("shape") != _text(kind.shape):
        raise wrong("it is a model of other words or sizes than this version of rl-tutor has")
    if {name: (weight.shape, weight.dtype) for name, weight in weights.items()} != {
        name: (size, np.dtype(np.float32)) for name, size in kind.weights.items()
    }:
        raise wrong("its weights have other names, sizes or types than the model")
    if not all(np.isfinite(weight).all() for weight in weights.values()):
        raise wrong("some of its weights are no finite numbers")
    return weights


def _write(path: Path, weights: Mapping[str, Array], about: Mapping[str, str]) -> None:
    from safetensors.numpy import save

    facts = {**about, "vocabulary": " ".join(VOCABULARY)}
    contiguous = {name: np.ascontiguousarray(weight, np.float32) for name, weight in weights.items()}
    facts["sha256"] = checksum(contiguous, facts)
    # One entry: safetensors writes several in an order that changes from run to run.
    _replace(path, save(contiguous, metadata={ENTRY: json.dumps(facts, sort_keys=True)}))


def check_writable(path: Path) -> None:
    """Make the folder of a checkpoint to come, and try it. Raises OSError now, not after the training."""
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryFile(dir=path.parent):
        pass


def about(path: Path) -> dict[str, str]:
    """The facts in a checkpoint's header. Raises CheckpointError."""
    try:
        return _metadata(_bytes(path))
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise CheckpointError(path, "this is no safetensors file") from error


def checksum(weights: Mapping[str, Array], facts: Mapping[str, str]) -> str:
    """SHA-256 of names, types, sizes and values of the weights and of the facts but the checksum itself."""
    digest = hashlib.sha256()
    digest.update(json.dumps(sorted(item for item in facts.items() if item[0] != "sha256")).encode())
    for name, weight in sorted(weights.items()):
        digest.update(json.dumps([name, str(weight.dtype), weight.shape]).encode())
        digest.update(weight.tobytes())
    return digest.hexdigest()


def _bytes(path: Path, rebuild: str = REBUILD) -> bytes:
    try:
        if path.stat().st_size > LARGEST:
            raise CheckpointError(path, f"it is larger than {LARGEST // 1_000_000} MB: no toy model", rebuild)
        return path.read_bytes()
    except FileNotFoundError as error:
        raise CheckpointError(path, "the model is missing", rebuild) from error
    except OSError as error:
        raise CheckpointError(path, f"it cannot be read ({error.strerror})", rebuild) from error


def _metadata(data: bytes) -> dict[str, str]:
    """What the header says beside the weights: 8 bytes of length, little-endian, then JSON."""
    length = int.from_bytes(data[:8], "little")
    if length > len(data) - 8:
        raise ValueError("the header is cut short")
    facts = json.loads(json.loads(data[8 : 8 + length])["__metadata__"][ENTRY])
    return {str(key): str(value) for key, value in facts.items()}


def _text(shape: Shape) -> str:
    return json.dumps(asdict(shape))


def _replace(path: Path, data: bytes) -> None:
    """Write beside, then rename: no reader ever sees half a file."""
    import tempfile

    path.parent.mkdir(parents=True, exist_ok=True)
    handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(beside, 0o644)
        os.replace(beside, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(beside)
        raise
