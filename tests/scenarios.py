"""What people, clients and AWS do with a stack, each through the door that it has: the smallest doings which together
need all that the roles allow.
"""

from __future__ import annotations

import json
import secrets
import urllib.request
from contextlib import suppress
from functools import partial

import pytest
from botocore.exceptions import ClientError

from bridge.names import BLOCKING, MAM, REGISTER, ROSTER, UPLOAD
from chat import connecting, files, ids, signon_settings
from chat.presence import GRACE, Status
from chat.tables.directory import SignOnSettings
from chat.tables.history import Message, Thread
from chatctl.client import ChatConnection, Refused, post
from localcloud import task_role
from localcloud.bridge import Bridge
from tests.bridge.client import XmppClient
from tests.company import Company, now
from tests.ground import STALE, Ground, Scenario, came
from tests.mailing import listed, message, titles
from tests.webmail import AUDIENCE, ISSUER, SHARED_KEY, claims, shared

OOB = "<x xmlns='jabber:x:oob'><url>{}</url></x>"

# ---- Logging in ----


def a_log_in_and_a_connection(ground: Ground) -> None:
    for function in ("SessionFunction", "AuthorizerFunction"):
        ground.fresh(function)
    with suppress(Refused):
        post(f"{ground.company.stack.http_url}/session", {"address": ground.company.at("alice"), "password": "wrong"})
    alice = ground.company.connect("alice")
    assert alice.ask("ping")["ok"]


def a_single_sign_on(ground: Ground) -> None:
    company = ground.company
    signon_settings.set_up(company.tables, company.domain, SignOnSettings(ISSUER, AUDIENCE, SHARED_KEY))
    token = shared(claims(company.at("alice"), now()))
    assert post(f"{company.stack.http_url}/session", {"jwt": token})["token"]


# ---- Webmail ----


def a_goodbye_and_a_loss(ground: Ground) -> None:
    company = ground.company
    alice, bob = company.connect("alice"), company.connect("bob")
    alice.ask("watch", contacts=[company.at("bob")])
    alice.close()
    ground.patience(lambda: not ground.connections("alice"))
    [connection] = ground.connections("bob")
    bob.close(1001)
    ground.patience(lambda: ground.is_lost("bob", connection.ref))


def a_status_is_chosen(ground: Ground) -> None:
    company = ground.company
    alice, bob, ref = company.connect("alice"), company.connect("bob"), ground.stale("alice")
    bob.ask("watch", contacts=[company.at("alice")])
    alice.ask("presence", status="busy")
    ground.patience(lambda: ground.is_lost("alice", ref))
    alice.ask("presence", status="available")
    alice.ask("presence", status="away", automatic=True)
    alice.ask("watch", contacts=[company.at("bob")])
    alice.ask("presence", status="offline")


def a_message(ground: Ground) -> None:
    company = ground.company
    company.alias("team", "bob", "carol")
    alice, bob = company.connect("alice"), company.connect("bob")
    assert ground.send(alice, "bob")["reached"] == 1
    bob.event("message", 5)
    sent = ground.send(alice, "team")
    ground.send(alice, "team", id=sent["id"])
    early = ids.new(now() - 600_000)
    with suppress(Refused):
        ground.send(alice, "bob", id=early)
    alice.ask("typing", contact=company.at("bob"), active=True)
    bob.ask("read", contact=company.at("alice"), id=sent["id"])


def a_message_again(ground: Ground) -> None:
    """What a first try had stored is finished by the second: it asks what came before."""
    company, message_id = ground.company, ids.new(now())
    alice, bob = company.address("alice"), company.address("bob")
    company.tables.history.add(Thread.between(alice, bob), Message(message_id, alice, bob, "hello"))
    ground.send(company.connect("alice"), "bob", id=message_id)


def a_message_to_a_lost_page(ground: Ground) -> None:
    alice, ref = ground.company.connect("alice"), ground.stale("bob")
    assert ground.send(alice, "bob")["reached"] == 0
    ground.patience(lambda: ground.is_lost("bob", ref))


def a_message_to_a_node(ground: Ground) -> None:
    alice, (node, link) = ground.company.connect("alice"), ground.link("phone")
    assert ground.send(alice, "bob")["reached"] == 1
    link.close()
    ground.patience(lambda: not ground.company.tables.connections.links(node, now()))


def a_message_to_a_node_that_is_gone(ground: Ground) -> None:
    company, node, link = ground.company, f"n-{secrets.token_hex(4)}", STALE.format(secrets.token_hex(4))
    connecting.open_link(company.tables, node, link, now() - 3 * GRACE)
    bob = company.address("bob")
    connecting.open_xmpp(company.tables, node, bob, "phone", Status.AVAILABLE, 0, "", frozenset(), now())
    assert ground.send(company.connect("alice"), "bob")["reached"] == 0
    assert not company.tables.connections.links(node, now())


def a_file_in_a_message(ground: Ground) -> None:
    company = ground.company
    alice, bob = company.connect("alice"), company.connect("bob")
    link = f"{company.stack.http_url}/files/{secrets.token_hex(16)}.{company.domain}/a.pdf"
    ground.send(alice, "bob", link)
    ground.patience(lambda: listed(bob, company.at("alice"), "attachment"))


def the_directory_is_read(ground: Ground) -> None:
    company = ground.company
    company.alias("team", "bob")
    alice = company.connect("alice")
    assert alice.ask("contacts")["contacts"]
    assert alice.ask("contact", contact=company.at("bob"))["contact"]


def history_is_read(ground: Ground) -> None:
    company = ground.company
    company.alias("team", "bob")
    company.remember("alice", "bob", ids.new(now()), "good morning")
    company.remember("alice", "team", ids.new(now()), "good morning", alias=True)
    alice = company.connect("alice")
    for contact in ("bob", "team"):
        [found] = alice.ask("conversations", contact=company.at(contact))["conversations"]
        alice.ask("history", contact=company.at(contact), conversation=found["id"])
        assert alice.ask("history", contact=company.at(contact))["messages"]
        assert alice.ask("search", contact=company.at(contact), words="morning")["hits"]
    since = ids.lowest(now() - 60_000)
    assert alice.ask("sync", since=since, cursor=alice.ask("sync", since=since)["cursor"])["messages"]


# ---- The fan-out and the grace period ----


def a_change_is_told_to_those_who_watch(ground: Ground) -> None:
    company = ground.company
    node, _ = ground.link()
    company.tables.connections.watch_all(company.domain, node, now() // 1000 + 600)
    ref = ground.stale("bob", watching="alice")
    alice, carol = company.connect("alice"), company.connect("carol")
    ground.patience(lambda: ground.is_lost("bob", ref))
    carol.ask("watch", contacts=[company.at("alice")])
    alice.ask("presence", status="busy")
    ground.patience(lambda: came(carol, "presence", status="busy"))


def a_change_is_told_to_a_node_that_is_gone(ground: Ground) -> None:
    company, node, link = ground.company, f"n-{secrets.token_hex(4)}", STALE.format(secrets.token_hex(4))
    connecting.open_link(company.tables, node, link, now() - 3 * GRACE)
    company.tables.connections.watch_all(company.domain, node, now() // 1000 + 600)
    company.connect("alice")
    ground.patience(lambda: not company.tables.connections.links(node, now()))


def a_grace_period_ends(ground: Ground) -> None:
    company, ref = ground.company, ground.stale("bob", watching="alice")
    company.tables.connections.lose(company.address("bob"), ref, now() - 2 * GRACE)
    ground.grace(address=company.at("bob"), ref=ref)
    ground.patience(lambda: not ground.connections("bob"))


def the_grace_period_of_a_node_ends(ground: Ground) -> None:
    company, node = ground.company, f"n-{secrets.token_hex(4)}"
    bob, tables = company.address("bob"), company.tables
    connecting.open_link(tables, node, "over", now() - 3 * 3_600_000)
    connecting.open_xmpp(tables, node, bob, "phone", Status.AVAILABLE, 0, "", frozenset(), now())
    tables.connections.watch_all(company.domain, node, now() // 1000 + 600)
    ground.grace(node=node)
    ground.patience(lambda: not tables.connections.domains_watched(node))
    ground.patience(lambda: not tables.connections.sessions(node))


def a_node_is_told_that_it_missed_something(ground: Ground) -> None:
    node, link = ground.link()
    ground.grace(node=node, missed_since=now() - 1000)
    ground.patience(lambda: came(link, "missed"))


# ---- Mail and files ----


def a_mail_comes(ground: Ground) -> None:
    company, ref = ground.company, ground.stale("carol")
    alice = company.connect("alice")
    mail = message(company, "bob", "alice", "carol", files={"offer.pdf": b"%PDF-1.4 offer"})
    ground.mailbox.put(mail)
    ground.patience(lambda: listed(alice, company.at("bob")))
    [found] = listed(alice, company.at("bob"))
    assert alice.ask("mail", contact=company.at("bob"), id=found["id"])["text"]
    [file] = listed(alice, company.at("bob"), "attachment")
    url = alice.ask("download", contact=company.at("bob"), id=file["id"])["url"]
    with urllib.request.urlopen(url) as answer:  # noqa: S310  # the stack's own
        assert answer.read() == b"%PDF-1.4 offer"
    assert alice.ask("search", contact=company.at("bob"), words="offer")["hits"]
    ground.patience(lambda: ground.is_lost("carol", ref))


def a_meeting_is_moved(ground: Ground) -> None:
    company = ground.company
    alice = company.connect("alice")
    for day in ("02", "03"):
        ground.mailbox.put(message(company, "bob", "alice", calendar=_meeting(company, day)))
        ground.patience(partial(_has, alice, company.at("bob"), f"Review {day}"))


def a_mail_cannot_be_read(ground: Ground) -> None:
    key = ground.mailbox.put(b"\x00\x01 no mail at all")
    ground.patience(lambda: ground.mailbox.keys(f"unreadable/{key.removeprefix('incoming/')}"))
    ground.patience(lambda: not ground.mailbox.keys(key))


def a_mail_is_gone(ground: Ground) -> None:
    ground.mailbox.tell(f"incoming/{secrets.token_hex(8)}")
    ground.mailbox.wait_until_done(10)


def a_shared_file_is_fetched(ground: Ground) -> None:
    company = ground.company
    file = files.slot(company.address("alice"), "a.txt", 1, "text/plain", now())
    ground.client("s3").put_object(Bucket=company.stack.upload_bucket, Key=file.key, Body=b"x")
    with urllib.request.urlopen(company.stack.http_url + file.path) as answer:  # noqa: S310  # the stack's own
        assert answer.read() == b"x"


# ---- XMPP clients ----


def an_xmpp_client_logs_in(ground: Ground) -> None:
    port, company = ground.bridge.ports.starttls, ground.company
    wrong = XmppClient(port, company.domain, str(ground.bridge.ca_file))
    ground.until_over.callback(wrong.drop)
    wrong.log_in("alice", "wrong")
    alice = ground.xmpp("alice", "desk")
    assert alice.ask("get", f"<query xmlns='{ROSTER}'/>").get("type") == "result"
    alice.close()
    ground.patience(lambda: not ground.connections("alice"))


def an_xmpp_client_has_its_ways(ground: Ground) -> None:
    company = ground.company
    alice = ground.xmpp("alice")
    item = f"<item jid='{company.at('bob')}' name='Bobby'/>"
    assert alice.ask("set", f"<query xmlns='{ROSTER}'>{item}</query>").get("type") == "result"
    blocked = f"<block xmlns='{BLOCKING}'><item jid='{company.at('carol')}'/></block>"
    assert alice.ask("set", blocked).get("type") == "result"
    password = "<username>alice</username><password>another password</password>"
    assert alice.ask("set", f"<query xmlns='{REGISTER}'>{password}</query>").get("type") == "result"


def xmpp_clients_chat(ground: Ground) -> None:
    company = ground.company
    company.alias("team", "bob", "carol")
    alice, page = ground.xmpp("alice"), company.connect("bob")
    for recipient in ("bob", "team"):
        alice.message(company.at(recipient), f"to {recipient}")
        ground.patience(lambda: came(page, "message"))
    found = alice.ask("set", f"<query xmlns='{MAM}'/>")
    assert found.get("type") == "result"


def an_xmpp_client_shares_a_file(ground: Ground) -> None:
    company = ground.company
    alice, page = ground.xmpp("alice"), company.connect("bob")
    request = f"<request xmlns='{UPLOAD}' filename='a.txt' size='1' content-type='text/plain'/>"
    slot = alice.ask("get", request, company.domain)[0]
    put, get = (slot.find(f"{{{UPLOAD}}}{name}").get("url") for name in ("put", "get"))  # type: ignore[union-attr]
    upload = urllib.request.Request(str(put), b"x", {"content-type": "text/plain"}, method="PUT")  # noqa: S310
    with urllib.request.urlopen(upload):  # noqa: S310
        pass
    alice.message(company.at("bob"), str(get), OOB.format(get))
    ground.patience(lambda: listed(page, company.at("alice"), "attachment"))


def an_xmpp_client_writes_to_a_lost_page(ground: Ground) -> None:
    alice, ref = ground.xmpp("alice"), ground.stale("bob")
    alice.message(ground.company.at("bob"), "hello")
    ground.patience(lambda: ground.is_lost("bob", ref))


def an_xmpp_client_writes_to_another_node(ground: Ground) -> None:
    alice, (_, link) = ground.xmpp("alice"), ground.link("phone")
    alice.message(ground.company.at("bob"), "hello")
    ground.patience(lambda: came(link, "message"))


def an_xmpp_client_writes_to_a_node_that_is_gone(ground: Ground) -> None:
    company, node, link = ground.company, f"n-{secrets.token_hex(4)}", STALE.format(secrets.token_hex(4))
    connecting.open_link(company.tables, node, link, now() - 3 * GRACE)
    bob = company.address("bob")
    connecting.open_xmpp(company.tables, node, bob, "phone", Status.AVAILABLE, 0, "", frozenset(), now())
    alice = ground.xmpp("alice")
    alice.message(company.at("bob"), "hello")
    ground.patience(lambda: not company.tables.connections.links(node, now()))


def webmail_reads_what_an_xmpp_client_wrote(ground: Ground) -> None:
    company, bob, alice = ground.company, ground.xmpp("bob"), ground.company.connect("alice")
    bob.message(company.at("alice"), "from my phone")
    read = alice.event("message", 5)["message"]["id"]
    alice.ask("read", contact=company.at("bob"), id=read)
    bob.wait(lambda found: found.find("{*}displayed") is not None, patience=5)


def a_node_starts(ground: Ground) -> None:
    here = ground.bridge
    another = Bridge(here.endpoints, here.folder, [], node=f"n-{secrets.token_hex(4)}")
    ground.until_over.callback(another.kill)
    another.start()
    another.stop()


def whatever_the_bridge_is_allowed_history_stays(ground: Ground) -> None:
    """A policy that allows all, put beside the bridge's own, lets nobody delete."""
    stack, iam = ground.company.stack, ground.client("iam")
    role = stack.bridge_role.rpartition("/")[2]
    everything = {"Effect": "Allow", "Action": "dynamodb:*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [everything]})
    iam.put_role_policy(RoleName=role, PolicyName="Everything", PolicyDocument=document)
    try:
        dynamodb = task_role.client(stack, stack.bridge_role, "dynamodb")
        table, key = stack.history_table, {"pk": {"S": "THREAD/x"}, "sk": {"S": "MESSAGE/x"}}
        forget = {"Enabled": True, "AttributeName": "sent_at"}
        for forbidden in (
            partial(dynamodb.delete_item, TableName=table, Key=key),
            partial(dynamodb.update_time_to_live, TableName=table, TimeToLiveSpecification=forget),
            partial(dynamodb.delete_table, TableName=table),
        ):
            with pytest.raises(ClientError, match="AccessDenied"):
                forbidden()
    finally:
        iam.delete_role_policy(RoleName=role, PolicyName="Everything")


def _has(connection: ChatConnection, contact: str, title: str) -> bool:
    return title in titles(connection, contact, "appointment")


def _meeting(company: Company, day: str) -> str:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//test//EN",
        "METHOD:REQUEST",
        "BEGIN:VEVENT",
        "UID:review",
        f"SEQUENCE:{day}",
        "DTSTAMP:20261001T090000Z",
        f"DTSTART:203610{day}T090000Z",
        f"DTEND:203610{day}T100000Z",
        f"SUMMARY:Review {day}",
        f"ORGANIZER:mailto:{company.at('bob')}",
        f"ATTENDEE:mailto:{company.at('alice')}",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]
    return "\r\n".join(lines)


ALL: list[Scenario] = [
    each for name, each in globals().items() if name[0] != "_" and getattr(each, "__annotations__", {}).get("ground")
]
"""In the order in which they stand here."""

ALONE = {a_log_in_and_a_connection}
"""They start functions anew, which others may be using."""


def needs_bridge(scenario: Scenario) -> bool:
    """Whether the domain needs a certificate."""
    return "xmpp" in scenario.__name__
