"""Connections that have not said yet who they are: so many at once, and so many of one address."""

from collections import Counter

from tutor.classroom.limits import Limits


class Door:
    """Counts who knocks. Each of them costs a key exchange, some ten milliseconds of CPU."""

    def __init__(self, limits: Limits) -> None:
        self._all = limits.connections
        self._each = limits.connections_per_address
        self._knocking: Counter[str] = Counter()

    def knock(self, address: str) -> bool:
        """Whether one more of this address may; then it counts until `leave`."""
        if self._knocking.total() >= self._all or self._knocking[address] >= self._each:
            return False
        self._knocking[address] += 1
        return True

    def leave(self, address: str) -> None:
        self._knocking[address] -= 1
        if not self._knocking[address]:
            del self._knocking[address]
