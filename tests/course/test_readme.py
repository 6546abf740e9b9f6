"""Every example of lessons/README.md passes the check it explains."""

import re
from pathlib import Path

import pytest

from tutor.course import QUESTION_KINDS, check_course, load_course, load_lesson
from tutor.course.blocks import CHART_KEYS, COMMON_KEYS, KIND_KEYS, LAB_KEYS
from tutor.course.loading import FRONT_KEYS
from tutor.course.types import ChartBlock, LabBlock, Question

README = Path(__file__).parents[2] / "lessons" / "README.md"
EXAMPLES = re.findall(
    r"^````markdown\n(.*?)^````$", README.read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)

FIRST = """---
id: 02-agent-environment
title: Agents
order: 2
---
# Agents

## A step

Text.
"""


def write_course(folder: Path, example: str) -> Path:
    if not example.startswith("---"):
        front = "---\nid: example\ntitle: Example\norder: 5\n---\n# Example\n\n## A step\n\n"
        example = front + example
    (folder / "02-agent-environment.md").write_text(FIRST, encoding="utf-8")
    (folder / "example.md").write_text(example, encoding="utf-8")
    return folder


def test_there_are_examples_to_check() -> None:
    assert len(EXAMPLES) >= 11


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_passes_the_check_with_its_runs(example: str, tmp_path: Path) -> None:
    assert check_course(write_course(tmp_path, example), run=True) == []


@pytest.mark.parametrize("example", EXAMPLES, ids=range(len(EXAMPLES)))
def test_every_example_is_shown_as_what_it_is(example: str, tmp_path: Path) -> None:
    course = load_course(write_course(tmp_path, example))
    lesson = load_lesson(course.lessons[-1])
    kinds = {"quiz": Question, "lab": LabBlock, "chart": ChartBlock}
    wanted = [kinds[name] for name in re.findall(r"^```(quiz|lab|chart)$", example, re.MULTILINE)]
    assert [
        type(block) for step in lesson.steps for block in step.blocks if type(block) in kinds.values()
    ] == wanted


def test_every_key_and_kind_has_an_example() -> None:
    examples = "\n".join(EXAMPLES)
    keys = {*FRONT_KEYS, *COMMON_KEYS, *LAB_KEYS, *CHART_KEYS, "text", "correct", "when"}
    keys |= {key for some in KIND_KEYS.values() for key in some}
    assert [key for key in sorted(keys) if not re.search(rf"\b{key}:", examples)] == []
    assert [kind for kind in QUESTION_KINDS if f"kind: {kind}\n" not in examples] == []
