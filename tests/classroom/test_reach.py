"""Every way inside the tutor that might lead a learner to the host's files, its environment, or to another learner."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncssh
import pytest

from tests.classroom.served import Served, Terminal, connect, joined_before, open_terminal
from tutor import paths
from tutor.progress import open_store

HOME = "Agent and environment"
ESC, ENTER, PALETTE, LEAVE, END, RIGHT = "\x1b", "\r", "\x10", "\x11", "\x1b[F", "\x1b[C"
LAB = "arrows go"  # the bottom line of the gridworld
OTHERS = "what-another-has-answered"
LESSON = "01-reasoning-models"
RIGHT_ANSWERED = "Question 2 ✓"
ON_HOME = "enter go on"


class Class:
    """Two of the shared class: one who is logged in, and one who has half an answer and a right one."""

    def __init__(self, served: Served) -> None:
        self.served, self.name, self.other = served, "reaches", "another-learner"
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        joined_before(served.folder, self.name, self.key)
        other = joined_before(served.folder, self.other, self.key)
        with open_store(served.folder / "class.db", learner_hint=other.id) as store:
            store.record("draft", LESSON, "two-agents-two-minutes", "one-word", response=OTHERS)
            store.record(
                "attempt",
                LESSON,
                "models-that-think-before-they-answer",
                "what-makes-it-one",
                response=2,
                right=True,
                hints=0,
            )
        self.never = [str(served.home), str(paths.PACKAGE.parent), "root:x:0", self.other]


class Visit:
    """One session, of which every screen is looked at."""

    def __init__(self, own: Class, terminal: Terminal) -> None:
        self.own, self.terminal = own, terminal

    async def see(self, keys: str, *words: str) -> str:
        """The screen, once it shows the words after the keys, and nothing that it must not show."""
        self.terminal.type(keys)
        await self.terminal.until_so(
            lambda text: all(word in text for word in words), what=" and ".join(words)
        )
        flat = self.terminal.text.replace("\n", "")
        assert not [secret for secret in self.own.never if secret in flat]
        return self.terminal.text

    async def back(self, gone: str, words: str) -> None:
        """esc: what was shown goes, what lies below comes."""
        self.terminal.type(ESC)
        await self.terminal.until_so(lambda text: gone not in text and words in text, what=words)


@pytest.fixture(scope="session")
def own(served: Served) -> Class:
    return Class(served)


@pytest.fixture
async def visit(own: Class) -> AsyncIterator[Visit]:
    async with await connect(own.served, own.name, keys=(own.key,)) as connection:
        terminal = await open_terminal(connection, size=(200, 40))
        await terminal.until(HOME)
        yield Visit(own, terminal)
        terminal.type(LEAVE)
        await terminal.closed()


def _files(own: Class) -> set[Path]:
    """What lies in the class's folder and beside it, apart from its own books."""
    everything = {path for path in own.served.home.rglob("*") if path.is_file()}
    return {path for path in everything if not path.name.startswith(("class.db", "audit.log"))}


async def test_exports_of_labs_and_progress_go_to_the_teachers_folder_and_no_screen_says_where(
    own: Class, visit: Visit
) -> None:
    before = _files(own)
    await visit.see("t", LAB)
    await visit.see("x", "A copy is with your teacher", "steps.csv")
    await visit.back("A copy", LAB)
    await visit.back(LAB, ON_HOME)
    await visit.see("p", "x export")
    await visit.see("x", "A copy is with your teacher")
    folder = own.served.folder / "exports" / own.name
    new = _files(own) - before
    assert {path.suffix for path in new} >= {".csv", ".svg", ".json"}
    assert all(path.is_relative_to(folder) for path in new)
    assert folder.stat().st_mode & 0o077 == 0


async def test_the_palette_has_no_way_out_of_the_tutor(visit: Visit) -> None:
    for asked in ("screenshot", "import file", "/etc/passwd"):
        await visit.see(PALETTE, "leave the tutor (quit)")
        await visit.see(asked, "No matches found")
        await visit.back("No matches", ON_HOME)


async def test_options_and_names_take_no_path(own: Class, visit: Visit) -> None:
    before = _files(own)
    await visit.see("t", LAB)
    for path in ("/etc/passwd", "../../class.toml", f"{own.served.folder.name}/audit.log"):
        await visit.see("o", "name or line")
        await visit.see(path, "●")
        await visit.see(ENTER, "grid: ")
        await visit.back("name or line", LAB)
    await visit.see("d", "k keep")
    await visit.see("k", "Keep this grid under the name:")
    await visit.see("../../x", "a name is lower-case letters")
    await visit.see(ENTER, "Keep this grid under the name:")
    await visit.back("under the name", "k keep")
    assert _files(own) == before


async def test_code_and_settings_show_nothing_of_the_machine(visit: Visit) -> None:
    await visit.see("s", "Dark or light background")
    await visit.back("Dark or light", ON_HOME)
    await visit.see("t", LAB)
    await visit.see("c", "tutor.rl.episodes.take_step")


async def _lesson_of(visit: Visit, *last: str) -> str:
    """The first two steps of the lesson that the other has begun, from Home on: their questions, once these words are
    there, too."""
    await visit.see(ENTER, "step 1 of")
    first = await visit.see(END, "Question 1")
    return first + await visit.see(RIGHT, "step 2 of", "Question 2", *last)


async def test_what_another_has_done_is_on_no_page(own: Class, visit: Visit) -> None:
    assert "step 1 of" not in await visit.see("", ON_HOME)
    await visit.see("p", "0 s in all")
    await visit.back("0 s in all", ON_HOME)
    mine = await _lesson_of(visit)
    assert not [theirs for theirs in (OTHERS, RIGHT_ANSWERED, "Right.") if theirs in mine]
    assert "> a word or two" in mine  # nothing is typed there
    await visit.see("/", "Search the lessons")
    await visit.see(OTHERS, "No step of this course")
    async with await connect(own.served, own.other, keys=(own.key,)) as connection:
        theirs = Visit(own, await open_terminal(connection, size=(200, 40)))
        await theirs.terminal.until(HOME)
        seen = await _lesson_of(theirs, RIGHT_ANSWERED, "Right.")  # and whose it is does see it
    assert OTHERS in seen
