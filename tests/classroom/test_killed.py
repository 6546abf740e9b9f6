"""kill -9 of the server, the forkserver and sessions, at random, while learners answer."""

import asyncio
from pathlib import Path

import asyncssh

from tests.benchmarks.classroom import join_everybody
from tests.classroom.killing import Answering, Guarded, kill_at_random

KILLS, SEED = 10, 7


async def test_ten_kills_at_random_lose_no_answer_that_was_acknowledged(tmp_path: Path) -> None:
    names, key = await asyncio.to_thread(join_everybody, tmp_path, 4)
    learners = [Answering(name, asyncssh.import_private_key(key)) for name in names]
    async with Guarded(tmp_path) as guarded:
        back = await kill_at_random(guarded, learners, KILLS, SEED)
    total = sum(len(each.acknowledged) for each in learners)
    print(f"\n{KILLS} kills: {total} answers, everybody back after {max(back):.1f} s at most")
    assert len(back) == KILLS
