"""Policy gradients: theorems, identities, finite differences, refusals, and whether they learn."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from tutor.rl.architectures import SoftmaxTable, make_policy
from tutor.rl.divergence import DivergedError
from tutor.rl.environments.maps import make
from tutor.rl.environments.random_walk import random_walk
from tutor.rl.evaluation import exact_gradient, exact_return, exact_returns
from tutor.rl.live_states import LiveStates
from tutor.rl.planning import optimal_values
from tutor.rl.policy_gradient import actor_critic, log_prob, ppo, ppo_kl, reinforce, unclipped
from tutor.rl.policy_gradient_frames import (
    ActorCriticConfig,
    PolicyGradientConfig,
    PPOConfig,
    PPOKLConfig,
    ReinforceConfig,
    TRPOConfig,
)
from tutor.rl.returns import discounted_returns
from tutor.rl.surrogate import clipped_surrogate, kl_divergence, kl_k2
from tutor.rl.trust_region import trpo

H = 1e-5
GRID = make("russell-norvig")
ALGORITHMS = {
    "reinforce": (reinforce, ReinforceConfig()),
    "baseline": (reinforce, ReinforceConfig(baseline=True)),
    "actor-critic": (actor_critic, ActorCriticConfig()),
    "ppo": (ppo, PPOConfig()),
    "ppo-kl": (ppo_kl, PPOKLConfig(learning_rate=0.01)),
    "unclipped": (unclipped, PPOConfig(learning_rate=0.003)),
    "log-prob": (log_prob, PPOConfig(learning_rate=0.003)),
    "trpo": (trpo, TRPOConfig()),
}
every_algorithm = pytest.mark.parametrize(("run", "config"), ALGORITHMS.values(), ids=ALGORITHMS)


def generators(*seeds):
    return [np.random.default_rng(seed) for seed in seeds]


def inside(run, config, update=1, env=GRID, seed=0):
    """What was in the update of that number."""
    frames = run(env, replace(config, updates=update), generators(seed), "full")
    return list(frames)[-1].inside


def central(function, z):
    """The derivatives of function(z) with respect to every entry of z."""
    found = np.empty_like(z)
    for at in np.ndindex(z.shape):
        e = np.zeros_like(z)
        e[at] = H
        found[at] = (function(z + e) - function(z - e)) / (2 * H)
    return found


def log_softmax(z):
    """Of a table of logits [S, A]."""
    return SoftmaxTable(*z.shape).forward(z.reshape(1, -1)).log_probs[0]


class TestTheTheorem:
    @pytest.mark.parametrize("grid", ["russell-norvig", "mouse"])
    @pytest.mark.parametrize("architecture", ["softmax", "network"])
    def test_the_exact_gradient_against_finite_differences_of_j(self, grid, architecture):
        env = make(grid)
        live = LiveStates(env)
        policy = make_policy(env, live.states, architecture, 5)

        def probs(theta):
            return live.policy(policy.forward(theta).probs)

        theta = np.random.default_rng(2).normal(scale=0.5, size=(1, policy.n_parameters))
        at = policy.forward(theta)
        gradient = policy.pull_back(at, exact_gradient(env, probs(theta))[:, live.states])
        differences = central(lambda x: exact_returns(env, probs(x))[0], theta)
        np.testing.assert_allclose(gradient, differences, rtol=1e-6, atol=1e-8)

    def test_reinforce_is_right_on_average(self):
        """At gamma 1 the sum over an episode's steps is unbiased; the mean over samples times n is that sum."""
        env = make("russell-norvig", gamma=1.0)
        config = ReinforceConfig(policy="softmax", n_envs=200, most_steps=10_000)
        sums = []
        for seed in range(30):
            update = inside(reinforce, config, env=env, seed=seed)
            sums.append(update.epochs[0].gradient * len(update.samples) / config.n_envs)
        sums = np.array(sums)
        uniform = np.full((1, env.n_states, 4), 0.25)
        error = sums.std(axis=0, ddof=1) / np.sqrt(len(sums))
        off = np.abs(sums.mean(axis=0) - exact_gradient(env, uniform)[0])
        assert (off <= 4.5 * error + 1e-12).all()

    def test_a_baseline_leaves_the_mean_and_takes_from_the_spread(self):
        def gradients(baseline):
            config = ReinforceConfig(
                policy="softmax", n_envs=10, baseline=baseline, learning_rate=1e-9, updates=5
            )
            return np.array(
                [
                    list(reinforce(GRID, config, generators(seed), "full"))[-1].inside.epochs[0].gradient
                    for seed in range(20)
                ]
            )

        without, with_it = gradients(False), gradients(True)
        error = np.hypot(without.std(axis=0), with_it.std(axis=0)) / np.sqrt(20)
        assert (np.abs(without.mean(axis=0) - with_it.mean(axis=0)) <= 4.5 * error + 1e-12).all()
        assert with_it.var(axis=0).sum() < 0.5 * without.var(axis=0).sum()


class TestOneUpdate:
    """The samples of one update, and what is made of them."""

    def test_delta_and_return_are_what_their_names_say(self):
        s = inside(ppo, PPOConfig(steps=40, n_envs=3), update=4).samples
        np.testing.assert_allclose(s.delta, s.reward + GRID.gamma * s.next_value - s.value, atol=1e-12)
        np.testing.assert_allclose(s.returns, s.advantage + s.value, atol=1e-12)
        assert (s.next_value[s.terminated] == 0).all()
        assert s.env.tolist() == sorted(s.env.tolist())
        assert s.t.tolist() == 3 * list(range(40))

    def test_lambda_0_is_td_and_lambda_1_is_monte_carlo(self):
        td = inside(ppo, PPOConfig(lambda_=0.0), update=3).samples
        np.testing.assert_allclose(td.advantage, td.delta, atol=1e-12)
        mc = inside(actor_critic, ActorCriticConfig(lambda_=1.0, steps=0, n_envs=4), update=3).samples
        for env in range(4):
            own = mc.env == env
            assert not mc.truncated[own].any()
            discounts = np.where(mc.terminated[own], 0.0, GRID.gamma)
            np.testing.assert_allclose(mc.returns[own], discounted_returns(mc.reward[own], discounts))

    def test_reinforce_without_a_baseline_has_returns_for_advantages(self):
        s = inside(reinforce, ReinforceConfig(n_envs=1), update=2).samples
        np.testing.assert_allclose(
            s.weight, discounted_returns(s.reward, np.where(s.terminated, 0.0, GRID.gamma)), atol=1e-12
        )

    def test_a_truncated_episode_has_the_value_of_where_it_was_cut_off(self):
        env = make("rooms")
        update = inside(
            actor_critic, ActorCriticConfig(steps=0, most_steps=15, lambda_=0.5), update=4, env=env
        )
        s = update.samples
        assert s.truncated.any()
        np.testing.assert_allclose(s.next_value[s.truncated], update.old_values[s.next_state[s.truncated]])
        assert np.abs(s.next_value[s.truncated]).max() > 0
        np.testing.assert_allclose(s.advantage[s.truncated], s.delta[s.truncated], atol=1e-12)

    def test_normalised_advantages(self):
        s = inside(ppo, PPOConfig()).samples
        assert s.weight.mean() == pytest.approx(0, abs=1e-12)
        assert s.weight.std() == pytest.approx(1, abs=1e-6)
        raw = inside(ppo, PPOConfig(normalise=False)).samples
        assert raw.weight.tolist() == raw.advantage.tolist()

    def test_the_critic_goes_its_rate_of_the_way_to_the_mean_target(self):
        update = inside(ppo, PPOConfig(critic_rate=0.25), update=2)
        s = update.samples
        for state in range(GRID.n_states):
            here = s.state == state
            target = s.returns[here].mean() if here.any() else update.old_values[state]
            moved = update.old_values[state] + 0.25 * (target - update.old_values[state])
            assert update.new_values[state] == pytest.approx(moved, abs=1e-12)

    def test_ratio_and_log_probabilities_belong_to_the_policies(self):
        update = inside(ppo, PPOConfig(epochs=3))
        s = update.samples
        assert len(update.epochs) == 4
        for epoch in update.epochs:
            np.testing.assert_allclose(epoch.log_prob, np.log(epoch.policy[s.state, s.action]))
            np.testing.assert_allclose(
                epoch.ratio, epoch.policy[s.state, s.action] / update.old_policy[s.state, s.action]
            )
        assert (update.epochs[0].ratio == 1).all()

    def test_before_the_first_epoch_nothing_is_clipped(self):
        first, *later = inside(ppo, PPOConfig(learning_rate=0.1)).epochs
        assert first.clip_fraction == 0
        assert not first.clipped.any()
        assert later[-1].clip_fraction > 0

    def test_kl_exact_and_estimated(self):
        update = inside(ppo, PPOConfig())
        s, last = update.samples, update.epochs[-1]
        exact = kl_divergence(update.old_policy, last.policy)[s.state].mean()
        assert last.kl == pytest.approx(exact, rel=1e-9)
        assert last.approx_kl == pytest.approx(kl_k2(last.log_prob, s.old_log_prob).mean(), rel=1e-9)

    def test_metrics_are_those_of_the_samples(self):
        config = PPOConfig(epochs=4, updates=1)
        frame = list(ppo(GRID, config, generators(1), "full"))[-1]
        s, epochs = frame.inside.samples, frame.inside.epochs
        before_steps = epochs[:-1]
        expected = {
            "policy/clipfrac_avg": np.mean([e.clip_fraction for e in before_steps]),
            "policy/approxkl_avg": np.mean([e.approx_kl for e in before_steps]),
            "val/ratio": np.mean([e.ratio.mean() for e in before_steps]),
            "loss/policy_avg": -np.mean([e.objective.mean() for e in before_steps]),
            "policy/gradient_norm": np.mean([e.gradient_norm for e in before_steps]),
            "policy/kl": epochs[-1].kl,
            "objective/entropy": epochs[-1].entropy,
            "val/explained_variance": 1 - (s.returns - s.value).var() / s.returns.var(),
            "loss/value_avg": ((s.returns - s.value) ** 2).mean(),
            "objective/return": exact_return(GRID, frame.policy[0]),
        }
        for name, value in expected.items():
            assert frame.metrics[name][0] == pytest.approx(value, rel=1e-9, abs=1e-12), name

    @pytest.mark.parametrize(("step_reward", "steps"), [(-0.04, 1), (0, 3)])
    def test_nothing_is_explained_where_returns_do_not_vary(self, step_reward, steps):
        """No goal is near: after one step each return is the same -.04; without a reward of steps, 0."""
        env = make("rooms", gamma=0.99, step_reward=step_reward)
        last = list(ppo(env, PPOConfig(updates=1, steps=steps), generators(0, 1)))[-1]
        assert np.isnan(last.metrics["val/explained_variance"]).all()


class TestGradients:
    """The gradient of an epoch, with respect to the logits, against finite differences of the samples' objective."""

    def agree(self, update, epoch, objective):
        at = update.epochs[epoch]
        differences = central(objective, np.log(at.policy))
        np.testing.assert_allclose(at.gradient, differences, rtol=1e-6, atol=1e-8)

    def test_ppo_where_samples_are_clipped(self):
        config = PPOConfig(learning_rate=0.1)
        update = inside(ppo, config)
        s = update.samples

        def objective(z):
            ratio = np.exp(log_softmax(z)[s.state, s.action] - s.old_log_prob)
            return clipped_surrogate(ratio, s.weight, config.epsilon).mean()

        assert 0.05 < update.epochs[3].clip_fraction < 0.9
        self.agree(update, 3, objective)

    def test_the_entropy_bonus_beside_it(self):
        config = PPOConfig(entropy_bonus=0.3)
        update = inside(ppo, config)
        s = update.samples

        def objective(z):
            log_pi = log_softmax(z)
            ratio = np.exp(log_pi[s.state, s.action] - s.old_log_prob)
            bonus = -(np.exp(log_pi) * log_pi).sum(axis=-1)[s.state].mean()
            return clipped_surrogate(ratio, s.weight, config.epsilon).mean() + 0.3 * bonus

        self.agree(update, 2, objective)

    def test_the_kl_penalty(self):
        update = inside(ppo_kl, PPOKLConfig(beta=2.0))
        s = update.samples
        assert update.beta == 2.0

        def objective(z):
            log_pi = log_softmax(z)
            ratio = np.exp(log_pi[s.state, s.action] - s.old_log_prob)
            apart = kl_divergence(update.old_policy, np.exp(log_pi))[s.state].mean()
            return (ratio * s.weight).mean() - 2.0 * apart

        self.agree(update, 4, objective)

    @pytest.mark.parametrize("run", [unclipped, log_prob])
    def test_the_plain_ones(self, run):
        update = inside(run, PPOConfig())
        s = update.samples

        def objective(z):
            log_p = log_softmax(z)[s.state, s.action]
            value = log_p if run is log_prob else np.exp(log_p - s.old_log_prob)
            return (value * s.weight).mean()

        self.agree(update, 5, objective)

    def test_at_ratio_1_all_are_the_plain_policy_gradient(self):
        plain = inside(actor_critic, ActorCriticConfig()).epochs[0].gradient
        for run, config in ((ppo, PPOConfig()), (unclipped, PPOConfig()), (log_prob, PPOConfig())):
            np.testing.assert_allclose(inside(run, config).epochs[0].gradient, plain, atol=1e-15)
        np.testing.assert_allclose(inside(trpo, TRPOConfig()).epochs[0].gradient, plain, atol=1e-15)
        np.testing.assert_allclose(inside(ppo_kl, PPOKLConfig()).epochs[0].gradient, plain, atol=1e-15)

    def test_a_step_of_plain_gradient_ascent(self):
        config = ActorCriticConfig(policy="softmax", optimiser="sgd", learning_rate=0.5, updates=1)
        before, after = actor_critic(GRID, config, generators(0), "full")
        moved = (after.theta - before.theta).reshape(-1, 4)
        gradient = after.inside.epochs[0].gradient
        np.testing.assert_allclose(moved, 0.5 * gradient[LiveStates(GRID).states], atol=1e-15)

    def test_adams_first_step_is_the_learning_rate_long_in_every_direction(self):
        config = ActorCriticConfig(learning_rate=0.02, updates=1)
        before, after = actor_critic(GRID, config, generators(0))
        moved = np.abs(after.theta - before.theta)
        assert moved.max() == pytest.approx(0.02, rel=1e-3)
        assert np.median(moved[moved > 0]) == pytest.approx(0.02, rel=1e-2)

    def test_minibatches_are_parts_of_the_whole(self):
        """Without moving (steps next to none long) the mean over equal parts is that of the batch."""
        still = PPOConfig(learning_rate=1e-12, updates=1, epochs=1)
        whole = list(ppo(GRID, still, generators(0)))[-1].metrics
        parts = list(ppo(GRID, replace(still, minibatches=8), generators(0)))[-1].metrics
        assert parts["loss/policy_avg"][0] == pytest.approx(whole["loss/policy_avg"][0], abs=1e-9)
        assert parts["policy/gradient_norm"][0] > whole["policy/gradient_norm"][0]


class TestAdaptiveKL:
    def test_beta_halves_and_doubles_as_in_the_paper(self):
        config = PPOKLConfig(updates=40, target_kl=0.01)
        _, *frames = ppo_kl(GRID, config, generators(0, 1, 2))
        seen = set()
        for now, following in pairwise(frames):
            for k in range(3):
                kl = now.metrics["policy/kl"][k]
                factor = 0.5 if kl < 0.01 / 1.5 else 2.0 if kl > 0.015 else 1.0
                assert following.metrics["beta"][k] == factor * now.metrics["beta"][k]
                seen.add(factor)
        assert seen == {0.5, 1.0, 2.0}


class TestRuns:
    @every_algorithm
    def test_a_seed_is_the_same_to_the_last_bit_in_any_company(self, run, config):
        config = replace(config, updates=4, steps=config.steps and 32)
        alone = list(run(GRID, config, generators(3)))
        company = list(run(GRID, config, generators(*range(7))))
        for one, many in zip(alone, company, strict=True):
            assert one.theta[0].tobytes() == many.theta[3].tobytes()
            assert one.values[0].tobytes() == many.values[3].tobytes()
            for name in set(one.metrics) & set(many.metrics):
                assert one.metrics[name][0].tobytes() == many.metrics[name][3].tobytes(), name

    def test_with_minibatches_too(self):
        config = PPOConfig(updates=3, minibatches=4)
        alone, company = (list(ppo(GRID, config, generators(*seeds))) for seeds in ((2,), (0, 1, 2)))
        assert alone[-1].theta[0].tobytes() == company[-1].theta[2].tobytes()

    @every_algorithm
    def test_looking_inside_changes_nothing(self, run, config):
        config = replace(config, updates=3)
        for seen, unseen in zip(
            run(GRID, config, generators(0), "full"), run(GRID, config, generators(0)), strict=True
        ):
            assert seen.theta.tobytes() == unseen.theta.tobytes()
            assert {n: v.tolist() for n, v in seen.metrics.items()} == {
                n: v.tolist() for n, v in unseen.metrics.items()
            }
            assert unseen.inside is None

    @every_algorithm
    def test_going_on_from_a_frame_is_the_same_as_never_having_stopped(self, run, config):
        config = replace(config, updates=5)
        frames = list(run(GRID, config, generators(0), "full"))
        for _ in range(2):  # a state can be gone on from more than once
            again = list(run(GRID, config, generators(9), "full", resume=frames[2].state))
            assert [frame.update for frame in again] == [3, 4, 5]
            for a, b in zip(frames[3:], again, strict=True):
                assert a.theta.tobytes() == b.theta.tobytes()
                assert a.values.tobytes() == b.values.tobytes()

    def test_j_is_computed_at_first_every_so_often_and_at_last(self):
        config = ActorCriticConfig(updates=8, evaluate_every=3)
        judged = [
            f.update for f in actor_critic(GRID, config, generators(0)) if "objective/return" in f.metrics
        ]
        assert judged == [0, 3, 6, 8]

    def test_the_uniform_policy_of_update_0(self):
        config = PPOConfig(policy="softmax", updates=1)
        first = next(ppo(GRID, config, generators(0, 1)))
        uniform = np.full((GRID.n_states, 4), 0.25)
        assert first.update == 0
        np.testing.assert_allclose(first.metrics["objective/return"], exact_return(GRID, uniform))

    def test_the_return_of_the_episodes_of_a_batch(self):
        config = ReinforceConfig(n_envs=6, updates=1)
        frame = list(reinforce(GRID, config, generators(0), "full"))[-1]
        s = frame.inside.samples
        first_steps = s.returns[s.t == 0]  # without a critic the return from there
        assert frame.metrics["objective/episode_return"][0] == pytest.approx(first_steps.mean(), rel=1e-12)

    def test_worlds_without_cells_and_grids_without_an_end(self):
        walk = list(ppo(random_walk(5), PPOConfig(updates=10), generators(0, 1)))[-1]
        assert (walk.metrics["objective/return"] > 0.4).all()
        cliff = list(ppo(make("cliff"), PPOConfig(updates=2, most_steps=50), generators(0)))[-1]
        assert np.isfinite(cliff.metrics["objective/return"]).all()


class TestItLearns:
    OPTIMUM = float(optimal_values(*GRID.transitions(), GRID.gamma)[GRID.start])

    @every_algorithm
    def test_in_a_second(self, run, config):
        frames = list(run(GRID, replace(config, evaluate_every=20), generators(*range(5))))
        first, last = (frame.metrics["objective/return"] for frame in (frames[0], frames[-1]))
        assert first.mean() < -1
        assert np.median(last) > self.OPTIMUM - 0.1

    def test_a_table_by_plain_gradient_ascent(self):
        config = PPOConfig(policy="softmax", optimiser="sgd", learning_rate=5)
        last = list(ppo(GRID, replace(config, evaluate_every=80), generators(*range(5))))[-1]
        assert np.median(last.metrics["objective/return"]) > self.OPTIMUM - 0.1


class TestRefusals:
    @pytest.mark.parametrize(
        ("config", "given", "message"),
        [
            (PPOConfig, {"epsilon": 0}, "epsilon is 0; it must be above 0 and at most 1"),
            (PPOConfig, {"epsilon": -0.2}, "epsilon is -0.2; it must be above 0 and at most 1"),
            (PPOConfig, {"learning_rate": 0}, "learning_rate is 0; it must be above 0 and at most 1000"),
            (
                PPOConfig,
                {"learning_rate": float("nan")},
                "learning_rate is nan; it must be above 0 and at most 1000",
            ),
            (PPOConfig, {"lambda_": 1.5}, "lambda is 1.5; it must be between 0 and 1"),
            (PPOConfig, {"updates": 0}, "updates is 0; it must be a whole number between 1 and 10000"),
            (
                PPOConfig,
                {"updates": 10**9},
                "updates is 1000000000; it must be a whole number between 1 and 10000",
            ),
            (PPOConfig, {"epochs": 0}, "epochs is 0; it must be a whole number between 1 and 1000"),
            (PPOConfig, {"steps": -1}, "steps is -1; it must be a whole number between 1 and 10000"),
            (
                PPOConfig,
                {"minibatches": 600},
                "minibatches is 600; it must be a whole number between 1 and 512",
            ),
            (PPOConfig, {"policy": "tree"}, "policy is 'tree'; it must be one of softmax, network"),
            (PPOKLConfig, {"target_kl": 0}, "target_kl is 0; it must be above 0 and at most 10"),
            (PPOKLConfig, {"beta": -1}, "beta is -1; it must be above 0 and at most 1e+06"),
            (TRPOConfig, {"delta": 0}, "delta is 0; it must be above 0 and at most 10"),
            (TRPOConfig, {"delta": -1}, "delta is -1; it must be above 0 and at most 10"),
            (TRPOConfig, {"damping": -1}, "damping is -1; it must be between 0 and 10"),
            (PolicyGradientConfig, {"critic_rate": 0}, "critic_rate is 0; it must be above 0 and at most 1"),
        ],
    )
    def test_bad_values_in_one_line(self, config, given, message):
        with pytest.raises(ValueError, match=r"must be") as caught:
            config(**given)
        assert str(caught.value) == message

    @every_algorithm
    def test_no_seeds_and_more_than_can_be_looked_into(self, run, config):
        with pytest.raises(ValueError, match="there are 0 seeds"):
            run(GRID, config, [])
        with pytest.raises(ValueError, match="for one seed in full detail only"):
            run(GRID, config, generators(0, 1), "full")

    def test_minibatches_in_full_detail(self):
        with pytest.raises(ValueError, match="minibatches is 4; in full detail an epoch is the whole batch"):
            ppo(GRID, PPOConfig(minibatches=4), generators(0), "full")


@pytest.mark.parametrize(
    ("algorithm", "config", "not_said"),
    [
        (ppo_kl, PPOKLConfig, ("clip", "epsilon")),
        (reinforce, ReinforceConfig, ("epochs", "clip", "epsilon")),
        (actor_critic, ActorCriticConfig, ("epochs", "clip", "epsilon")),
        (unclipped, PPOConfig, ("epsilon",)),
    ],
)
def test_what_to_try_after_divergence_is_what_the_algorithm_has(algorithm, config, not_said):
    wild = config(updates=50, optimiser="sgd", learning_rate=1000, normalise=False, policy="softmax")
    with pytest.raises(DivergedError) as caught:
        list(algorithm(make("russell-norvig", step_reward=-1e9), wild, generators(0, 1)))
    assert "learning rate" in caught.value.advice
    assert not any(word in caught.value.advice for word in not_said)


class TestTruncationTakenForAnEnd:
    """`truncation_is_end`: a fault that can be switched on, against what is right."""

    def updates(self):
        """The fourth update of the same run, right and wrong: until then nothing has been learned of V."""
        config = ActorCriticConfig(steps=0, most_steps=15, lambda_=0.5, learning_rate=1e-9)
        right, wrong = (
            inside(actor_critic, replace(config, truncation_is_end=flag), update=2, env=make("rooms"))
            for flag in (False, True)
        )
        return right, wrong

    def test_the_same_steps_but_nothing_follows_where_an_episode_was_cut_off(self):
        right, wrong = self.updates()
        cut = right.samples.truncated
        assert cut.any()
        assert wrong.samples.state.tolist() == right.samples.state.tolist()
        assert not wrong.samples.truncated.any()
        assert (wrong.samples.terminated == (right.samples.terminated | cut)).all()
        assert (wrong.samples.next_value[cut] == 0).all()
        assert (right.samples.next_value[cut] < 0).any()
        np.testing.assert_allclose(
            wrong.samples.delta[cut], wrong.samples.reward[cut] - wrong.samples.value[cut], atol=1e-12
        )

    def test_where_nothing_is_cut_off_it_changes_nothing(self):
        config = ActorCriticConfig(steps=0, updates=2)
        runs = [
            list(actor_critic(GRID, replace(config, truncation_is_end=flag), generators(0)))
            for flag in (False, True)
        ]
        assert all(np.array_equal(a.theta, b.theta) for a, b in zip(*runs, strict=True))
