"""How long lessons take to open: `python -m tests.benchmarks.course` prints milliseconds of CPU, medians of fresh runs.

The floor of a course is reading the directory and the index; the floor of a lesson is markdown-it on the same text.
"""

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from tutor.course import expand, grade, load_course, load_lesson
from tutor.course.checking import check_course
from tutor.course.outline import markdown_parser

FRONT = (
    "---\nid: {id}\ntitle: Lesson {n}\norder: {n}\nminutes: 15\nobjectives: [one, two]\n---\n# Lesson {n}\n\n"
)
STEP = """## Step {n}

Text with a formula $G_t = \\sum_k \\gamma^k R_{{t+k+1}}$ and a number {{{{ 10 * 0.9 ** 5 | .2f }}}}.
More text, $\\gamma = 0.9$, and a link to [another lesson](lesson:lesson-1).

$$
V(s) = \\mathbb{{E}}_\\pi[G_t \\mid S_t = s]
$$

{lines}

```quiz
id: question-{n}
kind: numeric
question: What is it worth now?
answer: 10 * 0.99 ** 5
tolerance: 0.005
hints: ["How many steps away is it?", "Multiply by gamma once a step."]
why: "It is {{{{ 10 * 0.99 ** 5 | .2f }}}}."
```

"""


def lesson(number: int, steps: int) -> str:
    """A lesson whose steps are about 50 lines each."""
    lines = "\n\n".join(["A line of text, as long as lines of text are in lessons."] * 15)
    body = "".join(STEP.format(n=n, lines=lines) for n in range(steps))
    return FRONT.format(id=f"lesson-{number}", n=number) + body


def median(function: Callable[[], object], rounds: int = 25) -> float:
    """CPU milliseconds of one call."""
    times = []
    for _ in range(rounds):
        start = time.process_time()
        function()
        times.append((time.process_time() - start) * 1000)
    return statistics.median(times)


def fresh(code: str, rounds: int = 7) -> float:
    """CPU milliseconds that `code` prints, each in a Python of its own."""
    script = f"import time\nstart = time.process_time()\n{code}\nprint((time.process_time() - start) * 1000)"
    runs = [
        subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
        for _ in range(rounds)
    ]
    return statistics.median(float(run.stdout) for run in runs)


def floor_of_course(folder: Path, index: Path) -> None:
    json.loads(index.read_text(encoding="utf-8"))
    for entry in os.scandir(folder):
        entry.stat()


def main() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder, index = Path(name) / "course", Path(name) / "index.json"
        folder.mkdir()
        for number in range(16):
            (folder / f"{number:02}.md").write_text(lesson(number, steps=8), encoding="utf-8")
        one = folder / "one.markdown"
        one.write_text(lesson(99, steps=1), encoding="utf-8")
        load = (
            f"from tutor.course import load_course; load_course({str(folder)!r}, index=Path({str(index)!r}))"
        )
        rows = [
            (
                "17 lessons, no index (fresh process)",
                fresh(f"from pathlib import Path\n{load.replace(str(index), '/dev/null/x')}", 3),
                0.0,
            )
        ]
        load_course(folder, index=index)
        floor = median(lambda: floor_of_course(folder, index))
        rows.append(("17 lessons, warm index", median(lambda: load_course(folder, index=index)), floor))
        rows.append(
            (
                "17 lessons, warm index (fresh process, imports included)",
                fresh(f"from pathlib import Path\n{load}"),
                0.0,
            )
        )
        info = load_course(one).lessons[0]
        text = one.read_text(encoding="utf-8")
        rows.append(
            (
                f"one lesson of {text.count(chr(10))} lines",
                median(lambda: load_lesson(info)),
                median(lambda: markdown_parser().parse(text)),
            )
        )
        question = load_lesson(info).steps[0].questions[0]
        rows.append(("grading a number", median(lambda: grade(question, "10*0.99^5")), 0.0))
        rows.append(("expanding its text", median(lambda: expand(text)), 0.0))
        rows.append(("check of 17 lessons", median(lambda: check_course(folder), 3), 0.0))
    print(f"{'':58}{'ms':>8}{'floor':>8}")
    for title, spent, least in rows:
        print(f"{title:58}{spent:8.2f}{f'{least:8.2f}' if least else '':>8}")


if __name__ == "__main__":
    main()
