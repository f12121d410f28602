"""Setting up single sign-on for a domain, and ending it; ``chat.signon`` checks tokens with what is set here."""

from __future__ import annotations

from urllib.parse import urlsplit

from chat.errors import BadField, DirectoryError, UnknownDomain
from chat.signon import SHARED
from chat.tables import Tables
from chat.tables.directory import SignOnSettings
from chat.texts import check_text

MAX_NAME = 255
"""Characters of an issuer or audience."""
MIN_KEY = min(SHARED.values())
MAX_KEY = 1024
"""Bytes of a shared key."""
MAX_URL = 1024
"""Characters."""
LOOPBACK = ("127.0.0.1", "localhost")
"""Hosts whose key sets may come without TLS: a webmail under test on the same machine."""


def check(settings: SignOnSettings) -> SignOnSettings:
    """The settings, if tokens can be checked with them.

    Raises:
        BadField, BadText: names the field, its limit and what was given; never the key.
    """
    for field, text in (("issuer", settings.issuer), ("audience", settings.audience)):
        check_text(text, field)
        if not 1 <= len(text) <= MAX_NAME:
            raise BadField(f"{field} has {len(text)} characters, allowed are 1 to {MAX_NAME}")
    if bool(settings.key) == bool(settings.jwks_url):
        raise BadField("give either a shared key or the URL of a key set")
    if settings.key:
        _check_key(settings.key)
    else:
        _check_url(settings.jwks_url)
    return settings


def set_up(tables: Tables, domain: str, settings: SignOnSettings) -> None:
    """Let the users of a domain log in with JWTs, by these settings from now on.

    Raises:
        BadField, BadText: as ``check``.
        UnknownDomain: the domain has not been created.
    """
    check(settings)
    if tables.directory.version(domain) is None:
        raise UnknownDomain(f"the domain {domain} has not been created")
    tables.directory.set_sign_on(domain, settings)


def of(tables: Tables, domain: str) -> SignOnSettings:
    """Raises DirectoryError where single sign-on is not set up."""
    settings = tables.directory.sign_on(domain)
    if settings is None:
        raise _not_set_up(domain)
    return settings


def remove(tables: Tables, domain: str) -> None:
    """Accept no JWT of the domain any more; sessions that began with one go on until they expire.

    Raises:
        DirectoryError: single sign-on is not set up.
    """
    if not tables.directory.delete_sign_on(domain):
        raise _not_set_up(domain)


def _check_key(key: bytes) -> None:
    from jwt import InvalidKeyError, get_algorithm_by_name  # slow to import: see chat.signon

    if not MIN_KEY <= len(key) <= MAX_KEY:
        raise BadField(f"the shared key has {len(key)} bytes, allowed are {MIN_KEY} to {MAX_KEY}")
    try:
        get_algorithm_by_name("HS256").prepare_key(key)
    except InvalidKeyError as error:  # a public key, which everybody may know
        raise BadField("the shared key is a public key or a certificate; give the URL of a key set instead") from error


def _check_url(url: str) -> None:
    if len(url) > MAX_URL:
        raise BadField(f"the URL of the key set has {len(url)} characters, allowed are {MAX_URL}")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadField(f"{url!a} is not a URL: {error}") from error
    if not host or parts.username is not None or parts.fragment or any(not "!" <= each <= "~" for each in url):
        raise BadField(f"{url!a} is not a URL of a host, without user, white space and fragment")
    if parts.scheme != "https" and not (parts.scheme == "http" and host in LOOPBACK):
        raise BadField(f"{url!a} is not an https URL; http is for {' and '.join(LOOPBACK)} alone")


def _not_set_up(domain: str) -> DirectoryError:
    return DirectoryError(f"single sign-on is not set up for {domain}")
