"""One thread for torch, as training has it: the figures are then the same every time."""

import sys
from collections.abc import Iterator

import pytest

from tests.toy_llm.weights import random_arrays
from tutor.toy_llm.checkpoint import load_model
from tutor.toy_llm.inference import Array, ToyModel


@pytest.fixture(autouse=True)
def one_thread() -> Iterator[None]:
    torch = sys.modules.get("torch")
    if torch is None:
        yield
        return
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def shipped() -> ToyModel:
    return load_model()


@pytest.fixture(scope="session")
def random_weights() -> dict[str, Array]:
    return random_arrays()
