"""A client that vanishes: asked after a time of silence, then given up; who is served is not silent."""

from __future__ import annotations

import asyncio

import pytest

from bridge.silence import Silence
from tests.unit.timeless import run


class Watched:
    """A connection that is watched for 240 seconds of silence, and when what was done about it."""

    def __init__(self) -> None:
        self.asked: list[float] = []
        self.given_up: list[float] = []
        self.silence = Silence(240, lambda: self.asked.append(self.now), lambda: self.given_up.append(self.now))
        self.silence.listen()
        self.silence.begin()

    @property
    def now(self) -> float:
        return asyncio.get_running_loop().time()

    def hear(self) -> None:
        """Something comes, and the next thing is waited for."""
        self.silence.heard()
        self.silence.listen()


def test_a_silent_client_is_asked_and_then_given_up() -> None:
    async def work() -> None:
        watched = Watched()
        await asyncio.sleep(1000)
        assert (watched.asked, watched.given_up) == ([240], [300])

    run(work())


def test_the_silence_counts_from_what_came_last() -> None:
    async def work() -> None:
        watched = Watched()
        await asyncio.sleep(100)
        watched.hear()
        await asyncio.sleep(290)
        assert (watched.asked, watched.given_up) == ([340], [])

    run(work())


def test_a_client_that_answers_stays_and_is_asked_again_after_the_next_silence() -> None:
    async def work() -> None:
        watched = Watched()
        await asyncio.sleep(250)
        watched.hear()
        await asyncio.sleep(290)
        assert (watched.asked, watched.given_up) == ([240, 490], [])
        watched.hear()

    run(work())


@pytest.mark.parametrize("seconds", [239, 1000])
def test_a_client_that_is_being_served_is_not_silent(seconds: int) -> None:
    async def work() -> None:
        watched = Watched()
        watched.silence.heard()
        await asyncio.sleep(seconds)
        assert (watched.asked, watched.given_up) == ([], [])
        watched.silence.listen()
        since = watched.now
        await asyncio.sleep(1000)
        assert [since + 240 <= each < since + 480 for each in watched.asked] == [True]
        assert len(watched.given_up) == 1

    run(work())


def test_after_its_end_nobody_is_asked() -> None:
    async def work() -> None:
        watched = Watched()
        watched.silence.end()
        await asyncio.sleep(1000)
        assert (watched.asked, watched.given_up) == ([], [])

    run(work())
