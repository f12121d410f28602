"""Work in the background: tried again, some of it at a time, and noticed when it ends."""

from __future__ import annotations

import asyncio

import pytest

from bridge.background import Lasting, for_each, until_done
from chat.errors import BadField
from tests.unit.timeless import run


def failing(*failures: Exception) -> tuple[list[Exception], list[float]]:
    return list(failures), []


def test_it_is_tried_after_growing_pauses_until_it_is_done() -> None:
    left, pauses = failing(*(OSError() for _ in range(7)))

    async def work() -> str:
        if left:
            raise left.pop()
        return "done"

    async def pause(seconds: float) -> bool:
        pauses.append(seconds)
        return True

    async def test() -> None:
        assert await until_done(work, pause, "a test") == "done"
        assert pauses == [1, 2, 4, 8, 16, 30, 30]

    run(test())


def test_it_ends_with_the_node_and_with_what_no_try_changes() -> None:
    async def work() -> str:
        raise OSError

    async def forbidden() -> str:
        raise BadField("never")

    async def pause(_seconds: float) -> bool:
        return False

    async def test() -> None:
        assert await until_done(work, pause, "a test") is None
        with pytest.raises(BadField):
            await until_done(forbidden, pause, "a test")

    run(test())


def test_only_so_many_at_a_time_and_one_that_fails_ends_no_other() -> None:
    now, most, done = set[int](), [0], list[int]()

    async def work(item: int) -> None:
        now.add(item)
        most[0] = max(most[0], len(now))
        await asyncio.sleep(1)
        now.discard(item)
        if item == 3:
            raise OSError
        done.append(item)

    async def test() -> None:
        await for_each(range(10), work, 4)
        assert (most, sorted(done)) == ([4], [0, 1, 2, 4, 5, 6, 7, 8, 9])

    run(test())


@pytest.mark.parametrize("raises", [True, False])
def test_lasting_work_that_ends_is_noticed(raises: bool, caplog: pytest.LogCaptureFixture) -> None:
    async def forever() -> None:
        await asyncio.Event().wait()

    async def short() -> None:
        if raises:
            raise OSError("broken")

    async def test() -> None:
        lasting = Lasting()
        lasting.start("forever", forever())
        await asyncio.sleep(0)
        assert lasting.is_well
        lasting.start("short", short())
        await asyncio.sleep(0.1)
        assert not lasting.is_well
        assert [record.__dict__["work"] for record in caplog.records] == ["short"]
        await lasting.stop()
        assert len(caplog.records) == 1, "what is cancelled is no mistake"

    run(test())
