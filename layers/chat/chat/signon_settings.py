"""Setting up single sign-on for a domain, and ending it; ``chat.signon`` checks tokens with what is set here."""

from __future__ import annotations

import re
from ipaddress import IPv6Address, ip_address
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
MIN_DISTINCT = 10
"""Different bytes of a shared key: random ones, or the digits that spell them, hardly ever have fewer; a repeated word
has."""
MAX_URL = 1024
"""Characters."""
LOOPBACK = ("127.0.0.1", "localhost")
"""Hosts whose key sets may come to a local cloud without TLS: a webmail under test on the same machine."""

_NUMBER = re.compile(r"[0-9]+|0[xX][0-9a-fA-F]*")
"""The last label of a host that is an IPv4 address in one of its spellings (URL Standard §3.5)."""


def check(settings: SignOnSettings, *, local: bool) -> SignOnSettings:
    """The settings, if tokens can be checked with them; ``local`` where the chat runs on this machine.

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
        check_url(settings.jwks_url, local=local)
    return settings


def check_url(url: str, *, local: bool) -> None:
    """Raises BadField unless a key set may be fetched from there: by https from the internet.

    A ``local`` cloud may fetch from anywhere by https, and from its own machine by http.
    """
    if len(url) > MAX_URL:
        raise BadField(f"the URL of the key set has {len(url)} characters, allowed are {MAX_URL}")
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError as error:
        raise BadField(f"{url!a} is not a URL: {error}") from error
    if not host or parts.username is not None or parts.fragment or any(not "!" <= each <= "~" for each in url):
        raise BadField(f"{url!a} is not a URL of a host, without user, white space and fragment")
    if parts.scheme != "https" and not (local and parts.scheme == "http" and host in LOOPBACK):
        exception = f"; http is for {' and '.join(LOOPBACK)} alone" if local else ""
        raise BadField(f"{url!a} is not an https URL{exception}")
    if not (local or _is_public(host)):
        raise BadField(f"{url!a} is not the URL of a host on the internet")


def set_up(tables: Tables, domain: str, settings: SignOnSettings, *, local: bool = False) -> None:
    """Let the users of a domain log in with JWTs, by these settings from now on.

    Raises:
        BadField, BadText: as ``check``.
        UnknownDomain: the domain has not been created.
    """
    check(settings, local=local)
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
    if len(set(key)) < MIN_DISTINCT:
        raise BadField(f"the shared key has {len(set(key))} different bytes, a random one has {MIN_DISTINCT} at least")
    try:
        get_algorithm_by_name("HS256").prepare_key(key)
    except InvalidKeyError as error:  # a public key, which everybody may know
        raise BadField("the shared key is a public key or a certificate; give the URL of a key set instead") from error


def _is_public(host: str) -> bool:
    """Whether a host may be one on the internet, as far as its name or address tells."""
    name = host.rstrip(".")
    if ":" not in name and not _NUMBER.fullmatch(name.rpartition(".")[2]):
        return name != "localhost" and not name.endswith(".localhost")
    try:
        address = ip_address(name)
    except ValueError:
        return False  # another spelling of an address, such as 0x7f.1
    if isinstance(address, IPv6Address) and address.ipv4_mapped:
        address = address.ipv4_mapped
    return address.is_global and not address.is_multicast


def _not_set_up(domain: str) -> DirectoryError:
    return DirectoryError(f"single sign-on is not set up for {domain}")
