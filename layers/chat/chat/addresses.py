"""Addresses: ``local@domain``, valid as mail address (RFC 5321 §4.1.2) and as bare JID (RFC 7622 §3).

The local part may have the characters that both allow: mail's ``atext`` without ``& ' /``, which a JID forbids. Both
parts are ASCII and lower case; an internationalised domain is written in its ``xn--`` form. None of the characters that
the tables use as separators (``/``, ``:``, space) can occur.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from chat.errors import BadAddress

MAX_LOCAL = 64
"""Octets of the local part (RFC 5321 §4.5.3.1.1)."""
MAX_DOMAIN = 253
"""Octets of a domain name in text (RFC 1035 §2.3.4)."""

_LOCAL = re.compile(r"[a-z0-9!#$%*+=?^_`{|}~-]+(\.[a-z0-9!#$%*+=?^_`{|}~-]+)*")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def domain_name(text: str) -> str:
    """``text`` as a domain in lower case.

    Raises:
        BadAddress: it is not a domain name of letters, digits and hyphens.
    """
    domain = _lower(text).rstrip(".")
    if not domain or len(domain) > MAX_DOMAIN:
        raise BadAddress(f"domain has {len(domain)} characters, allowed are 1 to {MAX_DOMAIN}")
    if not all(_LABEL.fullmatch(label) for label in domain.split(".")):
        raise BadAddress(f"{_shown(text)} is not a domain name")
    return domain


@dataclass(frozen=True, slots=True, order=True)
class Address:
    """The identity of a user or an alias."""

    local: str
    domain: str

    @classmethod
    def parse(cls, text: str) -> Address:
        """The address that ``text`` names, in lower case.

        Raises:
            BadAddress: with what is wrong about it.
        """
        local, at, domain = _lower(text).rpartition("@")
        if not at:
            raise BadAddress(f"{_shown(text)} is not an address: it has no @")
        if len(local) > MAX_LOCAL:
            raise BadAddress(f"the part before @ has {len(local)} characters, allowed are {MAX_LOCAL}")
        if not _LOCAL.fullmatch(local):
            raise BadAddress(f"{_shown(text)} is not an address: the part before @ is empty or has other characters")
        return cls(local, domain_name(domain))

    @property
    def untagged(self) -> Address:
        """The same without what stands behind the first ``+``: whose it is on mail servers that let users tag theirs
        (RFC 5233); itself where there is no tag."""
        return Address(self.local[: self.local.find("+", 1)], self.domain) if "+" in self.local[1:] else self

    def __str__(self) -> str:
        return f"{self.local}@{self.domain}"


def _lower(text: str) -> str:
    """``text`` in lower case and without the white space around it.

    Raises:
        BadAddress: it is not ASCII; in lower case some of that would be: U+212A, the Kelvin sign, becomes k.
    """
    stripped = text.strip()
    if not stripped.isascii():
        raise BadAddress(f"{_shown(text)} has characters other than ASCII; a domain is written in its xn-- form")
    return stripped.lower()


def _shown(text: str) -> str:
    return ascii(text if len(text) <= 80 else text[:77] + "...")
