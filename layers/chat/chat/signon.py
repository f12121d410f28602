"""Single sign-on: a JWT (RFC 7519) that a domain's webmail has signed for its user, instead of a password.

The address in the token tells which domain's settings it is checked with, before anything in it is known to be true. So
the keys of one domain open that domain alone. Every refusal names its reason; what tells of the directory comes behind
the signature.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING, Any

from chat.addresses import Address
from chat.entries import User
from chat.errors import BadAddress, SignOnRefused, SignOnUnavailable
from chat.tables import Tables
from chat.tables.directory import SignOnSettings, sign_on_from, user_from

if TYPE_CHECKING:
    from jwt import PyJWK

MAX_JWT = 8 * 1024
"""Characters of a token; one with the claims that are looked at has some 400."""
MAX_LIFETIME = 3600
"""Seconds between ``iat`` and ``exp``: a token is for one log-in, and whoever finds it later must not get in."""
LEEWAY = 30
"""Seconds by which the clocks of the webmail and of ours may differ."""
SHARED = {"HS256": 32, "HS384": 48, "HS512": 64}
"""Algorithms of a shared key, and the bytes that the key must have for each (RFC 7518 §3.2)."""
PUBLIC = {
    **dict.fromkeys(("RS256", "RS384", "RS512", "PS256", "PS384", "PS512"), "RSA"),
    **dict.fromkeys(("ES256", "ES384"), "EC"),
    "EdDSA": "OKP",
}
"""Algorithms of a key set, and the type of key (``kty``, RFC 7518 §6.1) for each."""

_SHOWN = 80
"""Characters of a claim that a message shows."""
_EXACT = 1 << 53
"""Numbers below it are exact in every JSON parser (RFC 8259 §6)."""
_SIGNATURE_ALONE: Any = {
    "enforce_minimum_key_length": True,
    **dict.fromkeys(("verify_exp", "verify_nbf", "verify_iat", "verify_aud"), False),
    **dict.fromkeys(("verify_iss", "verify_sub", "verify_jti"), False),
}
"""What PyJWT checks: its clock cannot be passed in, and its errors do not say what was expected."""

JsonWebKey = Mapping[str, Any]
"""A key of a key set (RFC 7517 §4)."""
KeySource = Callable[[str, str | None], Sequence[JsonWebKey]]
"""Gives the key set at a URL; told the ``kid`` that is looked for, it may fetch a set anew that lacks it.

Raises:
    KeysUnavailable: the set cannot be had.
"""


class KeysUnavailable(Exception):
    """A key set cannot be had now; the message says why."""


class Reason(StrEnum):
    """Why a token gives no session."""

    MALFORMED = "malformed"
    ADDRESS = "address"
    NOT_SET_UP = "not_set_up"
    ALGORITHM = "algorithm"
    KEYS_UNAVAILABLE = "keys_unavailable"
    UNKNOWN_KEY = "unknown_key"
    SIGNATURE = "signature"
    CLAIM_MISSING = "claim_missing"
    ISSUER = "issuer"
    AUDIENCE = "audience"
    TOO_LONG_LIVED = "too_long_lived"
    EXPIRED = "expired"
    NOT_YET_VALID = "not_yet_valid"
    NO_SUCH_USER = "no_such_user"


@dataclass(frozen=True, slots=True)
class Signed:
    """A token that the domain of its address has signed, and what it is to be held against."""

    address: Address
    claims: Mapping[str, Any]
    settings: SignOnSettings
    user: User | None


def identify(tables: Tables, token: str, keys: KeySource, now: int) -> Address:
    """Whom a token logs in.

    Raises:
        SignOnRefused, SignOnUnavailable: as ``verify`` and ``accept``.
    """
    return accept(verify(tables, token, keys), now)


def verify(tables: Tables, token: str, keys: KeySource) -> Signed:
    """The token, whose signature is right; of its claims the address alone has been looked at.

    Raises:
        SignOnRefused: it is none, or not of the domain; its ``reason`` is one of ``Reason``.
        SignOnUnavailable: the domain's key set cannot be had now.
    """
    header, claims = _read(token)
    address = _address(claims)
    settings_key, user_key = tables.directory.sign_on_key(address.domain), tables.directory.user_key(address)
    found = tables.store.get_many([settings_key, user_key], consistent=[tables.directory.name])
    settings = sign_on_from(found.get(settings_key))
    if settings is None:
        raise _refused(Reason.NOT_SET_UP, f"single sign-on is not set up for {address.domain}")
    _check_signature(token, header, settings, keys)
    return Signed(address, claims, settings, user_from(found.get(user_key), address.domain))


def accept(signed: Signed, now: int) -> Address:
    """Whom a signed token logs in at ``now``, in ms.

    Raises:
        SignOnRefused: nobody; its ``reason`` is one of ``Reason``.
    """
    _check_claims(signed.claims, signed.settings, now // 1000)
    if signed.user is None or not signed.user.active:
        raise _refused(Reason.NO_SUCH_USER, f"{signed.address} is not an active user")
    issued = signed.claims["iat"]
    if signed.user.given_after(issued * 1000):
        raise _refused(Reason.NO_SUCH_USER, f"iat is {issued}, but {signed.address} was given to somebody new after it")
    return signed.address


def claimed_address(token: str) -> Address:
    """The address in a token, which anybody may have written.

    Raises:
        SignOnRefused: there is none.
    """
    _, claims = _read(token)
    return _address(claims)


def algorithms(settings: SignOnSettings) -> list[str]:
    """The algorithms that a domain's tokens may have: those of a shared key, or those of a key set, never both."""
    if settings.key:
        return [name for name, size in SHARED.items() if len(settings.key) >= size]
    return list(PUBLIC)


def _read(token: str) -> tuple[dict[str, Any], dict[str, Any]]:
    """Header and claims of a token whose signature is not looked at."""
    from jwt import PyJWTError, decode_complete  # 40 ms with cryptography, which only a log-in by JWT pays

    if len(token) > MAX_JWT or not token.isascii():
        raise _refused(Reason.MALFORMED, f"the jwt has {len(token)} characters, expected {MAX_JWT} of ASCII at most")
    try:
        content = decode_complete(token, options={"verify_signature": False})
    except PyJWTError as error:
        raise _refused(
            Reason.MALFORMED, f"the jwt cannot be read, expected header.claims.signature: {error}"
        ) from error
    return content["header"], content["payload"]


def _address(claims: Mapping[str, Any]) -> Address:
    name = "email" if claims.get("email") is not None else "sub"
    value = claims.get(name)
    if value is None:
        raise _refused(Reason.CLAIM_MISSING, "email and sub are missing, expected the user's address in one of them")
    if name == "email" and claims.get("email_verified", True) not in (True, "true"):
        given = _shown(claims["email_verified"])
        raise _refused(Reason.ADDRESS, f"email_verified is {given}, expected true, or no such claim")
    if not isinstance(value, str):
        raise _refused(Reason.ADDRESS, f"{name} is {_shown(value)}, expected the user's address")
    try:
        return Address.parse(value)
    except BadAddress as error:
        raise _refused(Reason.ADDRESS, f"{name}: {error.message}") from error


def _check_signature(token: str, header: Mapping[str, Any], settings: SignOnSettings, keys: KeySource) -> None:
    from jwt import InvalidKeyError, PyJWTError, decode_complete

    algorithm, allowed = header.get("alg"), algorithms(settings)
    if algorithm not in allowed:
        too_short = _too_short(algorithm, settings)
        raise _refused(Reason.ALGORITHM, f"alg is {_shown(algorithm)}, expected {', '.join(allowed)}{too_short}")
    try:
        key = settings.key or _public_key(keys, settings.jwks_url, header.get("kid"), algorithm)
        decode_complete(token, key, [algorithm], options=_SIGNATURE_ALONE)
    except InvalidKeyError as error:
        raise _refused(Reason.ALGORITHM, f"alg is {algorithm}, expected one for the domain's key: {error}") from error
    except PyJWTError as error:
        raise _refused(Reason.SIGNATURE, f"the signature is not one by {algorithm} with the domain's key") from error


def _public_key(keys: KeySource, url: str, kid: str | None, algorithm: str) -> PyJWK:
    """The key of a key set that a token names, or the only one that fits.

    Raises:
        InvalidKeyError: it is not for the algorithm.
    """
    from jwt import PyJWK

    try:
        found = keys(url, kid)
    except KeysUnavailable as error:
        raise SignOnUnavailable(str(error), reason=str(Reason.KEYS_UNAVAILABLE)) from error
    named = [each for each in found if kid is None or each.get("kid") == kid]
    fitting = [each for each in named if _fits(each, algorithm)]
    if named and not fitting:
        raise _refused(
            Reason.ALGORITHM, f"alg is {algorithm}, expected one for the domain's key with kid {_shown(kid)}"
        )
    if len(fitting) != 1:
        kids = _shown([each.get("kid") for each in found])
        raise _refused(Reason.UNKNOWN_KEY, f"kid is {_shown(kid)}, expected one of the domain's keys: {kids}")
    return PyJWK(dict(fitting[0]), algorithm)


def _fits(key: JsonWebKey, algorithm: str) -> bool:
    """Whether a key is public and for signatures by the algorithm, as far as it says (RFC 7517 §4)."""
    return (
        key.get("kty") == PUBLIC[algorithm]
        and key.get("use", "sig") == "sig"
        and key.get("alg", algorithm) == algorithm
        and "d" not in key
    )


def _check_claims(claims: Mapping[str, Any], settings: SignOnSettings, seconds: int) -> None:
    for name in ("iss", "aud", "exp", "iat"):
        if claims.get(name) is None:
            raise _refused(Reason.CLAIM_MISSING, f"{name} is missing, expected iss, aud, exp and iat")
    issuer, audience = claims["iss"], claims["aud"]
    if issuer != settings.issuer:
        raise _refused(Reason.ISSUER, f"iss is {_shown(issuer)}, expected {_shown(settings.issuer)}")
    if settings.audience not in (audience if isinstance(audience, list) else [audience]):
        raise _refused(Reason.AUDIENCE, f"aud is {_shown(audience)}, expected {_shown(settings.audience)}")
    expires, issued = _time(claims, "exp"), _time(claims, "iat")
    if expires - issued > MAX_LIFETIME:
        raise _refused(
            Reason.TOO_LONG_LIVED, f"exp is {expires - issued} s after iat, expected {MAX_LIFETIME} s at most"
        )
    if expires + LEEWAY <= seconds:
        raise _refused(Reason.EXPIRED, f"exp is {expires}, expected more than {seconds - LEEWAY}; it is {seconds} now")
    for name in ("iat", "nbf"):
        if claims.get(name) is not None and _time(claims, name) > seconds + LEEWAY:
            given, latest = claims[name], seconds + LEEWAY
            raise _refused(Reason.NOT_YET_VALID, f"{name} is {given}, expected at most {latest}; it is {seconds} now")


def _time(claims: Mapping[str, Any], name: str) -> int | float:
    """A NumericDate (RFC 7519 §2)."""
    value = claims[name]
    if isinstance(value, int | float) and not isinstance(value, bool) and 0 <= value < _EXACT:
        return value
    raise _refused(Reason.MALFORMED, f"{name} is {_shown(value)}, expected seconds since 1970 as a number")


def _refused(reason: Reason, message: str) -> SignOnRefused:
    return SignOnRefused(message, reason=str(reason))


def _too_short(algorithm: object, settings: SignOnSettings) -> str:
    size = SHARED.get(algorithm) if settings.key and isinstance(algorithm, str) else None
    return f", because {algorithm} needs a key of {size} bytes (RFC 7518 §3.2)" if size else ""


def _shown(value: object) -> str:
    """A claim as JSON has it, cut to what a message has room for."""
    text = json.dumps(value)
    return text if len(text) <= _SHOWN else text[: _SHOWN - 3] + "..."
