"""Who is active: each user and each domain counts once a day."""

from __future__ import annotations

from typing import Any

import pytest

from chat.activity import ActiveDomains
from chat.items import encode
from chat.presence import Connection, Status
from chat.tables.connections import active_today
from tests.unit.world import DAY, NOW, World


class Alice:
    """A user, whose presence item changes as the stream of its table tells."""

    def __init__(self, world: World) -> None:
        self.table = world.tables.connections
        self.address = world.address("alice")
        self._before: dict[str, Any] = {}

    def is_counted(self) -> bool:
        """Whether what has changed since the last look counts her as active."""
        before, self._before = self._before, encode(self.table.of(self.address) or {})
        keys = {"pk": {"S": f"USER/{self.address}"}, "sk": {"S": "PRESENCE"}}
        found = active_today(keys, before or None, self._before or None)
        assert found in (None, self.address)
        return found is not None

    def open(self, ref: str, now: int = NOW) -> None:
        expires = now // 1000 + 60
        self.table.open(self.address, Connection(ref, Status.AVAILABLE, now, expires), now, expires)


@pytest.fixture
def alice(world: World) -> Alice:
    return Alice(world)


def test_the_first_connection_of_a_day_counts_and_no_other(alice: Alice) -> None:
    alice.open("web:a")
    assert alice.is_counted()
    alice.open("web:b")
    assert not alice.is_counted()


def test_one_after_all_have_gone_does_not_count(alice: Alice) -> None:
    alice.open("web:a")
    assert alice.is_counted()
    alice.table.remove(alice.address, ["web:a"], NOW)
    assert not alice.is_counted()
    alice.open("web:b")
    assert not alice.is_counted()


def test_the_next_day_counts_again(alice: Alice) -> None:
    alice.open("web:a")
    assert alice.is_counted()
    alice.open("web:b", NOW + DAY)
    assert alice.is_counted()


def test_an_xmpp_client_that_stays_counts_on_each_day(alice: Alice) -> None:
    phone = Connection("xmpp:n:phone", Status.AVAILABLE, NOW, NOW)
    alice.table.open_resource(alice.address, phone, NOW, (), new=True)
    assert alice.is_counted()
    alice.table.open_resource(alice.address, phone, NOW + DAY, (), new=False)
    assert alice.is_counted()


def test_a_connection_that_is_lost_on_another_day_does_not_count(alice: Alice) -> None:
    alice.open("web:a")
    assert alice.is_counted()
    alice.table.lose(alice.address, "web:a", NOW + DAY)
    assert not alice.is_counted()


def test_no_other_row_of_the_table_counts() -> None:
    keys = {"pk": {"S": "ACTIVE/company.example"}, "sk": {"S": "ACTIVE"}}
    assert active_today(keys, None, {"active_on": {"N": "20000"}}) is None


def test_a_domain_counts_once_a_day_whoever_counts(world: World) -> None:
    one, other = (ActiveDomains(world.tables.connections) for _ in range(2))
    first, second, third = (f"{number}.{world.domain}" for number in range(3))
    assert one.count([first, second, first], NOW) == 2
    assert other.count([second, third], NOW) == 1
    assert one.count([first, third], NOW + DAY) == 2


def test_a_domain_costs_a_process_one_write_a_day(world: World) -> None:
    counting = ActiveDomains(world.tables.connections)
    counting.count([world.domain], NOW)
    assert world.client.operations()[-1] == "put_item"
    world.client.calls.clear()
    assert counting.count([world.domain], NOW + 1) == 0
    assert world.client.operations() == []


def test_the_row_goes_a_day_after_its_own(world: World) -> None:
    ActiveDomains(world.tables.connections).count([world.domain], NOW)
    put = world.client.calls[-1][1]["Item"]
    assert int(put["expires_at"]["N"]) * 1000 - NOW in range(DAY, 2 * DAY)
