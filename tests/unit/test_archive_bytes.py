"""Pages of long messages."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chat import archive, ids
from chat.archive import Paging, Query
from tests.unit.archive_office import (
    TALKS,
    check_places,
    furnish,
    page,
    pages_backward,
    pages_forward,
    pages_forward_from,
    say,
    size_of,
)
from tests.unit.world import NOW, World


@pytest.fixture
def office(world: World) -> World:
    return furnish(world)


class TestBytes:
    """A page has room for 1,000 bytes here."""

    @pytest.fixture(autouse=True)
    def small(self, monkeypatch: pytest.MonkeyPatch) -> None:
        assert archive.PAGE_BYTES == 512 * 1024
        assert archive.SINCE_BYTES == 2 * 1024 * 1024
        monkeypatch.setattr(archive, "PAGE_BYTES", 1000)
        monkeypatch.setattr(archive, "SINCE_BYTES", 1000)

    @settings(max_examples=40)
    @given(st.lists(st.tuples(st.sampled_from(TALKS[:5]), st.sampled_from([10, 333, 500, 1001, 2000])), max_size=11))
    def test_pages_of_long_messages_are_as_full_as_their_room_allows(
        self, office: World, talk: list[tuple[tuple[str, str], int]]
    ) -> None:
        office.client.clear()
        sent = [say(office, *pair, at=NOW + number, size=size) for number, (pair, size) in enumerate(talk)]
        for found in (pages_forward(office, Query(), 4), pages_backward(office, Query(), 4)):
            check_places(found, sent)
            assert all(len(each.messages) <= 1 or size_of(*each.messages) <= 1000 for each in found)
        for each, following in pairwise(pages_forward(office, Query(), 4)):
            assert len(each.messages) == 4 or size_of(*each.messages, following.messages[0]) > 1000
        for former, each in pairwise(pages_backward(office, Query(), 4)):
            assert len(each.messages) == 4 or size_of(*each.messages, former.messages[-1]) > 1000

    @pytest.mark.parametrize(("size", "fitting"), [(500, 2), (501, 1)])
    def test_the_room_is_that_of_body_and_extensions_in_utf_8(self, office: World, size: int, fitting: int) -> None:
        sent = [say(office, "bob", "alice", NOW + number, size=size) for number in range(3)]
        found = page(office)
        assert (found.messages, found.complete, found.count) == (sent[:fitting], False, 3)
        assert page(office, paging=Paging(before="")).messages == sent[-fitting:]
        assert page(office, Query(ids=tuple(each.id for each in sent))).messages == sent[:fitting]

    def test_a_message_that_is_longer_than_a_page_is_a_page(self, office: World) -> None:
        sent = [say(office, "bob", "alice", NOW + number, size=size) for number, size in enumerate((10, 1001, 10))]
        check_places([page(office), *pages_forward_from(office, sent[0])], sent)

    def test_those_with_the_same_id_are_not_parted(self, office: World) -> None:
        same = ids.new(NOW + 1)
        say(office, "dave", "alice", size=10)
        for peer in ("bob", "carol", "dave"):
            say(office, peer, "alice", message_id=same, size=400)
        assert [len(each.messages) for each in pages_forward(office, Query(), 4)] == [1, 3]
        assert [len(each.messages) for each in pages_backward(office, Query(), 4)] == [1, 3]

    def test_offline_messages_have_their_room_too(self, office: World) -> None:
        sent = [say(office, "bob", "alice", NOW + number, size=400) for number in range(4)]
        assert archive.since(office.tables, office.address("alice"), "", 10) == sent[-2:]
        newest = say(office, "bob", "alice", NOW + 4, size=1001)
        assert archive.since(office.tables, office.address("alice"), "", 10) == [newest]
