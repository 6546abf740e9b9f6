"""Faults of a lesson's plan and fairness, each with its exact line and column."""

import os
import tracemalloc
from pathlib import Path

import pytest

from tutor.course import check_course, load_course, load_lesson
from tutor.course.types import Finding, Step

FRONT = "---\nid: {id}\ntitle: T\norder: {order}\n{more}---\n# T\n\n"
BODY = "## A step\n\nText.\n"


def lesson(id: str = "a", order: int = 1, more: str = "", body: str = BODY) -> str:
    return FRONT.format(id=id, order=order, more=more) + body


def found(folder: Path, *sources: str, **options: object) -> list[tuple[str, int, int, str]]:
    """(file, line, column, message) of every finding in a course of these lessons: a.md, b.md, …"""
    for name, source in zip("abcdef", sources, strict=False):
        (folder / f"{name}.md").write_text(source, encoding="utf-8")
    findings = check_course(folder, **options)  # type: ignore[arg-type]
    return [(Path(f.file).name, f.line, f.column, f.message) for f in findings]


def places(folder: Path, *sources: str) -> list[tuple[int, int]]:
    return [(line, column) for _, line, column, _ in found(folder, *sources)]


def quiz(*lines: str) -> str:
    return "\n".join(["## A step", "", "```quiz", *lines, "```", ""])


# Ids


def test_two_lessons_of_one_id_and_two_questions_of_one_id(tmp_path: Path) -> None:
    question = "```quiz\nid: q\nkind: numeric\nquestion: What?\nanswer: 1234\n```\n"
    (lesson_twice, question_twice) = found(tmp_path, lesson(), lesson(body=f"## S\n\n{question}\n{question}"))
    assert lesson_twice[:3] == ("b.md", 2, 1)
    assert "the id 'a' is that of a.md already" in lesson_twice[3]
    assert question_twice[:3] == ("b.md", 18, 1)
    assert "the id 'q' stands here twice in this lesson" in question_twice[3]


def test_titles_of_steps_that_collide(tmp_path: Path) -> None:
    body = "## One idea\n\nText.\n\n##  One, idea!\n\nText.\n"
    ((_, line, column, message),) = found(tmp_path, lesson(body=body))
    assert (line, column) == (12, 5)
    assert message == "the step's id 'one-idea' is that of the step in line 8 already; change its title"


# Prerequisites


def test_a_circle_of_prerequisites_is_named_once(tmp_path: Path) -> None:
    first = lesson("a", 3, "requires: [x, b]\n")
    second = lesson("b", 2, "requires:\n  - c\n")
    third = lesson("c", 1, "requires: [a]\n")
    findings = found(tmp_path, first, second, third, lesson("x", 1))
    (circle,) = [f for f in findings if "circle" in f[3]]
    assert circle == (
        "a.md", 5, 15,
        "front matter: 'requires' goes in a circle, a → b → c → a; leave one of these out",
    )  # fmt: skip
    assert [f[:3] for f in findings if "comes later" in f[3]] == [("c.md", 5, 12)]


def test_two_circles_are_two_findings_and_a_tail_is_none(tmp_path: Path) -> None:
    requires = {"a": "b", "b": "a", "c": "d", "d": "c", "e": "a"}
    sources = [lesson(id, 1, f"requires: [{needed}]\n") for id, needed in requires.items()]
    messages = [message for *_, message in found(tmp_path, *sources)]
    assert [message.partition(", ")[2].partition(";")[0] for message in messages] == [
        "a → b → a",
        "c → d → c",
    ]


# Links


def test_a_broken_link_wherever_it_stands(tmp_path: Path) -> None:
    block = quiz(
        "id: q",
        "kind: choice",
        "question: See [it](lesson:q1)",
        "options:",
        "  - {text: 'go [there](lesson:o1)', correct: true, why: 'as [said](lesson:w1)'}",
        "  - text: stay",
        "    why: |",
        "      Not at all,",
        "      see [this](lesson:w2).",
        "hints:",
        "  - look [here](lesson:h1)",
        "why: And [so](lesson:b#nope).",
    )
    findings = found(
        tmp_path, lesson(body=f"{block}\nText [a](lesson:b) and [b](lesson:t1)\n"), lesson("b", 2)
    )
    assert [(line, column, message.partition("; ")[0]) for _, line, column, message in findings] == [
        (13, 20, "quiz (choice): there is no lesson 'q1'"),
        (15, 24, "option: there is no lesson 'o1'"),
        (15, 68, "option: there is no lesson 'w1'"),
        (19, 18, "option: there is no lesson 'w2'"),
        (21, 17, "quiz (choice): there is no lesson 'h1'"),
        (22, 15, "quiz (choice): there is no step of b 'nope'"),
        (25, 28, "text: there is no lesson 't1'"),
    ]


# Tables


@pytest.mark.parametrize(
    ("table", "place"),
    [
        ("| a | b |\n|---|---|\n| $P(s'|s)$ | 1 |", (12, 8)),  # the bar itself
        ("| $P(s'|s)$ | b |\n|:--|---:|\n| 1 | 2 |", (10, 8)),  # the head: not even a table any more
        ("a | b\n--|--\n1 | $|A|$", (12, 6)),
        ("> | a | b |\n> |---|---|\n> | 1 | $p(a|s)$ |", (12, 13)),
        ("- a list\n\n  | a | b |\n  |---|---|\n  | 1 | $p(a|s)$ |", (14, 13)),
        ("| a | b |\n|---|---|\n| {{ 1 / 3 | .2f }} | $p(a|s)$ |", (12, 27)),
    ],
)
def test_a_bar_in_a_formula_splits_a_cell(table: str, place: tuple[int, int], tmp_path: Path) -> None:
    findings = found(tmp_path, lesson(body=f"## A step\n\n{table}\n"))
    assert [(line, column) for _, line, column, _ in findings] == [place]
    assert "splits the table's cell; write \\mid for it" in findings[0][3]


@pytest.mark.parametrize(
    "text",
    [
        "| a | b |\n|---|---|\n| $P(s' \\mid s)$ | $x$ |",
        "| a | b |\n|---|---|\n| $P(s' \\| s)$ | it costs $5 | $6 |",  # Markdown takes \| for a bar of the cell
        "Text $P(s'|s)$, and no table.",
        "```\n| a | b |\n|---|---|\n| $p(a|s)$ | 1 |\n```",
        "| a | b |\n|---|---|\n| $5 | $6 |",
    ],
)
def test_bars_that_split_nothing(text: str, tmp_path: Path) -> None:
    assert found(tmp_path, lesson(body=f"## A step\n\n{text}\n")) == []


# Long steps


def test_a_step_of_more_than_three_screens(tmp_path: Path) -> None:
    """66 rows are three screens of 22; what a step takes is what the screen says."""

    def rows(step: Step) -> int:
        return {"short": 66, "long": 67}[step.id]

    body = "## Short\n\nText.\n\n## Long\n\nText.\n"
    ((_, line, column, message),) = found(tmp_path, lesson(body=body), rows_of=rows)
    assert (line, column) == (12, 1)
    assert message == (
        "the step takes 67 rows at 80x24, more than three screens (66); split it or shorten it"
    )


# Options


def choices(*answers: tuple[str, ...]) -> str:
    """A step of questions; of each the first option is right."""
    blocks = []
    for number, (right, *wrong) in enumerate(answers):
        options = [f"  - {{text: {right}, correct: true, why: so}}"]
        options += [f"  - {{text: {text}, why: so}}" for text in wrong]
        blocks.append("\n".join(["```quiz", f"id: q-{number}", "kind: choice", "question: Which?", "options:",
                                 *options, "```", ""]))  # fmt: skip
    return "## A step\n\n" + "\n".join(blocks)


def test_the_longest_option_is_always_right(tmp_path: Path) -> None:
    told = ("quite long", "a", "b")
    ((_, line, column, message),) = found(tmp_path, lesson(body=choices(told, told, told)))
    assert (line, column) == (14, 1)
    assert (
        "in 3 of 3 questions of this lesson the longest option is right (by chance it would be 1.0)"
        in message
    )


@pytest.mark.parametrize(
    ("told", "fair", "says"),
    [
        (2, 0, False),  # two questions prove nothing
        (5, 1, True),  # 5 of 6 or more, each with chance 1/3: 13/729 = .018
        (4, 2, False),  # 4 of 6 or more: 73/729 = .100
    ],
)
def test_how_often_is_too_often(told: int, fair: int, says: bool, tmp_path: Path) -> None:
    body = choices(*[("quite long", "a", "b")] * told, *[("a", "quite long", "b")] * fair)
    assert bool(found(tmp_path, lesson(body=body))) is says


def test_options_of_one_length_tell_nothing(tmp_path: Path) -> None:
    assert found(tmp_path, lesson(body=choices(*[("a", "b", "c")] * 6))) == []


# Hints


def numeric(answer: str, hint: str, question: str = "How much?", tolerance: str = "0.01") -> str:
    return quiz("id: q", "kind: numeric", f"question: '{question}'", f"answer: {answer}",
                f"tolerance: {tolerance}", "hints:", "  - Think.", f"  - '{hint}'")  # fmt: skip


@pytest.mark.parametrize(
    ("answer", "hint"),
    [
        ("0.25 / 0.15", "It is about 1.67."),
        ("0.25 / 0.15", "$r = 1.667$ is what to type"),
        ("0.15", "Something like 15 %."),
        ("0.5", "You may type 0,5 here."),
        ("-1 / 4", "Mind the sign: −0.25"),
        ("2 + 2", "The answer is {{ 8 / 2 | d }}."),
        ("1e-3", "write 1e-3"),
    ],
)
def test_a_hint_that_contains_the_number(answer: str, hint: str, tmp_path: Path) -> None:
    tolerance = "0" if "e-" in answer else "0.01"
    ((_, line, column, message),) = found(tmp_path, lesson(body=numeric(answer, hint, tolerance=tolerance)))
    assert (line, column) == (18, 5)
    assert "hint 2 contains the answer" in message


@pytest.mark.parametrize(
    ("answer", "hint", "question"),
    [
        ("0.25 / 0.15", "Divide 0.25 by 0.15.", "How much?"),
        ("3", "Count the squares of the 3 x 4 grid.", "A grid is 3 wide. How many columns?"),
        ("2", "Put it into $x^2$.", "How much?"),
        ("2", "$G_2$ comes first.", "How much?"),
        ("1", "Use $1 - 0.2$ below.", "How much?"),
        ("3", "3 * 4 comes later", "How much?"),
    ],
)
def test_a_hint_that_does_not(answer: str, hint: str, question: str, tmp_path: Path) -> None:
    assert found(tmp_path, lesson(body=numeric(answer, hint, question))) == []


def test_a_hint_that_contains_the_word(tmp_path: Path) -> None:
    block = quiz("id: q", "kind: text", "question: What is it called?", "accept: [return, the return]",
                 "hints: [not the reward, 'One says: The  Return.', returning is no answer]")  # fmt: skip
    ((_, line, column, message),) = found(tmp_path, lesson(body=block))
    assert (line, column) == (15, 25)
    assert "hint 2 contains the answer (return)" in message


# The form


def test_findings_come_in_the_order_of_the_file(tmp_path: Path) -> None:
    body = "## A step\n\nA {{ x }} then {{ y }}, [z](lesson:z).\n"
    assert places(tmp_path, lesson(more="minutes: x\n", body=body)) == [(5, 1), (11, 3), (11, 16), (11, 29)]


def test_what_would_be_right() -> None:
    assert Finding("a.md", 3, "this is wrong; do that", 7).fix == "do that"
    assert Finding("a.md", 3, "this is wrong").fix == ""
    assert str(Finding("a\x1b\n.md", 3, "this is wrong", 7)) == "a\ufffd\ufffd.md:3:7: this is wrong"
    assert Finding("a.md", 2, "z", 9) < Finding("a.md", 3, "a", 1) < Finding("a.md", 3, "a", 2)


# Files that cannot be read


def test_a_lesson_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Root may read everything, so the system's answer is given here."""
    opened = os.open

    def refuse(path: os.PathLike[str], *rest: int) -> int:
        if os.fspath(path).endswith("b.md"):
            raise PermissionError(13, "Permission denied")
        return opened(path, *rest)

    monkeypatch.setattr(os, "open", refuse)
    ((file, line, column, message),) = found(tmp_path, lesson(), lesson("b", 2))
    assert (file, line, column) == ("b.md", 1, 1)
    assert message == "the lesson cannot be opened: it cannot be read: Permission denied"
    good, bad = load_course(tmp_path).lessons
    assert (good.fault, bad.fault) == ("", "b.md: it cannot be read: Permission denied")


def test_a_huge_lesson_takes_no_memory(tmp_path: Path) -> None:
    """Of 10 MB no more is read than shows that it is too much."""
    (tmp_path / "a.md").write_bytes(b"# A\n\n" + b"word " * 2_000_000)
    load_course(tmp_path)  # what is imported on the way is not counted
    tracemalloc.start()
    (info,) = load_course(tmp_path).lessons
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert "larger than 1 MB" in info.fault
    assert peak < 3_000_000


def test_a_step_of_too_many_parts(tmp_path: Path) -> None:
    body = "## S\n\n" + "```lab\nname: gridworld\n```\n" * 201
    ((_, line, column, message),) = found(tmp_path, lesson(body=body))
    assert (line, column) == (10 + 3 * 200, 1)
    assert message == "the step has more than 200 parts, the rest is not shown; split it"
    (info,) = load_course(tmp_path).lessons
    assert len(load_lesson(info).steps[0].blocks) == 201  # 200, and what is said in place of the rest


# Formulas without an end


@pytest.mark.parametrize(
    ("text", "column"),
    [
        (r"Here $\gamma = 0.9 is near one.", 6),
        (r"The return $G_t of a step.", 12),
        ("A value $V(s) and more.", 9),
        ("That is $x.", 9),
        ("It falls as $0.9^k does.", 13),
        (r"Half: $0.5 \cdot 3", 7),
        (r"Right $a$ and wrong $b here.", 21),
        (r"- in a list $\pi(a|s)", 13),
        (r"Not one: $ \gamma $, for Markdown.", 10),
    ],
)
def test_a_formula_that_ends_nowhere(tmp_path: Path, text: str, column: int) -> None:
    ((_, line, found_column, message),) = found(tmp_path, lesson(body=f"## S\n\nText.\n\n{text}\n"))
    assert (line, found_column) == (12, column)
    assert "ends nowhere" in message


@pytest.mark.parametrize(
    "text",
    [
        "It costs $5, or $5-$10, or $1,000.50 at most.",
        "US$ 5 and A$7 and 5$.",
        "Set $PATH, $HOME/bin, ${name} and $(ls); $1 is the first, $_ the last.",
        "$ make install",
        r"A literal \$x and \$\gamma.",
        "`$x` is code, as is\n\n    $y = 3;\n\n```php\n$x = 1;\n```",
        r"Sound: $\gamma^k$, $x$, and $$G_t$$ too.",
        "jQuery's $.ajax and $some_name, $someName, $i18n, $t-0.",
    ],
)
def test_money_shells_and_code_are_no_formulas(tmp_path: Path, text: str) -> None:
    assert found(tmp_path, lesson(body=f"## S\n\n{text}\n")) == []
