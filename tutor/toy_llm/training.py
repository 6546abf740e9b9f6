"""Reinforcement learning on the toy model: PPO with a critic, GRPO, and REINFORCE with a baseline; RLHF and sums alike.

Four models in RLHF: the actor that learns, the critic that says what is to be expected, the reward model that scores
whole answers, and the frozen reference that the KL is measured to. PPO: Schulman et al. 2017, arXiv 1707.06347; for
language models Ziegler et al. 2019, arXiv 1909.08593, and Ouyang et al. 2022, arXiv 2203.02155.
"""

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from tutor.rl.detail import Detail
from tutor.rl.surrogate import AdaptiveKLController
from tutor.toy_llm.descent import Descent
from tutor.toy_llm.generation import generate
from tutor.toy_llm.gpt import GPT, load_arrays
from tutor.toy_llm.inference import Array
from tutor.toy_llm.objectives import clip_is_active, clipped_surrogate, clipped_value_loss
from tutor.toy_llm.packed import Packed, action_log_probs, pack_states, token_log_probs
from tutor.toy_llm.rollouts import Judged, Learned, judge, learned_from
from tutor.toy_llm.scorer import Scorer
from tutor.toy_llm.tasks import Task
from tutor.toy_llm.tokenizer import encode, encode_prompt, token_of
from tutor.toy_llm.training_frames import Inside, TokenEpoch, TrainingConfig, TrainingFrame
from tutor.toy_llm.training_report import answers_of, batch_of, epoch_of, policy_metrics

THOROUGH = 10  # updates from one thorough measurement to the next


def train(
    weights: Mapping[str, Array], task: Task, config: TrainingConfig, seed: int, detail: Detail = "scalars"
) -> Iterator[TrainingFrame]:
    """A frame before the first update and one after each. weights: of the model that actor, critic and reference begin
    as. On the CPU with one thread (`torch.set_num_threads(1)`) the same arguments give the same frames to the bit."""
    return Training(weights, task, config, seed).frames(detail)


class Training:
    """One run: the networks, their optimisers, the price of KL, the dice."""

    def __init__(self, weights: Mapping[str, Array], task: Task, config: TrainingConfig, seed: int) -> None:
        self.config, self.task = config, task
        self.generator = torch.Generator().manual_seed(seed)
        self.actor, self.reference = GPT(), GPT()
        for model in (self.actor, self.reference):
            load_arrays(model, weights.items())
        self.reference.requires_grad_(False)
        self.critic = Scorer(weights) if config.algorithm == "ppo" else None
        self.beta = 0.0 if config.controller == "none" else config.beta
        self._controller = (
            AdaptiveKLController(config.beta, config.target, config.gain)
            if config.controller == "adaptive"
            else None
        )
        self._actor_steps = Descent(self.actor, config)
        self._critic_steps = None if self.critic is None else Descent(self.critic, config)

    def frames(self, detail: Detail = "scalars") -> Iterator[TrainingFrame]:
        """See `train`."""
        judged = self._sample()
        yield self._frame(0, judged, {}, None)
        for update in range(1, self.config.updates + 1):
            beta = self.beta
            learned = learned_from(judged, self.critic, self.config, beta)
            looked = _Look(self, judged, learned) if detail == "full" else None
            metrics = self._learn(update, judged, learned, looked)
            if self._controller is not None:
                self.beta = self._controller.update(float(judged.kl_k1.sum(1).mean()))
            inside = None if looked is None else looked.inside(beta)
            if self.config.fault == "moving-reference":
                self.reference.load_state_dict(self.actor.state_dict())
            judged = self._sample()
            yield self._frame(update, judged, metrics, inside)

    def watched(self) -> float:
        """pi(watched word | its state) of the actor as it is."""
        prompt, before, word = self.task.watched
        state = torch.tensor([[*encode_prompt(prompt), *encode(before)]])
        with torch.no_grad():
            logits = self.actor(state)[0, -1]
        return float(logits.softmax(-1)[token_of(word)])

    @torch.no_grad()
    def _sample(self) -> Judged:
        config = self.config
        group = config.group if config.algorithm == "grpo" else 1
        asked = self.task.asked(config.batch // group, self.generator)
        prompts = [prompt for prompt in asked for _ in range(group)]
        encoded = [encode_prompt(prompt) for prompt in prompts]
        rollout = generate(self.actor, encoded, self.generator, limit=config.limit)
        return judge(prompts, rollout, self.actor, self.reference, self.task)

    def _frame(
        self, update: int, judged: Judged, metrics: Mapping[str, float], inside: Inside | None
    ) -> TrainingFrame:
        thorough = update % THOROUGH == 0 or update == self.config.updates
        further = self.task.metrics(self.actor, judged.scores, self.generator, thorough=thorough)
        now = {"beta": self.beta, "policy/probability": self.watched()}
        measured = {**policy_metrics(judged), **now, **further, **metrics}
        return TrainingFrame(update, measured, answers_of(judged), inside)

    def _learn(
        self, update: int, judged: Judged, learned: Learned, looked: "_Look | None"
    ) -> dict[str, float]:
        """Go through the batch; the means of what the steps measured."""
        config = self.config
        self._set_rate(update)
        measured: list[Mapping[str, Tensor]] = []
        for epoch in range(config.epochs):
            order = torch.randperm(config.batch, generator=self.generator)
            for rows in order.tensor_split(config.minibatches):
                measured.append(self._step(judged, learned, rows.sort().values))
                if looked is not None:
                    looked.step()
            if looked is not None:
                looked.epoch(epoch + 1)
        means = {name: float(torch.stack([each[name] for each in measured]).mean()) for name in measured[0]}
        return {**means, **learned.metrics}

    def _step(self, judged: Judged, learned: Learned, rows: Tensor) -> dict[str, Tensor]:
        """One step of each optimiser on some of the answers."""
        config = self.config
        rollout, mask = judged.rollout.take(rows), judged.mask[rows]
        packed = pack_states(rollout)
        tokens, old = rollout.responses[mask], rollout.log_probs[mask]  # (R,)
        weight = learned.weight[rows][mask]
        log_probs = action_log_probs(self.actor, packed)  # (S, V)
        log_ratio = token_log_probs(log_probs, packed, tokens) - old
        ratio = log_ratio.exp()
        objective = clipped_surrogate(ratio, weight, config.epsilon).mean()
        if config.entropy_weight:
            entropy = -(log_probs.exp() * log_probs).sum(-1)  # (S,)
            objective = objective + config.entropy_weight * packed.each(entropy).mean()
        if config.fault != "frozen-actor":
            self._actor_steps.step(-objective)
        with torch.no_grad():
            measured = {
                "loss/policy_avg": -objective.detach(),
                "policy/clipfrac_avg": clip_is_active(ratio, weight, config.epsilon).float().mean(),
                "policy/approxkl_avg": 0.5 * (log_ratio**2).mean(),
                "val/ratio": ratio.mean(),
            }
        if self.critic is not None and self._critic_steps is not None:
            loss = self._critic_loss(self.critic, packed, learned, rows, mask)
            self._critic_steps.step(config.value_weight * loss)
            measured["loss/value_avg"] = loss.detach()
        return measured

    def _critic_loss(
        self, critic: Scorer, packed: Packed, learned: Learned, rows: Tensor, mask: Tensor
    ) -> Tensor:
        old, returns = learned.values[rows][mask], learned.returns[rows][mask]
        return clipped_value_loss(critic(packed), old, returns, self.config.value_epsilon).mean()

    def _set_rate(self, update: int) -> None:
        config = self.config
        done = (update - 1) / config.updates
        for descent in filter(None, (self._actor_steps, self._critic_steps)):
            descent.set_rate(config.lr * (1 - done * (1 - config.final_lr)))


class _Look:
    """What full detail keeps of an update: the batch, and after each epoch actor and critic on all of it."""

    def __init__(self, training: Training, judged: Judged, learned: Learned) -> None:
        self._training, self._judged, self._learned = training, judged, learned
        self._packed = judged.packed
        self._epochs, self._watched = [self._now(0)], [training.watched()]

    def step(self) -> None:
        self._watched.append(self._training.watched())

    def epoch(self, number: int) -> None:
        self._epochs.append(self._now(number))

    def inside(self, beta: float) -> Inside:
        batch = batch_of(self._judged, self._learned)
        return Inside(batch, tuple(self._epochs), beta, tuple(self._watched), self._training.config)

    @torch.no_grad()
    def _now(self, number: int) -> TokenEpoch:
        training, rollout = self._training, self._judged.rollout
        tokens = rollout.responses[self._judged.mask]
        log_probs = action_log_probs(training.actor, self._packed)
        log_prob = token_log_probs(log_probs, self._packed, tokens)
        value = torch.zeros(()) if training.critic is None else training.critic(self._packed)
        return epoch_of(number, self._judged, self._learned, log_prob, value, training.config.epsilon)
