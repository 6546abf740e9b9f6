"""The clinic: signs on curves whose numbers are known, cases that differ in one thing, and the gridworld's two, run."""

from collections.abc import Mapping, Sequence
from dataclasses import fields
from importlib.util import find_spec

import numpy as np
import pytest

from tests.benchmarks.clinic import faults_seen, reading_of
from tutor.experiments import Frame, cached_frames, catalogue, find_lab, run
from tutor.experiments import clinic_signs as signs
from tutor.experiments.clinic import CASES, GridCase, ToyCase, sampled
from tutor.experiments.clinic_faults import BY_ID, FAULTS, Fault
from tutor.experiments.clinic_signs import Reading, Sign
from tutor.experiments.entries.clinic import CASES as HOW_MANY
from tutor.experiments.entries.clinic import ON_A_GRID, metrics_of
from tutor.rl.environments.maps import make

SCORE, KL, LOSS = "objective/scores", "objective/kl", "loss/value_avg"
CLIPPED, APPROX, ENTROPY = "policy/clipfrac_avg", "policy/approxkl_avg", "objective/entropy"
needs_torch = pytest.mark.skipif(find_spec("torch") is None, reason="needs torch")
U = 40


def reading(curves: Mapping[str, Sequence[float] | float]) -> Reading:
    """A run of U updates with these curves; a number is a curve that stays."""
    rows = {name: np.broadcast_to(np.asarray(values, float), U + 1) for name, values in curves.items()}
    frames = [Frame("broken", u, {name: row[u : u + 1] for name, row in rows.items()}) for u in range(U + 1)]
    return Reading(frames, "broken")


HEALTHY = {
    SCORE: [0.15 * min(u, 10) for u in range(U + 1)],
    KL: 3.0,
    ENTROPY: np.linspace(0.64, 0.4, U + 1).tolist(),
    CLIPPED: [0.15] + [0.05] * U,
    APPROX: 0.01,
    LOSS: 0.1,
}


class TestSigns:
    def test_measures_by_hand(self) -> None:
        curve = np.array([1.0, 3.0, 2.0, 8.0, 4.0, 4.0, 4.0, 4.0, 3.0, 5.0])
        assert signs.end(curve) == 4  # the last two of ten
        assert signs.fall(curve) == 5  # from 8 to 3
        assert signs.leap(curve) == 2  # 8 over the median, 4
        assert signs.lowest_later(curve) == 3
        assert np.isnan(signs.lowest_later(curve[:4]))
        assert signs.left_of_ten(np.array([2.0] * 8 + [1.0] * 5)) == 0.5
        assert np.isnan(signs.left_of_ten(curve))
        assert signs.around_ten(np.arange(20.0)) == 10
        assert np.isnan(signs.around_ten(curve))

    def test_of_a_curve_that_is_not_there_nothing_holds(self) -> None:
        sign = Sign("no/such", "it", signs.end, low=0)
        assert np.isnan(sign.value(reading(HEALTHY)))
        assert not sign.holds(reading(HEALTHY))

    def test_a_difference_of_two_curves(self) -> None:
        sign = Sign(KL, "it", signs.end, low=2.5, less=LOSS)
        assert sign.value(reading(HEALTHY)) == pytest.approx(2.9)
        assert sign.holds(reading(HEALTHY))

    @pytest.mark.parametrize(
        ("bounds", "said"),
        [({"low": 8}, "at least 8"), ({"high": 0}, "at most 0"), ({"low": 1, "high": 20}, "from 1 to 20")],
    )
    def test_what_is_expected(self, bounds: dict[str, float], said: str) -> None:
        assert Sign(KL, "it", signs.end, **bounds).expected == said


@pytest.mark.parametrize(
    ("changed", "fault"),
    [
        ({APPROX: 0.0, CLIPPED: 0.0, KL: 0.0, SCORE: 0.1}, "frozen-actor"),
        ({KL: 0.0}, "moving-reference"),
        ({SCORE: 0.1}, "reward-on-padding"),
        ({LOSS: 90.0}, "raw-reward"),
        ({LOSS: 4.5}, "bad-critic"),
        ({CLIPPED: 0.0}, "large-epsilon"),
        ({CLIPPED: 0.25}, "many-epochs"),
        ({APPROX: [12.0] + [0.0] * U}, "large-rate"),
        ({ENTROPY: [0.6] * 3 + [0.02] * (U - 2)}, "entropy-collapse"),
        ({KL: np.linspace(0, 25, U + 1).tolist()}, "no-kl"),
    ],
)
def test_one_curve_that_is_wrong_is_one_fault(changed: dict[str, Sequence[float]], fault: str) -> None:
    assert faults_seen(reading(HEALTHY), "toy") == []
    assert faults_seen(reading({**HEALTHY, **changed}), "toy") == [fault]


def test_what_speaks_against_an_answer_has_the_number_of_the_run() -> None:
    assert BY_ID["bad-critic"].against(reading(HEALTHY), "toy") == (
        "the lowest value loss from the fifth update on would be from 1 to 20; here it is 0.1."
    )
    assert "no line search" in BY_ID["no-line-search"].against(reading(HEALTHY), "toy")
    assert "no reference" in BY_ID["no-kl"].against(reading(HEALTHY), "grid")


class TestCases:
    def test_every_fault_has_a_case_and_they_do_not_stand_in_the_order_of_the_list(self) -> None:
        faults = [case.fault for case in CASES]
        assert len(CASES) == HOW_MANY == len(FAULTS) == len(BY_ID)
        assert sorted(faults) == sorted(BY_ID)
        assert sum(case == fault.id for case, fault in zip(faults, FAULTS, strict=True)) <= 2
        assert tuple(n for n, case in enumerate(CASES, 1) if isinstance(case, GridCase)) == ON_A_GRID

    @pytest.mark.parametrize("case", CASES, ids=[case.fault for case in CASES])
    def test_broken_and_mended_differ_in_one_thing(self, case: ToyCase | GridCase) -> None:
        if isinstance(case, ToyCase):
            assert len(case.broken) == 1
            return
        differ = [
            f.name
            for f in fields(case.mended)
            if getattr(case.mended, f.name) != getattr(case.broken, f.name)
        ]
        assert len(differ) == 1

    def test_neither_parameters_nor_presets_tell_a_fault(self) -> None:
        lab = find_lab("clinic")
        words = " ".join(
            [lab.title, lab.sentence, *(f"{p.name} {p.sentence} {p.choices}" for p in lab.parameters)]
            + [str(preset) for preset in lab.presets]
            + [catalogue()["clinic"].sentence]
        )  # fmt: skip
        assert not [
            fault.id
            for fault in FAULTS
            if any(part in words for part in fault.id.split("-") if len(part) > 3)
        ]

    @pytest.mark.parametrize("fault", FAULTS, ids=list(BY_ID))
    def test_the_code_that_is_named_is_there(self, fault: Fault) -> None:
        from tutor.tui.labs.source import MISSING, source_in

        for module, name in fault.where:
            lines = [line.plain for line in source_in(module, name)]
            assert MISSING not in lines
            assert any(f"def {name.rsplit('.', 1)[-1]}(" in line for line in lines)


@pytest.mark.parametrize("number", ON_A_GRID)
@pytest.mark.parametrize("seed", [0, 1])
def test_the_gridworld_cases_have_the_signs_of_their_fault_and_of_no_other(number: int, seed: int) -> None:
    case, made = CASES[number - 1], {}
    assert faults_seen(reading_of(number, "broken", seed, made), "grid") == [case.fault]
    assert case.fault not in faults_seen(reading_of(number, "mended", seed, made), "grid")


def test_first_all_of_the_broken_run_then_all_of_the_mended_one() -> None:
    frames = cached_frames("clinic", {"case": 10, "updates": 3})
    assert [(f.series, f.update) for f in frames] == [
        (series, update) for series in ("broken", "mended") for update in range(4)
    ]
    assert set(frames[-1].metrics) == set(metrics_of(10))
    assert frames[0].metrics["objective/return"] == frames[4].metrics["objective/return"]
    walks = frames[-1].detail.answers
    assert len(walks) == 8
    assert all(len(walk.actions) == 20 or walk.mark == "G" for walk in walks)


def test_a_walk_is_told_with_what_it_earned() -> None:
    """Straight to the goal on a grid without slips: two steps of −0.1, and 1 at the second."""
    env = make("S.G:G=1:step=-.1:gamma=.5")
    policy = np.tile([0.0, 1.0, 0.0, 0.0], (env.n_states, 1))
    walk = sampled(env, policy, np.random.default_rng(0), 5)
    assert (walk.actions, walk.mark) == ((1, 1), "G")
    assert walk.total == pytest.approx(-0.1 + 0.5 * 0.9)
    cut = sampled(env, np.tile([0.0, 0.0, 0.0, 1.0], (env.n_states, 1)), np.random.default_rng(0), 3)
    assert (cut.actions, cut.mark) == ((3, 3, 3), "")


@needs_torch
def test_a_frozen_actor_stands_still_and_a_moving_reference_follows() -> None:
    frames = list(run("clinic", {"case": 3, "updates": 1}))
    assert float(frames[1].metrics[APPROX][0]) == 0
    assert float(frames[3].metrics[APPROX][0]) > 0.01
    moved = list(run("clinic", {"case": 7, "updates": 1}))
    assert float(moved[1].metrics[KL][0]) == 0
    assert float(moved[1].metrics[APPROX][0]) > 0.01
    assert float(moved[3].metrics[KL][0]) > 0.1
