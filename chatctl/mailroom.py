"""What ``chatctl mail`` does with bucket and queue: puts messages in, and those that failed back."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from urllib.parse import quote_plus
from uuid import uuid4

from botocore.exceptions import ClientError

from chat.aws.mail import INCOMING, UNREADABLE, metadata_of
from chat.mail.model import Envelope
from chatctl.deployment import MailPlace
from chatctl.mailfiles import Found

IMPORTED = f"{INCOMING}import/"
_AGAIN = re.compile(r"\.again-[0-9a-f]{32}$")
"""Ends the key of a message that was put back."""
_AT_ONCE = 8
_BATCH = 10
"""Messages in one SendMessageBatch (API limit)."""


@dataclass
class Imported:
    """What became of messages that were to be imported."""

    added: int = 0
    known: int = 0
    problems: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A message that was set aside."""

    key: str
    reason: str
    size: int
    """Bytes."""
    since: datetime


def put_in(place: MailPlace, messages: Iterable[Found], recipient: str, advance: Callable[[int], None]) -> Imported:
    """Put messages into the bucket that are not there yet, a few at once.

    Their keys are made of what they say and of ``recipient``, whose mailbox they are from; so it may be stopped and
    begun again, and what was put in is not put in twice.
    """
    done = Imported()
    with ThreadPoolExecutor(_AT_ONCE) as threads:
        running: dict[Future[bool], Found] = {}
        for message in messages:
            if message.problem:
                done.problems.append(f"{message.where}: {message.problem}")
                continue
            running[threads.submit(_put, place, message, recipient)] = message
            if len(running) >= 2 * _AT_ONCE:
                _collect(running, done, advance)
        while running:
            _collect(running, done, advance)
    return done


def unreadable(place: MailPlace) -> Iterator[Unreadable]:
    """The messages that were set aside, with the reason of each."""
    for key in _keys(place, UNREADABLE):
        try:
            found = place.s3.head_object(Bucket=place.bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] == "404":
                continue  # put back meanwhile
            raise
        yield Unreadable(key, found["Metadata"].get("reason", ""), found["ContentLength"], found["LastModified"])


def put_back(place: MailPlace, message: Unreadable) -> None:
    """Put a message that was set aside beside where it came from, so that it is indexed again.

    Its key is a new one, so that neither what is deleted here nor what an indexer deletes meanwhile is the only copy.
    """
    source = place.s3.head_object(Bucket=place.bucket, Key=message.key)["Metadata"]
    place.s3.copy_object(
        Bucket=place.bucket,
        Key=f"{INCOMING}{_AGAIN.sub('', message.key.removeprefix(UNREADABLE))}.again-{uuid4().hex}",
        CopySource={"Bucket": place.bucket, "Key": message.key},
        MetadataDirective="REPLACE",
        Metadata={name: value for name, value in source.items() if name != "reason"},
    )
    place.s3.delete_object(Bucket=place.bucket, Key=message.key)


def given_up(place: MailPlace) -> int:
    """About how many messages were given up after three tries."""
    names = ["ApproximateNumberOfMessages"]
    found = place.sqs.get_queue_attributes(QueueUrl=place.dead_letters, AttributeNames=names)  # type: ignore[arg-type]
    return int(found["Attributes"]["ApproximateNumberOfMessages"])


def try_again(place: MailPlace) -> int:
    """Put what was given up back into the queue; returns how many."""
    count = 0
    while True:
        found = place.sqs.receive_message(QueueUrl=place.dead_letters, MaxNumberOfMessages=10, WaitTimeSeconds=1)
        messages = found.get("Messages", [])
        if not messages:
            return count
        for each in messages:
            place.sqs.send_message(QueueUrl=place.queue, MessageBody=each["Body"])
            place.sqs.delete_message(QueueUrl=place.dead_letters, ReceiptHandle=each["ReceiptHandle"])
            count += 1


def index_again(place: MailPlace) -> int:
    """Have every raw message indexed again that is still there; returns how many."""
    count, left = 0, _keys(place, INCOMING)
    while keys := list(islice(left, _BATCH)):
        entries = [
            {"Id": str(number), "MessageBody": json.dumps({"Records": [{"s3": {"object": {"key": quote_plus(key)}}}]})}
            for number, key in enumerate(keys)
        ]
        answer = place.sqs.send_message_batch(QueueUrl=place.queue, Entries=entries)  # type: ignore[arg-type]
        for failed in answer.get("Failed", []):
            entry = entries[int(failed["Id"])]
            place.sqs.send_message(QueueUrl=place.queue, MessageBody=entry["MessageBody"])
        count += len(keys)
    return count


def _collect(running: dict[Future[bool], Found], done: Imported, advance: Callable[[int], None]) -> None:
    finished, _ = wait(running, return_when=FIRST_COMPLETED)
    for future in finished:
        message = running.pop(future)
        if future.result():
            done.added += 1
        else:
            done.known += 1
        advance(message.size)


def _put(place: MailPlace, message: Found, recipient: str) -> bool:
    """Whether it was not there yet."""
    digest = hashlib.sha256(recipient.encode() + b"\n" + message.content if recipient else message.content)
    key = IMPORTED + digest.hexdigest()
    if place.s3.list_objects_v2(Bucket=place.bucket, Prefix=key, MaxKeys=1).get("Contents"):  # also where put back
        return False
    metadata = metadata_of(Envelope(recipients=(recipient,) if recipient else ()))
    place.s3.put_object(Bucket=place.bucket, Key=key, Body=message.content, Metadata=metadata)
    return True


def _keys(place: MailPlace, prefix: str) -> Iterator[str]:
    pages = place.s3.get_paginator("list_objects_v2").paginate(Bucket=place.bucket, Prefix=prefix)
    for page in pages:
        yield from (each["Key"] for each in page.get("Contents", []))
