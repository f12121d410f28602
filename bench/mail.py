"""Indexing mail: CPU time of a mail and mails a second, beside parsing alone with the standard library.

The mails are the demo's. CPU time is that of one process that does what the indexer's does, its calls of S3 and
DynamoDB with it; what these spend themselves is not in it. Mails a second go the real way, from the bucket to the
tables.
"""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from email import message_from_bytes, policy

from bench.figures import Figure
from bench.stack import Stack, now, say
from chat.aws.mail import MailLibrary
from chat.mail import indexing, reading
from chat.mail.model import Mail
from localcloud.demo_mail import mailbox, seeding
from localcloud.demo_mail.composing import Draft, compose
from localcloud.seed import seed

ROUNDS = 5
INDEXED = 100
"""Of the mails, those that are indexed, spread over all."""
READ_LIMIT = 1
INDEX_LIMIT = 15
"""Times the reference; both our own. An indexed mail is a dozen calls, each of which is worth several parsed mails."""
PATIENCE_SECONDS = 300


def measure(stack: Stack) -> Iterator[Figure]:
    """Two figures of CPU time and one of throughput."""
    seed(stack.tables, now())
    drafts = mailbox.drafts(now())
    raws = [compose(draft) for draft in drafts]
    say(f"mail: reading {len(raws)} mails")
    reads, parses = [], []
    for _ in range(ROUNDS):
        reads.append(_cpu(read, raws))
        parses.append(_cpu(parse, raws))
    ours, plain = statistics.median(reads), statistics.median(parses)
    yield _cpu_figure("mail read", ours, plain, READ_LIMIT, reads)
    some = slice(None, None, len(raws) // INDEXED)
    say(f"mail: indexing {len(raws[some])} of them")
    indexed = _cpu(_indexer(stack), raws[some])
    yield _cpu_figure("mail indexed", indexed, _cpu(parse, raws[some]), INDEX_LIMIT, [indexed])
    rate = _indexed_a_second(stack, mailbox.drafts(now() - 3_600_000)[some])
    yield Figure("mails, bucket → tables", "1/s", rate, 1000 / plain, "told", held=True)


def read(raw: bytes) -> Mail:
    """What the indexer does first."""
    return reading.read(raw, now())


def parse(raw: bytes) -> list[object]:
    """The reference: the standard library parses the mail, its addresses and date, and decodes its parts."""
    message = message_from_bytes(raw, policy=policy.default)
    names = ("Subject", "From", "To", "Cc", "Message-ID")
    found: list[object] = [str(message[name]) for name in names if message[name]]
    found.append(message["Date"].datetime)
    return found + [part.get_content() for part in message.walk() if not part.is_multipart()]


def _indexer(stack: Stack) -> Callable[[bytes], object]:
    s3 = stack.cloud.client("s3")
    library = MailLibrary(lambda: s3, stack.endpoints.mail_bucket)
    return lambda raw: indexing.index(stack.tables, library, read(raw), now())


def _cpu(act: Callable[[bytes], object], raws: list[bytes]) -> float:
    """Milliseconds of this process's CPU time for each."""
    started = time.process_time()
    for raw in raws:
        act(raw)
    return (time.process_time() - started) * 1000 / len(raws)


def _cpu_figure(name: str, ours: float, plain: float, limit: float, all_of: list[float]) -> Figure:
    measured = {"fastest": min(all_of), "slowest": max(all_of)}
    return Figure(f"{name}: CPU", "ms", ours, plain, f"≤ {limit} × (own)", ours <= limit * plain, measured)


def _indexed_a_second(stack: Stack, drafts: list[Draft]) -> float:
    """How many of these mails the deployed function indexes in a second, once it is warm."""
    s3, tables = stack.cloud.client("s3"), stack.tables
    warm, timed = drafts[:10], drafts[10:]
    started = 0.0
    for some in (warm, timed):
        say(f"mail: {len(some)} through the bucket")
        started = time.perf_counter()
        for draft in some:
            seeding.put(s3, stack.endpoints.mail_bucket, draft)
        waiting = {seeding.row_of(tables, draft) for draft in some}
        while waiting:
            waiting -= tables.store.get_many(waiting).keys()
            assert time.perf_counter() < started + PATIENCE_SECONDS, f"{len(waiting)} mails are not indexed"
            time.sleep(0.1)
    return len(timed) / (time.perf_counter() - started)
