"""Reading the model needs no torch."""

import subprocess
import sys

STEP = """
import sys
sys.modules["torch"] = None  # importing it would now fail
import numpy as np
from tutor.toy_llm import corpus, figures, sampling, tokenizer, verifier
from tutor.toy_llm.checkpoint import load_model
from tutor.toy_llm.episodes import answer
from tutor.toy_llm.inference import Reader
frames = list(answer(Reader(load_model()), "How much is 2 + 2 ?", np.random.default_rng(0), temperature=0))
print(tokenizer.decode(frames[-1].next_state), frames[-1].reward)
print(*{name.partition(".")[0] for name in sys.modules})
"""


def test_stepping_the_model_imports_numpy_and_no_torch() -> None:
    done = subprocess.run([sys.executable, "-c", STEP], check=True, capture_output=True, text=True)
    said, modules = done.stdout.splitlines()
    assert said.endswith("Start with 2 . Then add 2 . Answer : 4 . <eos> 1.0")
    assert "numpy" in modules.split()
    assert {"textual", "rich", "plotext", "sympy"}.isdisjoint(modules.split())


def test_the_parser_of_the_command_imports_neither() -> None:
    code = "import sys, tutor.commands.toy_llm; print(*sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True)
    assert {"torch", "numpy", "rich"}.isdisjoint(done.stdout.split())
