"""What metrics and series are called where people read them: over a plot, in its legend."""

METRICS = {
    "objective/return": "expected return of the policy, exact",
    "objective/episode_return": "return of the episode",
    "objective/recent_return": "return, mean of the last 100 episodes",
    "episode/reward": "reward of the step",
    "episode/length": "steps of the episode",
    "episode/truncated": "share of runs cut off in the episode",
    "value/rms_error": "RMS error of the values",
    "value/max_error": "largest error of the values",
    "value/delta": "largest change in the sweep",
    "policy/left": "probability of going left",
    "policy/probability": "probability of the token",
    "policy/kl": "KL between old and new policy, nats",
    "objective/kl": "KL of an answer to the reference, nats, exact",
    "objective/kl_k1": "KL of an answer, k1 of the sampled tokens, nats",
    "objective/kl_k2": "KL of an answer, k2 of the sampled tokens, nats",
    "objective/kl_k3": "KL of an answer, k3 of the sampled tokens, nats",
    "objective/scores": "score of the answers (proxy)",
    "objective/gold": "true quality of the answers",
    "objective/unique": "share of different answers",
    "objective/length": "tokens of an answer",
    "beta": "beta, the price of a nat of KL",
    "loss/sft": "loss, nats per token",
    "loss/sft_held_out": "loss on unseen answers, nats per token",
    "loss/reward_model": "loss, nats per pair",
    "loss/reward_model_held_out": "loss on unseen pairs, nats per pair",
    "accuracy/reward_model": "share of pairs ranked right",
    "accuracy/reward_model_held_out": "share of unseen pairs ranked right",
    "accuracy/train": "share of sums right, sampled",
    "accuracy/train_greedy": "share of sums right, greedy",
    "accuracy/held_out": "share of held-out sums right, sampled",
    "accuracy/held_out_greedy": "share of held-out sums right, greedy",
    "accuracy/best_of": "share of sums right, best of 8",
    "policy/clipfrac_avg": "share of samples clipped",
    "objective/entropy": "entropy of the policy, nats",
    "bandit/regret": "regret",
    "bandit/reward": "reward of the pull",
    "bandit/optimal_action": "share of runs that pull the best arm",
}
SERIES = {
    "td": "TD(0)",
    "mc": "Monte Carlo",
    "sarsa": "SARSA",
    "expected-sarsa": "expected SARSA",
    "q-learning": "Q-learning",
    "double-q": "double Q-learning",
    **{f"n-{n}": f"n = {n}" for n in (1, 2, 4, 8, 16)},
}


def metric_title(metric: str) -> str:
    """`value/rms_error` as `RMS error of the values`; one that has no title as its own last word."""
    return METRICS.get(metric, metric.rsplit("/", 1)[-1].replace("_", " "))


def series_title(series: str) -> str:
    """`td` as `TD(0)`; one that has no title as it is."""
    return SERIES.get(series, series)
