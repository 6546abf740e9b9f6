"""An allowance that fills by the second."""

from time import monotonic


class Bucket:
    """Full at first. Whoever has taken more than there was waits until that is paid."""

    def __init__(self, rate: float, most: float) -> None:
        """rate: what comes in a second. most: what there is at once."""
        self._rate = rate
        self._most = most
        self._left = most
        self._at = monotonic()

    def pay(self, amount: float) -> float:
        """Take `amount` out; seconds to wait before the next, 0 while there is something left."""
        now = monotonic()
        self._left = min(self._left + (now - self._at) * self._rate, self._most) - amount
        self._at = now
        return max(-self._left / self._rate, 0.0)
