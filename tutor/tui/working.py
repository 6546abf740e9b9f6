"""Work beside the screen: one way to begin it."""

from collections.abc import Callable, Coroutine
from typing import Any, cast

from textual.dom import DOMNode
from textual.worker import Worker, WorkType


def begin(
    node: DOMNode,
    work: Callable[[], Coroutine[Any, Any, None]],
    *,
    group: str = "default",
    exclusive: bool = False,
) -> Worker[None]:
    """Await `work()` in a worker of `node`, which ends with it. A coroutine in its place would never be awaited when
    the worker is cancelled before its first turn."""
    return node.run_worker(cast("WorkType[None]", work), group=group, exclusive=exclusive)
