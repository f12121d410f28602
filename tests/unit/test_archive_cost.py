"""What is counted and read for a page."""

from __future__ import annotations

from threading import Barrier
from typing import Any

import pytest

from chat import archive, merging
from chat.archive import Paging, Query
from tests.unit.archive_office import furnish, page, say
from tests.unit.world import HOUR, NOW, World


@pytest.fixture
def office(world: World) -> World:
    return furnish(world)


class TestCount:
    def test_it_is_exact_up_to_its_limit(self, office: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive, "COUNTED", 5)
        for number in range(5):
            say(office, ("bob", "dave")[number % 2], "alice", NOW + number)
        for paging in (Paging(max=0), Paging(max=2), Paging(before="", max=2)):
            found = page(office, paging=paging)
            assert (found.count, found.exact) == (5, True)

    def test_beyond_it_is_a_number_that_there_are_at_least_and_no_place_is_told(
        self, office: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(archive, "COUNTED", 5)
        sent = [say(office, ("bob", "dave")[number % 2], "alice", NOW + number) for number in range(12)]
        places = (Paging(max=0), Paging(max=2), Paging(before="", max=2), Paging(after=sent[7].id, max=2))
        for paging in (*places, Paging(after=sent[2].id, max=1)):
            found = page(office, paging=paging)
            assert (found.count, found.exact, found.index) == (6, False, None)

    def test_no_more_than_its_limit_is_read_for_it(self, office: World, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(archive, "COUNTED", 5)
        for number in range(12):
            say(office, ("bob", "dave")[number % 2], "alice", NOW + number)
        office.client.calls.clear()
        page(office, paging=Paging(max=0))
        limits = [request.get("Limit") for operation, request in office.client.calls if operation == "query"]
        assert limits == [None, 6]

    def test_it_is_not_read_where_the_page_is_all(self, office: World) -> None:
        say(office, "bob", "alice")
        office.client.calls.clear()
        assert page(office).count == 1
        assert office.client.operations().count("query") == 2

    def test_many_threads_are_counted_only_when_the_count_is_asked_for(
        self, office: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(archive, "COUNTED_THREADS", 2)
        sent = [say(office, peer, "alice", NOW + number) for number, peer in enumerate(("bob", "carol", "dave") * 2)]
        first, rest = page(office, paging=Paging(max=2)), page(office, paging=Paging(after=sent[1].id))
        assert [(each.count, each.exact, each.index) for each in (first, rest)] == [
            (None, False, 0),
            (None, False, None),
        ]
        assert page(office, paging=Paging(max=0)).count == page(office).count == 6


class TestCost:
    def test_a_page_costs_the_same_however_long_the_history_is(
        self, office: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(archive, "COUNTED", 4)
        costs = []
        for talk in range(2):
            for number in range(12):
                say(office, ("bob", "dave", "carol")[number % 3], "alice", NOW + talk * HOUR + number)
            for paging in (Paging(max=2), Paging(before="", max=2)):
                office.client.calls.clear()
                page(office, paging=paging)
                costs.append([(operation, request.get("Limit")) for operation, request in office.client.calls])
        assert costs[:2] == costs[2:]

    def test_one_thread_costs_one_read_and_one_of_the_directory(
        self, office: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(archive, "COUNTED_THREADS", 0)
        sent = [say(office, "bob", "alice", NOW + number) for number in range(9)]
        for paging in (Paging(), Paging(after=sent[1].id, max=3), Paging(before=sent[7].id, max=3)):
            office.client.calls.clear()
            page(office, Query(office.address("bob")), paging)
            assert office.client.operations() == ["batch_get_item", "query"]

    def test_of_several_threads_little_more_is_read_than_a_page_holds(self, office: World) -> None:
        for number, peer in enumerate(("bob", "carol", "dave")):
            say(office, peer, "alice", NOW + number)
        office.client.calls.clear()
        for most in (12, 50):
            page(office, paging=Paging(max=most))
        limits = [request["Limit"] for _, request in office.client.calls if "Limit" in request]
        assert limits == [10, 10, 10, 34, 34, 34]

    def test_an_id_is_not_looked_for_in_threads_that_are_older(self, office: World) -> None:
        say(office, "bob", "alice")
        newer = say(office, "dave", "alice", NOW + 1)
        office.client.calls.clear()
        page(office, Query(ids=(newer.id,)))
        (looked_for,) = {
            tuple(key["pk"]["S"] for key in request["RequestItems"][office.tables.history.name]["Keys"])
            for operation, request in office.client.calls
            if operation == "batch_get_item" and office.tables.history.name in request["RequestItems"]
        } - {(f"INBOX/{office.address('team')}",)}
        assert looked_for == (office.thread("alice", "dave").partition,)

    def test_forward_only_threads_with_something_behind_the_place_are_read(self, office: World) -> None:
        say(office, "bob", "alice")
        place = say(office, "dave", "alice", NOW + 1)
        say(office, "carol", "alice", NOW + 2)
        read = self.threads_read(office, Query(start=NOW + 1), Paging(after=place.id))
        assert read == {office.thread("alice", peer).partition for peer in ("dave", "carol")}

    def test_from_the_end_no_more_threads_are_read_than_the_page_reaches(
        self, office: World, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(merging, "_AT_ONCE", 1)
        monkeypatch.setattr(archive, "COUNTED_THREADS", 0)
        for number, peer in enumerate(("bob", "carol", "dave")):
            for minute in range(4):
                say(office, peer, "alice", NOW + number * HOUR + minute)
        read = self.threads_read(office, Query(), Paging(before="", max=3))
        assert read == {office.thread("alice", "dave").partition}

    def test_threads_are_read_at_the_same_time(self, office: World) -> None:
        peers = ("bob", "carol", "dave")
        sent = [say(office, peer, "alice", NOW + number) for number, peer in enumerate(peers)]
        together = Barrier(len(peers), timeout=5)

        def wait_for_the_others(operation: str, request: dict[str, Any]) -> None:
            if operation == "query" and request["ExpressionAttributeValues"][":pk"]["S"].startswith("THREAD/"):
                together.wait()

        office.client.before = wait_for_the_others
        assert page(office).messages == page(office, paging=Paging(before="")).messages == sent

    @staticmethod
    def threads_read(office: World, query: Query, paging: Paging) -> set[str]:
        """The partitions of messages that a page reads."""
        office.client.calls.clear()
        page(office, query, paging)
        requests = [request for operation, request in office.client.calls if operation == "query"]
        read = {request["ExpressionAttributeValues"][":pk"]["S"] for request in requests}
        return {each for each in read if each.startswith("THREAD/")}
