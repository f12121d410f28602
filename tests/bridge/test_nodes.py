"""Two nodes on one cloud behave as one: chat, presence, carbons, links that are renewed or lost, a node that dies."""

from __future__ import annotations

from xml.etree.ElementTree import Element

import pytest

from bridge.names import BLOCKING, CARBONS, CLIENT, DELAY, MAM, REGISTER, ROSTER, VERSION
from chat import directory, ids
from chat.entries import Profile
from localcloud.bridge import Bridge
from localcloud.endpoints import Endpoints
from tests.bridge.client import XmppClient, condition, text_of
from tests.bridge.conftest import LogIn, Second
from tests.company import Company, heard, now, until

MESSAGE, PRESENCE, IQ = f"{{{CLIENT}}}message", f"{{{CLIENT}}}presence", f"{{{CLIENT}}}iq"
COMPOSING = '<composing xmlns="http://jabber.org/protocol/chatstates"/>'


def texts(found: list[Element]) -> list[str]:
    """The bodies among stanzas, in order."""
    return [text for each in found if (text := text_of(each)) is not None]


def gone(found: list[Element]) -> list[str | None]:
    """Who is told to be unavailable among stanzas."""
    return [each.get("from") for each in found if each.tag == PRESENCE and each.get("type") == "unavailable"]


def pushed(client: XmppClient) -> Element:
    """The item of the next roster push."""
    found = client.wait(
        lambda each: each.tag == IQ and each.get("type") == "set" and each.find(f"{{{ROSTER}}}query") is not None,
        "a roster push",
    )
    return found[0][0]


def links(company: Company) -> set[str]:
    """The connections that the second node has to the API now."""
    return set(company.tables.connections.links("two", now(), consistent=True))


# Two nodes.


def test_people_on_two_nodes_and_in_webmail_chat(second: Second, company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice", "phone"), log_in("bob", "desk", bridge=second.node)
    carol = company.connect("carol")
    alice.shown(bob.jid)
    alice.message(company.at("bob"), "lunch?", id="invitation")
    got = bob.body("lunch?")
    assert (got.get("from"), got.get("id"), got.get("type")) == (alice.jid, "invitation", "chat")
    bob.message(alice.jid, "gladly")
    assert alice.body("gladly").get("to") == alice.jid
    bob.message(company.at("alice"), "", COMPOSING)
    assert alice.wait(lambda found: found.find("{*}composing") is not None).get("from") == bob.jid
    bob.message(company.at("carol"), "come along")
    assert carol.event("message")["message"]["body"] == "come along"
    carol.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="where to?")
    assert bob.body("where to?").get("from") == f"{company.at('carol')}/webmail"


def test_each_resource_is_shown_on_the_other_node_as_its_client_says(
    second: Second, company: Company, log_in: LogIn
) -> None:
    alice, carol = log_in("alice"), company.connect("carol")
    carol.ask("watch", contacts=[company.at("bob")])
    desk, phone = log_in("bob", "desk", bridge=second.node), log_in("bob", "phone", bridge=second.node)
    alice.shown(desk.jid)
    alice.shown(phone.jid)
    desk.presence("<show>dnd</show><status>writing</status><priority>5</priority>")
    found = alice.shown(desk.jid)
    told = [found.findtext(f"{{{CLIENT}}}{name}") for name in ("show", "status", "priority")]
    assert told == ["dnd", "writing", "5"]
    carol.event("presence", address=company.at("bob"), status="busy")
    desk.close()
    alice.shown(desk.jid, "unavailable")
    carol.event("presence", address=company.at("bob"), status="available")
    later = log_in("carol")
    later.shown(phone.jid)


def test_carbons_reach_the_other_node(second: Second, company: Company, log_in: LogIn) -> None:
    bob, phone, desk = log_in("bob"), log_in("alice", "phone"), log_in("alice", "desk", bridge=second.node)
    for each in (phone, desk):
        each.ask("set", f'<enable xmlns="{CARBONS}"/>')
    bob.shown(desk.jid)
    bob.message(phone.jid, "for the phone alone")
    phone.body("for the phone alone")
    assert desk.body("for the phone alone").find(f"{{{CARBONS}}}received") is not None
    phone.message(company.at("bob"), "from the phone")
    assert desk.body("from the phone").find(f"{{{CARBONS}}}sent") is not None
    desk.message(company.at("bob"), "from the desk")
    assert phone.body("from the desk").find(f"{{{CARBONS}}}sent") is not None


def test_a_client_on_the_other_node_is_asked_and_answers(second: Second, company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob", "desk", bridge=second.node)
    alice.shown(bob.jid)
    alice.send(f"<iq type='get' id='v1' to='{bob.jid}'><query xmlns='{VERSION}'/></iq>")
    asked = bob.expect(IQ, type="get", id="v1")
    assert asked.get("from") == alice.jid
    content = f"<query xmlns='{VERSION}'><name>Desk</name></query>"
    bob.send(f"<iq type='result' id='v1' to='{alice.jid}'>{content}</iq>")
    assert alice.expect(IQ, type="result", id="v1").findtext(f".//{{{VERSION}}}name") == "Desk"
    answer = alice.ask("get", f"<query xmlns='{VERSION}'/>", to=f"{company.at('bob')}/nowhere")
    assert condition(answer) == "service-unavailable"


def test_the_roster_changes_on_both_nodes(second: Second, company: Company, log_in: LogIn) -> None:
    phone, desk = log_in("alice", "phone"), log_in("alice", "desk", bridge=second.node)
    for each in (phone, desk):
        each.ask("get", f'<query xmlns="{ROSTER}"/>')
    phone.shown(desk.jid)
    phone.ask("set", f'<query xmlns="{ROSTER}"><item jid="{company.at("bob")}" name="Bobby"/></query>')
    assert [pushed(each).get("name") for each in (phone, desk)] == ["Bobby", "Bobby"]
    profile = Profile("Caroline", department="Test")
    directory.update_profiles(company.tables, company.domain, [(company.address("carol"), profile)])
    assert [pushed(each).get("name") for each in (phone, desk)] == ["Caroline", "Caroline"]


def change_list(client: XmppClient, verb: str, jid: str) -> None:
    answer = client.ask("set", f'<{verb} xmlns="{BLOCKING}"><item jid="{jid}"/></{verb}>')
    assert answer.get("type") == "result"


def test_who_is_blocked_sees_the_resources_of_both_nodes_and_of_webmail_go_and_come(
    second: Second, company: Company, log_in: LogIn
) -> None:
    phone, desk = log_in("alice", "phone"), log_in("alice", "desk", bridge=second.node)
    page = company.connect("alice")
    resources = [phone.jid, desk.jid, f"{company.at('alice')}/webmail"]
    for bob in (log_in("bob"), log_in("bob", bridge=second.node)):
        for each in resources:
            bob.shown(each)
        bob.settled()
        change_list(phone, "block", company.at("bob"))
        for each in resources:
            bob.shown(each, "unavailable")
        desk.shown(bob.jid, "unavailable")
        page.ask("presence", status="busy")
        phone.wait(lambda found: found.get("from") == resources[2] and found.find("{*}show") is not None)
        change_list(phone, "unblock", company.at("bob"))
        for each in resources:
            bob.shown(each)
        page.ask("presence", status="available")
        assert not set(gone(bob.settled())) & set(resources)


def test_clients_on_the_other_node_are_told_of_changes_that_they_asked_for(
    second: Second, company: Company, log_in: LogIn
) -> None:
    phone = log_in("alice", "phone")
    asked, other = log_in("alice", "asked", bridge=second.node), log_in("alice", "other", bridge=second.node)
    asked.ask("get", f'<blocklist xmlns="{BLOCKING}"/>')
    asked.ask("get", f'<query xmlns="{ROSTER}"/>')
    for each in (asked, other):
        phone.shown(each.jid)
    change_list(phone, "block", company.at("bob"))
    asked.wait(lambda found: found.tag == IQ and found.find(f"{{{BLOCKING}}}block") is not None, "a push of the list")
    phone.ask("set", f'<query xmlns="{ROSTER}"><item jid="{company.at("bob")}" name="Bobby"/></query>')
    assert pushed(asked).get("name") == "Bobby"
    assert [each for each in other.settled() if each.tag == IQ] == []


def test_a_new_password_ends_all_other_sessions_of_the_user(second: Second, company: Company, log_in: LogIn) -> None:
    phone, desk = log_in("alice", "phone"), log_in("alice", "desk")
    far, silent = log_in("alice", "far", bridge=second.node), log_in("alice", bridge=second.node, present=False)
    bob = log_in("bob", bridge=second.node)
    content = "<username>alice</username><password>another horse</password>"
    assert phone.ask("set", f'<query xmlns="{REGISTER}">{content}</query>').get("type") == "result"
    assert [each.error() for each in (desk, far, silent)] == ["not-authorized"] * 3
    bob.message(phone.jid, "still there?")
    phone.body("still there?")


def test_a_resource_that_moves_to_the_other_node_stays_available(
    second: Second, company: Company, log_in: LogIn
) -> None:
    bob = log_in("bob")
    former = log_in("alice", "phone", bridge=second.node)
    bob.shown(former.jid)
    moved = log_in("alice", "phone")
    assert former.error() == "conflict"
    until(lambda: company.tables.connections.sessions("two").count((company.address("alice"), "phone")) == 0)
    bob.message(company.at("alice"), "moved?")
    moved.body("moved?")
    bob.settled()
    moved.message(company.at("bob"), "yes")
    bob.body("yes")
    late = log_in("carol", bridge=second.node)
    late.shown(moved.jid)


# The link.


def test_nothing_is_missed_while_a_link_is_renewed(second: Second, company: Company, log_in: LogIn) -> None:
    alice, bob, carol = log_in("alice"), log_in("bob", bridge=second.node), company.connect("carol")
    carol.ask("watch", contacts=[company.at("bob")])
    alice.shown(bob.jid)
    before, sent = links(company), list[str]()
    while len(before - links(company)) < min(2, len(before)):
        sent.append(f"note {len(sent)}")
        carol.ask("send", id=ids.new(now()), recipient=company.at("bob"), body=sent[-1])
    for each in sent:
        bob.body(each)
    assert texts(bob.settled()) == []
    assert gone(alice.settled()) == []
    assert [each for each in heard(carol) if each["event"] == "presence"] == []


def test_what_is_missed_while_the_link_is_cut_comes_once(second: Second, company: Company, log_in: LogIn) -> None:
    alice, bob, carol = log_in("alice"), log_in("bob", bridge=second.node), company.connect("carol")
    alice.shown(bob.jid)
    bob.ask("get", f'<query xmlns="{ROSTER}"/>')
    bob.message(company.at("alice"), "until later")
    alice.body("until later")
    bob.settled()
    second.link.cut()
    try:
        carol.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="by webmail")
        alice.message(company.at("bob"), "by XMPP")
        alice.presence("<show>away</show>")
        carol.ask("presence", status="busy")
        profile = Profile("Alicia", department="Test")
        directory.update_profiles(company.tables, company.domain, [(company.address("alice"), profile)])
        alice.settled()
        until(lambda: company.tables.directory.settings(company.address("carol")).status == "busy")
        assert bob.settled() == []
    finally:
        second.link.mend()
    for text in ("by webmail", "by XMPP"):
        bob.body(text)
    assert bob.shown(alice.jid).findtext(f"{{{CLIENT}}}show") == "away"
    assert bob.shown(f"{company.at('carol')}/webmail").findtext(f"{{{CLIENT}}}show") == "dnd"
    assert pushed(bob).get("name") == "Alicia"
    carol.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="afterwards")
    bob.body("afterwards")
    assert texts(bob.settled()) == []
    assert gone(alice.settled()) == []


# A node that dies.


@pytest.fixture
def doomed(stack: Endpoints, bridge: Bridge, company: Company) -> Bridge:
    """A node that will be killed."""
    started = Bridge(stack, bridge.folder, [company.domain], node="doomed")
    started.start()
    return started


def test_a_killed_node_disappears_and_its_client_misses_nothing_elsewhere(
    doomed: Bridge, company: Company, log_in: LogIn
) -> None:
    bob = log_in("bob")
    phone, desk = log_in("alice", "phone", bridge=doomed), log_in("alice", "desk", bridge=doomed)
    for each in (phone, desk):
        bob.shown(each.jid)
    bob.message(company.at("alice"), "before")
    phone.body("before")
    doomed.kill()
    bob.message(company.at("alice"), "meanwhile")
    bob.settled()
    web = company.connect("carol")
    watched = web.ask("watch", contacts=[company.at("alice")])["presence"]
    assert [each["status"] for each in watched] == ["available"]
    back = log_in("alice", "phone")
    assert back.body("meanwhile").find(f"{{{DELAY}}}delay") is not None
    page = f"<query xmlns='{MAM}' queryid='q1'/>"
    assert back.ask("set", page).find(f"{{{MAM}}}fin") is not None
    archived = [text_of(each) for each in back.received if each.find(f"{{{MAM}}}result") is not None]
    assert archived == ["before", "meanwhile"]
    bob.shown(desk.jid, "unavailable")  # after the grace period
    assert gone(bob.settled()) == []
    bob.message(back.jid, "are you there?")
    back.body("are you there?")
    back.close()
    web.event("presence", address=company.at("alice"), status="offline")
    tables = company.tables.connections
    assert (tables.sessions("doomed"), tables.domains_watched("doomed")) == ([], [])
