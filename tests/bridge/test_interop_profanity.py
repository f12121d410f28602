"""profanity, in a terminal of its own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Protocol

import pytest

from chat import ids
from localcloud.bridge import Bridge
from tests.bridge.conftest import LogIn
from tests.bridge.interop.programs import Terminal, need
from tests.bridge.network import network_to
from tests.company import PASSWORD, Company, now

ACCOUNT = """[work]
enabled=true
jid={jid}
server=127.0.0.1
port={port}
resource=terminal
password={password}
tls.policy={policy}
auth.policy=default
"""
SETTINGS = """[ui]
splash=false
statuses.console=all
[notifications]
message=false
[connection]
carbons=true
reconnect=1
[logging]
chlog=true
"""


PRESENCE = "{jabber:client}presence"


class Start(Protocol):
    def __call__(self, local: str, *, direct: bool = False, port: int = 0) -> Terminal: ...


@pytest.fixture
def start(bridge: Bridge, company: Company, tmp_path: Path) -> Iterator[Start]:
    """Start it as somebody, over STARTTLS or over TLS from the start."""
    need("profanity", "tmux")
    with ExitStack() as until_the_end:

        def run(local: str, *, direct: bool = False, port: int = 0) -> Terminal:
            folder = tmp_path / local
            for part in ("config/profanity", "data/profanity"):
                (folder / part).mkdir(parents=True)
            port = port or (bridge.ports.tls if direct else bridge.ports.starttls)
            account = ACCOUNT.format(
                jid=company.at(local), port=port, password=PASSWORD, policy="legacy" if direct else "force"
            )
            (folder / "data/profanity/accounts").write_text(account)
            (folder / "config/profanity/profrc").write_text(SETTINGS)
            made = Terminal(
                str(folder / "tmux"),
                ["profanity", "--account", "work"],
                XDG_CONFIG_HOME=str(folder / "config"),
                XDG_DATA_HOME=str(folder / "data"),
                SSL_CERT_FILE=str(bridge.ca_file),
                TERM="screen",
            )
            until_the_end.callback(made.close)
            return made

        yield run


def test_it_chats_with_webmail_and_other_clients(start: Start, company: Company, log_in: LogIn) -> None:
    bob, carol = log_in("bob", "desk"), company.connect("carol")
    alice = start("alice")
    bob.shown(f"{company.at('alice')}/terminal")
    alice.shows("logged in successfully", "Bob", "Carol")
    bob.presence("<show>dnd</show><status>writing</status>")
    alice.shows('Bob (desk) is dnd, "writing"')
    alice.type(f"/msg {company.at('carol')} by XMPP")
    assert carol.event("message")["message"]["body"] == "by XMPP"
    carol.ask("send", id=ids.new(now()), recipient=company.at("alice"), body="by webmail")
    alice.shows("by XMPP", "by webmail")
    alice.type(f"/msg {company.at('bob')} and to you")
    bob.body("and to you")
    bob.message(company.at("alice"), "thanks")
    alice.shows("thanks")


def test_its_other_clients_messages_and_the_archive_are_shown(start: Start, company: Company, log_in: LogIn) -> None:
    bob, desk = log_in("bob"), log_in("alice", "desk")
    bob.message(company.at("alice"), "of an earlier time")
    desk.body("of an earlier time")
    alice = start("alice", direct=True)
    alice.shows("logged in successfully")
    alice.type("/mam on")
    alice.type("/disco info")
    alice.shows("urn:xmpp:mam:2")  # it asks the archive of a server only that says that it has one
    alice.type(f"/msg {company.at('bob')}")
    alice.shows("of an earlier time")
    desk.message(company.at("bob"), "from the desk")
    alice.shows("from the desk")


def test_it_resumes_after_a_cut(start: Start, bridge: Bridge, company: Company, log_in: LogIn) -> None:
    bob = log_in("bob")
    with network_to(bridge.ports.starttls) as network:
        alice = start("alice", port=network.port)
        bob.shown(f"{company.at('alice')}/terminal")
        alice.type(f"/msg {company.at('bob')} my last word")
        bob.body("my last word")
        bob.settled()
        network.cut()
        bob.message(company.at("alice"), "meanwhile")
        alice.shows("meanwhile")
        alice.type("back again")
        bob.body("back again")
        assert alice.screen.count("meanwhile") == 1
        assert [each for each in bob.settled() if each.tag == PRESENCE and each.get("type")] == []
