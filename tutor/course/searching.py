"""Searching the text of a course: every word must occur in the step, titles count more than text."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from tutor.course.loading import LessonError, load_lesson
from tutor.course.plaintext import Line, markdown_lines, step_lines
from tutor.course.types import LessonInfo, Step

MOST_HITS = 60  # more than anybody goes through; their number is said
MOST_WORDS = 12
_SAME = str.maketrans(
    {"–": "-", "—": "-", "−": "-", "‑": "-", "’": "'", "‘": "'", "“": '"', "”": '"', "\u00a0": " "}
)
Known = Callable[[str, str], bool]  # (lesson id, question id) -> whether its reasons may be seen
Span = tuple[int, int]


def fold(text: str) -> str:
    """Lower case, without accents: `Ёлка` and `élan` are found by `елка` and `elan`."""
    if text.isascii():
        return text.lower()
    letters = unicodedata.normalize("NFKD", text.translate(_SAME).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def query_words(query: str) -> list[str]:
    """What is searched for, folded: each word once."""
    return list(dict.fromkeys(fold(query).split()))[:MOST_WORDS]


@dataclass(frozen=True)
class StepText:
    """What can be found of one step. number: of the step, from 1."""

    lesson_id: str
    lesson_title: str
    step_id: str
    title: str
    number: int
    lines: tuple[Line, ...]

    @cached_property
    def folded_title(self) -> str:
        return fold(self.title)

    @cached_property
    def headings(self) -> str:
        """The lesson's title and what stands as a heading in the step."""
        return fold("\n".join([self.lesson_title, *(line.text for line in self.lines if line.heading)]))

    @cached_property
    def haystacks(self) -> tuple[str, ...]:
        """What is looked through for each line: its words and those of its formulas."""
        return tuple(
            fold(" ".join([line.text, *(formula.words for formula in line.formulas)])) for line in self.lines
        )

    @cached_property
    def free(self) -> str:
        """What everybody may see."""
        return "\n".join([self.folded_title, self.headings, *self._texts("")])

    @cached_property
    def reasons(self) -> dict[str, str]:
        """What may be seen once a question is finished, by its id."""
        questions = dict.fromkeys(line.after for line in self.lines if line.after)
        return {id: "\n".join(self._texts(id)) for id in questions}

    def _texts(self, after: str) -> Iterable[str]:
        return (text for text, line in zip(self.haystacks, self.lines, strict=True) if line.after == after)

    def text(self, known: Known) -> str:
        """All that this learner may see."""
        seen = [text for id, text in self.reasons.items() if known(self.lesson_id, id)]
        return "\n".join([self.free, *seen]) if seen else self.free


@dataclass(frozen=True)
class Hit:
    """A step with every word, and the line that shows most of them; marks: where they stand in it."""

    step: StepText
    line: Line
    marks: tuple[Span, ...]


class SearchIndex:
    """The text of the lessons it was told of; a lesson is read again only when its file has changed."""

    def __init__(self) -> None:
        self._read: dict[Path, tuple[object, tuple[StepText, ...]]] = {}
        self.steps: tuple[StepText, ...] = ()

    def update(
        self,
        lessons: Sequence[LessonInfo],
        progress: Callable[[int, int], None] = lambda _done, _all: None,
        stopped: Callable[[], bool] = lambda: False,
    ) -> None:
        """Read what is new, which may take a while: for a thread. progress: lessons done, of how many."""
        for number, info in enumerate(lessons):
            if stopped():
                return
            progress(number, len(lessons))
            stamp = _stamp(info)
            if self._read.get(info.path, (None, ()))[0] != stamp:
                self._read[info.path] = (stamp, _read(info))
        self.steps = tuple(step for info in lessons for step in self._read[info.path][1])
        progress(len(lessons), len(lessons))

    def search(self, query: str, known: Known = lambda _lesson, _question: False) -> tuple[list[Hit], int]:
        """The best hits first, equal ones in the order of the course; and how many steps there are in all."""
        words = query_words(query)
        found: list[tuple[int, int, StepText]] = []
        for step in self.steps:
            text = step.text(known)
            if words and all(word in text for word in words):
                found.append((-sum(_weight(word, step, text) for word in words), len(found), step))
        best = sorted(found, key=lambda entry: entry[:2])[:MOST_HITS]
        return [_hit(step, words, known) for _, _, step in best], len(found)


def _stamp(info: LessonInfo) -> object:
    try:
        status = info.path.stat()
    except OSError:
        return "gone"
    return (status.st_mtime_ns, status.st_size, info.id)


def _read(info: LessonInfo) -> tuple[StepText, ...]:
    """A lesson that cannot be read has nothing to find; Home says what is wrong with it."""
    if info.fault:
        return ()
    try:
        steps = load_lesson(info).steps
        return tuple(_step_text(info, number, step) for number, step in enumerate(steps, 1))
    except (LessonError, RecursionError):
        return ()


def _step_text(info: LessonInfo, number: int, step: Step) -> StepText:
    title = next((line.text for line in markdown_lines(step.title)), step.title)
    found = StepText(info.id, info.title, step.id, title, number, tuple(step_lines(step)))
    _ = found.free, found.reasons  # folded here, where nobody waits for it
    return found


def _begins(word: str, text: str) -> bool:
    """Whether a word of the text begins so."""
    place = text.find(word)
    while place > 0 and text[place - 1].isalnum():
        place = text.find(word, place + 1)
    return place >= 0


def _weight(word: str, step: StepText, text: str) -> int:
    """How much a word counts where it stands: in the step's title, in a heading or the lesson's title, in the text."""
    if word in step.folded_title:
        return 12 + 4 * _begins(word, step.folded_title)
    if word in step.headings:
        return 5 + 2 * _begins(word, step.headings)
    return 1 + _begins(word, text)


def _hit(step: StepText, words: Sequence[str], known: Known) -> Hit:
    """The line with most of the words; the step's first where only the titles have them."""
    best, most = Line(""), -1
    for line, text in zip(step.lines, step.haystacks, strict=True):
        if line.after and not known(step.lesson_id, line.after):
            continue
        count = sum(2 * (word in text) + _begins(word, text) for word in words)
        if count > most:
            best, most = line, count
    return Hit(step, best, tuple(marks(best, words)))


def marks(line: Line, words: Sequence[str]) -> list[Span]:
    """Where the words stand in a line, in order; a formula whose LaTeX has one is marked whole."""
    folded, places = _folded_with_places(line.text)
    spans = []
    for word in words:
        at = folded.find(word)
        while at >= 0:
            spans.append((places[at], places[at + len(word) - 1] + 1))
            at = folded.find(word, at + len(word))
        spans += [(f.start, f.end) for f in line.formulas if word in fold(f.words)]
    return _merged(spans)


def _folded_with_places(text: str) -> tuple[str, list[int]]:
    """The folded text, and for each letter of it which letter of the text it comes from."""
    letters, places = [], []
    for place, letter in enumerate(text):
        folded = fold(letter)
        letters.append(folded)
        places += [place] * len(folded)
    return "".join(letters), places


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(end, merged[-1][1]))
        else:
            merged.append((start, end))
    return merged
