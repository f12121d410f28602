"""Which tokens log somebody in, and the reason that each other one is told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import jwt
import pytest

from chat import directory, signon, signon_settings
from chat.errors import SignOnUnavailable
from chat.signon import LEEWAY, MAX_JWT, MAX_LIFETIME, JsonWebKey, KeysUnavailable, Reason
from chat.tables.directory import SignOnSettings
from tests.unit.sign_on_office import alice, is_alice, key_set, reason, refused, with_key_set, with_shared_key
from tests.unit.world import NOW, World
from tests.webmail import AUDIENCE, ISSUER, SHARED_KEY, by_hand, shared, signing_key

URL = "https://webmail.example/keys.json"
SECONDS = NOW // 1000
HS256 = {"alg": "HS256"}


@pytest.fixture
def office(world: World) -> World:
    return with_shared_key(world)


@pytest.fixture
def key_office(world: World) -> World:
    return with_key_set(world, URL)


# ---- who is let in ----


@pytest.mark.parametrize("algorithm", signon.SHARED)
def test_a_token_of_the_shared_key_logs_in(office: World, algorithm: str) -> None:
    assert is_alice(office, shared(alice(office), algorithm=algorithm))


@pytest.mark.parametrize("algorithm", signon.PUBLIC)
def test_a_token_of_a_key_in_the_set_logs_in(key_office: World, algorithm: str) -> None:
    key = signing_key("one", algorithm)
    assert is_alice(key_office, key.sign(alice(key_office)), key_set(signing_key("other").public, key.public))


def test_the_set_of_the_domain_is_asked_for_the_key_that_the_token_names(key_office: World) -> None:
    asked: list[tuple[str, str | None]] = []

    def keys(url: str, kid: str | None) -> Sequence[JsonWebKey]:
        asked.append((url, kid))
        return [signing_key("one").public]

    assert is_alice(key_office, signing_key("one").sign(alice(key_office)), keys)
    assert asked == [(URL, "one")]


def test_without_kid_the_only_key_for_the_algorithm_is_taken(key_office: World) -> None:
    key = signing_key("one")
    token = jwt.encode(alice(key_office), key.private, "RS256")
    assert is_alice(key_office, token, key_set(key.public, signing_key("two", "ES256").public))


@pytest.mark.parametrize(
    "changed",
    [
        {"sub": "4711"},
        {"email_verified": True},
        {"email_verified": "true"},
        {"aud": ["elsewhere", AUDIENCE]},
        {"nbf": SECONDS},
        {"nbf": SECONDS + LEEWAY, "iat": SECONDS + LEEWAY},
        {"iat": SECONDS - 600, "exp": SECONDS - LEEWAY + 1},
        {"iat": SECONDS - 0.5, "exp": SECONDS + 60.5},
        {"exp": SECONDS + MAX_LIFETIME},
    ],
)
def test_what_a_token_may_have(office: World, changed: dict[str, Any]) -> None:
    assert is_alice(office, shared(alice(office, **changed)))


@pytest.mark.parametrize("spelling", ["alice@{}", "ALICE@{}", " Alice@{}. "])
def test_the_address_may_be_the_subject_in_any_case(office: World, spelling: str) -> None:
    assert is_alice(office, shared(alice(office, email=None, sub=spelling.format(office.domain))))


def test_one_read_tells_settings_and_user(office: World) -> None:
    token = shared(alice(office))
    office.client.calls.clear()
    assert is_alice(office, token)
    assert office.client.operations() == ["batch_get_item"]


# ---- what is wrong with the claims ----


@pytest.mark.parametrize(
    ("changed", "expected", "said"),
    [
        ({"iss": "https://other.example"}, "issuer", f'iss is "https://other.example", expected "{ISSUER}"'),
        ({"iss": [ISSUER]}, "issuer", "iss is ["),
        ({"iss": "x" * 500}, "issuer", 'xxx..., expected "https'),
        ({"aud": "mail"}, "audience", f'aud is "mail", expected "{AUDIENCE}"'),
        ({"aud": ["mail", "calendar"]}, "audience", f'aud is ["mail", "calendar"], expected "{AUDIENCE}"'),
        ({"aud": AUDIENCE[:-1]}, "audience", "aud is"),
        ({"aud": {AUDIENCE: 1}}, "audience", "aud is"),
        ({"exp": SECONDS - LEEWAY}, "expired", f"exp is {SECONDS - LEEWAY}, expected more than {SECONDS - LEEWAY}"),
        ({"exp": 0}, "expired", f"exp is 0, expected more than {SECONDS - LEEWAY}; it is {SECONDS} now"),
        ({"iat": SECONDS + LEEWAY + 1}, "not_yet_valid", f"iat is {SECONDS + 31}, expected at most {SECONDS + 30}"),
        ({"nbf": SECONDS + LEEWAY + 1}, "not_yet_valid", f"nbf is {SECONDS + 31}, expected at most {SECONDS + 30}"),
        ({"exp": SECONDS + MAX_LIFETIME + 1}, "too_long_lived", "exp is 3601 s after iat, expected 3600 s at most"),
        ({"iat": NOW, "exp": NOW + 60}, "not_yet_valid", f"iat is {NOW}, expected at most {SECONDS + 30}"),
        ({"exp": "tomorrow"}, "malformed", 'exp is "tomorrow", expected seconds since 1970'),
        ({"exp": True}, "malformed", "exp is true"),
        ({"iat": -1}, "malformed", "iat is -1"),
        ({"nbf": [1]}, "malformed", "nbf is [1]"),
        ({"exp": float("nan")}, "malformed", "exp is NaN"),
        ({"exp": float("inf")}, "malformed", "exp is Infinity"),
        ({"exp": 10**400}, "malformed", "exp is 1000"),
        ({"email": "bob"}, "address", "email: 'bob' is not an address: it has no @"),
        ({"email": None, "sub": "4711"}, "address", "sub: '4711' is not an address"),
        ({"email": 4711}, "address", "email is 4711, expected the user's address"),
        ({"email": ""}, "address", "email: '' is not an address"),
        ({"email_verified": False}, "address", "email_verified is false, expected true"),
        ({"email": None}, "claim_missing", "email and sub are missing, expected the user's address"),
    ],
)
def test_a_refusal_names_the_claim_what_was_expected_and_what_was_given(
    office: World, changed: dict[str, Any], expected: str, said: str
) -> None:
    refusal = refused(office, by_hand(HS256, alice(office) | changed, SHARED_KEY))
    assert (refusal.details, refusal.code, refusal.status) == ({"reason": expected}, "sign_on_refused", 401)
    assert said in refusal.message


@pytest.mark.parametrize("claim", ["iss", "aud", "exp", "iat"])
def test_a_claim_that_is_missing_is_named(office: World, claim: str) -> None:
    for content in (alice(office, **{claim: None}), alice(office) | {claim: None}):
        refusal = refused(office, by_hand(HS256, content, SHARED_KEY))
        assert refusal.details["reason"] == Reason.CLAIM_MISSING
        assert refusal.message == f"{claim} is missing, expected iss, aud, exp and iat"


def test_a_token_from_before_the_address_was_given_to_somebody_new_does_not_log_in_the_new_owner(office: World) -> None:
    directory.remove_user(office.tables, office.address("alice"), NOW)
    office.add("alice", now=NOW + 10_000)
    before, after = (shared(alice(office, iat=SECONDS + second)) for second in (9, 10))
    refusal = refused(office, before)
    assert refusal.details["reason"] == Reason.NO_SUCH_USER
    assert refusal.message == f"iat is {SECONDS + 9}, but {office.address('alice')} was given to somebody new after it"
    assert is_alice(office, after)


# ---- what is wrong with the token ----


@pytest.mark.parametrize(
    "token",
    [
        "",
        "rubbish",
        "a.b.c",
        "é.é.é",
        "." * 2,
        by_hand(HS256, ["alice"], SHARED_KEY),
        by_hand(HS256, {}, SHARED_KEY)[1:],
        by_hand(HS256 | {"kid": 5}, {}, SHARED_KEY),
        by_hand(HS256 | {"crit": ["exp"], "exp": 1}, {}, SHARED_KEY),
        by_hand(HS256 | {"crit": ["b64"], "b64": False}, {}, SHARED_KEY),
    ],
)
def test_what_is_no_token_is_malformed(office: World, token: str) -> None:
    refusal = refused(office, token)
    assert refusal.details["reason"] == Reason.MALFORMED
    assert "expected" in refusal.message


def test_a_token_may_have_8_kb(office: World) -> None:
    sizes = [len(shared(alice(office, more="x" * count))) for count in (0, 3)]
    assert sizes == [sizes[0], sizes[0] + 4]  # base64: four characters for three bytes
    fitting = (MAX_JWT - sizes[0]) // 4 * 3
    assert is_alice(office, shared(alice(office, more="x" * fitting)))
    assert f"expected {MAX_JWT} of ASCII" in refused(office, shared(alice(office, more="x" * (fitting + 6)))).message


def test_a_token_that_was_changed_has_a_wrong_signature(office: World) -> None:
    header, _, signature = shared(alice(office)).split(".")
    payload = shared(alice(office, more=1)).split(".")[1]
    assert reason(office, f"{header}.{payload}.{signature}") == Reason.SIGNATURE


def test_a_token_of_another_key_has_a_wrong_signature(office: World) -> None:
    assert reason(office, shared(alice(office), SHARED_KEY[::-1])) == Reason.SIGNATURE


@pytest.mark.parametrize(
    "algorithm", [None, "none", "None", "NONE", "", 5, ["HS256"], "HS1", "RS256", "ES256", "EdDSA"]
)
def test_a_shared_key_is_for_its_algorithms_alone(office: World, algorithm: object) -> None:
    for key in (None, SHARED_KEY):
        refusal = refused(office, by_hand({"alg": algorithm}, alice(office), key))
        assert refusal.details["reason"] == Reason.ALGORITHM
        assert refusal.message.endswith("expected HS256, HS384, HS512")


@pytest.mark.parametrize(("size", "refused_ones"), [(32, ["HS384", "HS512"]), (48, ["HS512"]), (64, [])])
def test_an_algorithm_needs_a_key_of_its_size(office: World, size: int, refused_ones: list[str]) -> None:
    key = SHARED_KEY[:size]
    settings = SignOnSettings(ISSUER, AUDIENCE, key)
    signon_settings.set_up(office.tables, office.domain, settings)
    assert [name for name in signon.SHARED if name not in signon.algorithms(settings)] == refused_ones
    for name in refused_ones:
        refusal = refused(office, by_hand({"alg": name}, alice(office), key))
        assert f"because {name} needs a key of {signon.SHARED[name]} bytes" in refusal.message


# ---- what is wrong with its key ----


@pytest.mark.parametrize("algorithm", [*signon.SHARED, "none", "ES512", "ES256K"])
def test_a_key_set_is_never_a_shared_key(key_office: World, algorithm: str) -> None:
    """Else whoever has the public key could sign with it (RFC 8725 §2.1)."""
    key = signing_key("one")
    for secret in (key.pem, key.pem.strip(), b"", SHARED_KEY):
        token = by_hand({"alg": algorithm, "kid": "one"}, alice(key_office), secret)
        assert reason(key_office, token) == Reason.ALGORITHM


def test_a_key_set_that_has_a_shared_key_does_not_make_it_one(key_office: World) -> None:
    octets = {"kty": "oct", "kid": "one", "k": "A" * 64}
    for algorithm in ("HS256", "RS256"):
        token = by_hand({"alg": algorithm, "kid": "one"}, alice(key_office), b"\0" * 48)
        assert reason(key_office, token, key_set(octets)) == Reason.ALGORITHM


def test_a_key_that_is_not_in_the_set_is_unknown(key_office: World) -> None:
    refusal = refused(key_office, signing_key("one").sign(alice(key_office)), key_set(signing_key("other").public))
    assert refusal.details["reason"] == Reason.UNKNOWN_KEY
    assert refusal.message == 'kid is "one", expected one of the domain\'s keys: ["other"]'


def test_without_kid_one_of_two_keys_is_unknown(key_office: World) -> None:
    key = signing_key("one")
    token = jwt.encode(alice(key_office), key.private, "RS256")
    assert reason(key_office, token, key_set(key.public, signing_key("other").public)) == Reason.UNKNOWN_KEY
    assert reason(key_office, token, key_set()) == Reason.UNKNOWN_KEY


@pytest.mark.parametrize(
    "changed",
    [
        {"alg": "RS512"},
        {"use": "enc"},
        {"d": "AQAB"},
        {"kty": "EC"},
        {"n": "AQAB"},
        {"n": 5},
        {"n": "*"},
        {"e": None},
        {"n": "w" * 100},
    ],
)
def test_a_key_that_is_not_for_the_algorithm_or_of_no_use_is_not_taken(
    key_office: World, changed: dict[str, Any]
) -> None:
    key = signing_key("one")
    assert reason(key_office, key.sign(alice(key_office)), key_set(key.public | changed)) == Reason.ALGORITHM


def test_a_key_of_another_curve_is_not_taken(key_office: World) -> None:
    token = signing_key("one", "ES256").sign(alice(key_office))
    assert reason(key_office, token, key_set(signing_key("one", "ES384").public)) == Reason.ALGORITHM


def test_a_key_of_the_same_name_that_is_another_gives_a_wrong_signature(key_office: World) -> None:
    other = signing_key("other").public | {"kid": "one"}
    assert reason(key_office, signing_key("one").sign(alice(key_office)), key_set(other)) == Reason.SIGNATURE


def test_keys_that_cannot_be_had_are_nobodys_fault(key_office: World) -> None:
    def keys(_url: str, _kid: str | None) -> Sequence[JsonWebKey]:
        raise KeysUnavailable("the answer is HTTP 500")

    with pytest.raises(SignOnUnavailable) as unavailable:
        signon.identify(key_office.tables, signing_key("one").sign(alice(key_office)), keys, NOW)
    assert unavailable.value.details == {"reason": "keys_unavailable"}
    assert unavailable.value.cause == "the answer is HTTP 500"
    assert unavailable.value.message == "the key set of the domain cannot be had now; try again"
