"""The whole way, as a person goes it: a real PTY, a real OpenSSH server and client, tmux."""

import os
import shutil
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.terminal import ENVIRONMENT, Terminal
from tests.tui.harness import ONE, TWO, write_course

TUTOR = [sys.executable, "-m", "tutor"]
Launch = Callable[[Sequence[str]], Terminal]


@pytest.fixture
def course(tmp_path: Path) -> Path:
    return write_course(tmp_path / "course", one=ONE, two=TWO)


@pytest.fixture
def launch(home: Path) -> Iterator[Launch]:
    """Starts a command in a PTY of 80x24 with this test's home; closes it afterwards."""
    opened: list[Terminal] = []

    def start(command: Sequence[str]) -> Terminal:
        opened.append(Terminal(command, {"RL_TUTOR_HOME": str(home)}))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()


def work_through(terminal: Terminal) -> None:
    """From the greeting: a lesson, a wrong and a right answer, the gridworld, and out."""
    terminal.until("begin: The first lesson")
    terminal.press("enter")
    terminal.until("Two and two")
    terminal.press("tab", "5", "enter")
    terminal.until("Not yet")
    terminal.press("backspace", "4", "enter")
    terminal.until("Right")
    terminal.press("esc")
    terminal.until("space")  # the key bar of the lesson, the focus back from the question
    terminal.press("right")
    terminal.until("That was all")
    terminal.press("esc")
    terminal.until("1/1 right")
    terminal.press("t")
    terminal.until("step 0")
    terminal.press("up")
    terminal.until("step 1")
    terminal.press("space")
    terminal.until("step 2")
    terminal.press("ctrl+q")


def comes_back(terminal: Terminal) -> None:
    """The second start: Home knows what was done, the lab is where it was left."""
    terminal.until("1 of 2 lessons")
    terminal.until("1/1 right")
    terminal.press("t")
    terminal.until("step 2")
    terminal.press("ctrl+q")


def test_a_lesson_in_a_real_terminal_and_back_where_one_was(launch: Launch, course: Path) -> None:
    first = launch([*TUTOR, "--course", str(course)])
    work_through(first)
    assert first.ends() == 0
    second = launch([*TUTOR, "--course", str(course)])
    comes_back(second)
    assert second.ends() == 0
    assert b"Traceback" not in first.raw + second.raw


def test_a_lesson_opens_where_it_was_left(launch: Launch, course: Path) -> None:
    first = launch([*TUTOR, "--course", str(course), "lesson", "1"])
    first.until("Two and two")
    first.press("right")
    first.until("That was all")
    first.press("ctrl+q")
    assert first.ends() == 0
    second = launch([*TUTOR, "lesson", "01-first", "--course", str(course)])
    second.until("That was all")
    second.press("ctrl+q")
    assert second.ends() == 0


def test_an_idle_tutor_writes_nothing(launch: Launch, course: Path) -> None:
    """Not even where a cursor stands in a field."""
    terminal = launch([*TUTOR, "--course", str(course), "lesson", "1"])
    terminal.until("tab question")
    terminal.press("tab")
    terminal.until("enter answer")
    while before := terminal.raw:
        terminal.read(1)
        if terminal.raw == before:
            break  # a second without a byte: what followed the first frame is over
    terminal.read(2)
    assert terminal.raw == before


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP", "SIGINT"])
def test_a_signal_saves_and_leaves_the_terminal_as_it_was(launch: Launch, course: Path, name: str) -> None:
    terminal = launch([*TUTOR, "--course", str(course), "lesson", "1"])
    terminal.until("Two and two")
    terminal.press("right")
    terminal.until("That was all")
    os.kill(terminal.child.pid, getattr(signal, name))
    terminal.ends()
    assert b"Traceback" not in terminal.raw
    assert terminal.raw.rfind(b"\x1b[?1049l") > terminal.raw.rfind(
        b"\x1b[?1049h"
    )  # the alternate screen is left
    again = launch([*TUTOR, "--course", str(course), "lesson", "1"])
    again.until("That was all")
    again.press("ctrl+q")
    assert again.ends() == 0


@pytest.mark.parametrize(
    ("environment", "stdin", "says"),
    [({"TERM": "dumb"}, None, "TERM is 'dumb'"), ({}, subprocess.DEVNULL, "needs a terminal")],
)
def test_without_a_terminal_it_says_what_to_do(
    launch: Launch, home: Path, environment: dict[str, str], stdin: int | None, says: str
) -> None:
    if stdin is None:
        terminal = Terminal(TUTOR, {"RL_TUTOR_HOME": str(home), **environment})
        terminal.until(says)
        assert terminal.ends() == 2
        return
    done = subprocess.run(
        TUTOR, stdin=stdin, capture_output=True, text=True, env={**os.environ, **environment}
    )
    assert done.returncode == 2
    assert says in done.stderr
    assert len(done.stderr.splitlines()) == 1


@dataclass
class Server:
    """A running OpenSSH server on loopback, for the person who runs the tests alone."""

    port: int
    key: Path
    known_hosts: Path

    def command(self, words: Sequence[str]) -> list[str]:
        """What a learner types: the client, a terminal asked for, the command there."""
        options = [
            f"UserKnownHostsFile={self.known_hosts}",
            "StrictHostKeyChecking=accept-new",
            "IdentitiesOnly=yes",
            "LogLevel=ERROR",
        ]
        flags = [part for option in options for part in ("-o", option)]
        user = subprocess.run(["id", "-un"], check=True, capture_output=True, text=True).stdout.strip()
        return ["ssh", "-tt", *flags, "-i", str(self.key), "-p", str(self.port), f"{user}@127.0.0.1", *words]


def need(*programs: str) -> list[str]:
    """Where the programs are; without one the test is skipped, but fails in CI."""
    places = [shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin") for name in programs]
    missing = [name for name, place in zip(programs, places, strict=True) if place is None]
    if missing:
        (pytest.fail if os.environ.get("CI") else pytest.skip)(f"not installed: {', '.join(missing)}")
    return [place for place in places if place]


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    sshd, keygen, _ = need("sshd", "ssh-keygen", "ssh")
    for name in ("host", "user"):
        command = [keygen, "-q", "-t", "ed25519", "-N", "", "-f", str(tmp_path / name)]
        subprocess.run(command, check=True)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(
            mode=0o755, exist_ok=True
        )  # where a server that runs as root drops its privileges
    port = free_port()
    config = tmp_path / "sshd_config"
    config.write_text(
        f"Port {port}\nListenAddress 127.0.0.1\nHostKey {tmp_path / 'host'}\nPidFile none\nStrictModes no\n"
        f"AuthorizedKeysFile {tmp_path / 'user.pub'}\nPasswordAuthentication no\nUsePAM no\n"
        "PermitRootLogin prohibit-password\n"
    )
    process = subprocess.Popen([sshd, "-D", "-e", "-f", str(config)], stderr=subprocess.PIPE, text=True)
    assert process.stderr is not None
    for line in process.stderr:
        if "listening on" in line:
            break
    else:
        pytest.fail("the SSH server did not start")
    yield Server(port, tmp_path / "user", tmp_path / "known_hosts")
    process.terminate()
    process.communicate()


def remote(home: Path, course: Path) -> str:
    """The command at the far end: its environment is what a login would give, and this test's home."""
    words = [f"RL_TUTOR_HOME={home}", f"LANG={ENVIRONMENT['LANG']}", *TUTOR, "--course", str(course)]
    return f"cd {Path(__file__).parent.parent} && env {' '.join(words)}"


def test_over_ssh_it_is_the_same(launch: Launch, server: Server, home: Path, course: Path) -> None:
    first = launch(server.command([remote(home, course)]))
    work_through(first)
    assert first.ends() == 0
    second = launch(server.command([remote(home, course)]))
    comes_back(second)
    assert second.ends() == 0
    assert b"Traceback" not in first.raw + second.raw


def test_over_ssh_inside_tmux_it_is_the_same(
    launch: Launch, server: Server, home: Path, course: Path, tmp_path: Path
) -> None:
    need("tmux")

    def inside(name: str) -> list[str]:
        tmux = f"tmux -S {tmp_path / name} -f /dev/null new-session -x 80 -y 24"
        return server.command([f"LANG=C.UTF-8 {tmux} '{remote(home, course)}' ';' set status off"])

    first = launch(inside("one"))
    work_through(first)
    assert first.ends() == 0
    second = launch(inside("two"))
    comes_back(second)
    assert second.ends() == 0


def test_a_grid_of_ones_own_from_the_command_line_drawn_kept_and_found_by_its_name(launch: Launch) -> None:
    first = launch([*TUTOR, "lab", "gridworld", "--set", "grid=S.G/.T.:G=1:T=-1:name=hall"])
    first.until("Gridworld · hall")
    first.press("d")
    first.until("Grid editor · hall · 3x2")
    first.press("}", "k")
    first.until("Keep this grid under the name")
    first.press("enter")
    first.until("Kept. --set grid=hall")
    first.press("enter")
    first.until("Gridworld · hall")
    first.press("ctrl+q")
    assert first.ends() == 0
    second = launch([*TUTOR, "lab", "gridworld", "--set", "grid=hall"])
    second.until("Gridworld · hall")
    second.until("  2 ")  # its third row
    second.press("ctrl+q")
    assert second.ends() == 0
