"""How torch runs here: one thread, so that the same machine gives the same numbers and a run keeps to one core."""

import torch


def one_thread() -> None:
    """For this process. Numbers too small to matter count as 0: they are slow."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
