"""The archive (XEP-0313, ``urn:xmpp:mam:2``): exact, whichever door a message came through."""

from __future__ import annotations

import pytest

from bridge.names import CLIENT, DATA, IDS, MAM
from chat import ids
from tests.bridge.client import XmppClient, condition, text_of
from tests.bridge.conftest import LogIn
from tests.bridge.mam import Found, query
from tests.company import Company, now

VALIDATE = "http://jabber.org/protocol/xdata-validate"
MINUTE = 60_000
COUNT = 12


@pytest.fixture
def kept(company: Company) -> list[str]:
    """The ids of 12 messages, a minute apart: alice and bob in turn, every third one between alice and carol."""
    start = now() - 60 * MINUTE
    made = [ids.new(start + number * MINUTE) for number in range(COUNT)]
    for number, each in enumerate(made):
        pair = ("alice", "carol" if number % 3 == 2 else "bob")
        sender, recipient = pair if number % 2 else pair[::-1]
        company.remember(sender, recipient, each, f"number {number}")
    return made


@pytest.fixture
def alice(kept: list[str], log_in: LogIn) -> XmppClient:
    return log_in("alice", present=False)


def test_a_live_message_has_the_id_that_it_has_in_the_archive(company: Company, log_in: LogIn) -> None:
    alice, bob, page = log_in("alice"), log_in("bob"), company.connect("alice")
    alice.message(company.at("bob"), "from a client", "<replace xmlns='urn:xmpp:message-correct:0' id='m0'/>", id="a1")
    page.ask("send", id=ids.new(now()), recipient=company.at("bob"), body="from webmail")
    live = [bob.body(text) for text in ("from a client", "from webmail")]
    given = [each.find(f"{{{IDS}}}stanza-id") for each in live]
    for client, seen in ((bob, query(bob, with_=company.at("alice"))), (alice, query(alice, with_=company.at("bob")))):
        assert sorted(map(str, seen.ids)) == sorted(each.get("id", "") for each in given if each is not None), (
            client.jid
        )
        first, second = sorted(seen.messages, key=lambda each: text_of(each) or "")
        assert (first.get("id"), first.get("to"), first.get("type")) == ("a1", company.at("bob"), "chat")
        assert first.find("{urn:xmpp:message-correct:0}replace") is not None
        assert second.get("from") == f"{company.at('alice')}/webmail"


def test_everything_is_there_in_order_with_its_time(alice: XmppClient, kept: list[str]) -> None:
    found = query(alice)
    assert found.ids == kept
    assert [text_of(each) for each in found.messages] == [f"number {number}" for number in range(COUNT)]
    assert found.stamps == [ids.iso(ids.time_of(each)) for each in kept]
    assert (found.told("first"), found.told("last"), found.told("count"), found.index) == (kept[0], kept[-1], "12", "0")
    assert found.complete


def test_with_gives_one_contacts_part(company: Company, alice: XmppClient, kept: list[str]) -> None:
    assert query(alice, with_=company.at("carol")).ids == kept[2::3]
    assert query(alice, with_=f"{company.at('carol')}/phone").ids == kept[2::3]
    for each in (company.at("nobody"), company.at("alice"), "eve@other.example", "other.example"):
        found = query(alice, with_=each)
        assert (found.ids, found.complete, found.error) == ([], True, "")


def test_times_are_included(alice: XmppClient, kept: list[str]) -> None:
    third, fifth = (ids.iso(ids.time_of(kept[number])) for number in (3, 5))
    assert query(alice, start=third).ids == kept[3:]
    assert query(alice, end=fifth).ids == kept[:6]
    assert query(alice, start=third, end=fifth).ids == kept[3:6]
    assert query(alice, start=fifth, end=third).ids == []
    assert query(alice, start="2001-01-01T00:00:00Z", end="2001-01-02T00:00:00+02:00").ids == []


def test_pages_forward(alice: XmppClient, kept: list[str]) -> None:
    pages = [query(alice, "<max>5</max>")]
    while not pages[-1].complete:
        pages.append(query(alice, f"<max>5</max><after>{pages[-1].told('last')}</after>"))
    assert [each.ids for each in pages] == [kept[:5], kept[5:10], kept[10:]]
    assert [each.index for each in pages] == ["0", "5", "10"]
    assert {each.told("count") for each in pages} == {"12"}


def test_pages_backward(alice: XmppClient, kept: list[str]) -> None:
    pages = [query(alice, "<max>5</max><before/>")]
    while not pages[-1].complete:
        pages.append(query(alice, f"<max>5</max><before>{pages[-1].told('first')}</before>"))
    assert [each.ids for each in pages] == [kept[7:], kept[2:7], kept[:2]]
    assert [each.index for each in pages] == ["7", "2", "0"]
    assert {each.told("count") for each in pages} == {"12"}


def test_a_flipped_page_comes_newest_first(alice: XmppClient, kept: list[str]) -> None:
    found = query(alice, "<max>3</max><before/>", flip=True)
    assert found.ids == kept[:-4:-1]
    assert (found.told("first"), found.told("last"), found.index) == (kept[-3], kept[-1], "9"), "the page is the same"


def test_the_count_alone_can_be_asked_for(company: Company, alice: XmppClient) -> None:
    found = query(alice, "<max>0</max>")
    assert (found.ids, found.told("count")) == ([], "12")
    assert query(alice, "<max>0</max>", with_=company.at("carol")).told("count") == "4"


def test_ids_bound_a_query_and_are_not_included(company: Company, alice: XmppClient, kept: list[str]) -> None:
    assert query(alice, after_id=kept[3]).ids == kept[4:]
    assert query(alice, before_id=kept[3]).ids == kept[:3]
    assert query(alice, after_id=kept[3], before_id=kept[6]).ids == kept[4:6]
    found = query(alice, "<max>2</max>", after_id=kept[3], with_=company.at("bob"))
    assert (found.ids, found.told("count"), found.complete) == ([kept[4], kept[6]], "5", False)


def test_named_messages_can_be_asked_for(alice: XmppClient, kept: list[str]) -> None:
    found = query(alice, ids=[kept[7], kept[2]])
    assert (found.ids, found.complete) == ([kept[2], kept[7]], True)


def test_an_id_that_the_archive_does_not_have_is_told(alice: XmppClient, kept: list[str]) -> None:
    unknown = ids.new(now())
    refused: list[Found] = []
    for each in (unknown, "no-id"):
        refused += [query(alice, f"<after>{each}</after>"), query(alice, f"<before>{each}</before>")]
        refused += [query(alice, after_id=each), query(alice, before_id=each), query(alice, ids=[kept[0], each])]
    assert {each.error for each in refused} == {"item-not-found"}
    assert [each.ids for each in refused] == [[]] * len(refused)


def test_a_query_that_means_nothing_is_refused(alice: XmppClient) -> None:
    assert query(alice, start="yesterday").error == "bad-request"
    assert query(alice, start="2026-01-01T00:00:00").error == "bad-request"
    assert query(alice, "<max>many</max>").error == "bad-request"
    assert query(alice, "<index>3</index>").error == "feature-not-implemented"
    assert query(alice, text="needle").error == "feature-not-implemented"
    other = f"<x xmlns='{DATA}' type='submit'><field var='FORM_TYPE'><value>urn:other</value></field></x>"
    assert condition(alice.ask("set", f"<query xmlns='{MAM}'>{other}</query>")) == "bad-request"


def test_an_archive_is_its_owners_alone(company: Company, alice: XmppClient, kept: list[str]) -> None:
    for kind, content in (
        ("set", f"<query xmlns='{MAM}'/>"),
        ("get", f"<query xmlns='{MAM}'/>"),
        ("get", f"<metadata xmlns='{MAM}'/>"),
        ("get", f"<prefs xmlns='{MAM}'/>"),
        ("set", f"<prefs xmlns='{MAM}' default='always'/>"),
    ):
        assert condition(alice.ask(kind, content, company.at("bob"))) == "forbidden"
        assert list(alice.received) == []
    assert query(alice, to=company.at("alice")).ids == kept


def test_the_ends_of_the_archive_are_told(alice: XmppClient, kept: list[str], log_in: LogIn) -> None:
    found = alice.ask("get", f"<metadata xmlns='{MAM}'/>")[0]
    ends = [(each.tag, each.get("id"), each.get("timestamp")) for each in found]
    assert ends == [
        (f"{{{MAM}}}{name}", message_id, ids.iso(ids.time_of(message_id)))
        for name, message_id in (("start", kept[0]), ("end", kept[-1]))
    ]


def test_an_empty_archive_is_complete(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice", present=False)
    found = query(alice)
    assert (found.ids, found.complete, found.told("count"), found.told("first")) == ([], True, "0", None)
    assert query(alice, "<max>5</max><before/>").complete
    assert len(alice.ask("get", f"<metadata xmlns='{MAM}'/>")[0]) == 0


def test_history_cannot_be_turned_off(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    told = alice.ask("get", f"<prefs xmlns='{MAM}'/>")[0]
    assert told.get("default") == "always"
    for default, never in (("never", ""), ("roster", ""), ("always", f"<jid>{company.at('bob')}</jid>")):
        content = f"<prefs xmlns='{MAM}' default='{default}'><always/><never>{never}</never></prefs>"
        assert condition(alice.ask("set", content)) == "not-allowed"
    assert (
        alice.ask("set", f"<prefs xmlns='{MAM}' default='always'><always/><never/></prefs>")[0].get("default")
        == "always"
    )
    hints = "".join(f"<{name} xmlns='urn:xmpp:hints'/>" for name in ("no-store", "no-permanent-store"))
    alice.message(company.at("bob"), "off the record?", hints)
    bob.body("off the record?")
    assert [text_of(each) for each in query(bob).messages] == ["off the record?"]


def test_the_fields_of_a_query_are_told(alice: XmppClient) -> None:
    form = alice.ask("get", f"<query xmlns='{MAM}'/>")[0].find(f"{{{DATA}}}x")
    assert form is not None
    told = {field.get("var") for field in form.iterfind(f"{{{DATA}}}field")}
    assert told == {"FORM_TYPE", "with", "start", "end", "before-id", "after-id", "ids"}
    assert form.find(f"{{{DATA}}}field[@var='ids']/{{{VALIDATE}}}validate/{{{VALIDATE}}}open") is not None


def test_what_has_no_text_is_not_kept(company: Company, log_in: LogIn) -> None:
    alice, bob = log_in("alice"), log_in("bob")
    alice.message(company.at("bob"), "", "<composing xmlns='http://jabber.org/protocol/chatstates'/>")
    alice.message(company.at("bob"), "", "<received xmlns='urn:xmpp:receipts' id='m1'/>")
    alice.message(company.at("bob"), "words")
    bob.body("words")
    assert [text_of(each) for each in query(bob).messages] == ["words"]
    assert [each.tag for each in query(bob).messages] == [f"{{{CLIENT}}}message"]
