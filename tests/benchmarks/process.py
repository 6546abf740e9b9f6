"""A running program in a PTY, and what it costs: CPU time over all its threads, bytes written, memory."""

import time
from pathlib import Path

from tests.terminal import Terminal

QUIET = 0.15  # seconds without a byte and without work: it has done what the key asked for


class Program(Terminal):
    """A terminal that measures."""

    @property
    def folder(self) -> Path:
        return Path("/proc") / str(self.child.pid)

    def cpu(self) -> float:
        """Milliseconds on a CPU so far, all threads; exact, not in ticks."""
        spent = 0
        for task in (self.folder / "task").iterdir():
            spent += int((task / "schedstat").read_text().split()[0])
        return spent / 1e6

    def peak_memory(self) -> float:
        """MB resident at most."""
        for line in (self.folder / "status").read_text().splitlines():
            if line.startswith("VmHWM"):
                return int(line.split()[1]) / 1000
        raise ValueError("this system does not say how much memory a process has had")

    def settle(self) -> None:
        """Until nothing more comes and nothing more is computed."""
        while True:
            seen, spent = len(self.raw), self.cpu()
            end = time.monotonic() + QUIET
            while (left := end - time.monotonic()) > 0:
                if not self.read(left):
                    raise SystemExit(f"the program has ended; its screen was\n{self.text}")
            if len(self.raw) == seen and self.cpu() - spent < 1:
                return

    def cost(self, key: str, wanted: str = "") -> tuple[float, int]:
        """CPU milliseconds and bytes of a key, once `wanted` (a regular expression) is there and all is quiet."""
        self.settle()
        seen, spent = len(self.raw), self.cpu()
        self.press(key)
        if wanted:
            self.until(wanted)
        self.settle()
        return self.cpu() - spent, len(self.raw) - seen


def program(command: list[str], home: str, columns: int = 80, rows: int = 24, **environment: str) -> Program:
    """Start it with a home of its own."""
    return Program(command, {"RL_TUTOR_HOME": home, **environment}, columns, rows)


def loaded_modules(program: Program) -> set[str]:
    """Names of the compiled modules that the process has mapped: what it has really imported of numpy and torch."""
    maps = (program.folder / "maps").read_text()
    return {Path(line.split()[-1]).name for line in maps.splitlines() if line.rstrip().endswith(".so")}
