"""The bridge's configuration: one sentence for each mistake, all of them at once."""

from __future__ import annotations

import pytest

from bridge.settings import BadSettings, read

RIGHT = {
    "BRIDGE_CERTIFICATES": "/certificates",
    "DIRECTORY_TABLE": "directory",
    "CONNECTIONS_TABLE": "connections",
    "HISTORY_TABLE": "history",
    "SIGNING_SECRET": "signing",
    "WEBSOCKET_URL": "wss://chat.example.com/chat",
    "HTTP_URL": "https://chat.example.com",
    "CONNECTIONS_ENDPOINT": "https://chat.example.com/chat",
    "GRACE_QUEUE": "https://sqs.example.com/grace",
}


def mistakes(**changed: str) -> list[str]:
    with pytest.raises(BadSettings) as caught:
        read(RIGHT | changed)
    return str(caught.value).splitlines()


def test_what_is_needed_is_enough() -> None:
    settings = read(RIGHT)
    assert (settings.bind, settings.starttls_port, settings.tls_port, settings.websocket_port) == (
        "127.0.0.1",
        5222,
        5223,
        5443,
    )
    assert read(RIGHT | {"BRIDGE_BIND": "0.0.0.0"}).health_bind == "127.0.0.1"  # noqa: S104
    assert (settings.domains, settings.registration, settings.upload_bucket) == (frozenset(), False, "")
    assert settings.origins == ("*",)


def test_a_node_without_a_name_makes_one() -> None:
    assert read(RIGHT).node.startswith("node-")
    assert read(RIGHT).node != read(RIGHT).node


def test_all_mistakes_are_told_at_once() -> None:
    with pytest.raises(BadSettings) as caught:
        read({})
    assert str(caught.value).splitlines() == [f"{name} is not set." for name in (
        "WEBSOCKET_URL",
        "HTTP_URL",
        "CONNECTIONS_ENDPOINT",
        "GRACE_QUEUE",
        "BRIDGE_CERTIFICATES",
        "DIRECTORY_TABLE",
        "CONNECTIONS_TABLE",
        "HISTORY_TABLE",
        "SIGNING_SECRET",
    )]  # fmt: skip


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_empty_is_not_set(name: str) -> None:
    assert mistakes(**{name: ""}) == [f"{name} is not set."]


@pytest.mark.parametrize(
    ("name", "value", "sentence"),
    [
        ("BRIDGE_NODE", "a b", "it must be 1 to 63 letters, digits, dots and hyphens."),
        ("BRIDGE_NODE", "n" * 64, "it must be 1 to 63 letters, digits, dots and hyphens."),
        ("BRIDGE_NODE", "a:b", "it must be 1 to 63 letters, digits, dots and hyphens."),
        ("BRIDGE_BIND", "localhost", "it must be an IP address."),
        ("BRIDGE_HEALTH_BIND", "everywhere", "it must be an IP address."),
        ("BRIDGE_STARTTLS_PORT", "65536", "it must be a number from 0 to 65535."),
        ("BRIDGE_TLS_PORT", "-1", "it must be a number from 0 to 65535."),
        ("BRIDGE_WEBSOCKET_PORT", "http", "it must be a number from 0 to 65535."),
        ("BRIDGE_HEALTH_PORT", "8 1", "it must be a number from 0 to 65535."),
        ("BRIDGE_LINK_LIFETIME", "7001", "it must be a number from 2 to 7000."),
        ("BRIDGE_CONNECTIONS_PER_IP", "0", "it must be a number from 1 to 100000."),
        ("BRIDGE_LOG_IN_SECONDS", "0", "it must be a number from 1 to 300."),
        ("BRIDGE_REGISTRATION", "yes", "it must be on or off."),
        ("WEBSOCKET_URL", "https://chat.example.com", "it must begin with ws:// or wss://."),
        ("HTTP_URL", "chat.example.com", "it must begin with http:// or https://."),
        ("HTTP_URL", "http://", "it must begin with http:// or https://."),
    ],
)
def test_a_wrong_value_is_told_in_one_sentence(name: str, value: str, sentence: str) -> None:
    assert mistakes(**{name: value}) == [f"{name} is {value!r}; {sentence}"]


@pytest.mark.parametrize("url", ["http://[", "http://[::1", "http://a]"])
def test_a_url_that_cannot_be_taken_apart_is_wrong(url: str) -> None:
    assert mistakes(HTTP_URL=url) == [f"HTTP_URL is {url!r}; it must begin with http:// or https://."]


def test_each_strange_domain_is_told() -> None:
    assert mistakes(BRIDGE_DOMAINS="example.com, two words, a_b") == [
        "BRIDGE_DOMAINS names 'a_b', which is not a domain.",
        "BRIDGE_DOMAINS names 'two words', which is not a domain.",
    ]


def test_each_strange_host_of_photos_is_told() -> None:
    assert mistakes(BRIDGE_PHOTO_HOSTS="photos.example, https://a.example, b:port") == [
        "BRIDGE_PHOTO_HOSTS names 'https://a.example'; it must be a host, or host:port.",
        "BRIDGE_PHOTO_HOSTS names 'b:port'; it must be a host, or host:port.",
    ]


def test_hosts_of_photos_are_asked_at_the_port_of_https_if_none_is_named() -> None:
    settings = read(RIGHT | {"BRIDGE_PHOTO_HOSTS": "Photos.example, intranet:8443"})
    assert settings.photo_hosts == {"photos.example:443", "intranet:8443"}
    assert read(RIGHT).photo_hosts == frozenset()


def test_lists_have_commas() -> None:
    settings = read(RIGHT | {"BRIDGE_DOMAINS": "Example.com,, b.example ", "BRIDGE_ORIGINS": "https://a.example, null"})
    assert settings.domains == {"example.com", "b.example"}
    assert settings.origins == ("https://a.example", "null")


def test_the_highest_and_lowest_numbers_are_right() -> None:
    settings = read(RIGHT | {"BRIDGE_TLS_PORT": "0", "BRIDGE_WEBSOCKET_PORT": "65535", "BRIDGE_REGISTRATION": "on"})
    assert (settings.tls_port, settings.websocket_port, settings.registration) == (0, 65535, True)


@pytest.mark.parametrize("bind", ["0.0.0.0", "::", "::1"])  # noqa: S104  # what a container binds
def test_it_binds_to_any_ip_address(bind: str) -> None:
    assert read(RIGHT | {"BRIDGE_BIND": bind}).bind == bind
