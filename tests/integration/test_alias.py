"""Aliases are chatted with like a person, and reach every member."""

from __future__ import annotations

import pytest

from chat import directory, ids
from chat.errors import AliasCycle
from chatctl.client import Refused
from tests.company import Company, heard, now


@pytest.fixture
def team(company: Company) -> Company:
    """alice and bob are the team, carol is not."""
    company.alias("team", "alice", "bob", "somebody@elsewhere.example")
    return company


def test_aliases_are_listed_like_a_person_and_first(team: Company) -> None:
    contacts = team.connect("carol").ask("contacts")["contacts"]
    assert [contact["address"] for contact in contacts] == [team.at(name) for name in ("team", "alice", "bob", "carol")]
    assert contacts[0]["kind"] == "alias"


def test_addresses_outside_the_domain_are_ignored(team: Company) -> None:
    details = team.connect("carol").ask("contact", contact=team.at("team"))["contact"]
    assert details["members"] == [team.at("alice"), team.at("bob")]


def test_a_message_reaches_the_members_who_are_online_and_says_how_many(team: Company) -> None:
    alice, carol = team.connect("alice"), team.connect("carol")
    assert carol.ask("send", id=ids.new(now()), recipient=team.at("team"), body="help")["reached"] == 1
    message = alice.event("message")["message"]
    assert (message["sender"], message["recipient"]) == (team.at("carol"), team.at("team"))
    team.connect("bob")
    assert carol.ask("send", id=ids.new(now()), recipient=team.at("team"), body="again")["reached"] == 2


def test_a_member_who_writes_is_not_counted_and_tells_the_others(team: Company) -> None:
    alice, bob, other_tab = team.connect("alice"), team.connect("bob"), team.connect("alice")
    assert alice.ask("send", id=ids.new(now()), recipient=team.at("team"), body="hi all")["reached"] == 1
    assert bob.event("message")["message"]["body"] == "hi all"
    assert other_tab.event("message")["message"]["body"] == "hi all"
    assert heard(alice) == []


def test_members_read_the_whole_thread_others_their_own_part(team: Company) -> None:
    alice, carol = team.connect("alice"), team.connect("carol")
    carol.ask("send", id=ids.new(now()), recipient=team.at("team"), body="from carol")
    alice.ask("send", id=ids.new(now()), recipient=team.at("team"), body="from alice")
    bob = team.connect("bob")
    assert [each["body"] for each in bob.ask("history", contact=team.at("team"))["messages"]] == [
        "from carol",
        "from alice",
    ]
    assert [each["body"] for each in carol.ask("history", contact=team.at("team"))["messages"]] == ["from carol"]
    assert bob.ask("conversations", contact=team.at("team"))["conversations"][0]["count"] == 2
    assert carol.ask("conversations", contact=team.at("team"))["conversations"][0]["count"] == 1


def test_a_member_who_was_offline_finds_it_unread(team: Company) -> None:
    carol = team.connect("carol")
    carol.ask("send", id=ids.new(now()), recipient=team.at("team"), body="for whoever comes")
    bob = team.connect("bob")
    thread = bob.ask("sync")["threads"][0]
    assert (thread["contact"], thread["unread"]) == (team.at("team"), 1)
    assert carol.ask("sync")["threads"][0]["unread"] == 0


def test_nested_aliases_expand_once(team: Company) -> None:
    team.alias("everybody", "team", "alice", "carol")
    alice, bob, carol = (team.connect(name) for name in ("alice", "bob", "carol"))
    assert carol.ask("send", id=ids.new(now()), recipient=team.at("everybody"), body="all")["reached"] == 2
    assert len(heard(alice)) == 1
    assert len(heard(bob)) == 1
    team.add("dora")
    team.alias("team", "alice", "bob", "dora")
    dora = team.connect("dora")
    assert [each["body"] for each in dora.ask("history", contact=team.at("everybody"))["messages"]] == ["all"]


def test_a_cycle_is_refused_when_written(team: Company) -> None:
    team.alias("outer", "team")
    with pytest.raises(AliasCycle):
        team.alias("team", "outer")
    assert directory.users(team.tables, team.domain)


def test_who_leaves_an_alias_keeps_the_own_part(team: Company) -> None:
    alice, carol = team.connect("alice"), team.connect("carol")
    alice.ask("send", id=ids.new(now()), recipient=team.at("team"), body="mine")
    carol.ask("send", id=ids.new(now()), recipient=team.at("team"), body="not mine")
    team.alias("team", "bob")
    assert [each["body"] for each in alice.ask("history", contact=team.at("team"))["messages"]] == ["mine"]


def test_a_removed_alias_cannot_be_sent_to_and_stays_readable(team: Company) -> None:
    alice = team.connect("alice")
    alice.ask("send", id=ids.new(now()), recipient=team.at("team"), body="before")
    directory.remove_alias(team.tables, team.address("team"))
    with pytest.raises(Refused, match="unknown_recipient"):
        alice.ask("send", id=ids.new(now()), recipient=team.at("team"), body="after")
    assert [each["body"] for each in alice.ask("history", contact=team.at("team"))["messages"]] == ["before"]
    assert team.at("team") not in [each["address"] for each in alice.ask("contacts")["contacts"]]


def test_typing_in_an_alias_thread_is_told_to_its_members(team: Company) -> None:
    alice, carol = team.connect("alice"), team.connect("carol")
    carol.ask("typing", contact=team.at("team"), active=True)
    assert alice.event("typing")["contact"] == team.at("team")
