"""The shipped reward model, made anew: preferences sampled and labelled, a scorer trained on them, written."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch

from tutor.toy_llm import checkpoint
from tutor.toy_llm.gpt import GPT, load_arrays
from tutor.toy_llm.inference import Array
from tutor.toy_llm.pairs import Pair, Preference, gold, label
from tutor.toy_llm.preferences import sample_pairs
from tutor.toy_llm.rater import rated
from tutor.toy_llm.reward_model import RewardModelConfig, fit_reward_model, normalise, scores_of
from tutor.toy_llm.scorer import Scorer
from tutor.toy_llm.torch_setup import one_thread
from tutor.toy_llm.training_frames import RewardModelFrame

REFERENCE = 500  # pairs whose scores set mean 0 and standard deviation 1
_LABELS, _REFERENCE = 1, 77  # added to the seed, for dice of their own
SHIPPED = RewardModelConfig(seed=4)


@dataclass(frozen=True)
class BuiltRewardModel:
    """What was made: where, its last frame, how its scores go with the true quality (correlation), its checksum."""

    path: Path
    last: RewardModelFrame
    correlation: float
    sha256: str


def reward_model_frames(
    weights: Mapping[str, Array], config: RewardModelConfig, made: list[Scorer] | None = None, picks: str = ""
) -> Iterator[RewardModelFrame]:
    """The frames of a reward model on the answers of the model with these weights. Without picks the rule of `quality`
    labels them; with picks (see `rater.rated`) those that the rater is fitted to are the first labels, the rater gives
    the others, and frames show what it is not fitted to. made: the scorer is put there. Raises PicksError."""
    preferences, shown = _preferences(_policy(weights), config, picks)
    scorer = Scorer(weights)
    if made is not None:
        made.append(scorer)
    yield from fit_reward_model(scorer, preferences, config, shown)


def rated_reward_model(weights: Mapping[str, Array], picks: str, seed: int) -> Scorer:
    """The reward model of somebody's picks, normalised on answers of the model with these weights. Raises
    PicksError."""
    config = RewardModelConfig(seed=seed)
    made: list[Scorer] = []
    for _ in reward_model_frames(weights, config, made, picks):
        pass
    _normalised(made[0], sample_pairs(_policy(weights), REFERENCE, seed + _REFERENCE))
    return made[0].requires_grad_(False)


def _preferences(
    policy: GPT, config: RewardModelConfig, picks: str
) -> tuple[list[Preference], Sequence[Preference]]:
    """What the reward model is made from, and what to show of it (empty: what it holds out itself)."""
    rng = np.random.default_rng(config.seed + _LABELS)
    if not picks:
        return label(sample_pairs(policy, config.pairs, config.seed), rng), ()
    own = rated(picks)
    further = sample_pairs(policy, max(0, config.pairs - len(own.learned)), config.seed)
    labelled = label(further, rng, own.rater.utility, sharpness=1.0)
    return [*own.learned, *labelled][: config.pairs], own.held_out


def build_reward_model(
    path: Path, report: Callable[[RewardModelFrame], None], config: RewardModelConfig = SHIPPED
) -> BuiltRewardModel:
    """Train, normalise on answers of the reference, and write. Nothing is written before the end. On the same machine
    with the same torch the file is the same. Raises OSError, and CheckpointError when the shipped model is damaged."""
    checkpoint.check_writable(path)
    one_thread()
    weights = checkpoint.read(checkpoint.shipped_path())
    made: list[Scorer] = []
    for frame in reward_model_frames(weights, config, made):
        report(frame)
    pairs = sample_pairs(_policy(weights), REFERENCE, config.seed + _REFERENCE)
    correlation = _normalised(made[0], pairs)
    facts = {"seed": str(config.seed), "pairs": str(config.pairs), "torch": torch.__version__}
    checkpoint.write_reward_model(path, made[0].arrays(), facts)
    return BuiltRewardModel(path, frame, correlation, checkpoint.about(path)["sha256"])


def _normalised(scorer: Scorer, pairs: list[Pair]) -> float:
    """Scores brought to mean 0 and standard deviation 1 on these answers; their correlation with the true quality."""
    said = [answer for pair in pairs for answer in (pair.first, pair.second)]
    prompts = [pair.prompt for pair in pairs for _ in range(2)]
    with torch.no_grad():
        scores = scores_of(scorer, prompts, said)
    normalise(scorer, scores)
    return float(np.corrcoef(scores.numpy(), [gold(answer) for answer in said])[0, 1])


def _policy(weights: Mapping[str, Array]) -> GPT:
    policy = GPT()
    load_arrays(policy, weights.items())
    return policy
