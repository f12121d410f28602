"""All mails of the demo, in the order in which they were sent."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from localcloud.demo_mail import meetings, times
from localcloud.demo_mail.composing import Draft
from localcloud.demo_mail.people import OUTSIDE, Writer, find, find_all

WEEKS = 13
FOLDER = Path(__file__).parent
SUPPORT = "support"
MANAGER = "judy"
"""Gets blind copies of what support answers, every fourth time."""


def drafts(start: int) -> list[Draft]:
    """What was sent in the 90 days before ``start``, in ms since the epoch; always the same for the same start."""
    found = [*threads(start), *tickets(start), *weekly(start), *meetings.drafts(start, _read("meetings")["meeting"])]
    return sorted(found, key=lambda draft: (draft.at, draft.id))


def threads(start: int) -> Iterator[Draft]:
    """What the demo's people write to each other, and to some outside."""
    for number, thread in enumerate(_read("threads")["thread"], 1):
        copied = find_all(thread.get("cc", ""))
        everybody = find_all(thread["people"]) + copied
        moments = times.sequence(start, thread["days"], len(thread["mail"]), Random(thread["subject"]))
        earlier: Draft | None = None
        for turn, (mail, at) in enumerate(zip(thread["mail"], moments, strict=True), 1):
            sender = find(mail["by"])
            others = [each for each in everybody if each != sender]
            to, cc = _addressed(others, copied, earlier)
            earlier = Draft(
                f"thread-{number}-{turn}@{sender.domain}",
                at,
                sender,
                to,
                _answering(thread["subject"], earlier),
                mail["text"],
                cc,
                files=tuple(mail.get("files", ())),
                answers=earlier,
                html=mail.get("html", False),
                charset=thread.get("charset", "utf-8"),
            )
            yield earlier


def tickets(start: int) -> Iterator[Draft]:
    """What customers ask support, and its answers, with the alias in copy."""
    found = _read("tickets")["ticket"]
    support = find(SUPPORT)
    for number, ticket in enumerate(found, 1):
        customer = find(f"{ticket['asks']}@{OUTSIDE}")
        days = 88 - 5 * number
        moments = times.sequence(start, days, 1 + len(ticket["answer"]), Random(ticket["subject"]))
        earlier: Draft | None = None
        for turn, (mail, at) in enumerate(zip([ticket, *ticket["answer"]], moments, strict=True), 1):
            is_customers = mail.get("by", ticket["asks"]) == ticket["asks"]
            sender = customer if is_customers else find(mail["by"])
            hidden = not is_customers and number % 4 == 0 and mail["by"] != MANAGER
            earlier = Draft(
                f"ticket-{number}-{turn}@{sender.domain}",
                at,
                sender,
                (support,) if is_customers else (customer,),
                _answering(ticket["subject"], earlier),
                mail["text"],
                () if is_customers else (support,),
                (find(MANAGER),) if hidden else (),
                tuple(mail.get("files", ())),
                earlier,
            )
            yield earlier


def weekly(start: int) -> Iterator[Draft]:
    """What comes every week."""
    for number, each in enumerate(_read("weekly")["weekly"], 1):
        sender = find(each["by"])
        first = times.working_day(start, -7 * WEEKS, each["weekday"])
        for turn in range(WEEKS):
            day = first + timedelta(7 * turn)
            at = times.at(day, each["hour"] + number / 60)
            if at >= start:
                continue
            week = day.isocalendar().week
            yield Draft(
                f"weekly-{number}-{turn}@{sender.domain}",
                at,
                sender,
                tuple(find_all(each["to"])),
                each["subject"].format(week=week),
                each["texts"][turn % len(each["texts"])],
                tuple(find_all(each.get("cc", ""))),
                files=tuple(name.format(week=week) for name in each.get("files", ())),
                html=each.get("html", False),
                remote=each.get("remote", False),
            )


def _addressed(
    others: list[Writer], copied: list[Writer], earlier: Draft | None
) -> tuple[tuple[Writer, ...], tuple[Writer, ...]]:
    """Who gets a mail by To and who by Cc: an answer goes to the one that it answers."""
    cc = [each for each in others if each in copied]
    to = [each for each in others if each not in copied]
    if earlier and earlier.sender in others:
        to, cc = [earlier.sender], [each for each in others if each != earlier.sender]
    return tuple(to or cc), tuple(cc if to else ())


def _answering(subject: str, earlier: Draft | None) -> str:
    return f"Re: {subject}" if earlier else subject


def _read(name: str) -> dict[str, Any]:
    return tomllib.loads((FOLDER / f"{name}.toml").read_text())
