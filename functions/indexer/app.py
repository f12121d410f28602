"""The indexer: raw messages that were put into the mail bucket, as the queue tells of them."""

import json
import os
import time
from functools import partial
from typing import Any
from urllib.parse import unquote_plus

from chat.aws import clients, metrics, runtime
from chat import metrics as declared
from chat.aws.mail import INCOMING, MailLibrary
from chat.mail import indexing, reading, telling
from chat.mail.model import Unreadable

runtime.tables()
runtime.pusher()
library = MailLibrary(partial(clients.client, "s3"), os.environ["MAIL_BUCKET"])


@metrics.written
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Index each message; what fails comes again, and after three tries is kept for chatctl mail retry."""
    runtime.correlate(event, context)
    failed = [record["messageId"] for record in event["Records"] if not _take(record["body"])]
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _take(body: str) -> bool:
    """Whether all that a queue message tells of is done; S3's test message tells of nothing."""
    try:
        for record in json.loads(body).get("Records", []):
            _index(unquote_plus(record["s3"]["object"]["key"]))
    except Exception:  # the boundary: whatever it is, the message must not be lost
        runtime.logger.exception("a message could not be indexed now", extra={"body": body[:2000]})
        return False
    return True


def _index(key: str) -> None:
    started = time.perf_counter()
    about: dict[str, Any] = {"key": key}
    try:
        raw = library.fetch(key) if key.startswith(INCOMING) else None
        if raw is None:
            runtime.logger.warning("there is no such message any more", extra=about)
            return
        mail = reading.read(raw.content, raw.received, raw.envelope)
    except Unreadable as error:
        library.set_aside(key, str(error))
        metrics.note(declared.UNREADABLE_MAIL)
        runtime.logger.warning("a message cannot be read", extra=about | {"reason": str(error)})
        return
    tables, now = runtime.tables(), runtime.now()
    indexed = indexing.index(tables, library, mail, raw.received)
    told = telling.tell(tables, runtime.pusher(), indexed, now)
    spent = round((time.perf_counter() - started) * 1000, 1)
    runtime.logger.info("indexed", extra=about | {"entries": len(indexed), "told": told, "ms": spent})
