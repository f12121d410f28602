"""The command line against the deployed stack."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from typer.testing import CliRunner, Result
from websockets.exceptions import ConnectionClosed

from chat.presence import Connection, Status
from chat.tables.directory import chosen_status
from chatctl.client import ChatConnection, Refused, log_in, open_connection
from chatctl.deployment import Place
from chatctl.main import app
from localcloud.endpoints import Endpoints
from tests.company import PASSWORD, Company, now


class Chatctl:
    """Runs commands on the stack."""

    def __init__(self, stack: Endpoints, folder: Path) -> None:
        self.folder = folder
        self._endpoints = folder / "endpoints.json"
        stack.save(self._endpoints)

    def run(self, *arguments: str, input: str | None = None) -> Result:  # noqa: A002  # as click calls it
        return CliRunner().invoke(app, ["--endpoints", str(self._endpoints), *arguments], input)

    def done(self, *arguments: str, input: str | None = None) -> str:  # noqa: A002
        result = self.run(*arguments, input=input)
        assert result.exit_code == 0, result.output
        return str(result.stdout)


@pytest.fixture
def chatctl(stack: Endpoints, tmp_path: Path) -> Chatctl:
    return Chatctl(stack, tmp_path)


@pytest.fixture
def smoke(chatctl: Chatctl, company: Company) -> tuple[str, ...]:
    """The smoke test of a company's alice and bob."""
    return ("smoke", "--first", company.at("alice"), "--second", company.at("bob"), "--password", PASSWORD)


def closed_by_server(connection: ChatConnection) -> bool:
    """Whether the server ends a connection."""
    try:
        while True:
            connection.socket.recv(20)
    except ConnectionClosed:
        return True


def test_the_smoke_test_passes(chatctl: Chatctl, smoke: tuple[str, ...]) -> None:
    *steps, summary = chatctl.done(*smoke).splitlines()
    assert summary == f"{len(steps)} steps passed"
    assert all(re.match(r"✓ +\d+ ms  ", step) for step in steps)


def test_the_smoke_test_passes_again_at_once(chatctl: Chatctl, smoke: tuple[str, ...]) -> None:
    chatctl.done(*smoke)
    chatctl.done(*smoke)


@pytest.mark.parametrize("status", list(Status))
def test_the_smoke_test_gives_the_chosen_status_back(
    chatctl: Chatctl, smoke: tuple[str, ...], company: Company, status: Status
) -> None:
    for local in ("alice", "bob"):
        company.tables.directory.choose_status(company.address(local), status)
    chatctl.done(*smoke)
    for local in ("alice", "bob"):
        setting = company.tables.store.get(company.tables.directory.setting_key(company.address(local)))
        assert chosen_status(setting) is status


def test_the_smoke_test_passes_while_the_users_work(chatctl: Chatctl, smoke: tuple[str, ...], company: Company) -> None:
    alice, bob = company.connect("alice"), company.connect("bob")
    bob.ask("presence", status="offline")
    chatctl.done(*smoke)
    assert alice.ask("ping")["ok"]
    assert bob.ask("presence", status="available", automatic=True)["status"] == "offline"


def test_the_smoke_test_says_which_step_fails(chatctl: Chatctl, smoke: tuple[str, ...], company: Company) -> None:
    result = chatctl.run(*smoke[:-1], "not the password")
    assert result.exit_code == 1
    assert result.stderr == f"✗ failed: {company.at('alice')} logs in: wrong address or password\n"


def test_disabling_ends_the_users_connections_and_log_ins(chatctl: Chatctl, company: Company) -> None:
    connections = [company.connect("bob"), company.connect("bob")]
    assert "2 connections closed" in chatctl.done("user", "disable", company.at("bob"))
    assert all(closed_by_server(each) for each in connections)
    with pytest.raises(Refused, match="wrong_credentials"):
        log_in(company.stack.http_url, company.at("bob"), PASSWORD)
    chatctl.done("user", "enable", company.at("bob"))
    log_in(company.stack.http_url, company.at("bob"), PASSWORD)


def test_disabling_copes_with_a_connection_that_is_gone(chatctl: Chatctl, company: Company) -> None:
    company.connect("bob")
    expires = now() // 1000 + 600
    gone = Connection("web:Z29uZQ==", Status.AVAILABLE, now(), expires)
    company.tables.connections.open(company.address("bob"), gone, now(), expires)
    assert "1 connection closed" in chatctl.done("user", "disable", company.at("bob"))


def test_removing_a_user_leaves_the_others_their_history(chatctl: Chatctl, company: Company) -> None:
    company.alias("team", "alice", "bob")
    bob = company.connect("bob")
    chatctl.done("smoke", "--first", company.at("alice"), "--second", company.at("bob"), "--password", PASSWORD)
    told = chatctl.done("user", "remove", company.at("bob"), "--yes")
    assert company.at("team") in told
    assert closed_by_server(bob)
    alice = company.connect("alice")
    assert len(alice.ask("history", contact=company.at("bob"))["messages"]) == 3


def test_a_user_who_was_imported_can_chat(chatctl: Chatctl, company: Company) -> None:
    file = chatctl.folder / "users.csv"
    file.write_text(f"address,name,password\n{company.at('dave')},Dave Draper,{PASSWORD}\n", encoding="utf-8-sig")
    for summary in ("1 added, 0 changed, 0 unchanged, 0 bad\n", "0 added, 0 changed, 1 unchanged, 0 bad\n"):
        assert chatctl.done("import", "users", str(file), "--domain", company.domain) == summary
    chatctl.done("smoke", "--first", company.at("alice"), "--second", company.at("dave"), "--password", PASSWORD)


def test_an_alias_from_the_command_line_is_a_contact(chatctl: Chatctl, company: Company) -> None:
    chatctl.done("alias", "set", company.at("team"), "--name", "The Team", "--member", company.at("bob"))
    contact = company.connect("alice").ask("contact", contact=company.at("team"))["contact"]
    assert (contact["name"], contact["members"]) == ("The Team", [company.at("bob")])


def test_a_new_password_ends_the_old_ones_sessions(chatctl: Chatctl, company: Company) -> None:
    token = company.token("bob")
    chatctl.done("user", "password", company.at("bob"), "--password-stdin", input="another password")
    with pytest.raises(Refused, match="session_expired"):
        open_connection(company.stack.http_url, token)
    log_in(company.stack.http_url, company.at("bob"), "another password")


@pytest.fixture
def as_on_aws(stack: Endpoints, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The options that name the stack, where the usual settings lead to the local cloud instead of AWS."""
    monkeypatch.setenv("AWS_ENDPOINT_URL", stack.cloud)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "000000000000")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    return ["--stack", stack.stack, "--region", stack.region]


def test_a_stack_is_found_by_its_name(as_on_aws: list[str], company: Company) -> None:
    bob = company.connect("bob")
    result = CliRunner().invoke(app, [*as_on_aws, "user", "disable", company.at("bob")])
    assert (result.exit_code, result.stdout) == (0, f"Disabled {company.at('bob')}; 1 connection closed\n")
    assert closed_by_server(bob)


def test_a_stack_is_smoke_tested_with_a_password_that_is_asked_for(as_on_aws: list[str], company: Company) -> None:
    options = ["smoke", "--first", company.at("alice"), "--second", company.at("bob")]
    result = CliRunner().invoke(app, [*as_on_aws, *options], f"{PASSWORD}\n", env={"CHATCTL_PASSWORD": None})
    assert result.exit_code == 0, result.output
    assert result.stdout.endswith(" steps passed\n")


def test_a_stack_that_is_not_there_is_said_in_one_sentence(as_on_aws: list[str]) -> None:
    result = CliRunner().invoke(app, ["--stack", "nothing", *as_on_aws[2:], "user", "list", "example.com"])
    assert (result.exit_code, len(result.stderr.splitlines())) == (1, 1)
    assert "does not exist" in result.stderr


def test_the_demo_is_smoke_tested_where_it_runs(stack: Endpoints, tmp_path: Path) -> None:
    stack.save(tmp_path / "endpoints.json")
    result = CliRunner().invoke(app, ["smoke", "--start"], obj=Place(running=tmp_path / "endpoints.json"))
    assert result.exit_code == 0, result.output
    assert "Starting" not in result.stdout
