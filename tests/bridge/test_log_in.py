"""Logging in: every mechanism through every door, under the password of webmail, counted together with it."""

from __future__ import annotations

import base64
import os
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from xml.etree.ElementTree import Element

import pytest

from bridge.elements import local_name, qualified
from bridge.names import CLIENT, REGISTER, SASL
from chat import directory
from chat.tables import Tables
from chatctl.client import Refused
from chatctl.client import log_in as log_in_to_webmail
from localcloud import certificates
from localcloud.bridge import Bridge
from tests.bridge.client import XmppClient, condition
from tests.bridge.conftest import LogIn
from tests.bridge.framed import FramedClient
from tests.company import PASSWORD, Company, now, until

MECHANISMS = ["SCRAM-SHA-256-PLUS", "SCRAM-SHA-1-PLUS", "SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN"]
Connect = Callable[..., XmppClient]


@pytest.fixture(autouse=True)
def forgiven(tables: Tables) -> Iterator[None]:
    """The tests share one IP address: what one did wrong must not slow the next."""
    tables.connections.forget_attempts("127.0.0.1")
    yield
    tables.connections.forget_attempts("127.0.0.1")


@pytest.fixture
def connect(bridge: Bridge, company: Company) -> Iterator[Connect]:
    """A connection that nobody has logged in over: by STARTTLS, by direct TLS or by WebSocket."""
    opened: list[XmppClient] = []

    def connect_to(door: str = "starttls") -> XmppClient:
        ports, ca_file = bridge.ports, str(bridge.ca_file)
        if door == "websocket":
            opened.append(FramedClient(ports.websocket, company.domain, ca_file))
        else:
            port = ports.tls if door == "tls" else ports.starttls
            opened.append(XmppClient(port, company.domain, ca_file, direct=door == "tls"))
        return opened[-1]

    yield connect_to
    for client in opened:
        client.close()


def offered(features: Element) -> list[str | None]:
    return [each.text for each in features.iter(qualified(SASL, "mechanism"))]


def refusal(answer: Element) -> tuple[str, str]:
    """The condition and the words of a failure."""
    assert local_name(answer) == "failure"
    return local_name(answer[0]), answer.findtext(qualified(SASL, "text")) or ""


def web_code(company: Company, local: str, password: str) -> str:
    """What webmail's log-in answers; "" where it succeeds."""
    try:
        log_in_to_webmail(company.stack.http_url, company.at(local), password)
    except Refused as refused:
        return refused.code
    return ""


# Doors and mechanisms.


@pytest.mark.parametrize("door", ["starttls", "tls", "websocket"])
def test_every_mechanism_logs_in(door: str, company: Company, connect: Connect) -> None:
    # A load balancer may end TLS before WebSocket: nothing there binds a channel.
    mechanisms = [each for each in MECHANISMS if door != "websocket" or not each.endswith("-PLUS")]
    for mechanism in mechanisms:
        client = connect(door)
        assert offered(client.features) == mechanisms
        assert local_name(client.log_in("alice", PASSWORD, mechanism)) == "success", mechanism
        assert client.bind("phone") == f"{company.at('alice')}/phone"
        assert client.settled() == []


def test_no_mechanism_is_offered_or_taken_without_tls(bridge: Bridge, company: Company) -> None:
    client = XmppClient(bridge.ports.starttls, company.domain, str(bridge.ca_file), tls=False)
    assert [local_name(each) for each in client.features] == ["starttls"]
    assert refusal(client.log_in("alice", PASSWORD, "PLAIN"))[0] == "encryption-required"
    client.close()


def test_a_web_socket_chats_with_a_stream(company: Company, connect: Connect, log_in: LogIn) -> None:
    page, bob = connect("websocket"), log_in("bob")
    page.log_in("alice", PASSWORD)
    page.bind("page")
    page.presence()
    page.message(company.at("bob"), "lunch? &lt;&amp;")
    assert bob.body("lunch? <&").get("from") == page.jid
    bob.message(company.at("alice"), "yes")
    assert page.body("yes").get("from") == bob.jid


def test_whoever_logs_in_wrongly_three_times_is_cut_off(connect: Connect) -> None:
    client = connect()
    for _ in range(3):
        client.log_in("alice", "wrong password")
    assert client.error() == "policy-violation"
    client.until_closed()


def test_a_mechanism_that_is_not_offered_is_refused(connect: Connect) -> None:
    assert refusal(connect().ask_sasl("auth", b"x", "ANONYMOUS"))[0] == "invalid-mechanism"


def test_a_log_in_can_be_given_up(connect: Connect) -> None:
    client = connect()
    assert local_name(client.ask_sasl("auth", b"n,,n=alice,r=nonce", "SCRAM-SHA-256")) == "challenge"
    assert refusal(client.ask_sasl("abort", b""))[0] == "aborted"
    assert local_name(client.log_in("alice", PASSWORD)) == "success"


# Who cannot.


@pytest.mark.parametrize("mechanism", ["SCRAM-SHA-256", "PLAIN"])
def test_wrong_password_nobody_and_a_disabled_user_are_answered_alike(
    mechanism: str, company: Company, connect: Connect
) -> None:
    directory.disable_user(company.tables, company.address("carol"), True, now())
    client = connect()
    tries = (("alice", "wrong password"), ("nobody", PASSWORD), ("carol", PASSWORD))
    answers = [refusal(client.log_in(local, password, mechanism)) for local, password in tries]
    assert answers == [("not-authorized", "wrong address or password")] * 3


def test_the_salt_of_nobody_stays_the_same(connect: Connect) -> None:
    answers = [connect().ask_sasl("auth", b"n,,n=nobody,r=nonce", "SCRAM-SHA-256") for _ in range(2)]
    first, second = (dict(part.split("=", 1) for part in _decoded(each).split(",")) for each in answers)
    assert first["s"] == second["s"]
    assert first["r"] != second["r"]


def _decoded(challenge: Element) -> str:
    return base64.b64decode(challenge.text or "").decode()


def test_nobody_logs_in_for_somebody_else(company: Company, connect: Connect) -> None:
    message = f"{company.at('bob')}\0alice\0{PASSWORD}".encode()
    assert refusal(connect().ask_sasl("auth", message, "PLAIN"))[0] == "invalid-authzid"


def test_a_user_of_another_domain_is_nobody_here(connect: Connect) -> None:
    assert refusal(connect().log_in("alice@demo.example", PASSWORD))[0] == "not-authorized"


# Counted together with webmail.


def test_wrong_passwords_of_a_client_slow_webmail(company: Company, connect: Connect) -> None:
    for mechanism in ("SCRAM-SHA-1", "PLAIN"):
        client = connect()
        for _ in range(3):
            client.log_in("alice", "wrong password", mechanism)
    assert "too_many_attempts" in [web_code(company, "alice", "wrong password") for _ in range(3)]


def test_wrong_passwords_of_webmail_slow_clients(company: Company, connect: Connect) -> None:
    codes = [web_code(company, "alice", "wrong password") for _ in range(7)]
    assert codes[:5] == ["wrong_credentials"] * 5
    until(lambda: company.tables.connections.try_login(company.at("alice"), 0, 60, now(), 900) == 0)  # a minute's wait
    for mechanism in ("SCRAM-SHA-256", "PLAIN"):
        named, words = refusal(connect().log_in("alice", PASSWORD, mechanism))
        assert named == "temporary-auth-failure"
        assert "try again in" in words


def test_a_right_password_of_a_client_forgets_the_wrong_ones(company: Company, connect: Connect) -> None:
    for _ in range(2):
        client = connect()
        for _ in range(2):
            client.log_in("alice", "wrong password")
        assert local_name(client.log_in("alice", PASSWORD)) == "success"
    assert web_code(company, "alice", PASSWORD) == ""


# A new password (XEP-0077).


def test_a_new_password_holds_in_webmail_too_and_the_old_one_nowhere(
    company: Company, log_in: LogIn, connect: Connect
) -> None:
    alice = log_in("alice")
    new = "a new &amp; better one"
    content = f"<username>alice</username><password>{new}</password>"
    assert alice.ask("set", f"<query xmlns='{REGISTER}'>{content}</query>", company.domain).get("type") == "result"
    for mechanism in ("SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN"):
        assert refusal(connect().log_in("alice", PASSWORD, mechanism))[0] == "not-authorized"
        assert local_name(connect().log_in("alice", "a new & better one", mechanism)) == "success"
    assert web_code(company, "alice", PASSWORD) == "wrong_credentials"
    assert web_code(company, "alice", "a new & better one") == ""
    assert alice.settled() == []


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ("<username>alice</username><password>short</password>", "not-acceptable"),
        ("<username>alice</username><password/>", "bad-request"),
        ("<username>bob</username><password>long enough</password>", "not-allowed"),
        ("<remove/>", "not-allowed"),
    ],
)
def test_a_change_that_cannot_be_is_refused(content: str, named: str, company: Company, log_in: LogIn) -> None:
    answer = log_in("alice").ask("set", f"<query xmlns='{REGISTER}'>{content}</query>", company.domain)
    assert condition(answer) == named
    assert web_code(company, "alice", PASSWORD) == ""


def test_strangers_cannot_register(company: Company, connect: Connect) -> None:
    client = connect()
    client.send(f"<iq xmlns='{CLIENT}' type='get' id='r' to='{company.domain}'><query xmlns='{REGISTER}'/></iq>")
    assert client.error() == "not-authorized"


# Resources, and accounts that end.


def test_a_resource_that_is_taken_again_ends_the_one_before(company: Company, log_in: LogIn) -> None:
    former = log_in("alice", "phone")
    later = log_in("alice", "phone")
    assert former.error() == "conflict"
    former.until_closed()
    assert later.settled() == []


def test_the_resource_of_webmail_cannot_be_taken(connect: Connect) -> None:
    client = connect()
    client.log_in("alice", PASSWORD)
    assert client.bind("webmail") == ""
    assert client.bind("phone")


def test_a_user_who_is_disabled_is_cut_off(company: Company, log_in: LogIn, connect: Connect) -> None:
    carol = log_in("carol")
    directory.disable_user(company.tables, company.address("carol"), True, now())
    assert carol.error() == "not-authorized"
    assert refusal(connect().log_in("carol", PASSWORD))[0] == "not-authorized"


# Certificates.


def certificate(port: int, domain: str, ca_file: str) -> bytes:
    """The hash of the certificate that direct TLS shows to who names a domain."""
    client = XmppClient(port, domain, ca_file, direct=True)
    shown = client.binding
    client.close()
    return shown


def test_a_certificate_is_read_again_while_streams_go_on(company: Company, bridge: Bridge, log_in: LogIn) -> None:
    streams = [log_in("alice"), log_in("bob", direct=True)]
    folder, ca_file = bridge.folder / "certificates", str(bridge.ca_file)
    before = certificate(bridge.ports.tls, company.domain, ca_file)
    _renew(folder, company.domain)
    assert bridge.pid
    os.kill(bridge.pid, signal.SIGHUP)
    until(lambda: certificate(bridge.ports.tls, company.domain, ca_file) != before, patience=10)
    streams[0].message(company.at("bob"), "still there?")
    streams[1].body("still there?")
    log_in("carol").settled()


def _renew(folder: Path, domain: str) -> None:
    (folder / f"{domain}.key").unlink()
    certificates.ensure(folder, [domain])
