"""Files: whole or not at all, and every fault said with the command that mends it."""

import json
import shlex
from pathlib import Path

import numpy as np
import pytest

from tutor.toy_llm import checkpoint
from tutor.toy_llm.checkpoint import CheckpointError, about, load_model, read, shipped_path, write
from tutor.toy_llm.inference import Array
from tutor.toy_llm.shape import SHAPE, Shape

SMALL = Shape(vocabulary=108, context=4, width=6, layers=1, heads=2)


@pytest.fixture
def small() -> dict[str, Array]:
    rng = np.random.default_rng(0)
    return {name: rng.normal(size=size).astype(np.float32) for name, size in SMALL.weights().items()}


def header_of(data: bytes) -> dict[str, dict[str, object]]:
    length = int.from_bytes(data[:8], "little")
    header: dict[str, dict[str, object]] = json.loads(data[8 : 8 + length])
    return header


def with_header(data: bytes, header: object) -> bytes:
    length = int.from_bytes(data[:8], "little")
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)
    return len(text).to_bytes(8, "little") + text + data[8 + length :]


def test_what_was_written_is_read(tmp_path: Path, small: dict[str, Array]) -> None:
    path = tmp_path / "new" / "model.safetensors"
    write(path, small, {"seed": "3"}, SMALL)
    again = read(path, SMALL)
    assert again.keys() == small.keys()
    assert all(np.array_equal(again[name], small[name]) for name in small)
    assert about(path)["seed"] == "3"
    assert [file.name for file in path.parent.iterdir()] == ["model.safetensors"]


def test_the_same_weights_give_the_same_bytes(tmp_path: Path, small: dict[str, Array]) -> None:
    write(tmp_path / "a", small, {"seed": "3", "steps": "1"}, SMALL)
    write(tmp_path / "b", dict(reversed(small.items())), {"steps": "1", "seed": "3"}, SMALL)
    assert header_of((tmp_path / "a").read_bytes()) == header_of((tmp_path / "b").read_bytes())
    assert about(tmp_path / "a")["sha256"] == about(tmp_path / "b")["sha256"]
    write(tmp_path / "b", small, {"seed": "3", "steps": "1"}, SMALL)
    assert (tmp_path / "a").read_bytes() == (tmp_path / "b").read_bytes()


def test_the_shipped_file_is_small_and_whole() -> None:
    assert shipped_path().stat().st_size < 300_000
    assert {name: weight.shape for name, weight in read(shipped_path()).items()} == SHAPE.weights()
    assert load_model().shape == SHAPE


def test_a_missing_file_is_said_with_the_command(tmp_path: Path) -> None:
    """For another file than the shipped one the command says where to; as a shell reads it."""
    other = tmp_path / "my model"
    with pytest.raises(CheckpointError) as caught:
        load_model(other)
    assert caught.value.path == other
    command = caught.value.command
    assert str(caught.value) == f"{other}: the model is missing; make it anew with: {command}"
    assert shlex.split(command) == ["rl-tutor", "toy-llm", "build", "--output", str(other)]
    assert CheckpointError(shipped_path(), "gone").command == "rl-tutor toy-llm build"


def test_a_folder_and_a_giant_are_not_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(CheckpointError, match="cannot be read"):
        read(tmp_path)
    monkeypatch.setattr(checkpoint, "LARGEST", 100)
    with pytest.raises(CheckpointError, match="larger than"):
        read(shipped_path())


@pytest.mark.parametrize("length", [0, 1, 7, 8, 9, 300, -1000, -1])
def test_a_truncated_file(length: int, tmp_path: Path) -> None:
    data = shipped_path().read_bytes()
    (tmp_path / "cut").write_bytes(data[:length])
    with pytest.raises(CheckpointError, match="cut short or altered"):
        read(tmp_path / "cut")


def test_more_than_a_whole_file(tmp_path: Path) -> None:
    (tmp_path / "long").write_bytes(shipped_path().read_bytes() + b"\0" * 8)
    with pytest.raises(CheckpointError, match="cut short or altered"):
        read(tmp_path / "long")


@pytest.mark.parametrize(
    "text", [b"not a model", b"\xff" * 64, b"\x02\0\0\0\0\0\0\0{}", b"\x02\0\0\0\0\0\0\0[]"]
)
def test_what_is_no_safetensors_file(text: bytes, tmp_path: Path) -> None:
    (tmp_path / "odd").write_bytes(text)
    for reads in (read, about):
        with pytest.raises(CheckpointError):
            reads(tmp_path / "odd")


def test_no_single_byte_changes_a_weight_unnoticed(tmp_path: Path, small: dict[str, Array]) -> None:
    """Each byte of a small file in turn, header and all. What is still read has the same weights (white space of
    the header may change)."""
    path = tmp_path / "model"
    write(path, small, {"seed": "3"}, SMALL)
    data = path.read_bytes()
    noticed = 0
    for place in [*range(0, len(data), 7)]:
        altered = bytearray(data)
        altered[place] ^= 1
        path.write_bytes(bytes(altered))
        try:
            again = read(path, SMALL)
        except CheckpointError:
            noticed += 1
        else:
            assert all(np.array_equal(again[name], small[name]) for name in small)
    assert noticed > len(data) / 7 - 10


def test_weights_that_changed_places_in_the_header(tmp_path: Path) -> None:
    data = shipped_path().read_bytes()
    header = header_of(data)
    one, other = "blocks.0.norm_1.weight", "blocks.1.norm_1.weight"
    header[one], header[other] = header[other], header[one]
    (tmp_path / "swapped").write_bytes(with_header(data, header))
    with pytest.raises(CheckpointError, match="checksum"):
        read(tmp_path / "swapped")


def test_another_vocabulary_with_a_right_checksum(
    tmp_path: Path, small: dict[str, Array], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "VOCABULARY", ("other", "words"))
        write(tmp_path / "other", small, shape=SMALL)
    with pytest.raises(CheckpointError, match="other words or sizes"):
        read(tmp_path / "other", SMALL)


def test_other_sizes_names_or_numbers(tmp_path: Path, small: dict[str, Array]) -> None:
    write(tmp_path / "sizes", small, shape=SMALL)
    with pytest.raises(CheckpointError, match="other words or sizes"):
        read(tmp_path / "sizes")
    write(tmp_path / "names", {**small, "more": small["norm.bias"]}, shape=SMALL)
    with pytest.raises(CheckpointError, match="other names"):
        read(tmp_path / "names", SMALL)
    write(tmp_path / "nan", {**small, "norm.bias": np.full(6, np.nan, np.float32)}, shape=SMALL)
    with pytest.raises(CheckpointError, match="no finite numbers"):
        read(tmp_path / "nan", SMALL)


def test_another_format(tmp_path: Path, small: dict[str, Array], monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patched:
        patched.setattr(checkpoint, "FORMAT", "rl-tutor toy language model 0")
        write(tmp_path / "old", small, shape=SMALL)
    with pytest.raises(CheckpointError, match="of this version"):
        read(tmp_path / "old", SMALL)


def test_a_failed_write_leaves_the_old_file(
    tmp_path: Path, small: dict[str, Array], monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "model"
    write(path, small, shape=SMALL)
    before = path.read_bytes()

    def fail(*_: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("os.fsync", fail)
    with pytest.raises(OSError, match="full"):
        write(path, small, {"seed": "9"}, SMALL)
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]
