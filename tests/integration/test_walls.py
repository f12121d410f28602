"""Domains are walls: nothing crosses them, and no error tells what is behind."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from chat import ids
from chat.tables import Tables
from chat.tables.directory import Credential
from chatctl.client import Refused
from localcloud.endpoints import Endpoints
from tests.company import Company, heard, now


@pytest.fixture
def neighbour(stack: Endpoints, tables: Tables, credential: Credential) -> Iterator[Company]:
    """Another domain, with zoe."""
    made = Company(stack, tables, credential)
    made.add("zoe")
    yield made
    made.close()


def test_no_listing_crosses(company: Company, neighbour: Company) -> None:
    contacts = company.connect("alice").ask("contacts")["contacts"]
    assert all(contact["address"].endswith(f"@{company.domain}") for contact in contacts)
    assert neighbour.connect("zoe").ask("contacts")["contacts"][0]["address"] == neighbour.at("zoe")


REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("watch", "contacts", {}),
    ("send", "recipient", {"body": "hello"}),
    ("typing", "contact", {"active": True}),
    ("read", "contact", {}),
    ("contact", "contact", {}),
    ("conversations", "contact", {}),
    ("history", "contact", {}),
    ("communications", "contact", {"kind": "message"}),
    ("mail", "contact", {}),
    ("download", "contact", {}),
    ("search", "contact", {"words": "offer"}),
]


@pytest.mark.parametrize(("action", "field", "fields"), REQUESTS, ids=[action for action, *_ in REQUESTS])
def test_no_request_crosses_and_the_error_does_not_tell_who_exists(
    company: Company, neighbour: Company, action: str, field: str, fields: dict[str, Any]
) -> None:
    alice, zoe = company.connect("alice"), neighbour.connect("zoe")
    errors = []
    for local in ("zoe", "nobody"):
        address = neighbour.at(local)
        more = fields | ({"id": ids.new(now())} if action in ("send", "read", "mail", "download") else {})
        with pytest.raises(Refused) as refused:
            alice.ask(action, **{field: [address] if action == "watch" else address}, **more)
        errors.append((refused.value.code, refused.value.message.replace(address, "…"), refused.value.details))
    assert errors[0] == errors[1]
    assert heard(zoe) == []


def test_the_same_holds_for_addresses_that_do_not_exist_in_the_own_domain(company: Company) -> None:
    alice = company.connect("alice")
    for action in ("contact", "history", "conversations"):
        with pytest.raises(Refused, match="unknown_contact"):
            alice.ask(action, contact=company.at("nobody"))


def test_no_presence_crosses(company: Company, neighbour: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    alice.ask("watch", contacts=[company.at("bob")])
    zoe = neighbour.connect("zoe")
    zoe.ask("presence", status="busy")
    bob.ask("presence", status="busy")
    alice.event("presence", address=company.at("bob"), status="busy")
    assert list(alice.events) == []
