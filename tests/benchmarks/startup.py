"""CPU from start to the first complete Home frame, against a bare Textual app with one Static, in alternated pairs.

    python -m tests.benchmarks.startup [PAIRS]

Both run in a real PTY of 80x24; the clock is the process's own CPU time as the system counts it, read once the frame's
last line is there.
"""

import fcntl
import os
import pty
import signal
import statistics
import struct
import sys
import tempfile
import termios
from pathlib import Path

BARE = """
from textual.app import App
from textual.widgets import Static
class Bare(App):
    def compose(self):
        yield Static("a bare app is here")
Bare().run()
"""


def cpu_until(command: list[str], mark: bytes) -> float:
    """CPU milliseconds (user and system) of a command in a PTY until it has written `mark`."""
    pid, terminal = pty.fork()
    if pid == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
        os.execvp(command[0], command)
    seen = b""
    while mark not in seen:
        try:
            seen += os.read(terminal, 65536)
        except OSError:
            raise SystemExit(f"{command} ended early:\n{seen.decode(errors='replace')}") from None
    os.kill(pid, signal.SIGKILL)
    _, _, usage = os.wait4(pid, 0)
    os.close(terminal)
    return 1000 * (usage.ru_utime + usage.ru_stime)


def prepare(home: Path) -> None:
    """A completed first start, and 1,000 rows of progress."""
    from tutor.progress import open_store

    store = open_store(home / "progress.db")
    for n in range(1000):
        store.record("visit", "03-returns-and-discounting", f"step-{n % 9}")
    store.close()


def main() -> None:
    pairs = int(sys.argv[1]) if len(sys.argv) > 1 else 7
    with tempfile.TemporaryDirectory() as folder:
        os.environ.update(RL_TUTOR_HOME=folder, TERM="xterm-256color", LANG="C.UTF-8")
        prepare(Path(folder))
        bare_command = [sys.executable, "-c", BARE]
        home_command = [sys.executable, "-m", "tutor"]
        cpu_until(bare_command, b"a bare app"), cpu_until(home_command, b"keys")
        bare, home = [], []
        for _ in range(pairs):
            bare.append(cpu_until(bare_command, b"a bare app"))
            home.append(cpu_until(home_command, b"keys"))
    ratios = [mine / floor for mine, floor in zip(home, bare, strict=True)]
    print(f"{'CPU ms to the first frame':<28}{'median':>8}{'min':>8}{'max':>8}")
    for name, values in (("bare Textual app", bare), ("rl-tutor, Home", home)):
        print(f"{name:<28}{statistics.median(values):>8.0f}{min(values):>8.0f}{max(values):>8.0f}")
    print(
        f"{'ratio, pair by pair':<28}{statistics.median(ratios):>8.2f}{min(ratios):>8.2f}{max(ratios):>8.2f}"
    )


if __name__ == "__main__":
    main()
