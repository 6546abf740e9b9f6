"""One batch, many steps: what the clip silences, and that the parts of a step are all of it."""

import math
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import pytest

torch = pytest.importorskip("torch")

from tutor.toy_llm.checkpoint import read, shipped_path  # noqa: E402
from tutor.toy_llm.clip_frames import ClipTruthConfig, ClipTruthFrame  # noqa: E402
from tutor.toy_llm.clip_truth import Truth, clip_truth  # noqa: E402

CONFIG = ClipTruthConfig()
SHORT = replace(CONFIG, steps=6)


@pytest.fixture(scope="module")
def weights():
    return read(shipped_path())


@pytest.fixture(scope="module")
def clipped(weights) -> Sequence[ClipTruthFrame]:
    torch.set_num_threads(1)
    return list(clip_truth(weights, CONFIG, 0))


@pytest.fixture(scope="module")
def unclipped(weights) -> Sequence[ClipTruthFrame]:
    torch.set_num_threads(1)
    return list(clip_truth(weights, replace(CONFIG, epsilon=math.inf), 0))


def flat(model) -> "torch.Tensor":
    return torch.cat([parameter.detach().reshape(-1).clone() for parameter in model.parameters()])


def test_before_the_first_step_new_is_old(clipped: Sequence[ClipTruthFrame]) -> None:
    first = clipped[0]
    assert (first.step, first.kl, first.clip_fraction) == (0, 0, 0)
    for token in first.tokens:
        assert token.ratio == 1
        assert token.surrogate == pytest.approx(token.advantage)
        assert token.change is None
    assert first.tokens[0].word == "sunny"
    assert len({(token.before, token.word) for token in first.tokens}) == len(first.tokens)


def test_advantages_by_hand(clipped: Sequence[ClipTruthFrame]) -> None:
    """k of n answers score 1: (1 - k/n) / s and -(k/n) / s with the sample's s = sqrt(k (n - k) / (n (n - 1)))."""
    word, other = clipped[0].tokens[:2]
    n, k = CONFIG.batch, word.count
    s = math.sqrt(k * (n - k) / (n * (n - 1))) + 1e-4
    assert word.advantage == pytest.approx((1 - k / n) / s)
    assert other.advantage == pytest.approx(-k / n / s)


@pytest.mark.parametrize("epsilon", [0.2, math.inf])
def test_the_parts_are_all_of_the_step_to_first_order(weights, epsilon: float) -> None:
    """<grad log pi, the step that was taken>: the difference of the weights, whatever the optimiser says of itself."""
    truth = Truth(weights, replace(SHORT, epsilon=epsilon), 0)
    frames = truth.frames()
    next(frames)
    for _ in range(SHORT.steps):
        gradients, before = truth.gradients(), flat(truth.model)
        frame = next(frames)
        whole = gradients @ (flat(truth.model) - before)
        for token, first_order in zip(frame.tokens, whole.tolist(), strict=True):
            assert token.change is not None
            size = sum(abs(part) for part in (token.change.own, token.change.others, token.change.momentum))
            assert token.change.first_order == pytest.approx(first_order, abs=1e-6 * size)


def test_own_terms_have_the_gradient_that_autograd_finds(weights) -> None:
    """After five steps, with some of the tokens clipped."""
    truth = Truth(weights, SHORT, 0)
    frames = truth.frames()
    for _ in range(6):
        next(frames)
    log_probs, gradients = truth.log_probs(), truth.gradients()
    slopes, ratios = truth.slopes(log_probs), truth.ratios(log_probs)
    terms = truth.terms(truth.log_probs_with_gradients()) / len(ratios)
    seen = set()
    for each, gradient in zip(truth.followed, gradients, strict=True):
        own = torch.autograd.grad(
            terms[each.rows].sum(), list(truth.model.parameters()), retain_graph=True, materialize_grads=True
        )
        expected = torch.cat([part.reshape(-1) for part in own])
        found = slopes[each.rows].sum() * gradient
        assert torch.allclose(found, expected, rtol=1e-8, atol=1e-12)
        seen.add(bool(expected.any()))
    assert seen == {True, False}


def test_a_clipped_token_has_no_term_of_its_own_and_moves_all_the_same(
    clipped: Sequence[ClipTruthFrame],
) -> None:
    silent = 0
    for before, after in pairwise(clipped):
        for token, following in zip(before.tokens, after.tokens, strict=True):
            assert following.change is not None
            assert (following.change.own == 0) == token.clipped
            high, low = 1 + CONFIG.epsilon, 1 - CONFIG.epsilon
            beyond = token.ratio > high if token.advantage > 0 else token.ratio < low
            assert token.clipped == beyond
            silent += token.clipped
            if token.clipped:
                assert following.change.real != 0
    assert silent > 10


def test_the_real_change_is_that_of_the_ratio(clipped: Sequence[ClipTruthFrame]) -> None:
    for before, after in pairwise(clipped):
        for token, following in zip(before.tokens, after.tokens, strict=True):
            assert following.change is not None
            moved = math.log(following.ratio / token.ratio)
            assert following.change.real == pytest.approx(moved, abs=1e-12)


def test_the_ratio_goes_beyond_the_range_and_without_the_clip_further(
    clipped: Sequence[ClipTruthFrame], unclipped: Sequence[ClipTruthFrame]
) -> None:
    with_clip, without = ([frame.tokens[0].ratio for frame in run] for run in (clipped, unclipped))
    assert with_clip[1] == pytest.approx(1.07, abs=0.02)  # as the article's token at this rate
    assert max(with_clip) > 1.5
    assert without[-1] > max(with_clip) + 0.3
    first = next(frame.step for frame in clipped if frame.clip_fraction)
    assert with_clip[: first + 1] == without[: first + 1]  # nothing clipped yet: the same run
    assert not any(frame.clip_fraction for frame in unclipped)


def test_momentum_is_what_the_steps_before_gave(weights) -> None:
    """None at the first step; at the second .9 of what the first put in, and so of its own terms."""
    truth = Truth(weights, SHORT, 0)
    frames = truth.frames()
    log_probs, gradients = truth.log_probs(), truth.gradients()
    own = truth.slopes(log_probs)[truth.followed[0].rows].sum() * gradients[0]
    (-truth.terms(truth.log_probs_with_gradients()).mean()).backward()
    whole = -torch.cat([parameter.grad.reshape(-1) for parameter in truth.model.parameters()])
    next(frames)
    first = next(frames).tokens[0].change
    gradient = truth.gradients()[0]
    second = next(frames).tokens[0].change
    assert (first.momentum, first.earlier) == (0, 0)
    reach = gradient * truth.rate()
    assert second.momentum == pytest.approx(float(reach @ (0.9 * 0.1 * whole)), rel=1e-9)
    assert second.earlier == pytest.approx(float(reach @ (0.9 * 0.1 * own)), rel=1e-9)
    assert second.earlier > 0


def test_a_small_step_is_what_its_first_order_says(weights) -> None:
    small = replace(SHORT, lr=1e-6, steps=3)
    for frame in list(clip_truth(weights, small, 0))[1:]:
        for token in frame.tokens:
            assert token.change is not None
            assert token.change.real == pytest.approx(token.change.first_order, rel=0.01, abs=1e-7)


def test_nothing_to_compare_is_said(weights) -> None:
    with pytest.raises(ValueError, match="of 64 answers none begins with 'understand'"):
        next(clip_truth(weights, replace(CONFIG, word="understand"), 0))
    with pytest.raises(ValueError, match="every one begins with 'Start'"):
        next(clip_truth(weights, replace(CONFIG, prompt="How much is 2 + 2 ?", word="Start"), 0))


@pytest.mark.parametrize(
    "given", [{"steps": 0}, {"batch": 1}, {"epsilon": 0.0}, {"epsilon": math.nan}, {"lr": 0.0}]
)
def test_bad_numbers_are_named(given: dict[str, float]) -> None:
    with pytest.raises(ValueError, match=next(iter(given))):
        replace(CONFIG, **given)
