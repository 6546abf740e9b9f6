"""RLHF and the verifier over several PPO seeds, against what must hold; and how long an update takes, and where.

    python -m tests.benchmarks.rlhf kl [SEEDS]         (5 seeds unless said otherwise: minutes)
    python -m tests.benchmarks.rlhf verifier [SEEDS]
    python -m tests.benchmarks.rlhf clinic [SEEDS]
    python -m tests.benchmarks.rlhf forgetting [SEEDS]
    python -m tests.benchmarks.rlhf speed [ROUNDS]
    python -m tests.benchmarks.rlhf trl [ROUNDS]       (see tests/benchmarks/trl_ppo.py for what it needs)

kl, verifier: one number a seed; a final number is the mean over the last updates (10, for accuracies 5), a batch each;
KL is exact, in nats an answer. Exit status 1 where something does not hold.
clinic: see `tests.benchmarks.clinic`.
forgetting: what politeness training has done to sums and weather, which it never asked for.
speed: CPU, median of the rounds; the floors, see `tests.benchmarks.matmul_floor`, in turns with what stands on them.
"""

import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before numpy

import statistics
import sys
import time
from collections.abc import Callable, Mapping, Sequence

import numpy as np
import torch

from tests.benchmarks.clinic import clinic_table
from tests.benchmarks.matmul_floor import both_ways, in_numpy, of_generation, of_update
from tutor.experiments import Frame, run
from tutor.toy_llm import corpus
from tutor.toy_llm.answers import Rollout
from tutor.toy_llm.checkpoint import read, read_reward_model, shipped_path
from tutor.toy_llm.generation import generate
from tutor.toy_llm.gpt import GPT, load_arrays
from tutor.toy_llm.packed import action_log_probs, pack_states, token_log_probs
from tutor.toy_llm.scorer import scorer_of
from tutor.toy_llm.tasks import Politeness, Sums
from tutor.toy_llm.tokenizer import encode_prompt
from tutor.toy_llm.torch_setup import one_thread
from tutor.toy_llm.training import Training
from tutor.toy_llm.training_frames import TrainingConfig

LAST = 10  # updates whose mean is a run's end
BAND = (1.0, 2.0)  # nats
WARM = 15  # updates before the controller must hold the KL in the band

Curves = Mapping[str, np.ndarray]  # metric -> [U + 1, K]


def curves(frames: Sequence[Frame], series: str) -> Curves:
    """The metrics that every frame of a series has."""
    own = [frame for frame in frames if frame.series == series]
    return {name: np.array([frame.metrics[name] for frame in own]) for name in own[0].metrics}


def end(values: np.ndarray) -> np.ndarray:
    """[K]."""
    return values[-LAST:].mean(0)


def shown(values: np.ndarray, form: str = ".2f") -> str:
    return " ".join(f"{value:{form}}" for value in values)


def row(name: str, what: str, values: np.ndarray, wanted: str, holds: bool) -> bool:
    print(
        f"{name:10}{what:36}{shown(values):40}{wanted:24}{'holds' if holds else 'DOES NOT HOLD'}", flush=True
    )
    return holds


def kl_table(seeds: int) -> list[bool]:
    frames = list(run("kl-control", {}, range(seeds)))
    none, fixed, adaptive = (curves(frames, name) for name in ("none", "fixed", "adaptive"))
    kl, proxy, gold = "objective/kl", "objective/scores", "objective/gold"
    inside = ((adaptive[kl][WARM:] >= BAND[0]) & (adaptive[kl][WARM:] <= BAND[1])).mean(0)
    free, priced = end(none[kl]), end(fixed[kl])
    return [
        row("none", "final KL", free, "above 15", bool((free > 15).all())),
        row("none", "final gold", end(none[gold]), "below -.8", bool((end(none[gold]) < -0.8).all())),
        row("none", "final proxy less fixed's", end(none[proxy]) - end(fixed[proxy]), "above 0",
            bool((end(none[proxy]) > end(fixed[proxy])).all())),
        row("fixed", "final KL", priced, "2 to 8", bool(((priced > 2) & (priced < 8)).all())),
        row("fixed", "final gold", end(fixed[gold]), "above .5", bool((end(fixed[gold]) > 0.5).all())),
        row("adaptive", f"updates {WARM} to the last in [1, 2]", inside, "at least .90", bool((inside >= 0.9).all())),
        row("adaptive", "final KL", end(adaptive[kl]), "", True),
        row("adaptive", "final gold", end(adaptive[gold]), "", True),
        row("adaptive", "final proxy", end(adaptive[proxy]), "", True),
    ]  # fmt: skip


def verifier_table(seeds: int) -> list[bool]:
    held = []
    for held_out in (0, 20):
        frames = list(run("rlvr", {"held_out": held_out}, range(seeds)))
        for name in ("ppo", "grpo", "reinforce"):
            own = [frame for frame in frames if frame.series == name]
            train = np.array([frame.metrics["accuracy/train"] for frame in own])
            last = train[-5:].mean(0)
            fine = bool(last.mean() >= 0.94 and (last >= 0.9).all()) or held_out > 0 or name == "reinforce"
            wanted = "mean .94, each .90" if held_out == 0 and name != "reinforce" else ""
            held.append(row(name, f"accuracy, sampled, {held_out} held out", last, wanted, fine))
            if held_out:
                unseen = np.array([frame.metrics["accuracy/held_out"] for frame in own])[-5:].mean(0)
                row(name, "accuracy of the held-out sums, sampled", unseen, "", True)
            reached = [str(np.argmax(seed >= 0.95)) if (seed >= 0.95).any() else "never" for seed in train.T]
            first, ends = own[0].metrics, own[-1].metrics
            print(f"{'':10}95 % first at update {' '.join(reached)}")
            for metric in ("accuracy/best_of", "accuracy/train_greedy"):
                print(f"{'':10}{metric}: before {first[metric].mean():.3f}, after {ends[metric].mean():.3f}")
    return held


CONTROLLERS = (("none", 0.0), ("fixed", 0.05), ("adaptive", 0.8))
BATCH = 64


def trained(controller: str, beta: float, seed: int, updates: int = 60) -> GPT:
    """The actor that a run of RLHF ends with."""
    one_thread()
    task = Politeness(scorer_of(read_reward_model()).requires_grad_(False))
    config = TrainingConfig(controller=controller, beta=beta, updates=updates)  # type: ignore[arg-type]
    run = Training(read(shipped_path()), task, config, seed)
    for _ in run.frames():
        pass
    return run.actor


def elsewhere(model: GPT) -> dict[str, float]:
    """Shares: of the 100 sums that are right, sampled (4 answers each) and greedy; of 64 sampled answers to the weather
    that are a word of weather and a full stop."""
    sums, dice = Sums(0, np.random.default_rng(0)), torch.Generator().manual_seed(0)
    said = generate(model, [encode_prompt(corpus.WEATHER_PROMPT)] * BATCH, dice).texts()
    proper = {f"{word} ." for word in corpus.WEATHER}
    return {
        "sums, sampled": sums.accuracy(model, sums.trained * 4, dice),
        "sums, greedy": sums.accuracy(model, sums.trained, dice, 0.0),
        "weather": sum(text in proper for text in said) / len(said),
    }


def forgetting_table(seeds: int) -> list[bool]:
    before = GPT()
    load_arrays(before, read(shipped_path()).items())
    print(f"{'before':10}{elsewhere(before)}")
    for controller, beta in CONTROLLERS:
        found = [elsewhere(trained(controller, beta, seed)) for seed in range(seeds)]
        for name in found[0]:
            row(controller, name, np.array([each[name] for each in found]), "", True)
    return []


def cpu(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def against_floor(rounds: int) -> None:
    """An update of half a batch and a generation of a whole one, in turns with their floors."""
    task = Politeness(scorer_of(read_reward_model()).requires_grad_(False))
    model = GPT()
    load_arrays(model, read(shipped_path()).items())
    prompts = [encode_prompt(prompt) for prompt in task.asked(BATCH, torch.Generator().manual_seed(0))]

    def sample() -> Rollout:
        return generate(model, prompts, torch.Generator().manual_seed(0))

    rollout = sample()
    half = rollout.take(torch.arange(BATCH // 2))
    tokens = half.responses[half.mask]

    def update() -> None:
        packed = pack_states(half)
        token_log_probs(action_log_probs(model, packed), packed, tokens).mean().backward()

    print(f"{'':46}{'CPU ms':>8}{'floor':>8}{'ratio':>7}{'at most':>9}")
    for name, work, floor, most in (
        (f"update, forwards and backwards, {BATCH // 2} answers", update, both_ways(of_update(half)), 2.5),
        (f"generation, {BATCH} x {rollout.mask.shape[1]}", sample, in_numpy(of_generation(rollout)), 4),
    ):
        work(), floor()
        taken = [(cpu(work), cpu(floor)) for _ in range(50 * rounds)]
        ms, least = (statistics.median(each) * 1000 for each in zip(*taken, strict=True))
        print(f"{name:46}{ms:8.1f}{least:8.1f}{ms / least:7.1f}{most:9.1f}")


def speed(rounds: int) -> list[bool]:
    one_thread()
    against_floor(rounds)
    weights = read(shipped_path())
    task = Politeness(scorer_of(read_reward_model()).requires_grad_(False))
    for controller, beta in CONTROLLERS:
        config = TrainingConfig(controller=controller, beta=beta)  # type: ignore[arg-type]
        seconds = statistics.median(
            cpu(lambda config=config: list(Training(weights, task, config, 0).frames()))
            for _ in range(rounds)
        )
        print(f"{f'a KL run, {controller}, 60 updates, CPU s':46}{seconds:8.1f}{'':15}{9:9.1f}")
    return []


def against_trl(rounds: int) -> list[bool]:
    from tests.benchmarks.trl_ppo import seconds

    one_thread()
    print(
        f"{'one PPO iteration of 64 answers':34}{'CPU s':>8}{'TRL 0.24':>10}{'TRL / ours':>12}{'at least':>10}"
    )
    held = []
    for ours, theirs in seconds(rounds):
        print(f"{'':34}{ours:8.3f}{theirs:10.3f}{theirs / ours:12.1f}{8:10}", flush=True)
        held.append(theirs >= 8 * ours)
    return held


def main() -> None:
    parts = {
        "kl": (kl_table, 5),
        "verifier": (verifier_table, 5),
        "clinic": (clinic_table, 2),
        "forgetting": (forgetting_table, 5),
        "speed": (speed, 1),
        "trl": (against_trl, 3),
    }
    if len(sys.argv) < 2 or sys.argv[1] not in parts:
        sys.exit(f"say which: {', '.join(parts)}")
    part, number = parts[sys.argv[1]]
    held = part(int(sys.argv[2]) if len(sys.argv) > 2 else number)
    sys.exit(0 if all(held) else 1)


if __name__ == "__main__":
    main()
