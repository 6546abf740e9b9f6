"""How torch runs here: one thread, so that the same machine gives the same numbers and a run keeps to one core."""

import ctypes
from contextlib import suppress

import torch

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # mallopt(3)
_KEPT = 2**25  # bytes, the most that glibc takes


def one_thread() -> None:
    """For this process. Numbers too small to matter count as 0: they are slow."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    _keep_freed_memory()


def _keep_freed_memory() -> None:
    """An update asks for the same few megabytes again and again. glibc would give them back each time and have the
    kernel clear them anew; other libraries of C have no such knob."""
    with suppress(AttributeError, OSError, TypeError):
        mallopt = ctypes.CDLL(None).mallopt
        for threshold in (_TRIM_THRESHOLD, _MMAP_THRESHOLD):
            mallopt(threshold, _KEPT)
