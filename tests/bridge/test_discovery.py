"""What clients ask after logging in: features, items, version, time, ping, private XML; and what is not there."""

from __future__ import annotations

from datetime import datetime
from xml.etree.ElementTree import Element

from bridge import capabilities
from bridge.names import CAPS, DISCO_INFO, DISCO_ITEMS, MUC, PRIVATE, PUBSUB, TIME, UPLOAD, VERSION
from chat.files import MAX_FILE
from tests.bridge.client import condition
from tests.bridge.conftest import LogIn
from tests.company import Company, now

INFO = f"<query xmlns='{DISCO_INFO}'/>"
ITEMS = f"<query xmlns='{DISCO_ITEMS}'/>"


def features(answer: Element) -> set[str | None]:
    return {each.get("var") for each in answer[0].iterfind(f"{{{DISCO_INFO}}}feature")}


def identities(answer: Element) -> set[tuple[str | None, str | None]]:
    return {(each.get("category"), each.get("type")) for each in answer[0].iterfind(f"{{{DISCO_INFO}}}identity")}


def test_the_server_tells_what_it_can(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    found = alice.ask("get", INFO, company.domain)
    assert ("server", "im") in identities(found)
    assert {"urn:xmpp:carbons:2", "urn:xmpp:blocking", "urn:xmpp:ping", "vcard-temp", "jabber:iq:version"} <= features(
        found
    )
    assert {"msgoffline", "urn:xmpp:time", "jabber:iq:private", UPLOAD} <= features(found)
    assert "http://jabber.org/protocol/address" not in features(found), "it multiplies no messages"
    assert found.findtext(".//{jabber:x:data}field[@var='max-file-size']/{jabber:x:data}value") == str(MAX_FILE)
    items = alice.ask("get", ITEMS, company.domain)[0]
    assert [each.get("jid") for each in items] == [f"upload.{company.domain}"], "there are no rooms and no gateways"
    assert len(alice.ask("get", f"<query xmlns='{DISCO_ITEMS}' node='rooms'/>", company.domain)[0]) == 0


def test_the_service_for_uploads_has_a_name_of_its_own(company: Company, log_in: LogIn) -> None:
    alice, service = log_in("alice"), f"upload.{company.domain}"
    found = alice.ask("get", INFO, service)
    assert (found.get("from"), identities(found)) == (service, {("store", "file")})
    assert {UPLOAD, DISCO_INFO} <= features(found)
    assert found.findtext(".//{jabber:x:data}field[@var='max-file-size']/{jabber:x:data}value") == str(MAX_FILE)
    assert len(alice.ask("get", ITEMS, service)[0]) == 0
    assert alice.ask("get", "<ping xmlns='urn:xmpp:ping'/>", service).get("type") == "result"


def test_the_hash_in_the_stream_features_is_that_of_what_the_server_tells(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    caps = alice.features.find(f"{{{CAPS}}}c")
    assert caps is not None
    name = f"{caps.get('node')}#{caps.get('ver')}"
    found = alice.ask("get", f"<query xmlns='{DISCO_INFO}' node='{name}'/>", company.domain)[0]
    assert (found.get("node"), caps.get("hash")) == (name, "sha-1")
    assert capabilities.version(found) == caps.get("ver")
    unknown = alice.ask("get", f"<query xmlns='{DISCO_INFO}' node='{caps.get('node')}#other'/>", company.domain)
    assert condition(unknown) == "item-not-found"


def test_accounts_tell_what_they_can(company: Company, log_in: LogIn) -> None:
    company.alias("sales", "bob")
    alice = log_in("alice")
    own = alice.ask("get", INFO, company.at("alice"))
    assert identities(own) == {("account", "registered"), ("pubsub", "pep")}
    assert {"urn:xmpp:mam:2", "urn:xmpp:mam:2#extended", "urn:xmpp:sid:0"} <= features(own)
    for local in ("bob", "sales"):
        found = alice.ask("get", INFO, company.at(local))
        assert identities(found) == {("account", "registered")}
        assert "urn:xmpp:mam:2" not in features(found)
        assert len(alice.ask("get", ITEMS, company.at(local))[0]) == 0
    assert condition(alice.ask("get", INFO, company.at("nobody"))) == "service-unavailable"
    assert condition(alice.ask("get", ITEMS, company.at("nobody"))) == "service-unavailable"


def test_a_client_is_asked_itself(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    alice.stanza(f"<iq type='get' id='asked' to='{bob.jid}'>{INFO}</iq>")
    asked = bob.expect("{jabber:client}iq", type="get")
    assert (asked.get("from"), asked.get("id"), asked[0].tag) == (alice.jid, "asked", f"{{{DISCO_INFO}}}query")
    bob.stanza(
        f"<iq type='result' id='asked' to='{alice.jid}'><query xmlns='{DISCO_INFO}'><feature var='x'/></query></iq>"
    )
    answer = alice.expect("{jabber:client}iq", id="asked")
    assert (answer.get("from"), features(answer)) == (bob.jid, {"x"})
    assert condition(alice.ask("get", INFO, f"{company.at('bob')}/gone")) == "service-unavailable"


def test_version_time_and_ping(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    version = alice.ask("get", f"<query xmlns='{VERSION}'/>", company.domain)[0]
    assert version.findtext(f"{{{VERSION}}}name") == "Company chat"
    assert version.findtext(f"{{{VERSION}}}version")
    time = alice.ask("get", f"<time xmlns='{TIME}'/>", company.domain)[0]
    told = datetime.fromisoformat(time.findtext(f"{{{TIME}}}utc") or "").timestamp() * 1000
    assert abs(told - now()) < 60_000
    assert time.findtext(f"{{{TIME}}}tzo") == "+00:00"
    for to in (None, company.domain, company.at("alice"), company.at("bob")):
        answer = alice.ask("get", "<ping xmlns='urn:xmpp:ping'/>", to)
        assert (answer.get("type"), answer.get("from")) == ("result", to or company.at("alice"))


def test_private_xml_and_bookmarks_are_answered_by_nothing(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    found = alice.ask("get", f"<query xmlns='{PRIVATE}'><storage xmlns='storage:bookmarks'/></query>")[0]
    assert [(each.tag, len(each)) for each in found] == [("{storage:bookmarks}storage", 0)]
    wanted = f"<pubsub xmlns='{PUBSUB}'><items node='urn:xmpp:bookmarks:1'/></pubsub>"
    assert condition(alice.ask("get", wanted)) == "item-not-found"
    stored = f"<query xmlns='{PRIVATE}'><storage xmlns='storage:bookmarks'><conference jid='a@b'/></storage></query>"
    assert condition(alice.ask("set", stored)) == "not-allowed"
    assert (
        condition(alice.ask("get", f"<query xmlns='{PRIVATE}'><a xmlns='urn:a'/></query>", company.at("bob")))
        == "forbidden"
    )


def test_what_is_not_there_is_answered_by_its_error(company: Company, log_in: LogIn) -> None:
    alice, ping = log_in("alice"), "<ping xmlns='urn:xmpp:ping'/>"
    here, bob, nobody = company.domain, company.at("bob"), company.at("nobody")

    def refused(kind: str, to: str | None, content: str) -> str:
        return condition(alice.ask(kind, content, to))

    for to, answer in (
        (f"rooms.{here}", "item-not-found"),
        ("conference.other.example", "remote-server-not-found"),
        ("eve@other.example", "remote-server-not-found"),
        ("eve@other.example/phone", "remote-server-not-found"),
        (nobody, "service-unavailable"),
        (f"{nobody}/phone", "service-unavailable"),
        ("@", "jid-malformed"),
    ):
        assert refused("get", to, ping) == answer, to
    assert refused("get", here, "<query xmlns='urn:example:unknown'/>") == "service-unavailable"
    assert refused("get", bob, "<query xmlns='jabber:iq:last'/>") == "service-unavailable"
    assert refused("get", bob, f"<query xmlns='{VERSION}'/>") == "service-unavailable"
    assert refused("set", here, f"<query xmlns='{MUC}#owner'/>") == "service-unavailable"
    items = f"<pubsub xmlns='{PUBSUB}'><items node='news'/></pubsub>"
    assert refused("get", here, items) == "feature-not-implemented"
    published = f"<pubsub xmlns='{PUBSUB}'><publish node='news'/></pubsub>"
    assert refused("set", None, published) == "feature-not-implemented"
    assert refused("get", None, ping + ping) == refused("get", None, "") == refused("ask", None, ping) == "bad-request"


def test_a_room_cannot_be_joined(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    for server in ("rooms.other.example", f"rooms.{company.domain}"):
        alice.presence(f"<x xmlns='{MUC}'/>", to=f"lunch@{server}/alice")
        refusal = alice.expect("{jabber:client}presence", type="error")
        assert (condition(refusal), refusal.get("from")) == ("remote-server-not-found", f"lunch@{server}/alice")
