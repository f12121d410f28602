"""Who is named in a header: lists of addresses (RFC 5322 §3.4), as mailers write them and as they should not."""

from __future__ import annotations

import re

from chat.mail import headers
from chat.mail.charsets import one_line
from chat.mail.model import Person

MAX_PEOPLE = 1000
"""In the fields of one name."""
MAX_NAME = 200
MAX_ADDRESS = 320
"""Characters: 64 before the @ and 255 behind it (RFC 3696, erratum 1690)."""

_TOKEN = re.compile(
    rf'(?P<word>{headers.ENCODED_WORD})|"(?P<quoted>(?:[^"\\]|\\.)*+)(?:"|\Z)|<(?P<angle>[^<>]*+)>?'
    r"|(?P<special>[(),;:])|(?P<text>\\.|[^\"<(),;:\\=]++|.)",
    re.DOTALL,
)
_DOMAIN = re.compile(r'[^\s,;<>()"\\]+')
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)


def people(values: list[str]) -> list[Person]:
    """Everybody in some fields of one name, the first 1,000 and one more where there are more."""
    found: list[Person] = []
    for value in values:
        found += _people(value, MAX_PEOPLE + 1 - len(found))
    return found


def address(text: str) -> str:
    """An address in lower case, its domain in ASCII, or "" where ``text`` is none.

    What would be another address with something left out of it is none: nobody else's mail may pass for that one's.
    """
    text = text.strip().strip("'\"")
    text = text[7:] if text[:7].lower() == "mailto:" else text
    local, _, domain = text.rpartition(":")[2].rpartition("@") if text.startswith("@") else text.rpartition("@")
    domain = domain.rstrip(".").lower()
    if len(text) > MAX_ADDRESS or not local or not _DOMAIN.fullmatch(domain) or "@" in local.strip('"'):
        return ""
    if not domain.isascii():
        try:
            domain = domain.encode("idna").decode("ascii")
        except UnicodeError:
            return ""
    found = f"{local.lower() if local.isascii() else local}@{domain}"
    return found if found == one_line(found, MAX_ADDRESS) and " " not in found else ""


def _people(value: str, limit: int) -> list[Person]:
    found: list[Person] = []
    name, angle, behind, comment, depth = "", "", "", "", 0
    for token in _TOKEN.finditer(value):
        special = token["special"]
        if special == "(" or depth:
            depth += {"(": 1, ")": -1}.get(special or "", 0)
            comment += token[0] if depth and (special != "(" or depth > 1) else ""
        elif special in (",", ";"):
            found += [*_person(name, angle, comment), *_person("", address(behind), "")]
            name, angle, behind, comment = "", "", "", ""
        elif special == ":":  # what stood before is a group's name
            name = ""
        elif token["angle"] is not None and angle:
            behind = behind or token["angle"]
        elif token["angle"] is not None:
            angle = token["angle"]
        elif token["quoted"] is not None:
            name += _ESCAPED.sub(r"\1", token["quoted"])
        else:
            name += token[0]
            behind += token[0].strip() if angle else ""
        if len(found) >= limit:
            return found[:limit]
    return [*found, *_person(name, angle, comment), *_person("", address(behind), "")]


def _person(name: str, angle: str, comment: str) -> list[Person]:
    """The one whom these tell of, if anybody."""
    where = address(angle or name)
    who = name if angle else comment if where else name or comment
    person = Person(one_line(headers.words(who).strip().strip("'\""), MAX_NAME), where)
    return [person] if person.name or person.address else []
