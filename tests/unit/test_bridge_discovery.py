"""What a server without a bucket for uploads tells of them: nothing."""

from __future__ import annotations

import asyncio
from types import SimpleNamespace
from typing import Any

import pytest

from bridge import handlers
from bridge.elements import element, qualified
from bridge.errors import StanzaError
from bridge.handlers import discovery
from bridge.names import DISCO_INFO, DISCO_ITEMS, IQ
from chat.addresses import Address

DOMAIN = "example.com"
ALICE = Address("alice", DOMAIN)


def session(uploads: object) -> Any:
    """Alice's session on a node that signs uploads with this."""
    sent: list[Any] = []
    node = SimpleNamespace(uploads=uploads, largest_upload=1000 if uploads else None, caps={})
    return SimpleNamespace(node=node, address=ALICE, bare=str(ALICE), jid=f"{ALICE}/desk", send=sent.append, sent=sent)


def items(of: Any) -> list[str | None]:
    query = element(qualified(DISCO_ITEMS, "query"))
    found = asyncio.run(discovery.items(of, element(IQ, query, to=DOMAIN), query, None))
    return [each.get("jid") for each in found]


def test_the_service_for_uploads_is_listed_where_there_is_one() -> None:
    assert items(session(object())) == [f"upload.{DOMAIN}"]
    assert items(session(None)) == []


def test_without_a_bucket_the_service_does_not_exist() -> None:
    def ask(of: Any) -> None:
        query = element(qualified(DISCO_INFO, "query"))
        asyncio.run(handlers.iq(of, element(IQ, query, type="get", id="1", to=f"upload.{DOMAIN}")))

    there = session(object())
    ask(there)
    assert [each.get("from") for each in there.sent] == [f"upload.{DOMAIN}"]
    with pytest.raises(StanzaError) as caught:
        ask(session(None))
    assert caught.value.condition == "item-not-found"
