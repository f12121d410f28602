from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from chat import credentials
from chat.tables.connections import ConnectionsTable
from chatctl.clock import now
from tests.unit.chatctl_stage import PASSWORD, Chatctl

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient

COMMANDS = [
    (),
    ("domain",),
    ("domain", "create"),
    ("domain", "sign-on"),
    *[("domain", "sign-on", each) for each in ("set", "show", "remove", "check")],
    ("user",),
    *[("user", each) for each in ("add", "list", "show", "disable", "enable", "remove", "password", "unblock")],
    ("alias",),
    *[("alias", each) for each in ("list", "set", "remove")],
    ("import",),
    ("import", "users"),
    ("import", "aliases"),
    ("mail",),
    *[("mail", each) for each in ("import", "unreadable", "retry", "delete", "reindex")],
    ("smoke",),
]


@pytest.fixture
def chatctl(dynamodb: DynamoDBClient, tmp_path: Path) -> Chatctl:
    return Chatctl.on_new_domain(dynamodb, tmp_path)


def add(chatctl: Chatctl, *locals_: str) -> None:
    for local in locals_:
        chatctl.done("user", "add", f"{local}@@", "--name", local.title())


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_every_command_explains_itself(chatctl: Chatctl, command: tuple[str, ...]) -> None:
    assert f"Usage: chatctl {' '.join(command)}".strip() in chatctl.done(*command, "--help")


def test_a_domain_is_created_once(chatctl: Chatctl) -> None:
    assert "Created" in chatctl.done("domain", "create", f"new.{chatctl.domain}")
    assert chatctl.refused("domain", "create", f"new.{chatctl.domain}").endswith("exists already")


def test_a_user_is_added_with_all_details(chatctl: Chatctl) -> None:
    chatctl.done(
        *("user", "add", "Zoe@@", "--name", "Zoë Zhang", "--title", "Clerk", "--department", "Sales"),
        *("--phone", "+1 555 0100", "--phone", "+1 555 0101", "--photo", "https://example.com/zoe.jpg"),
    )
    shown = chatctl.done("user", "show", "zoe@@")
    for text in ("Zoë Zhang", "Clerk", "Sales", "+1 555 0100, +1 555 0101", "https://example.com/zoe.jpg", "active"):
        assert text in shown


def test_without_a_password_nobody_can_log_in_yet(chatctl: Chatctl) -> None:
    assert "user password" in chatctl.done("user", "add", "zoe@@", "--name", "Zoë")
    assert chatctl.tables.directory.credential(chatctl.address("zoe")) is None
    assert "cannot log in" in chatctl.done("user", "show", "zoe@@")


@pytest.mark.parametrize(
    ("option", "typed"),
    [
        (["--password", PASSWORD], ""),
        (["--password-stdin"], f"{PASSWORD}\r\n"),
        (["--password-prompt"], f"{PASSWORD}\n{PASSWORD}\n"),
    ],
)
def test_a_password_may_come_three_ways(chatctl: Chatctl, option: list[str], typed: str) -> None:
    chatctl.done("user", "add", "zoe@@", "--name", "Zoë", *option, input=typed)
    assert credentials.matches(PASSWORD, chatctl.tables.directory.credential(chatctl.address("zoe")))


def test_two_ways_at_once_are_a_usage_error(chatctl: Chatctl) -> None:
    result = chatctl.run("user", "add", "zoe@@", "--name", "Zoë", "--password", PASSWORD, "--password-stdin")
    assert result.exit_code == 2
    assert chatctl.user("zoe") is None


def test_a_short_password_adds_nobody(chatctl: Chatctl) -> None:
    assert "8 to 256" in chatctl.refused("user", "add", "zoe@@", "--name", "Zoë", "--password", "short")
    assert chatctl.user("zoe") is None


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["nobody", "--name", "N"], "it has no @"),
        (["zoe@nowhere.example", "--name", "N"], "has not been created"),
        (["zoe@@", "--name", " "], "Name is empty"),
        (["zoe@@", "--name", "N", "--photo", "http://example.com"], "https"),
        (["zoe@@", "--name", "N", *["--phone", "1"] * 6], "allowed are 5"),
    ],
)
def test_what_is_wrong_with_a_user_is_said(chatctl: Chatctl, arguments: list[str], said: str) -> None:
    assert said in chatctl.refused("user", "add", *arguments)


def test_an_address_is_given_once(chatctl: Chatctl) -> None:
    add(chatctl, "alice")
    assert "exists already" in chatctl.refused("user", "add", "alice@@", "--name", "Another")


def test_the_list_has_everybody_with_state(chatctl: Chatctl) -> None:
    add(chatctl, "alice", "bob")
    chatctl.done("user", "disable", "bob@@")
    header, alice, bob = chatctl.done("user", "list", chatctl.domain).splitlines()
    assert header.split() == ["ADDRESS", "NAME", "TITLE", "DEPARTMENT", "STATE"]
    assert alice.split() == [f"alice@{chatctl.domain}", "Alice", "active"]
    assert bob.split() == [f"bob@{chatctl.domain}", "Bob", "disabled"]


@pytest.mark.parametrize("command", [("user", "list"), ("alias", "list")])
def test_a_domain_that_is_not_there_has_no_list(chatctl: Chatctl, command: tuple[str, ...]) -> None:
    assert "has not been created" in chatctl.refused(*command, "nowhere.example")


def test_disabling_closes_the_open_connections(chatctl: Chatctl) -> None:
    add(chatctl, "alice")
    chatctl.connect("alice", "one", "two")
    chatctl.management.gone.add("one")
    assert "1 connection closed" in chatctl.done("user", "disable", "alice@@")
    assert chatctl.management.closed == ["two"]


def test_a_connection_that_cannot_be_closed_does_not_keep_the_others_open(chatctl: Chatctl) -> None:
    add(chatctl, "alice")
    chatctl.connect("alice", "one", "two", "three")
    chatctl.management.stuck.add("two")
    assert chatctl.refused("user", "disable", "alice@@") == "AWS refused DeleteConnection: too fast"
    assert sorted(chatctl.management.closed) == ["one", "three"]


def test_a_disabled_user_may_be_enabled_again(chatctl: Chatctl) -> None:
    add(chatctl, "alice")
    chatctl.done("user", "disable", "alice@@")
    chatctl.done("user", "enable", "alice@@")
    assert "active" in chatctl.done("user", "show", "alice@@")


def test_removing_tells_what_it_removed(chatctl: Chatctl) -> None:
    add(chatctl, "alice", "bob")
    chatctl.done("alias", "set", "team@@", "--name", "Team", "--member", "alice@@", "--member", "bob@@")
    chatctl.connect("bob", "one")
    chatctl.remember("bob", "alice")
    told = [line.split("  ")[-1].strip() for line in chatctl.done("user", "remove", "bob@@", "--yes").splitlines()]
    assert told[1:] == [f"team@{chatctl.domain}", "1", "1"]
    assert chatctl.management.closed == ["one"]
    assert chatctl.user("bob") is None


def test_removing_asks_first(chatctl: Chatctl) -> None:
    add(chatctl, "bob")
    assert "Aborted" in chatctl.refused("user", "remove", "bob@@", input="n\n")
    assert chatctl.user("bob") is not None
    chatctl.done("user", "remove", "bob@@", input="y\n")
    assert chatctl.user("bob") is None


@pytest.mark.parametrize("command", ["show", "disable", "enable", "remove", "password", "unblock"])
def test_who_is_not_there_is_not_a_user(chatctl: Chatctl, command: str) -> None:
    assert chatctl.refused("user", command, "nobody@@") == f"nobody@{chatctl.domain} is not a user"


def test_a_new_password_is_typed_twice(chatctl: Chatctl) -> None:
    add(chatctl, "alice")
    typed = ["first try", "another", PASSWORD, PASSWORD]
    chatctl.done("user", "password", "alice@@", input="\n".join(typed) + "\n")
    assert credentials.matches(PASSWORD, chatctl.tables.directory.credential(chatctl.address("alice")))


def test_a_new_password_may_come_from_a_pipe(chatctl: Chatctl) -> None:
    add(chatctl, "alice")
    chatctl.done("user", "password", "alice@@", "--password-stdin", input=PASSWORD)
    assert credentials.matches(PASSWORD, chatctl.tables.directory.credential(chatctl.address("alice")))


def test_unblocking_ends_the_wait_after_wrong_log_ins(chatctl: Chatctl) -> None:
    add(chatctl, "alice")
    table, alice = chatctl.tables.connections, str(chatctl.address("alice"))

    moment = now()

    def wait(table: ConnectionsTable) -> int:
        return table.try_login(alice, free=0, longest=60, now=moment, window=900)

    wait(table)
    assert wait(table) > 0
    chatctl.done("user", "unblock", "alice@@")
    assert wait(table) == 0


def test_an_alias_says_whom_it_ignores_and_who_is_nobody(chatctl: Chatctl) -> None:
    add(chatctl, "alice")
    members = ["alice@@", "ghost@@", "olivia@elsewhere.example"]
    result = chatctl.run(
        "alias", "set", "team@@", "--name", "Team", *[part for each in members for part in ("--member", each)]
    )
    assert result.exit_code == 0
    ignored, nobody = result.stderr.splitlines()
    assert ignored == f"ignored, because outside {chatctl.domain}: olivia@elsewhere.example"
    assert nobody == f"neither user nor alias, so nobody is reached there: ghost@{chatctl.domain}"


def test_an_alias_may_contain_an_alias(chatctl: Chatctl) -> None:
    add(chatctl, "alice")
    chatctl.done("alias", "set", "team@@", "--name", "Team", "--member", "alice@@")
    result = chatctl.run("alias", "set", "all@@", "--name", "All", "--member", "team@@")
    assert result.stderr == ""
    _, everybody, team = chatctl.done("alias", "list", chatctl.domain).splitlines()
    assert everybody.split() == [f"all@{chatctl.domain}", "All", "1", f"team@{chatctl.domain}"]
    assert team.split() == [f"team@{chatctl.domain}", "Team", "1", f"alice@{chatctl.domain}"]
    assert "would contain itself" in chatctl.refused("alias", "set", "team@@", "--name", "Team", "--member", "all@@")


def test_an_alias_is_removed(chatctl: Chatctl) -> None:
    add(chatctl, "alice")
    chatctl.done("alias", "set", "team@@", "--name", "Team", "--member", "alice@@")
    chatctl.done("alias", "remove", "team@@")
    assert chatctl.alias("team") is None
    assert "is not an alias" in chatctl.refused("alias", "remove", "team@@")
