"""What `check` says about runs: seeds, decisions, names that stand-ins offer."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tutor.course import check_course
from tutor.course.names import Names
from tutor.experiments import Parameter, resolve

SEEDS = Parameter("seeds", "int", 1, "How many seeds.", low=1, high=1000)


@dataclass(frozen=True)
class Fake:
    """An experiment as far as the check looks at it."""

    id: str
    deterministic: Any
    series: tuple[str, ...] = ("walk",)
    metrics: tuple[str, ...] = ("objective/return",)
    parameters: tuple[Parameter, ...] = field(default=(SEEDS,))

    def values(self, given: Mapping[str, object]) -> Mapping[str, object]:
        return resolve(self.parameters, given)


def names(deterministic: Any) -> Names:
    return Names({}, {"walk": Fake("walk", deterministic)}, lambda latex: None)


PREDICT = """---
id: a
title: A
order: 1
---
## A step

```quiz
id: guess
kind: predict
question: What?
experiment: walk
SET
answer: metric("walk", "objective/return", "last")
tolerance: 0.1
```
"""


def lesson(folder: Path, text: str) -> Path:
    (folder / "a.md").write_text(text, encoding="utf-8")
    return folder


@pytest.mark.parametrize(
    ("given", "line", "message"),
    [
        ("", 8, "luck decides with 1 seed; set seeds to at least 20"),
        ("set: {seeds: 19}", 13, "luck decides with 19 seeds; set seeds to at least 20"),
    ],
)
def test_luck_must_not_decide(given: str, line: int, message: str, tmp_path: Path) -> None:
    course = lesson(tmp_path, PREDICT.replace("SET\n", given and given + "\n"))
    (finding,) = check_course(course, names=names(False))
    assert (finding.line, message in finding.message) == (line, True)


@pytest.mark.parametrize(
    ("given", "deterministic"),
    [("set: {seeds: 20}", False), ("", True), ("", lambda values: values["seeds"] == 1), ("", None)],
)
def test_enough_seeds_or_nothing_random_is_fine(given: str, deterministic: Any, tmp_path: Path) -> None:
    course = lesson(tmp_path, PREDICT.replace("SET\n", given and given + "\n"))
    assert check_course(course, names=names(deterministic)) == []


OPTIONS = """---
id: a
title: A
order: 1
---
## A step

```quiz
id: guess
kind: predict
question: What?
experiment: policy-return
set: {grid: russell-norvig, policy: optimal}
options:
  - text: much
    why: because
    when: metric("policy-return", "objective/return", "last") > HIGH
  - text: little
    why: because
    when: metric("policy-return", "objective/return", "last") < LOW
```
"""


@pytest.mark.parametrize(
    ("low", "high", "message"),
    [
        ("0", "1000", "0 of the options' 'when' hold"),
        ("1000", "-1000", "2 of the options' 'when' hold"),
    ],
)
def test_with_run_exactly_one_option_must_hold(low: str, high: str, message: str, tmp_path: Path) -> None:
    course = lesson(tmp_path, OPTIONS.replace("LOW", low).replace("HIGH", high))
    assert check_course(course) == []
    (finding,) = check_course(course, run=True)
    assert (finding.line, message in finding.message) == (14, True)


def test_with_run_metrics_in_texts_must_have_a_value(tmp_path: Path) -> None:
    text = 'Text {{ metric("policy-return", {"policy": "random"}, "policy-return", "objective/return", 7) | .2f }}.'
    course = lesson(tmp_path, f"---\nid: a\ntitle: A\norder: 1\n---\n## A step\n\n{text}\n")
    assert check_course(course) == []
    (finding,) = check_course(course, run=True)
    assert finding.line == 8
    assert "has no value" in finding.message


def test_with_run_a_single_walk_is_seen_to_be_luck(tmp_path: Path) -> None:
    course = lesson(
        tmp_path,
        PREDICT.replace("SET\n", "")
        .replace("walk", "episode")
        .replace("objective/return", "objective/episode_return"),
    )
    assert any("luck decides" in finding.message for finding in check_course(course, run=True))
