"""Where connections come from, and how web clients find their door."""

from __future__ import annotations

import json

import pytest

from bridge.listener import Origins, origin_of
from bridge.websocket import RELATION, host_meta
from tests.unit.stanzas import parse


def test_an_address_may_open_so_many_connections() -> None:
    origins = Origins(2)
    assert [origins.enter("192.0.2.1") for _ in range(3)] == [True, True, False]
    assert origins.enter("192.0.2.2")


def test_one_that_has_ended_makes_room() -> None:
    origins = Origins(1)
    origins.enter("192.0.2.1")
    origins.leave("192.0.2.1")
    assert [origins.enter("192.0.2.1") for _ in range(2)] == [True, False]


def test_a_refused_one_does_not_count() -> None:
    origins = Origins(1)
    for _ in range(5):
        origins.enter("192.0.2.1")
    origins.leave("192.0.2.1")
    assert origins.enter("192.0.2.1")


def test_nothing_is_remembered_of_who_has_gone() -> None:
    origins = Origins(1)
    for number in range(200):
        ip = f"192.0.2.{number}"
        origins.enter(ip)
        origins.leave(ip)
        origins.enter(ip)
        assert not origins.enter(ip)
        origins.leave(ip)
    assert not origins._count


@pytest.mark.parametrize(
    ("ip", "origin"),
    [
        ("192.0.2.1", "192.0.2.1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", ""),
    ],
)
def test_an_origin_is_an_address_or_a_network(ip: str, origin: str) -> None:
    assert origin_of(ip) == origin


def test_who_has_a_network_is_one_origin() -> None:
    origins = Origins(1)
    assert [origins.enter(f"2001:db8:1:2::{number}") for number in range(1, 4)] == [True, False, False]


URL = "wss://chat.example.com:5443/xmpp-websocket"


def test_host_meta_names_the_web_socket_as_xml() -> None:
    found = parse(host_meta(URL, as_json=False).decode())
    assert found.tag == "{http://docs.oasis-open.org/ns/xri/xrd-1.0}XRD"
    assert found[0].attrib == {"rel": RELATION, "href": URL}


def test_host_meta_names_the_web_socket_as_json() -> None:
    assert json.loads(host_meta(URL, as_json=True)) == {"links": [{"rel": RELATION, "href": URL}]}
