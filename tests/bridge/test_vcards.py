"""vCards (XEP-0054) from the directory's details; a photo that cannot be fetched is named by its address."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge.names import AVATAR_METADATA, PUBSUB, VCARD
from chat import directory
from chat.entries import Profile
from tests.bridge.client import XmppClient, condition
from tests.bridge.conftest import LogIn
from tests.company import Company

ASK = f"<vCard xmlns='{VCARD}'/>"
PHOTO = "https://photos.invalid/bob.jpg"


def card(client: XmppClient, to: str | None = None) -> dict[str, list[str]]:
    """The fields of a vCard, by their path."""
    answer = client.ask("get", ASK, to)
    found: dict[str, list[str]] = {}

    def walk(part: Element, path: str) -> None:
        for child in part:
            name = f"{path}{child.tag.removeprefix(f'{{{VCARD}}}')}"
            if len(child):
                walk(child, f"{name}/")
            else:
                found.setdefault(name, []).append(child.text or "")

    walk(answer[0], "")
    return found


def test_a_card_has_the_details_of_the_directory(company: Company, log_in: LogIn) -> None:
    profile = Profile("Bob R. Builder", "Engineer", "Works", ("+49 1", "+49 2"), PHOTO)
    directory.update_profiles(company.tables, company.domain, [(company.address("bob"), profile)])
    found = card(log_in("alice"), company.at("bob"))
    assert (found["FN"], found["N/FAMILY"], found["N/GIVEN"]) == (["Bob R. Builder"], ["Builder"], ["Bob R."])
    assert found["EMAIL/USERID"] == found["JABBERID"] == [company.at("bob")]
    assert (found["TITLE"], found["ORG/ORGUNIT"], found["TEL/NUMBER"]) == (["Engineer"], ["Works"], ["+49 1", "+49 2"])
    assert found["PHOTO/EXTVAL"] == [PHOTO]


def test_an_alias_names_its_members(company: Company, log_in: LogIn) -> None:
    company.alias("sales", "alice", "bob")
    found = card(log_in("carol"), company.at("sales"))
    assert found["FN"] == ["Sales"]
    assert [company.at(local) in found["DESC"][0] for local in ("alice", "bob", "carol")] == [True, True, False]


def test_ones_own_card_is_asked_for_without_an_address_and_cannot_be_changed(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    assert card(alice)["FN"] == card(alice, company.at("alice"))["FN"] == ["Alice"]
    assert condition(alice.ask("set", f"<vCard xmlns='{VCARD}'><FN>Boss</FN></vCard>")) == "not-allowed"
    assert card(alice)["FN"] == ["Alice"]
    assert condition(alice.ask("get", ASK, company.at("nobody"))) == "service-unavailable"


def test_who_has_no_photo_has_no_avatar(company: Company, log_in: LogIn) -> None:
    alice = log_in("alice")
    wanted = f"<pubsub xmlns='{PUBSUB}'><items node='{AVATAR_METADATA}'/></pubsub>"
    for to in (None, company.at("bob")):
        assert condition(alice.ask("get", wanted, to)) == "item-not-found"
    published = f"<pubsub xmlns='{PUBSUB}'><publish node='{AVATAR_METADATA}'><item/></publish></pubsub>"
    assert condition(alice.ask("set", published)) == "feature-not-implemented"
