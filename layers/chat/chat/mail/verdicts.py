"""What Amazon SES found of a message that it took: it refuses nothing, and tells in fields that it puts on top.

Source: https://docs.aws.amazon.com/ses/latest/dg/receiving-email-concepts.html; RFC 8601.
"""

from __future__ import annotations

import re

from chat.mail.headers import Fields
from chat.mail.people import address

_SERVICE = "amazonses.com"
_RECEIPT = "x-ses-receipt"
"""The last of its fields; all behind it are what the sender wrote."""
_DMARC = re.compile(r"\s*+dmarc\s*+=\s*+(\w++)", re.IGNORECASE)
_QUOTED = re.compile(r'"(?:[^"\\]|\\.)*+"?|\([^()]*+\)?', re.DOTALL)
_HEADER_FROM = re.compile(r"\bheader\.from\s*+=\s*+([^\s;]++)", re.IGNORECASE)


def vouches_for(fields: Fields, domain: str) -> bool:
    """Whether DMARC passed for an author of this domain (RFC 7489).

    The field repeats what the sender said of himself. So what is quoted in it counts for nothing, and a result that is
    there twice for none.
    """
    service, *results = _QUOTED.sub("", _told(fields, "authentication-results")).split(";")
    told = [(found[1], _HEADER_FROM.findall(each)) for each in results if (found := _DMARC.match(each))]
    names = {address(f"x@{each}") for each in told[0][1]} if len(told) == 1 else set()
    return service.strip() == _SERVICE and names == {f"x@{domain}"} and told[0][0] == "pass"


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
