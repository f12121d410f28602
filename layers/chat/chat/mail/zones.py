"""Time zones of calendars by their IANA names, whatever a calendar calls them.

A calendar may define its zones itself (VTIMEZONE, RFC 5545 §3.6.5). Those definitions are never evaluated, for their
rules can be anything: they only tell which zone is meant, where its name does not.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, available_timezones

from icalendar import Component
from icalendar.timezone.windows_to_olson import WINDOWS_TO_OLSON

from chat.mail.charsets import one_line

_NAME = re.compile(r"[A-Za-z0-9_+-]{1,40}(/[A-Za-z0-9_+-]{1,40}){0,3}")
_DISPLAYED = re.compile(r"\((?:UTC|GMT)[^)]{0,20}\)\s*(.+)")
"""A zone as Windows shows it: "(UTC+01:00) Amsterdam, Berlin"."""
_MAX_ZONES = 100
_YEAR = 2024
_LARGE = ("UTC", "Europe/Berlin", "Europe/London", "America/New_York", "America/Chicago", "America/Los_Angeles")

_Offsets = tuple[timedelta, ...]
"""From UTC, on the first day of each month."""


def named(name: str) -> ZoneInfo | None:
    """The zone that a name means: an IANA name, alone or behind a vendor's prefix, one of Windows, or the cities that
    Windows shows."""
    name = name.strip().strip('"')[:200]
    pieces = [piece for piece in name.split("/") if piece]
    tails = ["/".join(pieces[-count:]) for count in (3, 2, 1) if count < len(pieces)]
    for each in ("/".join(pieces), WINDOWS_TO_OLSON.get(name, ""), *tails):
        if _NAME.fullmatch(each) and (zone := _zone(each)):
            return zone
    shown = _DISPLAYED.fullmatch(name)
    if name.rpartition("/")[2].upper() == "UTC" or (shown and shown[1] == "Coordinated Universal Time"):
        return _zone("UTC")
    return _of_places(shown[1]) if shown else None


def _of_places(shown: str) -> ZoneInfo | None:
    """The zone of "Amsterdam, Berlin", or of "Eastern Time (US & Canada)"."""
    places = [each.strip().replace(" ", "_") for each in shown.split(",")]
    known = [_cities().get(each, "") for each in places]
    known.append(WINDOWS_TO_OLSON.get(f"{shown.partition(' Time')[0]} Standard Time", ""))
    return next((zone for each in known if (zone := _zone(each))), None)


@cache
def _cities() -> dict[str, str]:
    """All zones, by the last piece of their names."""
    return {each.rpartition("/")[2]: each for each in sorted(available_timezones())}


class Zones:
    """The zones of one calendar."""

    def __init__(self, definitions: Iterable[Component], floating: str, notes: list[str]) -> None:
        """``floating`` names the zone of times that have none; without one they are in UTC. Unknown zones are noted."""
        self._definitions = {
            str(each.get("TZID", "")): each for _, each in zip(range(_MAX_ZONES), definitions, strict=False)
        }
        self._notes = notes
        self._known: dict[str, ZoneInfo] = {}
        self._utc = ZoneInfo("UTC")
        self._floating = named(floating) or self._utc

    def find(self, name: str) -> ZoneInfo:
        """The zone that a TZID means; UTC where that cannot be told."""
        if not name:
            return self._floating
        if name not in self._known:
            found = named(name) or self._defined(name)
            if found is None:
                self._notes.append(one_line(f"a time zone is not known, so its times count as UTC: {name}", 200))
            self._known[name] = found or self._utc
        return self._known[name]

    def _defined(self, name: str) -> ZoneInfo | None:
        definition = self._definitions.get(name)
        if definition is None:
            return None
        offsets = _offsets(definition)
        return named(str(definition.get("X-LIC-LOCATION", ""))) or (_like(offsets) if offsets else None)


def _offsets(definition: Component) -> _Offsets | None:
    """The offsets that a definition gives today: those of the last standard and daylight time in it."""
    begins: dict[str, int] = {}
    offsets: dict[str, timedelta] = {}
    for part in definition.subcomponents[:_MAX_ZONES]:
        start, offset = part.get("DTSTART"), part.get("TZOFFSETTO")
        if start is None or offset is None or part.name not in ("STANDARD", "DAYLIGHT"):
            continue
        rule = part.get("RRULE") or {}
        months = rule.get("BYMONTH") or [start.dt.month]
        begins[part.name], offsets[part.name] = int(months[0]), offset.td
    if not offsets:
        return None
    if len(offsets) == 1 or begins["STANDARD"] == begins["DAYLIGHT"]:
        return (offsets.get("STANDARD") or next(iter(offsets.values())),) * 12
    months_of_daylight = (begins["STANDARD"] - begins["DAYLIGHT"]) % 12
    return tuple(
        offsets["DAYLIGHT" if (month - 1 - begins["DAYLIGHT"]) % 12 < months_of_daylight else "STANDARD"]
        for month in range(1, 13)
    )


def _like(offsets: _Offsets) -> ZoneInfo | None:
    """A zone whose clocks show the same all the year."""
    return next((zone for zone, each in _candidates() if each == offsets), None)


@cache
def _candidates() -> list[tuple[ZoneInfo, _Offsets]]:
    """The zones that Windows has, those of most people first, with their offsets."""
    zones = (_zone(name) for name in (*_LARGE, *WINDOWS_TO_OLSON.values()))
    return [(zone, _of_year(zone)) for zone in zones if zone]


def _of_year(zone: ZoneInfo) -> _Offsets:
    moments = (datetime(_YEAR, month, 1, 12, tzinfo=UTC).astimezone(zone) for month in range(1, 13))
    return tuple(moment.utcoffset() or timedelta() for moment in moments)


def _zone(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # no zone, or a folder of zones
        return None
