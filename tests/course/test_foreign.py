"""Other people's Markdown as a course: it loads, the check says what is missing, and nothing breaks.

`foreign/` holds small samples in the manner of READMEs, Hugo, Docusaurus (MDX), MyST and exported tables.
"""

import re
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from tutor.course import check_course, load_course, load_lesson
from tutor.course.loading import parse_lesson

FOREIGN = Path(__file__).parent / "foreign"
FILES = sorted(f for f in FOREIGN.rglob("*.md*") if f.stem != "README")


def test_every_file_of_every_folder_is_a_lesson() -> None:
    course = load_course(FOREIGN)
    assert sorted(info.path for info in course.lessons) == FILES
    assert [info.fault for info in course.lessons if info.fault] == []
    ids = [info.id for info in course.lessons]
    assert len(set(ids)) == len(ids)


def test_titles_and_steps_are_what_their_authors_meant() -> None:
    by_name = {info.path.name: info for info in load_course(FOREIGN).lessons}
    assert by_name["INSTALL.md"].title == "Project Title"
    assert by_name["INSTALL.md"].step_ids == ("installing", "using", "using-2")  # underlined headings
    assert by_name["page.mdx"].title == "MDX with imports"
    assert by_name["bom.md"].title == "A byte order mark"
    assert by_name["bom.md"].step_ids == ("windows",)
    assert by_name["hugo.md"].step_ids == ("what-it-does",)


def test_toml_is_not_shown_as_text() -> None:
    info = next(info for info in load_course(FOREIGN).lessons if info.path.name == "hugo.md")
    texts = [str(block) for step in load_lesson(info).steps for block in step.blocks]
    assert not any("TOML front matter" in text for text in texts)


def test_the_check_says_what_each_lacks() -> None:
    said: dict[str, list[str]] = {}
    for finding in check_course(FOREIGN):
        said.setdefault(Path(finding.file).name, []).append(f"{finding.line}: {finding.message}")
    assert set(said) == {file.name for file in FILES}
    for name, wanted in {
        "INSTALL.md": "1: no front matter; begin the file with ---",
        "hugo.md": "1: the front matter is TOML; write it in YAML",
        "page.mdx": "1: front matter: the key 'id' is missing",
        "myst.md": "41: text: a bar inside the formula $p(a|s)$ splits",
        "quiz.md": "19: a quiz block inside a list or quotation is shown as code",
        "empty.md": "1: no step; begin each step with a line '## Title'",
        "nothing.md": "1: no front matter",
        "unclosed.md": "1: front matter: it is never closed; put a line of --- after its last key",
    }.items():
        assert any(message.startswith(wanted) for message in said[name]), said[name]


PIECES = [
    "# T", "## S", "## S {#id}", "S\n=", "S\n-", "---", "+++", "```", "````", "~~~ {.x}", "```quiz", "```lab",
    "```chart", "```{note}", ":::", "id: a", "kind: choice", "options:", "  - {text: a, why: b}", "- [ ] x",
    "  - y", "1. z", "> q", ">> ```quiz", "| a | b |", "|---|---|", "| $p(a|s)$ |", "$$", "$x$", "{{ 1 / 0 }}",
    "{{", "}}", "<div>", "</div>", "<!--", "-->", "{/* x */}", "import A from 'b'", "[^1]: n", "[a]: b",
    "[a](lesson:b#c)", "![i](j)", "&#8238;", "\\", "\t", "    code", "`", "**", "\x1b[2J", "\u202e", "\ufeff",
    "", "", "word",
]  # fmt: skip
MARKDOWN = st.lists(st.sampled_from(PIECES), max_size=30).map("\n".join)


@given(MARKDOWN)
def test_whatever_markdown_makes_a_lesson(source: str) -> None:
    parsed = parse_lesson(source, Path("x.md"), "x.md")
    lines = source.count("\n") + 1
    assert parsed.lesson.steps
    assert all(1 <= f.line <= lines and f.column >= 1 for f in parsed.report.findings)
    assert all(
        not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u202e]", str(step)) for step in parsed.lesson.steps
    )
