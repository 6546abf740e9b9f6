"""One PPO iteration of 64 answers: this program's against TRL 0.24's PPOTrainer, in turns, CPU seconds.

    pip install "trl==0.24.*"     (in an environment that has this program)
    python -m tests.benchmarks.rlhf trl [ROUNDS]

Equal: the weights (a GPT-2 of these sizes is the same function), 64 prompts drawn from the same complaints, 16 tokens
at temperature 1, KL coefficient .05 (k1), gamma 1, lambda .95, 2 epochs x 2 minibatches, clips of .2, value
coefficient .1, learning rate and Adam's epsilon, one thread, reward model and reference.
Not equal: TRL says all 16 tokens and reads the padding with them, ends an answer at `<eos>` afterwards, puts the score
one token later, has one AdamW (without decay, betas .9 and .999) for actor and critic and no clipping of the gradient
(it gives `max_grad_norm` to nobody), draws words that are no actions, and has no exact KL over the vocabulary and no
true quality of the answers, which this program computes besides.
"""

import os
import tempfile
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import redirect_stdout
from io import StringIO
from itertools import pairwise

import torch
from torch import Tensor, nn

from tutor.toy_llm import corpus
from tutor.toy_llm.checkpoint import read, read_reward_model, shipped_path
from tutor.toy_llm.inference import Array
from tutor.toy_llm.sampling import pad_left
from tutor.toy_llm.scorer import scorer_of
from tutor.toy_llm.shape import SHAPE
from tutor.toy_llm.tasks import Politeness
from tutor.toy_llm.tokenizer import EOS, PAD, encode_prompt
from tutor.toy_llm.training import Training
from tutor.toy_llm.training_frames import TrainingConfig

UPDATES, WARM_UP = 8, 2  # iterations of a run; and those of them that are not counted
CONFIG = TrainingConfig(updates=UPDATES)


class Words:
    """What the trainer asks of a tokenizer."""

    pad_token_id, eos_token_id, padding_side = PAD, EOS, "left"

    def save_pretrained(self, *_where: object, **_how: object) -> None:
        """Nothing to keep."""


def load(trunk: nn.Module, weights: Mapping[str, Array]) -> None:
    """Our weights into a GPT-2 of transformers, whose matrices are (in, out)."""
    names = {"norm_1": "ln_1", "attention.qkv": "attn.c_attn", "attention.project": "attn.c_proj",
             "norm_2": "ln_2", "widen": "mlp.c_fc", "narrow": "mlp.c_proj"}  # fmt: skip
    theirs = {"wte.weight": weights["word.weight"], "wpe.weight": weights["position.weight"],
              "ln_f.weight": weights["norm.weight"], "ln_f.bias": weights["norm.bias"]}  # fmt: skip
    for layer in range(SHAPE.layers):
        for ours, their in names.items():
            weight = weights[f"blocks.{layer}.{ours}.weight"]
            theirs[f"h.{layer}.{their}.weight"] = weight.T if weight.ndim == 2 else weight
            theirs[f"h.{layer}.{their}.bias"] = weights[f"blocks.{layer}.{ours}.bias"]
    trunk.load_state_dict({name: torch.tensor(array) for name, array in theirs.items()}, strict=False)


def trl_seconds() -> list[float]:
    """CPU seconds of each iteration of a run of TRL's."""
    os.environ["TRL_EXPERIMENTAL_SILENCE"] = "1"
    from datasets import Dataset
    from transformers import GPT2Config, GPT2ForSequenceClassification, GPT2LMHeadModel, TrainerCallback
    from trl import PPOConfig, PPOTrainer

    sizes = GPT2Config(
        vocab_size=SHAPE.vocabulary, n_positions=SHAPE.context, n_embd=SHAPE.width, n_layer=SHAPE.layers,
        n_head=SHAPE.heads, activation_function="gelu_new", resid_pdrop=0, embd_pdrop=0, attn_pdrop=0,
        bos_token_id=None, eos_token_id=EOS, pad_token_id=PAD, num_labels=1,
    )  # fmt: skip
    policy, reference = GPT2LMHeadModel(sizes), GPT2LMHeadModel(sizes)
    critic, judge = GPT2ForSequenceClassification(sizes), GPT2ForSequenceClassification(sizes)
    weights, rewards = read(shipped_path()), read_reward_model()
    for model in (policy, reference, critic):
        load(model.transformer, weights)
    load(judge.transformer, rewards)
    with torch.no_grad():
        judge.score.weight.copy_(torch.tensor(rewards["head.weight"]))
        critic.score.weight.zero_()
    check_equal(policy, weights)
    rows = [{"input_ids": encode_prompt(text)} for text in corpus.COMPLAINTS * 64]
    times: list[float] = []

    class Clock(TrainerCallback):
        def on_train_begin(self, *_told: object, **_more: object) -> None:
            times.append(time.process_time())

        def on_step_end(self, *_told: object, **_more: object) -> None:
            times.append(time.process_time())

    with tempfile.TemporaryDirectory() as folder:
        config = PPOConfig(
            output_dir=folder, per_device_train_batch_size=64, gradient_accumulation_steps=1,
            num_mini_batches=2, num_ppo_epochs=2, total_episodes=64 * UPDATES, local_rollout_forward_batch_size=64,
            response_length=CONFIG.limit, temperature=1.0, stop_token_id=EOS, kl_coef=CONFIG.beta,
            kl_estimator="k1", cliprange=CONFIG.epsilon, cliprange_value=CONFIG.value_epsilon,
            vf_coef=CONFIG.value_weight, gamma=CONFIG.gamma, lam=CONFIG.lambda_, learning_rate=CONFIG.lr,
            adam_epsilon=CONFIG.adam_epsilon, num_sample_generations=0, report_to="none", save_strategy="no",
            logging_strategy="no", use_cpu=True, bf16=False, fp16=False, missing_eos_penalty=None,
            lr_scheduler_type="constant", dataloader_num_workers=0, gradient_checkpointing=False, disable_tqdm=True,
        )  # fmt: skip
        data = Dataset.from_list(rows)
        trainer = PPOTrainer(
            args=config, processing_class=Words(), model=policy, ref_model=reference, reward_model=judge,
            train_dataset=data, eval_dataset=data, value_model=critic, data_collator=collated, callbacks=[Clock()],
        )  # fmt: skip
        with redirect_stdout(StringIO()):  # it prints every metric
            trainer.train()
    return [after - before for before, after in pairwise(times)]


def collated(rows: list[dict[str, list[int]]]) -> dict[str, Tensor]:
    """A batch of prompts, padded on the left."""
    return {"input_ids": torch.from_numpy(pad_left([row["input_ids"] for row in rows])[0])}


def check_equal(policy: nn.Module, weights: Mapping[str, Array]) -> None:
    """Both models say the same. Raises SystemExit where they do not."""
    from tutor.toy_llm.gpt import GPT, load_arrays

    ours, text = GPT(), torch.tensor([encode_prompt(corpus.COMPLAINTS[0])])
    load_arrays(ours, weights.items())
    with torch.no_grad():
        off = float((policy(text).logits - ours.words(ours.hidden(text))).abs().max())
    if off > 1e-3:
        raise SystemExit(f"the two models are not the same function: their logits differ by {off}")


def our_seconds() -> list[float]:
    """CPU seconds of each update, its frame included."""
    task = Politeness(scorer_of(read_reward_model()).requires_grad_(False))
    frames: Iterator[object] = Training(read(shipped_path()), task, CONFIG, 0).frames()
    next(frames)

    def update() -> float:
        start = time.process_time()
        next(frames)
        return time.process_time() - start

    return [update() for _ in range(UPDATES)]


def median_of(run: Callable[[], list[float]]) -> float:
    return float(torch.tensor(run()[WARM_UP:]).median())


def seconds(rounds: int) -> Iterator[tuple[float, float]]:
    """CPU seconds of an iteration, ours and TRL's, a pair a round."""
    for _ in range(rounds):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            yield median_of(our_seconds), median_of(trl_seconds)
