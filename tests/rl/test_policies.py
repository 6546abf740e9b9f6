"""Policies: by hand, against finite differences, and by the identity of a Jacobian and its transpose."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tutor.rl.architectures import SoftmaxTable, TanhNetwork, features, make_policy
from tutor.rl.environments.maps import make
from tutor.rl.environments.random_walk import random_walk
from tutor.rl.live_states import LiveStates
from tutor.rl.policies import entropy, entropy_gradient, kl, logit_gradient
from tutor.rl.surrogate import kl_divergence

S, A, K = 5, 4, 2
H = 1e-6


def architectures():
    rows_and_columns = np.array([[0, 0, 0, 1, 1], [2, 3, 4, 2, 4]])
    return {"softmax": SoftmaxTable(S, A), "network": TanhNetwork(rows_and_columns, 5, 6, A)}


every_architecture = pytest.mark.parametrize("policy", architectures().values(), ids=architectures())


def somewhere(policy, seed=3):
    return np.random.default_rng(seed).normal(size=(K, policy.n_parameters))


def logits(policy, theta):
    """Up to a constant a row, which the differences below take away."""
    return policy.forward(theta).log_probs


def centred(change):
    return change - change.mean(axis=-1, keepdims=True)


def log_softmax(logits):
    """Of one row of logits."""
    return SoftmaxTable(1, len(logits)).forward(logits[None]).log_probs[0, 0]


class TestLogSoftmax:
    @given(st.lists(st.floats(-50, 50), min_size=2, max_size=6), st.floats(-1e3, 1e3))
    def test_what_is_added_to_all_logits_changes_nothing(self, row, shift):
        z = np.array(row)
        np.testing.assert_allclose(log_softmax(z + shift), log_softmax(z), atol=1e-10)
        assert np.exp(log_softmax(z)).sum() == pytest.approx(1)

    def test_by_hand(self):
        z = np.log([1.0, 2.0, 5.0])
        np.testing.assert_allclose(np.exp(log_softmax(z)), [1 / 8, 2 / 8, 5 / 8])

    def test_huge_logits_stay_finite(self):
        assert log_softmax(np.array([1e6, 0.0])).tolist() == [0.0, -1e6]


class TestArchitectures:
    @every_architecture
    def test_the_jacobian_against_finite_differences(self, policy):
        theta, v = somewhere(policy), somewhere(policy, 4)
        difference = (logits(policy, theta + H * v) - logits(policy, theta - H * v)) / (2 * H)
        moves = policy.push_forward(policy.forward(theta), v)
        np.testing.assert_allclose(centred(moves), centred(difference), rtol=1e-6, atol=1e-8)

    @every_architecture
    def test_the_transposed_jacobian_is_the_transposed_one(self, policy):
        at, v = policy.forward(somewhere(policy)), somewhere(policy, 4)
        g = np.random.default_rng(5).normal(size=(K, S, A))
        left = (g * policy.push_forward(at, v)).sum(axis=(1, 2))
        right = (policy.pull_back(at, g) * v).sum(axis=1)
        np.testing.assert_allclose(left, right, rtol=1e-12)

    @every_architecture
    def test_gradient_of_a_weighted_log_probability(self, policy):
        theta, weights = somewhere(policy), np.random.default_rng(6).normal(size=(K, S, A))
        at = policy.forward(theta)
        gradient = policy.pull_back(at, logit_gradient(weights, at.probs))
        for p in range(policy.n_parameters):
            e = np.zeros_like(theta)
            e[:, p] = H
            up, down = ((weights * logits(policy, theta + d)).sum(axis=(1, 2)) for d in (e, -e))
            np.testing.assert_allclose(gradient[:, p], (up - down) / (2 * H), rtol=1e-6, atol=1e-8)

    @every_architecture
    def test_each_seed_has_parameters_of_its_own(self, policy):
        theta = somewhere(policy)
        both = policy.forward(theta).log_probs
        for k in range(K):
            assert policy.forward(theta[k : k + 1]).log_probs[0].tobytes() == both[k].tobytes()

    @every_architecture
    def test_the_first_policy_is_all_but_uniform(self, policy):
        rngs = [np.random.default_rng(k) for k in range(3)]
        probs = policy.forward(policy.initial(rngs)).probs
        np.testing.assert_allclose(probs, 1 / A, atol=0.05)

    def test_a_network_by_hand(self):
        policy = TanhNetwork(np.array([[0, 1]]), 2, 1, 2)
        # W1 = (0.5, -0.5), b1 = 0.1; W2 = (1, 0); b2 = (0, 0.2)
        probs = policy.forward(np.array([[0.5, -0.5, 0.1, 1.0, 0.0, 0.0, 0.2]])).probs[0]
        for s, x in enumerate((0.6, -0.4)):
            assert probs[s, 0] == pytest.approx(1 / (1 + math.exp(0.2 - math.tanh(x))))


class TestOfManyCells:
    """A network of more cells than rows and columns multiplies exponentials, instead of adding what they are of."""

    def hidden_of(self, W1, b1):
        env = make("rooms")
        policy = make_policy(env, np.arange(env.n_states), "network", 2)
        theta = np.zeros((len(W1), policy.n_parameters))
        theta[:, : W1[0].size] = W1.reshape(len(W1), -1)
        theta[:, W1[0].size : W1[0].size + 2] = b1
        with np.errstate(over="ignore"):
            hidden = policy.forward(theta).hidden
        return hidden, np.tanh(features(env) @ W1 + b1[:, None])

    def test_it_is_the_tanh_of_the_sum(self):
        rng = np.random.default_rng(1)
        found, expected = self.hidden_of(rng.normal(size=(3, 26, 2)), rng.normal(size=(3, 2)))
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-15)

    def test_weights_that_are_past_every_exponential_still_add_up(self):
        """A row of -1000 and a column of 1000.5, beside a seed of usual weights, which keeps its bits."""
        W1, b1 = np.random.default_rng(2).normal(size=(2, 26, 2)), np.zeros((2, 2))
        usual, _ = self.hidden_of(W1[1:], b1[1:])
        W1[0, :13], W1[0, 13:] = -1000, 1000.5
        found, expected = self.hidden_of(W1, b1)
        np.testing.assert_allclose(found, expected, rtol=0, atol=1e-12)
        assert found[0].max() < 1
        assert found[1].tobytes() == usual[0].tobytes()


class TestFeatures:
    def test_a_cell_is_its_row_and_its_column(self):
        env = make("russell-norvig")
        found = features(env)
        assert found.shape == (env.n_states, 3 + 4)
        for (row, col), x in zip(env.cells, found, strict=True):
            assert np.flatnonzero(x).tolist() == [row, 3 + col]

    def test_elsewhere_a_state_is_itself(self):
        env = random_walk(5)
        assert (features(env) == np.eye(env.n_states)).all()

    def test_the_architecture_by_name(self):
        env = make("russell-norvig")
        live = LiveStates(env).states
        assert make_policy(env, live, "softmax", 32).n_parameters == 9 * 4
        assert make_policy(env, live, "network", 32).n_parameters == (7 + 1) * 32 + 32 * 4 + 4


class TestEntropyAndKL:
    def test_entropy_by_hand(self):
        at = SoftmaxTable(1, 3).forward(np.log([[0.5, 0.25, 0.25]]))
        assert entropy(at)[0, 0] == pytest.approx(1.5 * math.log(2))

    def test_entropy_gradient_against_finite_differences(self):
        z = np.random.default_rng(1).normal(size=(1, S, A))
        policy = SoftmaxTable(S, A)
        gradient = entropy_gradient(policy.forward(z.reshape(1, -1)))
        for s, a in np.ndindex(S, A):
            e = np.zeros_like(z)
            e[0, s, a] = H
            up, down = (entropy(policy.forward((z + d).reshape(1, -1)))[0, s] for d in (e, -e))
            assert gradient[0, s, a] == pytest.approx((up - down) / (2 * H), rel=1e-6, abs=1e-9)

    def test_kl_is_that_of_the_distributions(self):
        policy = SoftmaxTable(S, A)
        p, q = policy.forward(somewhere(policy, 1)), policy.forward(somewhere(policy, 2))
        np.testing.assert_allclose(kl(p, q), kl_divergence(p.probs, q.probs), rtol=1e-10)
        assert (kl(p, p) == 0).all()
