"""What somebody is asked and told who comes with a name, a key or a code."""

import asyncio
import json
from pathlib import Path
from typing import Any

import asyncssh
import pytest

from tests.classroom.alone import front_alone
from tests.classroom.served import Served, Typist, open_terminal, public, serve
from tests.terminal import Terminal
from tests.test_terminal import need
from tutor.classroom.attempts import ADDRESS, NAME, PLACE
from tutor.classroom.limits import Limits, fields
from tutor.classroom.login import REMEMBER, TRIES, Login


def new_key() -> asyncssh.SSHKey:
    return asyncssh.generate_private_key("ssh-ed25519")


KEY, OTHER, THIRD = (new_key() for _ in range(3))
HOME = "Agent and environment"


async def come(
    served: Served, name: str, *codes: str, keys: tuple[asyncssh.SSHKey, ...] = ()
) -> tuple[asyncssh.SSHClientConnection | None, list[str], str]:
    """Log in: the connection, what was asked for, and the reason when there is none."""
    typist = Typist(codes)
    try:
        connection = await asyncssh.connect(
            "127.0.0.1", served.port, username=name, known_hosts=None, client_keys=list(keys) or None,
            client_factory=lambda: typist, agent_path=None, config=None,
        )  # fmt: skip
    except asyncssh.PermissionDenied:
        raise
    except asyncssh.DisconnectError as error:
        return None, typist.asked, error.reason.removesuffix(" (error 11)")
    return connection, typist.asked, ""


async def leave(connection: asyncssh.SSHClientConnection | None) -> None:
    assert connection is not None
    connection.close()
    await connection.wait_closed()


async def joined(served: Served, name: str, *codes: str, keys: tuple[asyncssh.SSHKey, ...] = ()) -> str:
    """Come with these, read the welcome, open the tutor, leave; the welcome."""
    connection, _, why = await come(served, name, *codes, keys=keys)
    assert connection is not None, why
    terminal = await open_terminal(connection)
    screen = await terminal.until("enter opens the tutor")
    terminal.type("\r")
    await terminal.until(HOME)
    await leave(connection)
    return screen


def personal_code(welcome: str) -> str:
    return welcome.partition("Your personal code:")[2].split()[0]


WELCOME = (
    "Welcome to class rl, {}.\n"
    "First visit? Type the join code. Been here before? Type your personal code."
)  # fmt: skip


async def test_a_wrong_code_is_called_wrong_and_the_tries_are_counted(served: Served) -> None:
    connection, asked, why = await come(served, "newcomer", "WRONG", "", "AAAA-BBBB")
    assert connection is None
    assert asked[:2] == [WELCOME.format("newcomer"), "Join code or personal code: "]
    assert asked[2] == (
        "That code is not right for newcomer.\n"
        "A join code has 8 letters and digits, a personal code 12; they are not\n"
        "shown as you type. 2 tries left."
    )
    assert asked[4].endswith("1 try left.")
    assert why == (
        "No code was right for newcomer. First visit? The name may be taken: try another. "
        "Else ask your teacher for a code."
    )
    code = personal_code(await joined(served, "newcomer", "WRONG", served.code))
    connection, asked, _ = await come(served, "newcomer", served.code, code)
    assert asked[0] == WELCOME.format("newcomer")
    await leave(connection)
    log = [json.loads(line) for line in served.log().splitlines()]
    reasons = [line["why"] for line in log if line["what"] == "refused" and line["name"] == "newcomer"]
    assert reasons == ["wrong join code"] * 3 + ["no tries left", "wrong join code", "wrong personal code"]


async def test_nobody_without_a_code_or_key_is_told_who_is_in_the_class(served: Served) -> None:
    """Somebody who has come, somebody who has joined with a key, and nobody are asked and answered alike."""
    await joined(served, "hidden", served.code)
    connection, _, _ = await come(served, "keyed", served.code, keys=(KEY,))
    await leave(connection)
    asked = {}
    for name in ("hidden", "keyed", "absent"):
        wrong = ("AAAA-BBBB-CCCC", "AAAA-BBBB", "")
        _, asked[name], why = await come(served, name, *wrong, keys=(OTHER,))
        asked[name] = [words.replace(name, "NAME") for words in (*asked[name], why)]
    assert asked["hidden"] == asked["keyed"] == asked["absent"]


async def test_a_wait_is_told_before_the_code_is_typed(served: Served) -> None:
    for _ in range(2):
        with pytest.raises(asyncssh.PermissionDenied):
            await come(served, "hasty", "WRONG", "WRONG")
    connection, asked, _ = await come(served, "hasty", served.code)
    assert asked[0].splitlines()[-1] == (
        "There were too many wrong codes. Please wait 2 s before you type this one."
    )
    await leave(connection)


# First visits that come to nothing


@pytest.mark.parametrize("keys", [(), (KEY,)])
@pytest.mark.parametrize("way", ["no terminal", "a command", "sftp", "nothing", "enter ahead", "cut"])
async def test_a_first_visit_that_never_opens_the_tutor_is_a_first_visit_again(
    served: Served, way: str, keys: tuple[asyncssh.SSHKey, ...]
) -> None:
    name = f"{way.replace(' ', '-')}-{len(keys)}"
    connection, _, _ = await come(served, name, served.code, keys=keys)
    assert connection is not None
    match way:
        case "no terminal":
            assert "needs a terminal" in (await connection.run(check=False, encoding="utf-8")).stderr
        case "a command":
            assert "no command" in (await connection.run("ls", check=False, encoding="utf-8")).stderr
        case "sftp":
            with pytest.raises(asyncssh.Error):
                await connection.start_sftp_client()
        case "enter ahead":
            terminal = await open_terminal(connection)
            terminal.type("\r\r")
            await terminal.until("enter opens the tutor")
        case "cut":
            terminal = await open_terminal(connection)
            connection.abort()  # the page may have been sent, and nobody has seen it
    await leave(connection)
    codes = () if keys else (served.code,)
    welcome = await joined(served, name, *codes, keys=keys)
    connection, _, _ = await come(served, name, personal_code(welcome))
    await leave(connection)


async def test_one_name_at_two_pages_is_whose_was_shown_last(served: Served) -> None:
    pages = []
    for _ in range(2):
        connection, _, _ = await come(served, "twice", served.code)
        assert connection is not None
        terminal = await open_terminal(connection)
        pages.append((connection, terminal, personal_code(await terminal.until("enter opens the tutor"))))
    (first, early, old), (second, late, new) = pages
    early.type("\r")
    assert "Somebody has come as twice meanwhile, or the code was changed" in await early.closed()
    late.type("\r")
    await late.until(HOME)
    for connection in (first, second):
        await leave(connection)
    with pytest.raises(asyncssh.PermissionDenied):
        await come(served, "twice", old)
    connection, _, _ = await come(served, "twice", new)
    await leave(connection)


async def test_two_sessions_of_one_first_visit_show_one_code(served: Served) -> None:
    connection, _, _ = await come(served, "both", served.code)
    assert connection is not None
    terminals = [await open_terminal(connection) for _ in range(2)]
    codes = {personal_code(await terminal.until("enter opens the tutor")) for terminal in terminals}
    assert len(codes) == 1
    for terminal in terminals:
        terminal.type("\r")
        await terminal.until(HOME)
    await leave(connection)


async def test_a_teacher_can_give_a_code_to_whoever_has_seen_none(served: Served) -> None:
    connection, _, _ = await come(served, "unseen", served.code, keys=(KEY,))
    await leave(connection)
    given = (await asyncio.to_thread(served.command, "class", "code", "unseen")).stdout
    welcome = await joined(served, "unseen", given.split()[4], keys=(OTHER,))
    assert "Your personal code is the one that you have typed." in welcome


async def test_capitals_in_a_name_are_small_letters(served: Served) -> None:
    welcome = await joined(served, "Miriam", served.code)
    assert "Welcome to class rl, miriam." in welcome
    connection, asked, _ = await come(served, "MIRIAM", personal_code(welcome))
    assert asked[0] == WELCOME.format("miriam")
    await leave(connection)


async def test_a_name_that_is_none_is_shown_as_it_is(served: Served) -> None:
    _, _, why = await come(served, "José", served.code)
    assert why.startswith("José: a name has")
    assert why.endswith(f"Try: ssh -p {served.port} NAME@HOST")


async def test_a_new_computer_is_remembered_only_when_that_is_wanted(served: Served) -> None:
    code = personal_code(await joined(served, "nomad", served.code, keys=(KEY,)))
    for answer in ("n", ""):
        connection, asked, _ = await come(served, "nomad", code, answer, keys=(OTHER,))
        assert asked[-1] == "Remember it? [y/N] "
        await leave(connection)
    with pytest.raises(asyncssh.PermissionDenied):
        await come(served, "nomad", keys=(OTHER,))
    connection, _, _ = await come(served, "nomad", code, "y", keys=(OTHER,))
    await leave(connection)
    connection, asked, _ = await come(served, "nomad", keys=(OTHER,))
    assert asked == []
    await leave(connection)
    exports = served.folder / "exports" / "nomad"
    exports.mkdir()
    (exports / "steps.csv").write_text("t,row\n")
    shown = await asyncio.to_thread(served.command, "class", "show", "nomad")
    assert f"exports: {exports}\n" in shown.stdout
    for key in (KEY, OTHER):
        assert f"key {key.get_fingerprint()} (bound)" in shown.stdout
    forgotten = await asyncio.to_thread(served.command, "class", "forget-keys", "nomad")
    assert forgotten.stdout.startswith("2 keys of nomad forgotten")
    for key in (KEY, OTHER):
        with pytest.raises(asyncssh.PermissionDenied):
            await come(served, "nomad", keys=(key,))


async def test_a_roster_is_in_force_until_it_is_lifted_and_decides_over_its_keys(tmp_path: Path) -> None:
    roster = tmp_path / "people.csv"
    roster.write_text(
        f"name,email,key\nAna,ana@x.org,\nboris,,{public(KEY)}\ndora,,{public(THIRD)}\n", encoding="utf-8"
    )
    served = await asyncio.to_thread(serve, tmp_path, "--roster", str(roster), limits="pool = 1\n")
    try:
        assert (
            "roster: the 3 people of people.csv, 3 of them new; --open lets everybody in\n" in served.welcome
        )
        assert "Welcome to class rl, boris." in await joined(served, "boris", keys=(KEY,))
        _, asked, why = await come(served, "carol", "no", "no", "no")
        assert not [words for words in (*asked, why) if "list" in words]  # nothing of it to a stranger
        _, _, why = await come(served, "carol", served.code)
        assert why == "carol is not on this class's list; ask your teacher."
        given = (await asyncio.to_thread(served.command, "class", "code", "ana")).stdout
        assert "comes for the first time, without the join code" in given
        welcome = await joined(served, "ana", given.split()[4], keys=(OTHER,))
        assert "Your personal code is the one that you have typed." in welcome
    finally:
        assert await asyncio.to_thread(served.end) == 0

    roster.write_text("name\nboris\n", encoding="utf-8")  # his key is taken out, and ana, and dora
    served = await asyncio.to_thread(serve, tmp_path, "--roster", str(roster), code=served.code)
    try:
        assert "roster: the 1 person of people.csv, 0 of them new" in served.welcome
        assert "Join code: as before; a new one: rl-tutor class code\n" in served.welcome
        with pytest.raises(asyncssh.PermissionDenied):
            await come(served, "boris", keys=(KEY,))
        connection, _, _ = await come(served, "ana", keys=(OTHER,))  # told once her key has shown who she is
        assert connection is not None
        await connection.wait_closed()
        assert json.loads(served.log().splitlines()[-1])["why"] == "not on the roster"
        listed = (await asyncio.to_thread(served.command, "class", "list")).stdout
        assert [line.split()[0] for line in listed.splitlines() if "not on the list" in line] == [
            "ana",
            "dora",
        ]
        assert "roster: only people of people.csv may come" in listed
    finally:
        assert await asyncio.to_thread(served.end) == 0

    served = await asyncio.to_thread(serve, tmp_path, "--open", code=served.code)
    try:
        assert "roster: lifted, everybody may come\n" in served.welcome
        connection, _, _ = await come(served, "ana", keys=(OTHER,))
        await leave(connection)
        with pytest.raises(asyncssh.PermissionDenied):
            await come(served, "dora", keys=(THIRD,))  # only the list has ever known it
        await joined(served, "carol", served.code)
        assert "not on the list" not in (await asyncio.to_thread(served.command, "class", "list")).stdout
    finally:
        assert await asyncio.to_thread(served.end) == 0


async def test_a_connection_that_has_failed_waits_before_its_next_code_is_looked_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[float] = []

    async def sleep(seconds: float) -> None:
        waited.append(seconds)

    async with front_alone(tmp_path, Limits()) as alone:
        for _ in range(PLACE.free):
            alone.classroom.attempts.wrong("10.0.0.1", "ada")
        with monkeypatch.context() as patched:
            patched.setattr("tutor.classroom.login.asyncio.sleep", sleep)
            for _ in range(2):  # connecting anew costs the gap of this name, and no wait
                login = Login(alone.classroom, "10.0.0.1", "ssh NAME@HOST", lambda *_, **__: None)
                await login.begin("ada")
                for _ in range(TRIES - 1):
                    await login.answer(["AAAA-AAAA"])
    assert waited == pytest.approx([0, 1, 0, 4], abs=0.5)


class Hesitant(Typist):
    """Has its code at hand too late."""

    async def kbdint_challenge_received(self, *_asked: Any) -> Any:
        await asyncio.sleep(30)


def test_words_before_the_tutor_break_between_words_at_80_columns() -> None:
    """ssh writes them as they are, a prompt after the name and host in brackets."""
    assert max(map(len, REMEMBER.splitlines())) < 80


def test_time_for_a_code_is_longer_than_the_waits_that_wrong_ones_cost() -> None:
    longest = max(rule.longest + rule.gap for rule in (ADDRESS, PLACE, NAME))
    least, _ = fields()["login_seconds"].metadata["range"]
    assert least >= (TRIES - 1) * longest + 20  # to type in


async def test_who_takes_too_long_for_a_code_is_told_so(tmp_path: Path) -> None:
    async with front_alone(tmp_path, Limits(login_seconds=1)) as alone:
        with pytest.raises(asyncssh.DisconnectError, match="No code came in time"):
            await asyncssh.connect(
                "127.0.0.1", alone.server.get_port(), username="slow", known_hosts=None, client_keys=None,
                client_factory=lambda: Hesitant([]), agent_path=None, config=None,
            )  # fmt: skip
    assert not alone.fronts


def test_openssh_shows_that_a_code_was_wrong(served: Served, tmp_path: Path) -> None:
    need("ssh")
    options = ("StrictHostKeyChecking=no", f"UserKnownHostsFile={tmp_path / 'known'}", f"Port={served.port}")
    command = [
        "ssh",
        "-F",
        "none",
        *(part for option in options for part in ("-o", option)),
        "visits@127.0.0.1",
    ]
    terminal = Terminal(command, {"HOME": str(tmp_path)})
    try:
        terminal.until("Join code or personal code:")
        assert "First visit? Type the join code." in terminal.text
        terminal.press(*"nonsense", "enter")
        terminal.until("2 tries left.")
        assert "That code is not right for visits." in terminal.text
        terminal.press(*served.code, "enter")
        terminal.until("Your personal code:")
        terminal.press("enter")
        terminal.until(HOME)
    finally:
        terminal.close()
