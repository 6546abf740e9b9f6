"""What a client says of its terminal, and what that terminal answers: sizes, reports, bytes, variables."""

import asyncio
import json
import os
import random
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from itertools import pairwise
from pathlib import Path

import asyncssh
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.classroom.processes import session_of, until
from tests.classroom.served import OF_THE_TEACHER, TELL, Served, Terminal, connect, joined_before
from tutor.classroom.terminal import LARGEST, SMALLEST, USUAL, Typed, sound_size

HOME = "Agent and environment"
DOWN, ENTER, LEAVE = "\x1b[B", "\r", "\x11"
ESC = "\x1b[27u"  # as the kitty protocol has it: a lone one would swallow what follows it soon
MORE = (LARGEST[0] + 20, LARGEST[1] + 20)  # an emulator that shows what is drawn beyond the largest size
SIZES = [(0, 0, USUAL), (100_000, 100_000, LARGEST), (3, 1, SMALLEST), (120, 40, (120, 40))]


class Class:
    """Three of the shared class."""

    def __init__(self, served: Served) -> None:
        self.served = served
        self.names = [f"terminal{number}" for number in range(3)]
        self.name = self.names[0]  # who never leaves Home
        self.key = asyncssh.generate_private_key("ssh-ed25519")
        for name in self.names:
            joined_before(served.folder, name, self.key)

    @asynccontextmanager
    async def visit(
        self,
        size: tuple[int, int] = (80, 24),
        *,
        who: int = 0,
        term: str = "xterm-256color",
        sent: Mapping[str, str] | None = None,
    ) -> AsyncIterator[Terminal]:
        """A session on a terminal that says it has this size, of this kind, with these variables."""
        async with await connect(self.served, self.names[who], keys=(self.key,)) as connection:
            process = await connection.create_process(
                term_type=term, term_size=size, encoding=None, env=sent or {}
            )
            terminal = Terminal(process, MORE)
            yield terminal
            terminal.type(LEAVE)
            await terminal.closed()

    async def variables(self, terminal: Terminal) -> dict[str, str]:
        """Those that the session has, as it sees them itself."""
        await terminal.until(HOME)
        pid = session_of(self.served, self.name)
        told = Path(os.readlink(f"/proc/{pid}/cwd")) / "told"
        told.unlink(missing_ok=True)
        os.kill(pid, TELL)
        await until(told.exists)
        variables: dict[str, str] = json.loads(told.read_text())
        return variables


@pytest.fixture(scope="session")
def own(served: Served) -> Class:
    return Class(served)


def drawn(terminal: Terminal) -> tuple[int, int]:
    """Columns and rows up to the last cell that was written, blank or not."""
    rows = {row: max(line) + 1 for row, line in terminal._screen.buffer.items() if line}
    return max(rows.values(), default=0), max(rows, default=-1) + 1


async def is_drawn_at(terminal: Terminal, size: tuple[int, int]) -> None:
    """What is on the screen, and what is drawn after a key."""
    await terminal.until_so(lambda _: drawn(terminal) == size, 20, f"a frame of {size}")
    before = terminal.received
    terminal.type(DOWN)
    await terminal.until_so(lambda _: terminal.received > before, what="a frame after a key")
    assert drawn(terminal) == size


# Sizes


@pytest.mark.parametrize(("columns", "rows", "shown"), SIZES)
async def test_a_window_of_any_size_is_drawn_at_one_that_can_be(
    own: Class, columns: int, rows: int, shown: tuple[int, int]
) -> None:
    async with own.visit((columns, rows)) as terminal:
        await is_drawn_at(terminal, shown)


async def test_a_window_that_becomes_any_size_is_drawn_at_one_that_can_be(own: Class) -> None:
    async with own.visit((1, 1)) as terminal:
        await is_drawn_at(terminal, SMALLEST)
        for columns, rows, shown in sorted(
            SIZES, key=lambda size: size[2]
        ):  # growing: what is drawn stays there
            terminal.process.change_terminal_size(columns, rows)
            await is_drawn_at(terminal, shown)


@given(st.integers(-(2**32), 2**32), st.integers(-(2**32), 2**32))
def test_a_sound_size_is_one_that_can_be_drawn_at(columns: int, rows: int) -> None:
    sound = sound_size(columns, rows)
    assert all(least <= own <= most for least, own, most in zip(SMALLEST, sound, LARGEST, strict=True))
    assert sound_size(*sound) == sound  # one that can be is kept
    assert sound == USUAL or (columns > 0 and rows > 0)


# What a terminal answers

RESIZED = "\x1b[?2048;2$y\x1b[48;{0};{0};1;1t"  # as one that reports its size by itself
REPORTS = [
    "\x1b[?2026;1$y", "\x1b[?2048;1$y", "\x1b[?1016;1$y",  # modes that it says it has
    "\x1b[48;0;0;0;0t", "\x1b[48;5000:1;5000:x;1:2;1:3t", "\x1b[200~\x1b[48;5000;5000;1;1t\x1b[201~",
    "\x1b[9999;9999R", "\x1b[<35;99999999;99999999M", "\x1b[<64;1;1M", "\x1b[O", "\x1b[I",
    "\x1b[1114112u", "\x1b[99999999999;5u", "\x1b[97;;27:10u",  # keys of kitty's protocol, of signs that there are not
    "\x1bP>|XTerm(390)\x1b\\", "\x1b]11;rgb:0/0/0\x07", "\x1b]52;c;bHM=\x07", "\x1b[?62;22c", "\x1b[?31u",
]  # fmt: skip


@pytest.mark.parametrize("at_once", [1, 1000])
async def test_a_size_that_a_report_tells_is_not_drawn_at(own: Class, at_once: int) -> None:
    async with own.visit() as terminal:
        await is_drawn_at(terminal, (80, 24))
        for side in (5000, 100_000):
            report = RESIZED.format(side)
            for start in range(0, len(report), at_once):
                terminal.type(report[start : start + at_once])
                await asyncio.sleep(0)  # a packet each
        before = terminal.received
        for _ in range(3):
            await is_drawn_at(terminal, (80, 24))
        assert terminal.received - before < 20_000


async def test_reports_of_a_terminal_are_at_most_keys(own: Class) -> None:
    async with own.visit(who=1) as terminal:
        await is_drawn_at(terminal, (80, 24))
        for report in REPORTS:
            terminal.type(report)
        await opens_a_lesson(terminal)
        assert drawn(terminal) == (80, 24)


async def opens_a_lesson(terminal: Terminal) -> None:
    """From wherever it is; a lesson in which nobody has been."""
    assert "step 1 of" not in terminal.text
    for _ in range(20):
        terminal.type(3 * ESC + ENTER)  # a lab lies above the list of labs, and that above Home
        with suppress(AssertionError):
            await terminal.until("step 1 of", 2.0)
            return
    raise AssertionError(terminal.text)


@given(st.binary(max_size=60), st.lists(st.integers(0, 60)))
def test_what_is_typed_is_made_utf_8_however_it_is_split(data: bytes, cuts: list[int]) -> None:
    typed, ends = Typed(), [0, *sorted(cuts), len(data)]
    said = b"".join(typed.sound(data[start:end]) for start, end in pairwise(ends))
    said += typed.sound(b"\n")  # ends what was left open
    assert said.decode() == (data + b"\n").decode(errors="replace")


async def test_bytes_that_are_no_text_end_no_session(own: Class) -> None:
    noise = random.Random(8)
    async with own.visit(who=2) as terminal:
        await is_drawn_at(terminal, (80, 24))
        for _ in range(10):
            some = noise.randbytes(30).replace(LEAVE.encode(), b"").replace(b"q", b"")  # either leaves
            terminal.process.stdin.write(b"\xff\xfe\x80\xe2\x82" + some)
        await opens_a_lesson(terminal)


# What a client sends as variables

LIES = {
    "RL_TUTOR_HOME": "/lies", "RL_TUTOR_HOSTED": "", "HOME": "/lies", "PATH": "/lies", "PYTHONPATH": "/lies",
    "PYTHONSTARTUP": "/lies", "LD_PRELOAD": "/lies/x.so", "BASH_ENV": "/lies", "TMPDIR": "/lies", "TZ": "/lies",
    "COLUMNS": "5000", "LINES": "5000", "TEXTUAL_SMOOTH_SCROLL": "1", "TEXTUAL_DRIVER": "lies:Lies", "TERM": "/lies",
    "TERM_PROGRAM": "lies", "COLORTERM": "\x1b]0;lies\x07", "LC_ALL": "\x1b[2J", "LC_CTYPE": "../../lies",
    "LANG": "x" * 5000, "LANGUAGE": "lies", "A_LIE": "\ud7ff" * 300,
}  # fmt: skip
ITS_OWN = {"RL_TUTOR_HOME", "RL_TUTOR_HOSTED", "HOME", "TERM", "LC_ALL"}


async def test_a_session_has_none_of_a_clients_variables_and_none_of_the_servers_own(own: Class) -> None:
    async with own.visit() as terminal:
        plain = await own.variables(terminal)
        started = Path(f"/proc/{session_of(own.served, own.name)}/environ").read_bytes()
    async with own.visit(term="../lies\x1b[2J", sent=LIES) as terminal:
        assert await own.variables(terminal) == plain
        assert drawn(terminal) == (80, 24)
        assert "│" in terminal.text or "○" in terminal.text  # no signs of ASCII alone
    assert plain.keys() >= ITS_OWN
    assert plain["TERM"] == "xterm-256color"
    assert plain["HOME"] == plain["RL_TUTOR_HOME"]
    assert Path(plain["HOME"]).parent == own.served.folder / "learners"
    assert OF_THE_TEACHER in os.fsdecode(Path(f"/proc/{own.served.process.pid}/environ").read_bytes())
    assert OF_THE_TEACHER not in "".join(plain.values())
    assert OF_THE_TEACHER not in os.fsdecode(started)


async def test_a_session_heeds_what_a_client_says_of_colours_and_signs(own: Class) -> None:
    async with own.visit() as terminal:
        plain = await own.variables(terminal)
    said = {"COLORTERM": "truecolor", "NO_COLOR": "yes", "LANG": "de_DE.ISO-8859-1"}
    async with own.visit(term="vt220", sent=said) as terminal:
        heeded = await own.variables(terminal)
        assert terminal.text.isascii()
    told = {"TERM": "vt220", "COLORTERM": "truecolor", "NO_COLOR": "1", "LC_ALL": "C"}
    assert heeded == plain | told
