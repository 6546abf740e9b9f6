"""Wrong codes cost time, and whoever has typed none yet does not pay for those who have.

A whole class may share one address, with whoever guesses among them. So two things are kept apart:

- A connection that has failed waits: longer for every further wrong code of its address and its name.
- Codes are looked at one at a time, of an address and of a name at an address, in a queue: first those of connections
  that have failed least, then in the order in which they came. After more than a few wrong ones there is a gap between
  two, so that connecting anew is no way round the wait. The gap of an address is short: 30 who guess, and connect again
  after each wrong code, make somebody's first visit wait two seconds.

What an address can try is bounded by its gap: 15 codes a second, 54,000 an hour. A join code is one of 31^8 = 8.5e11:
even odds take 900 years. All addresses together are bounded by the one thread that hashes, some 20 ms a code, 180,000
an hour: 270 years. A personal code is one of 31^12, and a name at an address may try 1,800 an hour. Whoever types a
right code under a name at whose address it is being guessed waits for the gap of that name; from elsewhere they do not.
"""

import asyncio
import heapq
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from ipaddress import IPv6Address, ip_address, ip_network
from itertools import count
from time import monotonic

FIRST = 1.0  # seconds that the first wrong code which is not free costs; each further one twice as much
FORGOTTEN = 900.0  # seconds without a wrong code after which an address or a name is as new
MOST = 10_000  # addresses and names that are remembered
NETWORK = 64  # bits of an IPv6 address that are one household's


@dataclass(frozen=True)
class Rule:
    """free: wrong codes that cost nothing: people mistype. longest: seconds that a connection which has failed waits at
    most. gap: seconds from one code to the next."""

    free: int
    longest: float
    gap: float = 0.0


ADDRESS = Rule(20, 5.0, 1 / 15)
PLACE = Rule(3, 15.0, 2.0)  # a name at an address
NAME = Rule(20, 5.0)  # a name, wherever it is tried


class Queue:
    """One at a time: of those that wait, who has failed least; among equals, who has waited longest."""

    def __init__(self) -> None:
        self._waiting: list[tuple[int, int, asyncio.Future[None]]] = []
        self._order = count()
        self._is_taken = False

    async def enter(self, failed: int) -> None:
        if self._is_taken:
            turn = asyncio.get_running_loop().create_future()
            heapq.heappush(self._waiting, (failed, next(self._order), turn))
            try:
                await turn
            except asyncio.CancelledError:
                if turn.done() and not turn.cancelled():  # it was given a turn, and has gone
                    self._next()
                raise
        self._is_taken = True

    def leave(self, gap: float) -> None:
        """The next one may come after `gap` seconds."""
        if gap:
            asyncio.get_running_loop().call_later(gap, self._next)
        else:
            self._next()

    def _next(self) -> None:
        while self._waiting:
            turn = heapq.heappop(self._waiting)[-1]
            if not turn.done():
                turn.set_result(None)
                return
        self._is_taken = False


@dataclass
class _Record:
    rule: Rule
    wrong: int = 0
    last: float = 0.0  # when a code was wrong
    free_at: float = 0.0  # when the next may be looked at
    queue: Queue = field(default_factory=Queue)

    @property
    def beyond(self) -> int:
        """Wrong codes that are not free."""
        return max(self.wrong - self.rule.free, 0)

    @property
    def delay(self) -> float:
        return min(FIRST * 2.0 ** min(self.beyond - 1, 30), self.rule.longest) if self.beyond else 0.0


class Attempts:
    """Of every address, of every name, and of every name at an address."""

    def __init__(self, now: Callable[[], float] = monotonic) -> None:
        self._now = now
        self._records: dict[tuple[str, str], _Record] = {}

    @asynccontextmanager
    async def turn(self, address: str, name: str, failed: int) -> AsyncIterator[None]:
        """Wait until a code may be looked at, of a connection that has failed so often; let nobody else meanwhile."""
        async with self._queued(_network(address), name, failed), self._queued(_network(address), "", failed):
            yield

    def wait(self, address: str, name: str) -> float:
        """Seconds that a first code waits at least; 0 when none."""
        record = self._records.get((_network(address), name))
        return max(record.free_at - self._now(), 0.0) if record else 0.0

    def wrong(self, address: str, name: str) -> float:
        """A wrong code came; seconds that its sender has to wait."""
        delays = []
        for key in self._keys(address, name):
            record = self._of(key)
            record.wrong += 1
            record.last = self._now()
            delays.append(record.delay)
        return max(delays)

    def right(self, address: str, name: str) -> None:
        """A right code came: the name begins anew; its address does not, else one who has a code could guess on."""
        for key in self._keys(address, name):
            if key[1] and key in self._records:
                self._records[key].wrong = 0

    def _keys(self, address: str, name: str) -> list[tuple[str, str]]:
        network = _network(address)
        return [(network, ""), ("", name), (network, name)]

    def _of(self, key: tuple[str, str]) -> _Record:
        rule = PLACE if all(key) else ADDRESS if key[0] else NAME
        record = self._records.pop(key, None) or _Record(rule)
        if self._now() - record.last > FORGOTTEN:
            record.wrong = 0
        self._records[key] = record  # the last one: the first ones are forgotten
        while len(self._records) > MOST:
            del self._records[next(iter(self._records))]
        return record

    @asynccontextmanager
    async def _queued(self, network: str, name: str, failed: int) -> AsyncIterator[None]:
        record = self._of((network, name))
        await record.queue.enter(failed)
        try:
            yield
        finally:
            gap = record.rule.gap if record.beyond else 0.0
            record.free_at = self._now() + gap
            record.queue.leave(gap)


def _network(address: str) -> str:
    """Of IPv6 everybody has more addresses than can be counted: their network stands for them."""
    try:
        sound = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if not isinstance(sound, IPv6Address):
        return address
    return str(sound.ipv4_mapped or ip_network((sound, NETWORK), strict=False))
