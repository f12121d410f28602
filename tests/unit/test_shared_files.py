from __future__ import annotations

from typing import Any

import pytest

from chat import communications, files, group_sending, ids, messages, shared_files
from chat.addresses import Address
from chat.callers import Caller
from chat.entries import Alias
from chat.group_sending import Draft
from chat.tables.communications import Communication
from chat.tables.history import XMPP, Message, NotAllStored
from tests.unit.world import NOW, World, alias, everything

API = "https://api.example.com/prod"


@pytest.fixture
def office(world: World) -> World:
    world.add("alice", "bob", "carol")
    return world


def link(world: World, name: str = "offer.pdf", domain: str = "") -> str:
    return API + files.slot(Address("alice", domain or world.domain), name, 1, "", NOW).path


def send(world: World, body: str, recipient: str = "bob", message_id: str = "") -> Message:
    caller = world.web("alice")
    made = message_id or ids.new(NOW)
    to = world.address(recipient)
    return messages.send(world.tables, world.pusher, caller, made, to, body, NOW, http_url=API).message


def attachments(world: World, viewer: str, contact: str) -> list[Communication]:
    caller = Caller(world.address(viewer), "web:x")
    page = communications.page(world.tables, caller, world.address(contact), "attachment", None, NOW, everything)
    return page.communications


def test_both_sides_have_a_shared_file_among_their_attachments(office: World) -> None:
    url = link(office, "Angebot für Bob.pdf")
    sent = send(office, f"Here it is: {url}.")
    [own], [theirs] = attachments(office, "alice", "bob"), attachments(office, "bob", "alice")
    assert (own.title, own.url, own.direction, own.at) == ("Angebot für Bob.pdf", url, "sent", sent.sent_at)
    assert (theirs.title, theirs.url, theirs.direction) == ("Angebot für Bob.pdf", url, "received")


def test_several_links_are_several_files_and_the_same_one_is_one(office: World) -> None:
    one, other = link(office, "a.pdf"), link(office, "b.pdf")
    send(office, f"{one} {other} {one}")
    assert sorted(each.title for each in attachments(office, "bob", "alice")) == ["a.pdf", "b.pdf"]


def test_a_retry_lists_it_once(office: World) -> None:
    body, made = link(office), ids.new(NOW)
    send(office, body, message_id=made)
    office.tables.store.delete(
        office.tables.history._inbox_key(office.address("alice"), f"LAST/{office.address('bob')}")
    )
    send(office, body, message_id=made)
    assert len(attachments(office, "alice", "bob")) == 1


def test_what_goes_to_an_alias_is_there_for_its_members_and_its_sender(office: World) -> None:
    office.alias("team", "bob")
    send(office, link(office), "team")
    assert [each.direction for each in attachments(office, "bob", "team")] == ["received"]
    assert [each.direction for each in attachments(office, "alice", "team")] == ["sent"]
    assert attachments(office, "carol", "team") == attachments(office, "bob", "alice") == []


def test_a_file_for_oneself_is_listed_once(office: World) -> None:
    send(office, link(office), "alice")
    assert [each.direction for each in attachments(office, "alice", "alice")] == ["received"]


@pytest.mark.parametrize(
    "body",
    [
        "nothing",
        "https://elsewhere.example/files/x/y.pdf",
        f"{API}/files/short.example.com/y.pdf",
        f"{API}/files/{'x' * 32}.example.com/..%2Fy.pdf",
        f"{API}/files/{'x' * 32}.example.com/",
        f"{API}/files/{'x' * 32}.example.com/%00.pdf",
    ],
)
def test_other_links_are_none_of_ours(office: World, body: str) -> None:
    send(office, body.replace("example.com/", f"{office.domain}/") if API not in body else body)
    assert attachments(office, "bob", "alice") == []


def test_nor_is_a_file_of_another_domain(office: World) -> None:
    send(office, link(office, domain="other.example"))
    assert attachments(office, "bob", "alice") == []


def test_a_link_on_another_host_that_looks_like_ours_is_not_listed(office: World) -> None:
    send(office, link(office).replace("api.example.com", "evil.example"))
    assert attachments(office, "bob", "alice") == []


def test_so_many_links_and_no_more(office: World) -> None:
    body = " ".join(link(office, f"{number}.pdf") for number in range(shared_files.MAX_LINKS + 5))
    send(office, body)
    assert len(attachments(office, "bob", "alice")) == shared_files.MAX_LINKS


def test_a_message_without_a_link_costs_nothing_more(office: World) -> None:
    office.web("bob")
    send(office, "first")
    office.client.calls.clear()
    send(office, "second")
    without = office.client.operations()
    office.client.calls.clear()
    send(office, "third " + link(office))
    assert len(office.client.operations()) > len(without)
    assert without.count("put_item") == 1


def test_open_pages_are_told(office: World) -> None:
    office.web("bob")
    office.web("carol")
    send(office, link(office))
    events = [frame for frame in office.channel.to("bob-page") if frame["event"] == "communication"]
    assert [(each["contact"], each["communication"]["title"]) for each in events] == [
        (str(office.address("alice")), "offer.pdf")
    ]
    assert office.channel.to("carol-page") == []
    own = [frame for frame in office.channel.to("alice-page") if frame["event"] == "communication"]
    assert [each["communication"]["direction"] for each in own] == ["sent"]


# ---- from a bridge node ----


def draft(world: World, body: str, *extensions: str, to: str = "bob", alone: bool = False) -> Draft:
    message = Message(ids.new(NOW), world.address("alice"), world.address(to), body, XMPP, extensions)
    entry: Alias | None = alias(world, to) if to == "team" else None
    return Draft(message, entry, alone)


@pytest.mark.parametrize("alone", [False, True])
def test_files_of_a_group_are_listed(office: World, alone: bool) -> None:
    url = link(office)
    oob = f"<x xmlns='jabber:x:oob'><url>{url}</url></x>"
    group = [draft(office, "no link", alone=alone), draft(office, url, oob, alone=alone)]
    group_sending.store(office.tables, group, {}, API)
    assert [each.url for each in attachments(office, "bob", "alice")] == [url]
    assert [each.url for each in attachments(office, "alice", "bob")] == [url]


def test_a_link_beside_the_text_counts_too(office: World) -> None:
    url = link(office)
    group_sending.store(office.tables, [draft(office, "see", f"<x xmlns='jabber:x:oob'><url>{url}</url></x>")], {}, API)
    assert [each.url for each in attachments(office, "bob", "alice")] == [url]


def test_a_group_to_an_alias(office: World) -> None:
    office.alias("team", "bob")
    group_sending.store(office.tables, [draft(office, link(office), to="team")], {}, API)
    assert len(attachments(office, "bob", "team")) == 1


def test_where_listing_fails_the_message_is_stored_and_it_is_told_which_to_store_again(office: World) -> None:
    group = [draft(office, link(office), alone=True), draft(office, "no link", alone=True)]

    def refuse(operation: str, request: dict[str, Any]) -> None:
        if operation == "put_item" and request["Item"]["pk"]["S"].startswith("COMMUNICATION/"):
            raise RuntimeError("the store is away")

    office.client.before = refuse
    with pytest.raises(NotAllStored) as refused:
        group_sending.store(office.tables, group, {}, API)
    assert not refused.value.missing
    assert refused.value.unnoted == {group[0].message.id}
    assert len(office.stored(office.thread("alice", "bob"))) == 2
    office.client.before = lambda *_: None
    group_sending.store(office.tables, group, {}, API)
    assert len(attachments(office, "bob", "alice")) == 1
