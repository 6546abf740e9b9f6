"""Wrong codes cost time: more for every further one, per address and per name.

A whole class may share one address: that costs little, and late. A name is one person's.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import monotonic

FIRST = 1.0  # seconds that the first wrong code which is not free costs; each further one twice as much
FORGOTTEN = 900.0  # seconds without a wrong code after which an address or a name is as new
MOST = 10_000  # addresses and names that are remembered


@dataclass(frozen=True)
class Rule:
    """free: wrong codes that cost nothing: people mistype. longest: seconds."""

    free: int
    longest: float


NAME = Rule(3, 60.0)
ADDRESS = Rule(20, 5.0)


def address_key(address: str) -> str:
    return f"address {address}"


def name_key(name: str) -> str:
    return f"name {name}"


@dataclass
class _Record:
    wrong: int = 0
    last: float = 0.0


class Attempts:
    """Counts wrong codes of each key (an address, a name)."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._records: dict[str, _Record] = {}

    def wait(self, *keys: str) -> float:
        """Seconds until a code of these may be tried again; 0 when at once."""
        return max((self._wait(key) for key in keys), default=0.0)

    def wrong(self, *keys: str) -> None:
        """A wrong code came."""
        for key in keys:
            record = self._records.pop(key, None)
            if record is None or self._now() - record.last > FORGOTTEN:
                record = _Record()
            record.wrong += 1
            record.last = self._now()
            self._records[key] = record  # the last one that failed stands last
        while len(self._records) > MOST:
            del self._records[next(iter(self._records))]

    def forgive(self, *keys: str) -> None:
        """What was counted as wrong before it was looked at was right."""
        for key in keys:
            if (record := self._records.get(key)) is not None:
                record.wrong -= 1

    def right(self, *keys: str) -> None:
        """A right code came: these begin anew."""
        for key in keys:
            self._records.pop(key, None)

    def _wait(self, key: str) -> float:
        record = self._records.get(key)
        rule = ADDRESS if key.startswith("address ") else NAME
        if record is None or record.wrong <= rule.free:
            return 0.0
        delay = min(FIRST * 2.0 ** min(record.wrong - rule.free - 1, 30), rule.longest)
        return max(record.last + delay - self._now(), 0.0)
