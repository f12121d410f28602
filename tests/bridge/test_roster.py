"""The roster is the directory (RFC 6121 §2): versions, pushes, own names and groups, and no strangers."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge.names import CLIENT, ROSTER
from chat import directory
from chat.entries import Profile
from tests.bridge.client import XmppClient, condition
from tests.bridge.conftest import LogIn
from tests.company import Company, now

IQ = f"{{{CLIENT}}}iq"
QUERY = f"{{{ROSTER}}}query"
ITEM = f"{{{ROSTER}}}item"
GROUP = f"{{{ROSTER}}}group"


class Roster:
    """A roster as a client got it."""

    def __init__(self, query: Element) -> None:
        self.version = query.get("ver")
        self.items = {each.get("jid"): each for each in query.iterfind(ITEM)}

    def of(self, jid: str) -> tuple[str | None, list[str | None]]:
        """The name and groups of a contact."""
        return described(self.items[jid])


def described(item: Element) -> tuple[str | None, list[str | None]]:
    return item.get("name"), [group.text for group in item.iterfind(GROUP)]


def roster(client: XmppClient) -> Roster:
    found = client.ask("get", f"<query xmlns='{ROSTER}'/>").find(QUERY)
    assert found is not None
    return Roster(found)


def change(client: XmppClient, jid: str, content: str = "", **attributes: str) -> str:
    """The condition with which a change of the roster is refused, "" where it is made."""
    spelled = "".join(f" {name}='{value}'" for name, value in attributes.items())
    return condition(client.ask("set", f"<query xmlns='{ROSTER}'><item jid='{jid}'{spelled}>{content}</item></query>"))


def pushed(client: XmppClient, jid: str) -> tuple[Element, str | None]:
    """The next push about a contact: its item, and the version that it leads to."""
    push = client.wait(
        lambda found: (
            found.tag == IQ and found.get("type") == "set" and found.find(f"{QUERY}/{ITEM}[@jid='{jid}']") is not None
        ),
        f"a roster push of {jid}",
    )
    query = push[0]
    assert push.get("from") in (None, client.jid.partition("/")[0])
    assert push.get("to") == client.jid
    assert len(query) == 1
    client.stanza(f"<iq type='result' id='{push.get('id')}'/>")
    return query[0], query.get("ver")


def test_everybody_of_the_domain_is_a_contact(company: Company, log_in: LogIn) -> None:
    company.alias("sales", "alice", "bob")
    found = roster(log_in("alice"))
    assert set(found.items) == {company.at(local) for local in ("bob", "carol", "sales")}
    assert found.of(company.at("bob")) == ("Bob", ["Test"])
    assert found.of(company.at("sales")) == ("Sales", ["Aliases"])
    assert {item.get("subscription") for item in found.items.values()} == {"both"}


def test_a_known_version_is_answered_by_nothing(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    version = roster(alice).version
    answer = alice.ask("get", f"<query xmlns='{ROSTER}' ver='{version}'/>")
    assert (answer.get("type"), len(answer)) == ("result", 0)
    assert len(alice.ask("get", f"<query xmlns='{ROSTER}' ver=''/>")[0]) == 2


def test_changes_of_the_directory_are_pushed_with_a_new_version(company: Company, log_in: LogIn) -> None:
    company.alias("sales", "alice")
    alice, carol = log_in("alice"), log_in("carol")
    before = roster(alice).version
    roster(carol)

    company.add("dave")
    company.alias("support", "bob")
    item, first = pushed(alice, company.at("dave"))
    assert (item.get("subscription"), *described(item)) == ("both", "Dave", ["Test"])
    _, second = pushed(alice, company.at("support"))
    assert roster(alice).version in {first, second} - {before}, "the last of several changes has the new version"
    pushed(carol, company.at("dave"))

    directory.remove_user(company.tables, company.address("carol"), now())
    directory.remove_alias(company.tables, company.address("support"))
    directory.save_alias(company.tables, company.address("sales"), "Sales team", [company.address("bob")])
    directory.update_profiles(
        company.tables, company.domain, [(company.address("bob"), Profile("Robert", department="Board"))]
    )
    removed, support, sales = (pushed(alice, company.at(local)) for local in ("carol", "support", "sales"))
    assert removed[0].get("subscription") == support[0].get("subscription") == "remove"
    assert described(sales[0]) == ("Sales team", ["Aliases"])
    bob = pushed(alice, company.at("bob"))
    while described(bob[0]) != ("Robert", ["Board"]):  # each of the changes may be pushed by itself
        bob = pushed(alice, company.at("bob"))
    assert carol.error() == "not-authorized", "who is removed is logged out"
    assert roster(alice).version in (removed[1], support[1], sales[1], bob[1])
    assert set(roster(alice).items) == {company.at(local) for local in ("bob", "dave", "sales")}


def test_own_names_and_groups_are_kept_and_shown_on_the_users_other_clients(company: Company, log_in: LogIn) -> None:
    desk, phone, deaf, bob = log_in("alice", "desk"), log_in("alice", "phone"), log_in("alice", "deaf"), log_in("bob")
    before = roster(desk).version
    roster(phone)
    others_before = roster(bob)
    groups = "<group>Friends</group><group>Lunch</group>"
    assert change(desk, company.at("carol"), groups, name="Caro") == ""
    for each in (desk, phone):
        item, version = pushed(each, company.at("carol"))
        assert described(item) == ("Caro", ["Friends", "Lunch"])
        assert version != before
    assert [each for each in deaf.settled() if each.tag == IQ] == [], "it has not asked for the roster"
    fresh = roster(log_in("alice", "new"))
    assert fresh.of(company.at("carol")) == ("Caro", ["Friends", "Lunch"])
    assert roster(bob).version == others_before.version
    assert roster(bob).of(company.at("carol")) == ("Carol", ["Test"])


def test_the_directorys_name_and_group_can_be_taken_back(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    assert change(alice, company.at("carol"), name="Caro") == ""
    assert roster(alice).of(company.at("carol")) == ("Caro", [])
    assert change(alice, company.at("carol"), "<group>Test</group>", name="Carol") == ""
    assert roster(alice).of(company.at("carol")) == ("Carol", ["Test"])


def test_strangers_cannot_be_added_and_colleagues_not_removed(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    before = roster(alice)
    assert change(alice, "eve@other.example", name="Eve") == "not-allowed"
    assert change(alice, company.at("nobody"), name="Nobody") == "item-not-found"
    assert change(alice, company.at("bob"), subscription="remove") == "not-allowed"
    assert change(alice, company.at("bob"), "<group/>", name="Bob") == "not-acceptable"
    assert change(alice, company.at("bob"), name="x" * 2000) == "not-acceptable"
    after = roster(alice)
    assert (after.version, set(after.items)) == (before.version, set(before.items))


def test_a_change_has_one_item(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    for content in ("", f"<item jid='{company.at('bob')}'/><item jid='{company.at('carol')}'/>", "<other/>"):
        assert condition(alice.ask("set", f"<query xmlns='{ROSTER}'>{content}</query>")) == "bad-request", content


def test_a_roster_is_its_owners_alone(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    for kind, content in (("get", ""), ("set", f"<item jid='{company.at('carol')}'/>")):
        answer = alice.ask(kind, f"<query xmlns='{ROSTER}'>{content}</query>", company.at("bob"))
        assert condition(answer) == "forbidden"
