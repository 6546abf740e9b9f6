"""The clinic's cases, run: has each broken run the signs of its fault, and of no other? Has the mended one none?

    python -m tests.benchmarks.rlhf clinic [SEEDS]     (2 seeds unless said otherwise: minutes)

A line a sign: its number in the broken run, in the mended one, and what it must be in the broken one. `seen`: the
faults that nothing in the curves of the broken run speaks against.
"""

from collections.abc import Mapping

from tutor.experiments import Frame
from tutor.experiments.clinic import CASES, TOY, GridCase, ToyCase, frames_of
from tutor.experiments.clinic_faults import BY_ID, FAULTS, Kind, told
from tutor.experiments.clinic_signs import Reading
from tutor.experiments.entries.clinic import updates_of

Made = dict[str, list[Frame]]


def faults_seen(reading: Reading, kind: Kind) -> list[str]:
    """The ids of the faults that nothing in the curves speaks against."""
    return [fault.id for fault in FAULTS if not fault.against(reading, kind)]


def reading_of(number: int, series: str, seed: int, made: Made) -> Reading:
    """A run of case `number`; mended ones with the same settings are made once."""
    case, updates = CASES[number - 1], updates_of({"case": number, "updates": 0})
    settings: Mapping[str, object] | int = number
    if series == "mended" and isinstance(case, ToyCase):
        settings = {**TOY, **case.shared}
    name = f"{series} {settings} {updates} {seed}"
    if name not in made:
        made[name] = list(frames_of(number, series, updates, [seed]))
    return Reading(made[name], series)


def clinic_table(seeds: int) -> list[bool]:
    made: Made = {}
    return [_holds(number, seed, made) for seed in range(seeds) for number in range(1, len(CASES) + 1)]


def _holds(number: int, seed: int, made: Made) -> bool:
    case = CASES[number - 1]
    kind: Kind = "grid" if isinstance(case, GridCase) else "toy"
    broken, mended = (reading_of(number, series, seed, made) for series in ("broken", "mended"))
    for sign in BY_ID[case.fault].signs:
        numbers = f"{told(sign.value(broken)):>9} {told(sign.value(mended)):>9}"
        print(f"{number:2} seed {seed}  {case.fault:18} {sign.what[:66]:67}{numbers}   {sign.expected}")
    seen = faults_seen(broken, kind)
    holds = seen == [case.fault] and case.fault not in faults_seen(mended, kind)
    print(f"{'':11} seen: {', '.join(seen) or 'none':52}{'holds' if holds else 'DOES NOT HOLD'}", flush=True)
    return holds
