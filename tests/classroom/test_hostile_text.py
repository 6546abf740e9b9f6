"""Escape sequences, invalid UTF-8 and formulas in what learners type: nothing raw reaches a teacher or the log."""

import asyncio
import csv
import io
import json
import sqlite3
from collections.abc import Iterator
from contextlib import suppress
from functools import partial
from pathlib import Path

import asyncssh
import pytest

from tests.benchmarks.classroom import join_everybody
from tests.classroom.killing import OPEN, press
from tests.classroom.processes import until
from tests.classroom.served import Served, connect, open_terminal, serve

COURSE = """---
id: 01-words
title: Words
order: 1
minutes: 5
objectives: [write]
---
# Words

## Writing

```quiz
id: words
kind: text
question: Say it.
accept: [so]
hints: ["So."]
why: "So it is."
```
"""
EVIL = "\x1b]0;PWNED\x07\x1b[2J\x9b2J\u202egnorw"
FORMULA = '=HYPERLINK("http://example.org","x")'
LEAVE = "\x11"


class Class:
    def __init__(self, home: Path) -> None:
        (home / "course").mkdir()
        (home / "course" / "words.md").write_text(COURSE)
        ((self.name, *_), key) = join_everybody(home, 1)
        self.key = asyncssh.import_private_key(key)
        self.served: Served = serve(home, "--course", str(home / "course"), limits="pool = 1\n")

    def said(self, *words: str) -> str:
        done = self.served.command("class", *words, "--course", str(self.served.home / "course"))
        assert done.returncode == 0, done.stderr
        return done.stdout + done.stderr

    def has_kept(self, answers: int) -> bool:
        """Whether so many are in the database: on the screen, one verdict looks like another."""
        with sqlite3.connect(self.served.folder / "class.db") as database:
            return database.execute("SELECT count(*) FROM event WHERE kind = 'attempt'").fetchone() == (
                answers,
            )


@pytest.fixture(scope="module")
def words(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Class]:
    running = Class(tmp_path_factory.mktemp("words"))
    yield running
    assert running.served.end() == 0


def _is_plain(text: str) -> bool:
    return all(sign.isprintable() or sign in "\n\t\r" for sign in text)


async def test_answers_with_escape_sequences_and_formulas_reach_nobody_raw(words: Class) -> None:
    typed = [f"a{EVIL}b", FORMULA, "@SUM(1)", "-1+1|cmd"]
    before = len(words.served.log())
    async with await connect(words.served, words.name, keys=(words.key,)) as connection:
        terminal = await open_terminal(connection)
        await terminal.until("Words")
        await press(terminal, "\r", OPEN)
        await press(terminal, "\t", "enter answer")
        for number, text in enumerate(typed, 1):
            await press(terminal, "\x15", "> a word or two")  # ctrl+u: what stood there goes
            terminal.type(f"\x1b[200~{text}\x1b[201~")  # pasted: else the escapes would be keys
            plain = "".join(sign for sign in text if sign.isprintable())
            await terminal.until(plain[-6:])
            terminal.type("\r")
            await until(partial(words.has_kept, number))
            await terminal.until("Not yet")
        terminal.type(LEAVE)
        await terminal.closed()
    for what in (("show", words.name), ("list",)):
        assert _is_plain(await asyncio.to_thread(words.said, *what))
    report = await asyncio.to_thread(words.said, "report", "--questions", "--csv", "-")
    assert _is_plain(report)
    cells = [cell for row in csv.reader(io.StringIO(report)) for cell in row]
    assert len(cells) > 11
    assert not [cell for cell in cells if cell[:1] in tuple("=+@\t\r") or cell.startswith("-1+1")]
    assert any("HYPERLINK" in cell for cell in cells)
    log = words.served.log()[before:]
    assert _is_plain(log)
    assert "PWNED" not in log


async def test_names_versions_and_words_of_clients_reach_the_log_clean_and_short(
    words: Class, monkeypatch: pytest.MonkeyPatch
) -> None:
    served = words.served
    monkeypatch.setattr("asyncssh.connection.saslprep", lambda name: name)  # the client's own scruples
    for name in (f"x{EVIL}", "\ud7ff" * 300, "x" * 5000):
        with pytest.raises(asyncssh.Error):
            await connect(served, name, "no code")
    async with await connect(served, words.name, keys=(words.key,), client_version="x" * 200) as connection:
        process = await connection.create_process(f"ls {EVIL} {'y' * 5000}")
        assert (await process.wait()).exit_status == 1
        terminal = await open_terminal(connection, env={"COLORTERM": EVIL, "LC_ALL": EVIL, "LANG": "\x00"})
        await terminal.until("Words")
        terminal.type(LEAVE)
        await terminal.closed()
    reader, writer = await asyncio.open_connection("127.0.0.1", served.port)
    writer.write(EVIL.encode() + b"\xff\xfe\x00\n" + bytes(range(256)) * 40)  # no SSH at all
    with suppress(OSError):  # cut off before it had been read
        writer.write_eof()
        await reader.read()
    writer.close()
    for line in served.log().splitlines():
        assert line.isascii()
        assert line.isprintable()
        assert len(line) < 2000
        for value in map(str, json.loads(line).values()):
            assert value.isprintable()
            assert len(value) <= 200
    assert "exec ls" in served.log()
    assert "PWNED" in served.log()  # the letters are there, the commands are not
    shown = await asyncio.to_thread(words.said, "list")
    assert _is_plain(shown)
