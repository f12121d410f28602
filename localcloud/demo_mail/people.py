"""Who writes: the demo's people, and outside of their domains neutral roles at example.net."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta, timezone, tzinfo

from localcloud.seed import ALIASES, PEOPLE

HOME = "example.com"
OUTSIDE = "example.net"
ROLES = {
    "accounts": "Accounts Payable",
    "capitainerie": "Capitainerie",
    "dispatch": "Harbour Dispatch",
    "einkauf": "Einkauf",
    "facilities": "Facility Services",
    "front-desk": "Front Desk",
    "harbour-office": "Hafenbüro",
    "it-desk": "IT Desk",
    "monitor": "Monitor",
    "newsletter": "Harbour News",
    "press": "Press Office",
    "purchasing": "Purchasing, Harbour Line",
    "translation": "Translation Service",
}
ABROAD = {"purchasing": -5, "newsletter": 0, "monitor": 0}
"""Whose clocks show another time, in hours east of Greenwich."""


@dataclass(frozen=True, slots=True)
class Writer:
    """Somebody who sends or gets mail."""

    address: str
    name: str
    signature: str
    clock: tzinfo

    @property
    def domain(self) -> str:
        return self.address.partition("@")[2]


def find(text: str) -> Writer:
    """The one that ``alice``, ``olivia@example.org`` or ``press@example.net`` stands for."""
    local, _, domain = text.partition("@")
    address = f"{local}@{domain or HOME}"
    return _WRITERS[address]


def find_all(text: str) -> list[Writer]:
    """Those that some words stand for."""
    return [find(each) for each in text.split()]


def _writers() -> dict[str, Writer]:
    home = timezone(timedelta(hours=1))
    found = {}
    for domain, people in PEOPLE.items():
        for local, name, title, department in people:
            signature = f"{name}\n{title}, {department}"
            found[f"{local}@{domain}"] = Writer(f"{local}@{domain}", name, signature, home)
    for address, (name, _members) in ALIASES.items():
        found[address] = Writer(address, name, name, home)
    for local, name in ROLES.items():
        clock = timezone(timedelta(hours=ABROAD.get(local, 1)))
        found[f"{local}@{OUTSIDE}"] = Writer(f"{local}@{OUTSIDE}", name, name, clock)
    return found


_WRITERS = _writers()
