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

    @property
    def worker(self) -> int | None:
        """The process that it has started for runs."""
        found = (self.folder / "task" / str(self.child.pid) / "children").read_text().split()
        return int(found[0]) if found else None

    def cpu(self) -> float:
        """Milliseconds on a CPU so far, all threads; exact, not in ticks."""
        return cpu(self.child.pid)

    def peak_memory(self) -> float:
        """MB resident at most."""
        return memory(self.child.pid)["VmHWM"]

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


def cpu(process: int) -> float:
    """See `Program.cpu`."""
    tasks = Path(f"/proc/{process}/task").iterdir()
    return sum(int((task / "schedstat").read_text().split()[0]) for task in tasks) / 1e6


def memory(process: int) -> dict[str, float]:
    """MB: VmRSS (resident), VmHWM (resident at most), Pss (resident, shared pages counted in parts)."""
    folder, found = Path(f"/proc/{process}"), {}
    for line in [
        *(folder / "status").read_text().splitlines(),
        *(folder / "smaps_rollup").read_text().splitlines(),
    ]:
        name, _, rest = line.partition(":")
        if name in ("VmRSS", "VmHWM", "Pss"):
            found[name] = int(rest.split()[0]) / 1000
    return found


def program(command: list[str], home: str, columns: int = 80, rows: int = 24, **environment: str) -> Program:
    """Start it with a home of its own."""
    return Program(command, {"RL_TUTOR_HOME": home, **environment}, columns, rows)


def loaded_modules(program: Program) -> set[str]:
    """Names of the compiled modules that the process has mapped: what it has really imported of numpy and torch."""
    maps = (program.folder / "maps").read_text()
    return {Path(line.split()[-1]).name for line in maps.splitlines() if line.rstrip().endswith(".so")}
