"""Proxy against truth, the price of KL, and what estimates it: RLHF without, with a fixed, with an adaptive penalty."""

import numpy as np

from tutor.experiments.evidence import Evidence, last_part, listed, number, told
from tutor.experiments.explain import Rule, Said
from tutor.experiments.kl_band import WARM_UP, band_of, share_inside, target_of
from tutor.experiments.rules.general import FEWEST

KL, PROXY, GOLD = "objective/kl", "objective/scores", "objective/gold"
ENTROPY, UNIQUE = "objective/entropy", "objective/unique"
ESTIMATORS = {"k1": "objective/kl_k1", "k2": "objective/kl_k2", "k3": "objective/kl_k3"}
ZIEGLER = "Ziegler et al. 2019, Fine-Tuning Language Models from Human Preferences (arXiv 1909.08593)"
GAO = "Gao et al. 2023, Scaling Laws for Reward Model Overoptimization (arXiv 2210.10760)"
SCHULMAN = "Schulman 2020, Approximating KL Divergence (joschu.net/blog/kl-approx.html)"
Pair = tuple[float, float]
SAME_KL = 1.25  # times the other's KL: within it, two runs have gone equally far
HACKED = 0.5  # by which the true reward falls
SAME_GOLD = 0.1  # of the true reward: at one KL, seeds part the runs by nearly as much, one way or the other


def reward_hacking(evidence: Evidence, threshold: float) -> str | None:
    found = [
        f"{_named(evidence, series)}, whose true reward falls from {number(truth[0])} to {number(truth[1])} while the "
        f"reward model's score goes from {number(proxy[0])} to {number(proxy[1])}"
        for series, (truth, proxy) in hacked(evidence, threshold).items()
    ]
    return f"Reward hacking: {listed(found)}." if found else None


def hacked(evidence: Evidence, threshold: float) -> dict[str, tuple[Pair, Pair]]:
    """By series that hacks its reward: true reward and proxy, each in the truth's best fifth of the updates and in the
    last. The truth has fallen by more than `threshold`, the proxy by no more than a tenth of that."""
    found = {}
    for series in _long(evidence):
        gold, proxy = (_fifths(evidence, series, metric) for metric in (GOLD, PROXY))
        best = int(np.argmax(gold))
        if gold[best] - gold[-1] > threshold and proxy[-1] >= proxy[best] - threshold / 10:
            found[series] = (gold[best], gold[-1]), (proxy[best], proxy[-1])
    return found


def far_away(evidence: Evidence, threshold: float) -> str | None:
    found = [
        f"{_named(evidence, series)} ({number(end)} nats an answer)"
        for series, end in ends(evidence, KL).items()
        if end > threshold
    ]
    return f"Far from the reference: {listed(found)}." if found else None


def keeps_the_band(evidence: Evidence, threshold: float) -> str | Said | None:
    single = evidence.parameters.get("controller") == "adaptive"  # a run of RLHF by itself
    updates, kl = evidence.of("rlhf" if single else "adaptive", KL)
    band = _band(evidence)
    if len(kl) < WARM_UP + FEWEST or band is None:
        return None
    share = share_inside(updates, kl, band)
    where = f"from {number(band[0])} to {number(band[1])} nats"
    counted = f"in {share:.0%} of the updates from {WARM_UP} on"
    if share >= threshold:
        return f"The adaptive penalty holds its band: the KL is {where} {counted}."
    return Said(
        f"The adaptive penalty misses its band: the KL is {where} only {counted}.",
        "It is steered by the sampled KL of one batch: a batch of odd answers throws it off, a small gain comes too "
        "late, a large one overshoots.",
        "a larger batch; another gain; a smaller learning rate",
    )


def what_kl_bought(evidence: Evidence, threshold: float) -> str | None:
    """Fixed against adaptive; at the same KL their truths can be compared, else each has what its KL paid for."""
    kl, gold = ends(evidence, KL), ends(evidence, GOLD)
    if not {"fixed", "adaptive"} <= kl.keys() & gold.keys():
        return None
    ended = (
        f"fixed ends with a true reward of {number(gold['fixed'])} at {number(kl['fixed'])} nats, adaptive with "
        f"{number(gold['adaptive'])} at {number(kl['adaptive'])}"
    )
    most, least = max(kl["fixed"], kl["adaptive"]), min(kl["fixed"], kl["adaptive"])
    if most > threshold * least:
        return f"They are at different distances: {ended}. Controlled is not the same as better."
    gap = gold["adaptive"] - gold["fixed"]
    if abs(gap) <= SAME_GOLD:
        return f"At about the same KL neither is better: {ended}."
    return f"At about the same KL {'adaptive' if gap > 0 else 'fixed'} is better here: {ended}."


def estimates_lie(evidence: Evidence, threshold: float) -> str | None:
    """k1, k2, k3 against the exact KL, over the last fifth of the updates."""
    found = []
    for series, exact in ends(evidence, KL).items():
        sampled = {name: ends(evidence, metric).get(series, np.nan) for name, metric in ESTIMATORS.items()}
        wrong = [f"{k} {number(end)}" for k, end in sampled.items() if abs(end - exact) > threshold * exact]
        if exact > 0 and wrong:
            found.append(f"{told(series)}, exactly {number(exact)} nats: {listed(wrong)}")
    return f"Some estimates of the KL are far off: {'; '.join(found)}." if found else None


def fewer_answers(evidence: Evidence, threshold: float) -> str | None:
    found = []
    for series in dict.fromkeys(frame.series for frame in evidence.frames):
        if len(evidence.values(series, ENTROPY)) < FEWEST:
            continue
        entropy, unique = evidence.mean_of(series, ENTROPY), evidence.mean_of(series, UNIQUE)
        late = float(last_part(entropy).mean())
        if late < threshold * entropy[0]:
            found.append(
                f"{_named(evidence, series)} from {number(float(entropy[0]))} to {number(late)} nats a token, "
                f"{float(last_part(unique).mean()):.0%} of its answers distinct"
            )
    return f"The entropy has fallen: {listed(found)}." if found else None


def _named(evidence: Evidence, series: str) -> str:
    """One of several by its name, which a run by itself shows nowhere."""
    return told(series) if len({frame.series for frame in evidence.frames}) > 1 else "this run"


def _band(evidence: Evidence) -> tuple[float, float] | None:
    if "target" not in evidence.parameters:
        return None
    target = target_of(evidence.parameters, evidence.values("fixed", KL))
    return None if target is None else band_of(target)


def _long(evidence: Evidence) -> list[str]:
    """The series that have enough updates, all of them numbers."""
    names = dict.fromkeys(frame.series for frame in evidence.frames)
    return [name for name in names if len(evidence.values(name, KL)) >= FEWEST and _finite(evidence, name)]


def _finite(evidence: Evidence, series: str) -> bool:
    return all(np.isfinite(evidence.values(series, metric)).all() for metric in (KL, PROXY, GOLD))


def ends(evidence: Evidence, metric: str) -> dict[str, float]:
    """By series, the mean over the last fifth of the updates and the seeds."""
    return {name: float(last_part(evidence.values(name, metric)).mean()) for name in _long(evidence)}


def _fifths(evidence: Evidence, series: str, metric: str) -> list[float]:
    return [float(part.mean()) for part in np.array_split(evidence.mean_of(series, metric), 5)]


EXCEPT = ("who-is-better",)  # compares ends whatever KL they were paid for with
RULES = (
    Rule(
        "reward-hacking",
        HACKED,
        "fall of the true reward, which goes from −1 to 1, below its best fifth, while the proxy does not fall",
        f"{GAO}, figure 1: the bound is this program's own",
        "The reward model was fitted to answers of the reference. Far from them its score is a guess, and training "
        "finds the guesses that are too high.",
        "look at the answers of that run, update by update; a price for KL; stop earlier",
        reward_hacking,
    ),
    Rule(
        "kl-far",
        10,
        "nats an answer, in the last fifth of the updates, above this",
        f"{ZIEGLER}, section 2, has the penalty for it; the bound is this program's own",
        "At n nats the reference would give such an answer about e to the −n times as often: at 10 nats, once where "
        "the policy gives it 22,000 times. Nothing that was learned about the reference's answers holds there.",
        "a price for KL (beta above 0), or a larger one; fewer updates; a smaller learning rate",
        far_away,
    ),
    Rule(
        "kl-band",
        0.9,
        "share of the updates from 15 on with the KL from two to four thirds of its target",
        f"{ZIEGLER}, section 2.2; band and share are this program's own",
        "Where the KL is above its target beta grows, and below it shrinks: the price finds itself.",
        "another target; up and down choose the run, v shows its beta",
        keeps_the_band,
    ),
    Rule(
        "what-kl-bought",
        SAME_KL,
        f"times the other's KL: up to this, both have gone equally far; truths up to {SAME_GOLD:g} apart are the same, "
        "since seeds part them by nearly as much",
        f"{GAO}, figure 1: rewards are drawn against KL; the bounds are this program's own",
        "More KL may buy more reward, true reward too, until it is too far. So two ways to set the price are compared "
        "at the same KL, or not at all.",
        "f: adaptive gets the KL of the fixed run as its target",
        what_kl_bought,
    ),
    Rule(
        "kl-estimates",
        0.25,
        "distance from the exact KL, as a share of it, in the last fifth of the updates",
        SCHULMAN,
        "With the log ratio log π/π_ref of sampled answers, k1 is its mean. k2 is half its square, k3 is "
        "1/ratio − 1 + log ratio; both vary less than k1 while the KL is small. k1 and k3 are right on average, but k3 "
        "hangs on tokens that are hardly ever sampled; k2 is not, and the further away the less.",
        "v until the plot of the estimates comes; a larger batch",
        estimates_lie,
    ),
    Rule(
        "entropy-low",
        0.5,
        "share of the first entropy that is left in the last fifth of the updates, below this",
        f"{ZIEGLER}, section 2: the penalty is an entropy bonus, too; the bound is this program's own",
        "Whatever scores best crowds out the rest: the policy gives the same few answers to every prompt.",
        "a larger beta, since the reference has entropy and KL holds on to it; an earlier stop",
        fewer_answers,
    ),
)
