"""The toy language model: a token, a batch of answers in numpy against torch, the training, the file.

    python -m tests.benchmarks.toy_llm [--rounds N] [--steps N]

CPU milliseconds, median (max) of the rounds, everything on one thread; numpy and torch take turns in the same run, from
the same prompts, and their answers differ in length by what was drawn. With fewer `--steps` the training's time is
scaled up to all of them.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy

import argparse
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from itertools import islice

import numpy as np
import torch

from tutor.toy_llm import corpus, generation, sampling
from tutor.toy_llm.checkpoint import load_model, read, shipped_path
from tutor.toy_llm.episodes import answer
from tutor.toy_llm.gpt import GPT, load_arrays
from tutor.toy_llm.inference import Reader
from tutor.toy_llm.sft import SFTConfig, sft
from tutor.toy_llm.tokenizer import encode_prompt

SUM = "How much is 2 + 2 ?"
OPEN = (
    "import time, numpy; start = time.process_time(); from tutor.toy_llm.checkpoint import load_model; "
    "from tutor.toy_llm import episodes; load_model(); print((time.process_time() - start) * 1000)"
)


def cpu_ms(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return (time.process_time() - start) * 1000


def interactive_tokens(rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of the first token (it reads the prompt) and of every later one, as a learner steps them."""
    first, later = [], []
    model = load_model()
    for seed in range(rounds):
        frames = answer(Reader(model), SUM, np.random.default_rng(seed))
        first.append(cpu_ms(lambda frames=frames: next(frames)))
        start = time.process_time()
        count = len(list(frames))
        later.append((time.process_time() - start) * 1000 / count)
    return first, later


def generations(rounds: int) -> tuple[list[float], list[float]]:
    """Milliseconds of 64 answers of up to 16 tokens, in numpy and in torch, in turns."""
    weights = read(shipped_path())
    ours, theirs = load_model(), GPT()
    load_arrays(theirs, weights.items())
    stream = corpus.examples(np.random.default_rng(0))
    prompts = [encode_prompt(example.prompt) for example in islice(stream, 64)]
    in_numpy, in_torch = [], []
    for seed in range(rounds + 2):
        rng, generator = np.random.default_rng(seed), torch.Generator().manual_seed(seed)
        in_numpy.append(cpu_ms(lambda rng=rng: sampling.generate(ours, prompts, rng)))
        in_torch.append(cpu_ms(lambda generator=generator: generation.generate(theirs, prompts, generator)))
    return in_numpy[2:], in_torch[2:]  # the first two warm up


def training_seconds(steps: int) -> float:
    """CPU seconds of the whole training from nothing, scaled up from `steps`."""
    config = SFTConfig()
    frames = sft(GPT(seed=config.seed), config)
    warm = min(10, steps // 2)
    list(islice(frames, warm))
    return cpu_ms(lambda: list(islice(frames, steps - warm))) / 1000 * config.steps / (steps - warm)


def opening_ms(rounds: int) -> list[float]:
    """Milliseconds from `import numpy` done to the model ready, in a fresh process."""
    done = (
        subprocess.run([sys.executable, "-c", OPEN], check=True, capture_output=True) for _ in range(rounds)
    )
    return [float(process.stdout) for process in done]


def line(name: str, times: list[float], limit: str = "") -> None:
    print(f"{name:44}{statistics.median(times):9.2f} ({max(times):7.2f})   {limit}")


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--steps", type=int, default=SFTConfig().steps)
    options = parser.parse_args()
    torch.set_num_threads(1)
    first, later = interactive_tokens(options.rounds)
    in_numpy, in_torch = generations(options.rounds)
    print(f"{'CPU ms':44}{'median':>9} ({'max':>7})   at most")
    line("interactive token, the first (reads the prompt)", first, "1")
    line("interactive token, later ones", later, "1")
    line("64 answers of up to 16 tokens, numpy", in_numpy)
    line("64 answers of up to 16 tokens, torch", in_torch)
    ratio = statistics.median(in_numpy) / statistics.median(in_torch)
    print(f"{'numpy / torch':44}{ratio:9.2f} {'':9}   2")
    line("checkpoint read, checked, ready", [cpu_ms(load_model) for _ in range(options.rounds)])
    line("the same and imports, numpy already there", opening_ms(min(options.rounds, 7)))
    seconds = training_seconds(max(2, options.steps))
    print(f"{'training from nothing, CPU seconds':44}{seconds:9.1f} {'':9}   90")
    print(f"{'checkpoint, kB':44}{shipped_path().stat().st_size / 1000:9.1f} {'':9}   300")


if __name__ == "__main__":
    main()
