"""What Amazon SES found of a message that it took: it refuses nothing, and tells in fields that it puts on top.

Source: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-concepts.html; RFC 8601.
"""

from __future__ import annotations

import re

from chat.mail.headers import Fields

_SERVICE = "amazonses.com"
_RECEIPT = "x-ses-receipt"
"""The last of its fields; all behind it are what the sender wrote."""
_DMARC = re.compile(r"\bdmarc\s*+=\s*+(\w++)", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"?|\([^()]*+\)?', re.DOTALL)
_HEADER_FROM = re.compile(r"\bheader\.from\s*+=\s*+([^\s;]++)", re.IGNORECASE)


def vouches_for(fields: Fields, domain: str) -> bool:
    """Whether DMARC passed for an author of this domain (RFC 7489).

    The field repeats what the sender said of himself; so nothing counts that is said twice in it, or quoted.
    """
    service, _, results = _told(fields, "authentication-results").partition(";")
    plain = _QUOTED.sub("", results)
    passed = _DMARC.findall(results) == _DMARC.findall(plain) == ["pass"]
    return service.strip() == _SERVICE and passed and _HEADER_FROM.findall(results.lower()) == [domain]


def has_virus(fields: Fields) -> bool:
    """Whether a virus was found in it."""
    return _told(fields, "x-ses-virus-verdict").upper() == "FAIL"


def _told(fields: Fields, name: str) -> str:
    """The service's field of that name, or ""."""
    for each, value in fields.fields:
        if each == _RECEIPT:
            break
        if each == name:
            return value
    return ""
