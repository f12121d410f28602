"""What a token must not open or tell: other domains, who exists, keys; and that nothing gets through untold."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat import directory, errors, signon, signon_settings
from chat.errors import SignOnRefused
from chat.signon import Reason
from tests.unit.sign_on_office import alice, is_alice, key_set, reason, refused, with_key_set, with_shared_key
from tests.unit.world import NOW, World
from tests.webmail import SHARED_KEY, by_hand, claims, shared, signing_key

URL = "https://webmail.example/keys.json"
PARTS = st.text("abcdeHS256ey01-_.={}", max_size=60)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)
HEADERS = st.fixed_dictionaries(
    {"alg": st.sampled_from(["HS256", "RS256", "ES256", "EdDSA", "none"]) | VALUES},
    optional=dict.fromkeys(("kid", "typ", "crit", "b64", "jwk", "jku", "x5c"), VALUES),
)
CLAIMS = st.dictionaries(st.sampled_from(["iss", "aud", "exp", "iat", "nbf", "email", "sub", "email_verified"]), VALUES)
KEYS = st.dictionaries(st.sampled_from(["kty", "use", "alg", "n", "e", "d", "crv", "x", "y", "k"]), VALUES)


@pytest.fixture
def office(world: World) -> World:
    return with_shared_key(world)


def other_office(world: World, key: bytes) -> World:
    """Another domain in the same tables, with an alice of its own."""
    return with_shared_key(World(f"other-{world.domain}", world.client, world.tables), key)


# ---- other domains ----


def test_the_key_of_one_domain_does_not_open_another(office: World) -> None:
    other = other_office(office, SHARED_KEY[::-1])
    assert reason(office, shared(alice(office), SHARED_KEY[::-1])) == Reason.SIGNATURE
    assert is_alice(other, shared(alice(other), SHARED_KEY[::-1]))


def test_a_domain_without_single_sign_on_takes_no_token_whoever_signed_it(office: World) -> None:
    signon_settings.remove(office.tables, office.domain)
    token = shared(alice(office))
    assert reason(office, token) == Reason.NOT_SET_UP
    assert refused(office, token).message == f"single sign-on is not set up for {office.domain}"


def test_a_domain_that_is_not_there_has_no_single_sign_on(office: World) -> None:
    assert reason(office, shared(claims("alice@nowhere.example", NOW))) == Reason.NOT_SET_UP


@pytest.mark.parametrize("header", ["jwk", "jku", "x5u"])
def test_a_token_brings_no_key_of_its_own(world: World, header: str) -> None:
    with_key_set(world, URL)
    stranger = signing_key("stranger")
    brought: Any = {"jwk": stranger.public, "jku": "https://stranger.example", "x5u": "https://stranger.example"}
    token = stranger.sign(alice(world), **{header: brought[header]})
    assert reason(world, token, key_set(signing_key("one").public)) == Reason.UNKNOWN_KEY


# ---- who exists ----


def test_who_is_nobody_or_shut_out_is_told_so_behind_the_right_signature(office: World) -> None:
    office.add("bob", "carol")
    office.alias("team", "alice")
    directory.disable_user(office.tables, office.address("bob"), True, NOW)
    directory.remove_user(office.tables, office.address("carol"), NOW)
    for local in ("nobody", "bob", "carol", "team"):
        refusal = refused(office, shared(claims(f"{local}@{office.domain}", NOW)))
        assert refusal.details["reason"] == Reason.NO_SUCH_USER
        assert refusal.message == f"{local}@{office.domain} is not an active user"


@pytest.mark.parametrize("changed", [{}, {"exp": 0}, {"iss": "x"}])
def test_without_the_right_signature_nobody_learns_who_exists_or_what_is_set(
    office: World, changed: dict[str, Any]
) -> None:
    answers = {
        refused(office, shared(claims(f"{local}@{office.domain}", NOW, **changed), b"x" * 32)).message
        for local in ("alice", "nobody")
    }
    assert answers == {"the signature is not one by HS256 with the domain's key"}


# ---- what is told ----


def test_no_refusal_tells_the_key_or_the_token(office: World) -> None:
    good = shared(alice(office))
    tokens = [good[:-3], good + "x", good + ".x", shared(alice(office, exp=0)), shared(alice(office), b"x" * 32)]
    for token in tokens:
        message = refused(office, token).message
        assert SHARED_KEY.decode() not in message
        assert not any(part in message for part in token.split(".") if len(part) > 8)


def test_settings_are_shown_without_the_key(office: World) -> None:
    assert SHARED_KEY.decode() not in repr(office.tables.directory.sign_on(office.domain))


def test_every_reason_is_documented() -> None:
    documented = f"{errors.SignOnRefused.__doc__} {errors.SignOnUnavailable.__doc__}"
    assert [each for each in Reason if f"``{each}``" not in documented] == []


# ---- whatever comes ----


@given(token=st.text(max_size=60) | PARTS | st.builds(by_hand, HEADERS, CLAIMS, st.just(SHARED_KEY)))
def test_whatever_comes_is_refused_with_a_reason(office: World, token: str) -> None:
    assert reason(office, token) in list(Reason)


@given(changed=CLAIMS)
def test_whatever_the_webmail_signs_is_refused_with_a_reason_or_logs_in_its_own(
    office: World, changed: dict[str, Any]
) -> None:
    token = by_hand({"alg": "HS256"}, alice(office) | changed, SHARED_KEY)
    try:
        outcome = str(signon.identify(office.tables, token, key_set(), NOW))
    except SignOnRefused as refusal:
        outcome = str(refusal.details["reason"])
    assert outcome in {*Reason, f"alice@{office.domain}"}


def test_what_nests_deep_is_refused_however_deep(office: World) -> None:
    for depth in range(700, 1100):
        payload = f'{{"email":{"[" * depth}{"]" * depth}}}'.encode()
        assert reason(office, by_hand({"alg": "HS256"}, payload)) in (Reason.ADDRESS, Reason.MALFORMED)


@given(changed=KEYS)
def test_whatever_is_in_a_key_set_lets_nobody_in_with_another_key(world: World, changed: dict[str, Any]) -> None:
    with_key_set_once(world)
    for algorithm in ("RS256", "ES256", "EdDSA"):
        token = signing_key("one", algorithm).sign(alice(world))
        stored = signing_key("stored", algorithm).public | {"kid": "one"} | changed
        with pytest.raises(SignOnRefused):
            signon.identify(world.tables, token, key_set(stored), NOW)


def with_key_set_once(world: World) -> None:
    if world.tables.directory.sign_on(world.domain) is None:
        with_key_set(world, URL)
