"""Connections that have not said yet who they are: so many at once, and so many of one address."""

from collections import defaultdict
from collections.abc import Callable

from tutor.classroom.limits import Limits

Leave = Callable[[], None]


class Door:
    """Counts who knocks. Each of them costs a key exchange, some ten milliseconds of CPU."""

    def __init__(self, limits: Limits) -> None:
        self._all = limits.connections
        self._each = limits.connections_per_address
        self._knocking: defaultdict[str, list[Leave]] = defaultdict(
            list
        )  # of every address, the oldest first

    def knock(self, address: str, leave: Leave) -> bool:
        """Whether one more of this address may; then it counts until `gone`. Where all places are taken, the oldest of
        the address that has most must `leave`, for one of an address that has fewer."""
        own = len(self._knocking.get(address, ()))
        if own >= self._each:
            return False
        if sum(map(len, self._knocking.values())) >= self._all:
            most = max(self._knocking.values(), key=len)
            if len(most) <= own + 1:
                return False
            most[0]()
        self._knocking[address].append(leave)
        return True

    def gone(self, address: str, leave: Leave) -> None:
        self._knocking[address].remove(leave)
        if not self._knocking[address]:
            del self._knocking[address]
