"""Appointments of Alice's in mail, for tests of what is known of them."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chat.mail.model import Appointment
from chat.tables.communications import Communication
from tests.unit.mailing import has, mail, meeting, put
from tests.unit.world import HOUR, NOW, World

CANCELLED: dict[str, Any] = {"method": "CANCEL", "status": "cancelled"}
"""What tells that an appointment is called off."""


def invite(world: World, *appointments: Appointment, to: tuple[str, ...] = ("bob", "carol"), **fields: Any) -> None:
    """Alice sends something about an appointment to others."""
    put(world, mail(world, "alice", *to, appointments=appointments, **fields))


def occurrence(world: World, when: int, **fields: Any) -> Appointment:
    """Of the weekly meeting, that which would begin at ``when``."""
    return weekly(world, **{"rule": "", "recurrence": when, "begins": when, "ends": when + HOUR} | fields)


def answer(world: World, who: str, given: str, **fields: Any) -> None:
    """Somebody answers Alice."""
    reply = meeting(world, "alice", method="REPLY", **{"stamp": NOW + 1} | fields)
    reply = replace(reply, answers={str(world.address(who)): given})
    put(world, mail(world, who, "alice", message_id=f"{who} {given} {fields}", appointments=(reply,)))


def one(world: World, owner: str, contact: str | None) -> Communication:
    """The one appointment that somebody has with a contact."""
    [found] = has(world, owner, contact, "appointment")
    return found


def weekly(world: World, **fields: Any) -> Appointment:
    """A meeting of Alice's with Bob on four Fridays."""
    return meeting(world, "alice", "bob", **{"rule": "FREQ=WEEKLY;COUNT=4"} | fields)


def uninvite(world: World, who: str, to: tuple[str, ...], **fields: Any) -> None:
    """Alice takes back that she invited somebody."""
    of = meeting(world, "alice", who, **{"method": "CANCEL", "sequence": 1, "begins": None, "ends": None} | fields)
    invite(world, of, to=to, message_id=f"without {who} {fields}")
