"""The clip takes the reason away, not the movement: one batch, many steps, and what moves a token at each of them.

PPO's objective (Schulman et al. 2017, arXiv 1707.06347, equation 7) with an advantage for each answer as in GRPO (Shao
et al. 2024, arXiv 2402.03300), maximised by Adam (Kingma and Ba 2015, arXiv 1412.6980) with torch's defaults. All in
double precision, so that a step of 1e-4 in a weight can be told from its rounding.

Shapes: R tokens of the batch, F followed tokens, P weights, V words.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from tutor.toy_llm.answers import Rollout, response_logits
from tutor.toy_llm.clip_frames import Change, ClipTruthConfig, ClipTruthFrame, FollowedToken
from tutor.toy_llm.generation import generate
from tutor.toy_llm.gpt import GPT, load_arrays
from tutor.toy_llm.inference import Array
from tutor.toy_llm.objectives import clip_is_active, clipped_surrogate
from tutor.toy_llm.token_rewards import group_advantages
from tutor.toy_llm.tokenizer import decode, encode_prompt, token_of, word

FOLLOWED = 8  # tokens at most
State = tuple[int, ...]  # the tokens of an answer up to and with the one that is looked at


def clip_truth(weights: Mapping[str, Array], config: ClipTruthConfig, seed: int) -> Iterator[ClipTruthFrame]:
    """A frame before the first step and one after each. The same seed draws the same batch whatever the clip range.
    Raises ValueError where the model does not know a word, or the batch has no answer, or no other, that begins with
    the rewarded one."""
    return Truth(weights, config, seed).frames()


@dataclass(frozen=True)
class _Followed:
    """A token in its state: the rows (of R) of the batch that are it."""

    tokens: State
    rows: Tensor


class Truth:
    """The model, the batch, and its optimiser."""

    def __init__(self, weights: Mapping[str, Array], config: ClipTruthConfig, seed: int) -> None:
        self.config = config
        self.model = GPT()
        load_arrays(self.model, weights.items())
        rollout = self._sample(seed)
        self.model.double()
        self.tokens = rollout.responses[rollout.mask]  # (R,)
        different, self._which = _different(rollout)
        self._different, self._mask = rollout.take(different), rollout.mask
        self.advantages = _advantages(rollout, config)[rollout.mask]  # (R,)
        self.followed = _followed(rollout, token_of(config.word))
        with torch.no_grad():
            self.old = self.log_probs_with_gradients()  # (R, V)
        self.optimiser = torch.optim.Adam(self.model.parameters(), lr=config.lr)
        self._earlier = torch.zeros(len(self.followed), _flat(self.model.parameters()).numel()).double()

    def _sample(self, seed: int) -> Rollout:
        asked = [encode_prompt(self.config.prompt)] * self.config.batch
        return generate(self.model, asked, torch.Generator().manual_seed(seed))

    def frames(self) -> Iterator[ClipTruthFrame]:
        """See `clip_truth`."""
        log_probs = self.log_probs()
        yield self._frame(0, log_probs, [None] * len(self.followed))
        for step in range(1, self.config.steps + 1):
            changes = self._step(log_probs)
            before, log_probs = log_probs, self.log_probs()
            moved = self._moved(before, log_probs)
            yield self._frame(
                step, log_probs, [change(by) for change, by in zip(changes, moved, strict=True)]
            )

    # The batch under the policy as it is

    @torch.no_grad()
    def log_probs(self) -> Tensor:
        """(R, V)."""
        return self.log_probs_with_gradients()

    def log_probs_with_gradients(self) -> Tensor:
        """The same, for `backward`."""
        log_probs = response_logits(self.model, self._different).log_softmax(-1)  # (D, N, V)
        return log_probs[self._which][self._mask]

    def _chosen(self, log_probs: Tensor) -> Tensor:
        """(R,): of the batch's tokens."""
        return log_probs.gather(1, self.tokens[:, None])[:, 0]

    def ratios(self, log_probs: Tensor) -> Tensor:
        """(R,)."""
        return (self._chosen(log_probs) - self._chosen(self.old)).exp()

    def _moved(self, before: Tensor, now: Tensor) -> list[float]:
        """[F]: by how much each followed token's log pi has changed."""
        difference = self._chosen(now) - self._chosen(before)
        return [float(difference[each.rows[0]]) for each in self.followed]

    # One step

    def terms(self, log_probs: Tensor) -> Tensor:
        """(R,): the terms of the objective, of which it is the mean."""
        return clipped_surrogate(self.ratios(log_probs), self.advantages, self.config.epsilon)

    def slopes(self, log_probs: Tensor) -> Tensor:
        """(R,): of the objective with respect to each token's log pi, r A / R, and 0 where it is clipped."""
        ratios = self.ratios(log_probs)
        clipped = clip_is_active(ratios, self.advantages, self.config.epsilon)
        return (ratios * self.advantages).masked_fill(clipped, 0) / len(ratios)

    def gradients(self) -> Tensor:
        """(F, P): grad log pi of each followed token. Those of one state go together: once forward, once back."""
        parameters = list(self.model.parameters())
        found = torch.empty(len(self.followed), _flat(parameters).numel(), dtype=torch.double)
        for state in dict.fromkeys(each.tokens[:-1] for each in self.followed):
            places = [place for place, each in enumerate(self.followed) if each.tokens[:-1] == state]
            chosen = self._log_probs_after(state)[[self.followed[place].tokens[-1] for place in places]]
            each_one = torch.eye(len(places), dtype=torch.double)
            parts = torch.autograd.grad(chosen, parameters, each_one, is_grads_batched=True)
            found[places] = torch.cat([part.reshape(len(places), -1) for part in parts], 1)
        return found

    def _log_probs_after(self, answer: State) -> Tensor:
        """(V,): of the next token of an answer that has come so far."""
        state = torch.tensor([[*encode_prompt(self.config.prompt), *answer]])
        log_probs: Tensor = self.model(state)[0, -1].log_softmax(-1)
        return log_probs

    def _step(self, log_probs: Tensor) -> list["_Split"]:
        """One step of Adam up the objective; what each followed token owes to which part of it."""
        gradients, slopes = self.gradients(), self.slopes(log_probs)
        own = torch.stack([slopes[each.rows].sum() for each in self.followed])[:, None] * gradients  # (F, P)
        momentum = self._momentum()
        self.optimiser.zero_grad()
        objective = self.terms(self.log_probs_with_gradients()).mean()
        (-objective).backward()  # type: ignore[no-untyped-call]
        ascent = -_flat(p.grad for p in self.model.parameters() if p.grad is not None)
        self.optimiser.step()
        reach = gradients * self.rate()  # (F, P): what each unit of a moving mean of gradients brings
        decay = self.optimiser.defaults["betas"][0]
        kept, fresh = decay * momentum, (1 - decay) * ascent
        earlier, self._earlier = decay * self._earlier, decay * self._earlier + (1 - decay) * own
        by_own = (reach * (1 - decay) * own).sum(1)
        return [
            _Split(*parts)
            for parts in zip(
                by_own.tolist(),
                (reach @ fresh - by_own).tolist(),
                (reach @ kept).tolist(),
                (reach * earlier).sum(1).tolist(),
                strict=True,
            )
        ]

    def _momentum(self) -> Tensor:
        """(P,): Adam's moving mean of the gradients of the objective, before this step's is in it."""
        states = [self.optimiser.state.get(p, {}) for p in self.model.parameters()]
        means = zip(states, self.model.parameters(), strict=True)
        return -_flat(state.get("exp_avg", torch.zeros_like(p)) for state, p in means)

    def rate(self) -> Tensor:
        """(P,): how far the step just taken went for each unit of the moving mean."""
        defaults = self.optimiser.defaults
        states = [self.optimiser.state[p] for p in self.model.parameters()]
        steps, (first, second) = float(states[0]["step"]), defaults["betas"]
        squares = _flat(state["exp_avg_sq"] for state in states) / (1 - second**steps)
        rate: Tensor = defaults["lr"] / (1 - first**steps) / (squares.sqrt() + defaults["eps"])
        return rate

    # What is told

    def _frame(self, step: int, log_probs: Tensor, changes: list[Change | None]) -> ClipTruthFrame:
        ratios = self.ratios(log_probs)
        clipped = clip_is_active(ratios, self.advantages, self.config.epsilon)
        terms, chosen, old = self.terms(log_probs), self._chosen(log_probs), self._chosen(self.old)
        told = tuple(
            FollowedToken(
                before=decode(each.tokens[:-1]),
                word=word(each.tokens[-1]),
                count=len(each.rows),
                advantage=float(self.advantages[each.rows].mean()),
                old=float(old[each.rows[0]].exp()),
                probability=float(chosen[each.rows[0]].exp()),
                surrogate=float(terms[each.rows].mean()),
                clipped=bool(clipped[each.rows].all()),
                change=change,
            )
            for each, change in zip(self.followed, changes, strict=True)
        )
        kl = (self.old.exp() * (self.old - log_probs)).sum(-1).mean()
        return ClipTruthFrame(step, told, float(kl), float(clipped.double().mean()))


@dataclass(frozen=True)
class _Split:
    """A `Change` of which only the real one is not known yet."""

    own: float
    others: float
    momentum: float
    earlier: float

    def __call__(self, real: float) -> Change:
        return Change(self.own, self.others, self.momentum, self.earlier, real)


def _different(rollout: Rollout) -> tuple[Tensor, Tensor]:
    """One row (D,) of each answer that there is, and which of the D each of the B is."""
    numbers: dict[State, int] = {}
    which = [numbers.setdefault(tuple(row), len(numbers)) for row in rollout.responses.tolist()]
    return torch.tensor([which.index(number) for number in range(len(numbers))]), torch.tensor(which)


def _flat(tensors: Iterable[Tensor]) -> Tensor:
    return torch.cat([tensor.detach().reshape(-1) for tensor in tensors])


def _advantages(rollout: Rollout, config: ClipTruthConfig) -> Tensor:
    """(B, N): (score - mean) / std of the answer, at each of its tokens. Raises ValueError."""
    scores = (rollout.responses[:, 0] == token_of(config.word)).double()
    drawn = int(scores.sum())
    if drawn in (0, len(scores)):
        how_many = "none" if not drawn else "every one"
        raise ValueError(
            f"of {len(scores)} answers {how_many} begins with {config.word!r}: there is nothing to compare; "
            "take a larger batch, another word or another seed"
        )
    return group_advantages(scores, len(scores))[:, None].expand(rollout.mask.shape)


def _followed(rollout: Rollout, first: int) -> list[_Followed]:
    """The rewarded word, then the other first words and, if there are few, what follows: the most frequent first."""
    rows: dict[State, list[int]] = {}
    row = 0
    for tokens, length in zip(rollout.responses.tolist(), rollout.mask.sum(1).tolist(), strict=True):
        for end in range(1, length + 1):
            rows.setdefault(tuple(tokens[:end]), []).append(row)
            row += 1
    others = sorted(rows.keys() - {(first,)}, key=lambda state: (len(state), -len(rows[state]), state))
    chosen = [(first,), *others[: FOLLOWED - 1]]
    return [_Followed(state, torch.tensor(rows[state])) for state in chosen]
