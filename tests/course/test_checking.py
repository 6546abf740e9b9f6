"""`check_course` finds every fault of the faulty course, each on its line, and nothing else.

A line of `faulty/` that holds `EXPECT: a && b` must give exactly two findings, one with the text a, one with b.
"""

import re
from pathlib import Path

import pytest

from tutor.course import check_course
from tutor.course.types import Finding

FAULTY = Path(__file__).parent / "faulty"
FILES = sorted(FAULTY.glob("en/*.md"))
GOOD = "---\nid: good\ntitle: Good\norder: 1\n---\n# Good\n\n## A step\n\nText.\n"


def expectations(file: Path) -> list[tuple[int, str]]:
    found = []
    for number, line in enumerate(file.read_text(encoding="utf-8").split("\n"), 1):
        if match := re.search(r"EXPECT: (.*?)(?: -->)?$", line):
            found += [(number, text.strip()) for text in match[1].split(" && ")]
    return found


@pytest.fixture(scope="module")
def findings() -> list[Finding]:
    return check_course(FAULTY)


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_every_fault_is_found_on_its_line(file: Path, findings: list[Finding]) -> None:
    found = [finding for finding in findings if finding.file == str(file)]
    missed = [
        (line, text)
        for line, text in expectations(file)
        if not any(f.line == line and text in f.message for f in found)
    ]
    assert missed == [], "\n".join(map(str, found))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_nothing_else_is_found(file: Path, findings: list[Finding]) -> None:
    wanted = expectations(file)
    extra = [
        str(finding)
        for finding in findings
        if finding.file == str(file)
        and not any(line == finding.line and text in finding.message for line, text in wanted)
    ]
    assert extra == []
    assert len([f for f in findings if f.file == str(file)]) == len(wanted)


def test_findings_are_sorted_and_read_as_editors_expect(findings: list[Finding]) -> None:
    assert findings == sorted(findings)
    assert all(re.match(r".+\.md:[1-9]\d*:[1-9]\d*: .+", str(finding)) for finding in findings)
    assert all("\n" not in finding.message for finding in findings)


def test_one_file_alone_is_checked_against_its_neighbours(findings: list[Finding]) -> None:
    for file in FILES:
        assert check_course(file) == [finding for finding in findings if finding.file == str(file)]


def test_files_are_named_as_the_path_names_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "course" / "en").mkdir(parents=True)
    (tmp_path / "course" / "en" / "a.md").write_text("# no front matter\n\n## A step\n\nText.\n")
    monkeypatch.chdir(tmp_path)
    (finding,) = check_course("course")
    assert (finding.file, finding.line) == ("course/en/a.md", 1)
    assert "no front matter" in finding.message
    assert check_course(Path("course/en/a.md")) == [finding]


@pytest.mark.parametrize(
    ("source", "line", "message"),
    [
        ("---\ntitle: T\n---\n## S\n\nx\n", 1, "front matter: the key 'id' is missing"),
        ("---\nid: a\norder: 1\n---\n## S\n\nx\n", 1, "the key 'title' is missing"),
        ("---\nid: a\ntitle: T\n---\n## S\n\nx\n", 1, "the key 'order' is missing"),
        (
            "---\nid: a\ntitle: T: U\norder: 1\n---\n## S\n\nx\n",
            3,
            "bad YAML: a colon and a space inside text",
        ),
        ('---\nid: a\n\ntitle: "T\norder: 1\n---\n## S\n\nx\n', 4, "bad YAML"),
        ("---\nid: a\nid: b\n---\n## S\n\nx\n", 3, "the key 'id' stands here twice"),
        ("---\nid: a\ntitle: T\norder: -1\n---\n## S\n\nx\n", 4, "'order' is '-1'"),
        ("---\nid: a\ntitle: T\norder: 1\nrequires: [b]\n---\n## S\n\nx\n", 5, "there is no lesson 'b'"),
        (
            "---\nid: a\ntitle: T\norder: 1\n---\n# T\n\ntext\n",
            1,
            "no step; begin each step with a line '## Title'",
        ),
        ("---\nid: a\ntitle: T\norder: 1\n---\n## S\n\nx \x1b[2J\n", 8, "the control character U+001B"),
        ('---\nid: a\ntitle: T\norder: 1\nminutes: "15"\n---\n## S\n\nx\n', 5, "'minutes' is '15'"),
        ("", 1, "no front matter"),
        ("---\nid: a\ntitle: T\n# T\n\n## S\n\nx\n", 1, "never closed; put a line of --- after its last key"),
    ],
)
def test_faults_of_a_whole_file(source: str, line: int, message: str, tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(source, encoding="utf-8")
    assert any(finding.line == line and message in finding.message for finding in check_course(tmp_path))


def test_a_file_that_cannot_be_read_is_a_finding(tmp_path: Path) -> None:
    (tmp_path / "latin.md").write_bytes(b"# A\n\n## caf\xe9\n")
    (tmp_path / "huge.md").write_bytes(b"# A\n" + b"x" * 2_000_001)
    (tmp_path / "good.md").write_text(GOOD)
    latin, huge = sorted(check_course(tmp_path), reverse=True)
    assert "not UTF-8 (line 3)" in latin.message
    assert "larger than 1 MB" in huge.message


def test_two_lessons_of_one_id(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(GOOD)
    (tmp_path / "b.md").write_text(GOOD)
    (finding,) = check_course(tmp_path)
    assert finding == Finding(
        str(tmp_path / "b.md"), 2, "front matter: the id 'good' is that of a.md already; take another"
    )


def test_a_prerequisite_that_comes_later(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text(GOOD)
    (tmp_path / "b.md").write_text(
        GOOD.replace("good", "b").replace("order: 1", "order: 0\nrequires: [good]")
    )
    (finding,) = check_course(tmp_path)
    assert (finding.line, finding.file) == (5, str(tmp_path / "b.md"))
    assert "comes later" in finding.message


def test_every_language_is_checked(tmp_path: Path) -> None:
    for language in ("en", "ru"):
        (tmp_path / language).mkdir()
        (tmp_path / language / "a.md").write_text("text")
    assert {Path(finding.file).parent.name for finding in check_course(tmp_path)} == {"en", "ru"}


def test_a_good_lesson_gives_nothing_and_no_lesson_says_so(tmp_path: Path) -> None:
    (finding,) = check_course(tmp_path)
    assert "there is no lesson here" in finding.message
    (finding,) = check_course(tmp_path / "nowhere")
    assert "there is no such file or folder" in finding.message
    (tmp_path / "good.md").write_text(GOOD)
    assert check_course(tmp_path) == []
    assert check_course(tmp_path / "good.md", run=True) == []


def test_a_misspelt_block_is_found_and_a_language_is_none(tmp_path: Path) -> None:
    fences = "\n\n".join(
        f"```{word}\nx\n```" for word in ("quizz", "lap", "chat", "csharp", "lua", "c", "python", "")
    )
    head = "---\nid: 01-a\ntitle: A\norder: 1\n---\n# A\n\n## A step\n\n"
    (tmp_path / "a.md").write_text(head + fences + "\n")
    found = [(f.line, f.message) for f in check_course(tmp_path)]
    assert [line for line, _ in found] == [10, 14, 18]
    assert "for a quiz write quiz" in found[0][1]
    assert "for a lab write lab" in found[1][1]
    assert "for a chart write chart" in found[2][1]
