"""Puts the demo mailbox in through the front door: into the mail bucket, from where the indexer takes it.

It runs beside everything else and may be stopped at any time. When it began and whether it is through is kept in the
tables, so that the next start goes on with what they do not have yet, with the same mails.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Event, Thread
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from chat.addresses import Address
from chat.aws.mail import INCOMING, metadata_of
from chat.mail.indexing import id_of
from chat.store import Key, StoreBusy
from chat.tables import Tables
from chat.tables.communications import Correspondence
from localcloud.demo_mail import mailbox
from localcloud.demo_mail.composing import Draft, compose
from localcloud.seed import ALIASES, PEOPLE

AT_ONCE = 6
"""Mails that wait for the indexer at most, so that it is never far behind what people do meanwhile."""
PAUSE_SECONDS = 0.1
PATIENCE_SECONDS = 60
"""Without any mail indexed, after which it is left for the next start."""
STEPS = 4
"""How often it tells how far it is."""

Say = Callable[[str], None]


@contextmanager
def seeding(tables: Tables, s3: Any, bucket: str, say: Say) -> Iterator[None]:
    """Put the demo mailbox in meanwhile, as far as it is not there yet; stops at the end, wherever it is."""
    stopped = Event()
    thread = Thread(target=_run, args=(tables, s3, bucket, say, stopped), name="demo-mail")
    thread.start()
    try:
        yield
    finally:
        stopped.set()
        thread.join()


def seed(tables: Tables, s3: Any, bucket: str, say: Say, stopped: Event) -> bool:
    """Put the demo mailbox in and wait until it is indexed; whether all of it is, so that it is never done again.

    ``s3`` is a client that may put objects into ``bucket``. Tells by ``say`` how far it is.
    """
    start = _start(tables, time.time_ns() // 1_000_000)
    if start is None:
        return True
    drafts = mailbox.drafts(start)
    missing = [(row_of(tables, draft), draft) for draft in drafts]
    there = tables.store.get_many(row for row, _ in missing)
    missing = [(row, draft) for row, draft in missing if row not in there]
    say(f"Demo mail: {len(missing)} messages are put in; what they are about appears in the tabs meanwhile …")
    waiting: set[Key] = set()
    told, total, heard = 0, len(missing), time.monotonic()
    while missing or waiting:
        while missing and len(waiting) < AT_ONCE and not stopped.is_set():
            row, draft = missing.pop()  # the newest first
            put(s3, bucket, draft)
            waiting.add(row)
        found = tables.store.get_many(waiting).keys()
        waiting -= found
        if found:
            heard = time.monotonic()
        done = total - len(missing) - len(waiting)
        if (step := STEPS * done // total) > told and step < STEPS:
            told = step
            say(f"Demo mail: {done} of {total} are indexed …")
        if stopped.wait(0 if found else PAUSE_SECONDS):
            return False
        if time.monotonic() - heard > PATIENCE_SECONDS:
            say(f"Demo mail: {len(waiting)} messages are not indexed; .local/cloud.log may say why.")
            return False
    tables.store.put(_mark(tables), {"start": start, "is_complete": True})
    say(f"Demo mail: all {len(drafts)} messages are indexed.")
    return True


def put(s3: Any, bucket: str, draft: Draft) -> None:
    """Put a mail into the bucket, as a mail server would."""
    key, metadata = f"{INCOMING}demo/{draft.id}", metadata_of(draft.envelope)
    s3.put_object(Bucket=bucket, Key=key, Body=compose(draft), Metadata=metadata)


def row_of(tables: Tables, draft: Draft) -> Key:
    """The last of the rows that a mail surely has: its words, where two of its participants, or an alias, find it."""
    here = [each for each in map(Address.parse, _visible(draft)) if each.domain in PEOPLE]
    of = next(_correspondences(here))
    return tables.communications.text_key(of, id_of(draft.at, draft.id, draft.sender.address))


def _correspondences(here: list[Address]) -> Iterator[Correspondence]:
    """Those of some participants, of which a mail has one at least."""
    for owner in reversed(here):
        if str(owner) in ALIASES:
            yield Correspondence.of_alias(owner)
            continue
        for other in here:
            if other != owner and other.domain == owner.domain:
                yield Correspondence.between(owner, other)


def _visible(draft: Draft) -> list[str]:
    return [each.address for each in (draft.sender, *draft.to, *draft.cc)]


def _run(tables: Tables, s3: Any, bucket: str, say: Say, stopped: Event) -> None:
    try:
        seed(tables, s3, bucket, say, stopped)
    except (BotoCoreError, ClientError, StoreBusy) as error:
        if not stopped.is_set():
            say(f"Demo mail: not all is put in ({error}); the next start goes on.")


def _start(tables: Tables, now: int) -> int | None:
    """When the demo begins, ``now`` if it has not yet; None where it is complete."""
    kept = tables.store.get(_mark(tables), consistent=True)
    if kept is None:
        tables.store.put(_mark(tables), {"start": now, "is_complete": False})
        return now
    start: int = kept["start"]
    return None if kept["is_complete"] else start


def _mark(tables: Tables) -> Key:
    """Where it is kept how far the demo is."""
    return Key(tables.history.name, "DEMO", "MAIL")
