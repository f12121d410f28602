"""From the start of a function's program to its first answer, beside ``import boto3`` and pydantic.

Every function is started with the sample events of its routes that import differently. Ours and the reference
alternate, so that what else the machine does meanwhile meets both.
"""

from __future__ import annotations

import json
import statistics
from collections.abc import Iterator
from typing import Any

import jwt

from bench import functions
from bench.figures import Figure
from bench.stack import Stack, now, say
from chat import connecting, ids, signon_settings
from chat.tables.directory import SignOnSettings
from localcloud.seed import seed
from scripts.moment import DOMAIN, Event, Moment, samples

ROUNDS = 15
LIMIT = 1.3
EVERY = 2
"""Starts of ours for each of the reference."""
SIGN_ON = "session/sign-on"
"""No sample: its token is made here."""
ISSUER, AUDIENCE, KEY = "https://webmail.example", "company-chat", b"a key of thirty-two bytes at least"
STARTS = {
    "authorizer": "authorizer/user",
    "session (log in)": "session/log-in",
    "session (sign on)": SIGN_ON,
    "session (ticket)": "session/ticket",
    "connect": "connect/user-connects",
    "connect (end)": "connect/user-disconnects",
    "ping": "ping/ping",
    "presence": "presence/presence",
    "presence (watch)": "presence/watch",
    "send": "send/send",
    "contacts": "contacts/contacts",
    "history": "history/history",
    "communications": "communications/communications",
    "communications (mail)": "communications/mail",
    "communications (download)": "communications/download",
    "search": "search/search",
    "fanout": "fanout/presence",
    "fanout (directory)": "fanout/directory",
    "grace": "grace/lost",
    "grace (missed)": "grace/missed",
    "files": "files/get",
    "indexer": "indexer/mail",
}
"""A sample event for each figure, in an order in which they can happen."""


def measure(stack: Stack) -> Iterator[Figure]:
    """One figure for each function, and for each of its routes that imports what others do not."""
    seed(stack.tables, now())
    signon_settings.set_up(stack.tables, DOMAIN, SignOnSettings(ISSUER, AUDIENCE, KEY))
    say("cold starts: building layers and functions")
    found = functions.built(stack, {sample.partition("/")[0] for sample in STARTS.values()})
    plain = functions.reference(stack)
    times: dict[str, list[float]] = {name: [] for name in STARTS}
    reference: list[float] = []
    with Moment(stack.endpoints) as moment:
        moment.prepare()
        bob = moment.connect(moment.bob)  # whom a message and a presence change reach
        bob.ask("watch", contacts=[str(moment.alice)])
        for number in range(ROUNDS + 1):
            say(f"cold starts: round {number} of {ROUNDS}")
            bob.ask("ping")  # reads what was pushed meanwhile, which would fill its buffer
            for place, (name, event) in enumerate(_events(stack, moment).items()):
                started = found[STARTS[name].partition("/")[0]].start(event)
                assert _is_good(started.answer), f"{name} answered {started.answer}"
                beside = [plain.start().seconds * 1000] if place % EVERY == 0 else []
                if number:  # round 0 fills the machine's file cache
                    times[name].append(started.seconds * 1000)
                    reference += beside
    middle = statistics.median(reference)
    for name, taken in times.items():
        ours = statistics.median(taken)
        measured = {"fastest": min(taken), "slowest": max(taken), "fastest reference": min(reference)}
        yield Figure(f"start: {name}", "ms", ours, middle, f"≤ {LIMIT} ×", ours <= LIMIT * middle, measured)


def _events(stack: Stack, moment: Moment) -> dict[str, Event]:
    """The events of the starts for now. Pushes find that nobody is behind a connection, so each round has its own."""
    name = ids.new(now())
    moment.values |= {"connection": f"here-{name}", "new connection": f"new-{name}"}
    connecting.open_web(stack.tables, moment.alice, f"here-{name}", now())
    moment.lose_connection()
    kept = samples()
    kept[SIGN_ON] = kept["session/log-in"] | {"body": json.dumps({"jwt": _token(moment)})}
    return {name: moment.fill(kept[sample]) for name, sample in STARTS.items()}


def _token(moment: Moment) -> str:
    """What a webmail signs alice on with."""
    seconds = now() // 1000
    claims = {"iss": ISSUER, "aud": AUDIENCE, "iat": seconds, "exp": seconds + 60, "email": str(moment.alice)}
    return jwt.encode(claims, KEY, "HS256")


def _is_good(answer: Any) -> bool:
    """Whether an answer is what was asked for, whichever function gave it."""
    match answer:
        case {"statusCode": 200, "body": body}:
            content = json.loads(body)
            return bool(content.get("ok", "error" not in content)) and content.get("reached", 1) == 1
        case {"statusCode": 200 | 302} | {"batchItemFailures": []} | {"context": {"address": _}} | None:
            return True
    return False
