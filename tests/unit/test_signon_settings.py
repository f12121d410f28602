"""What can be set for the single sign-on of a domain."""

from __future__ import annotations

import pytest

from chat import signon_settings
from chat.errors import BadField, BadText, DirectoryError, UnknownDomain
from chat.signon_settings import MAX_KEY, MAX_NAME, MAX_URL, MIN_DISTINCT, check, check_url
from chat.tables.directory import SignOnSettings
from tests.unit.world import World
from tests.webmail import AUDIENCE, ISSUER, SHARED_KEY, signing_key

SHARED = SignOnSettings(ISSUER, AUDIENCE, SHARED_KEY)
KEY_SET = SignOnSettings(ISSUER, AUDIENCE, jwks_url="https://webmail.example/keys.json")


@pytest.mark.parametrize("settings", [SHARED, KEY_SET])
def test_what_is_set_is_kept_whole_and_replaces_what_was(world: World, settings: SignOnSettings) -> None:
    for each in (SHARED, KEY_SET, settings):
        signon_settings.set_up(world.tables, world.domain, each)
    assert signon_settings.of(world.tables, world.domain) == settings


def test_it_is_set_for_a_domain_that_is_there(world: World) -> None:
    with pytest.raises(UnknownDomain):
        signon_settings.set_up(world.tables, "nowhere.example", SHARED)


def test_it_can_be_ended_once(world: World) -> None:
    signon_settings.set_up(world.tables, world.domain, SHARED)
    signon_settings.remove(world.tables, world.domain)
    for call in (signon_settings.of, signon_settings.remove):
        with pytest.raises(DirectoryError, match=f"not set up for {world.domain}"):
            call(world.tables, world.domain)


def test_setting_it_leaves_the_version_of_the_directory(world: World) -> None:
    before = world.tables.directory.version(world.domain)
    signon_settings.set_up(world.tables, world.domain, SHARED)
    assert world.tables.directory.version(world.domain) == before


@pytest.mark.parametrize("both", [(b"", ""), (SHARED_KEY, "https://webmail.example/keys.json")])
def test_it_has_a_shared_key_or_a_key_set(both: tuple[bytes, str]) -> None:
    with pytest.raises(BadField, match="either a shared key or the URL"):
        check(SignOnSettings(ISSUER, AUDIENCE, *both), local=False)


@pytest.mark.parametrize(("issuer", "audience"), [("", "a"), ("a", ""), ("a" * (MAX_NAME + 1), "a")])
def test_names_have_limits(issuer: str, audience: str) -> None:
    with pytest.raises(BadField, match=f"characters, allowed are 1 to {MAX_NAME}"):
        check(SignOnSettings(issuer, audience, SHARED_KEY), local=False)


def test_names_are_text() -> None:
    with pytest.raises(BadText, match="issuer"):
        check(SignOnSettings("\x00", AUDIENCE, SHARED_KEY), local=False)


@pytest.mark.parametrize("size", [1, 31, MAX_KEY + 1])
def test_a_shared_key_has_a_size(size: int) -> None:
    with pytest.raises(BadField, match=f"has {size} bytes, allowed are 32 to {MAX_KEY}"):
        check(SignOnSettings(ISSUER, AUDIENCE, b"x" * size), local=False)


@pytest.mark.parametrize(
    "key", [SHARED_KEY[:32], bytes(range(224, 256)), bytes(range(256)) * 4, b"0123456789abcdef" * 2]
)
def test_a_shared_key_may_be_any_bytes(key: bytes) -> None:
    assert check(SignOnSettings(ISSUER, AUDIENCE, key), local=False).key == key


@pytest.mark.parametrize(
    ("key", "different"), [(b"\0" * 32, 1), (b"password" * 8, 7), (b"123456789" * 8, MIN_DISTINCT - 1)]
)
def test_a_shared_key_that_can_be_guessed_is_refused(key: bytes, different: int) -> None:
    with pytest.raises(BadField, match=f"has {different} different bytes"):
        check(SignOnSettings(ISSUER, AUDIENCE, key), local=True)


def test_a_public_key_is_no_shared_key() -> None:
    with pytest.raises(BadField, match="public key") as refused:
        check(SignOnSettings(ISSUER, AUDIENCE, signing_key("one").pem), local=False)
    assert "BEGIN" not in refused.value.message


@pytest.mark.parametrize(
    "url",
    [
        "https://webmail.example",
        "https://webmail.example:8443/keys?a=b",
        "https://1.1.1.1/keys",
        "https://[2606:4700::1111]/keys",
        "https://localhost.example/keys",
    ],
)
@pytest.mark.parametrize("local", [True, False])
def test_urls_of_key_sets(url: str, local: bool) -> None:
    assert check(SignOnSettings(ISSUER, AUDIENCE, jwks_url=url), local=local).jwks_url == url


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1:8080/keys",
        "http://localhost/keys",
        "https://localhost/keys",
        "https://LOCALHOST./keys",
        "https://a.localhost/keys",
        "https://127.0.0.1/keys",
        "https://127.1/keys",
        "https://2130706433/keys",
        "https://0x7f.1/keys",
        "https://10.0.0.1/keys",
        "https://192.168.1.1:8443/keys",
        "https://169.254.169.254/latest",
        "https://100.64.0.1/keys",
        "https://224.0.0.1/keys",
        "https://0.0.0.0/keys",
        "https://[::1]/keys",
        "https://[::ffff:127.0.0.1]/keys",
        "https://[fe80::1]/keys",
        "https://[fd00::1]/keys",
    ],
)
def test_the_own_machine_and_network_are_for_a_local_cloud_alone(url: str) -> None:
    with pytest.raises(BadField, match=r"not the URL of a host on the internet|not an https URL"):
        check_url(url, local=False)
    check_url(url, local=True)


@pytest.mark.parametrize(
    "url",
    [
        "http://webmail.example/keys",
        "http://127.0.0.1.webmail.example/keys",
        "http://127.0.0.2/keys",
        "http://localhost@webmail.example/keys",
        "https://user:secret@webmail.example/keys",
        "https://webmail.example/keys#one",
        "https://webmail.example/ keys",
        "https://webmail.example/keys\n",
        "https://wébmail.example/keys",
        "https://webmail.example:port/keys",
        "https://webmail.example:99999/keys",
        "https://[::1/keys",
        "https:///keys",
        "file:///etc/passwd",
        "ftp://webmail.example/keys",
        "webmail.example",
        "https://webmail.example/" + "k" * MAX_URL,
    ],
)
def test_what_is_no_url_of_a_key_set(url: str) -> None:
    for local in (True, False):
        with pytest.raises(BadField, match="URL"):
            check(SignOnSettings(ISSUER, AUDIENCE, jwks_url=url), local=local)
