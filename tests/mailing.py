"""Mail for tests: raw messages, and the bucket that they are put into."""

from __future__ import annotations

import json
import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Any

from chatctl.client import ChatConnection
from localcloud.cloud import client
from localcloud.endpoints import Endpoints
from tests.company import Company, until


def message(
    company: Company,
    sender: str,
    *to: str,
    subject: str = "Offer 7",
    text: str = "The offer is attached.",
    files: dict[str, bytes] | None = None,
    calendar: str = "",
    method: str = "REQUEST",
    **headers: str,
) -> EmailMessage:
    """A message from somebody of the company to others; whose names have no @ are of its domain."""
    made = EmailMessage()
    made["From"] = _at(company, sender)
    made["To"] = ", ".join(_at(company, each) for each in to)
    made["Subject"] = subject
    made["Date"] = "Thu, 01 Oct 2026 09:30:00 +0000"
    made["Message-ID"] = f"<{secrets.token_hex(8)}@{company.domain}>"
    for name, value in headers.items():
        del made[name.replace("_", "-")]
        made[name.replace("_", "-")] = value
    made.set_content(text)
    if calendar:
        made.add_alternative(calendar, subtype="calendar", params={"method": method})
    for name, content in (files or {}).items():
        made.add_attachment(content, maintype="application", subtype="octet-stream", filename=name)
    return made


def _at(company: Company, who: str) -> str:
    return who if "@" in who else company.at(who)


@dataclass(frozen=True)
class Mailbox:
    """The mail bucket of a stack, and its queue."""

    stack: Endpoints

    @property
    def s3(self) -> Any:
        return client("s3", self.stack.cloud)

    @property
    def sqs(self) -> Any:
        return client("sqs", self.stack.cloud)

    def put(self, content: bytes | EmailMessage, key: str = "", **envelope: str) -> str:
        """Put a raw message; returns its key. ``envelope_to`` and ``envelope_from`` become its metadata."""
        key = key or f"incoming/test/{secrets.token_hex(8)}"
        metadata = {name.replace("_", "-"): value for name, value in envelope.items()}
        raw = content if isinstance(content, bytes) else content.as_bytes()
        self.s3.put_object(Bucket=self.stack.mail_bucket, Key=key, Body=raw, Metadata=metadata)
        return key

    def tell(self, *keys: str) -> None:
        """Tell the queue of objects, as S3 does."""
        records = [{"s3": {"object": {"key": key}}} for key in keys]
        self.sqs.send_message(QueueUrl=self.stack.mail_queue, MessageBody=json.dumps({"Records": records}))

    def keys(self, prefix: str) -> list[str]:
        """The keys of objects with a prefix."""
        pages = self.s3.get_paginator("list_objects_v2").paginate(Bucket=self.stack.mail_bucket, Prefix=prefix)
        return [each["Key"] for page in pages for each in page.get("Contents", [])]

    def metadata(self, key: str) -> dict[str, str]:
        found: dict[str, str] = self.s3.head_object(Bucket=self.stack.mail_bucket, Key=key)["Metadata"]
        return found

    @contextmanager
    def trying(self, *, again_after: int, times: int) -> Iterator[None]:
        """Have the queue try again after so many seconds, and give up after so many times."""
        before = self._attributes("VisibilityTimeout", "RedrivePolicy")
        redrive = json.loads(before["RedrivePolicy"]) | {"maxReceiveCount": times}
        changed = {"VisibilityTimeout": str(again_after), "RedrivePolicy": json.dumps(redrive)}
        self.sqs.set_queue_attributes(QueueUrl=self.stack.mail_queue, Attributes=changed)
        try:
            yield
        finally:
            self.sqs.set_queue_attributes(QueueUrl=self.stack.mail_queue, Attributes=before)

    def given_up(self) -> list[str]:
        """What was given up; it stays where it is."""
        queue = self.stack.mail_dead_letters
        found = self.sqs.receive_message(QueueUrl=queue, MaxNumberOfMessages=10, VisibilityTimeout=0)
        return [each["Body"] for each in found.get("Messages", [])]

    def wait_until_done(self, patience: float = 40) -> None:
        """Wait until the queue is empty and nothing of it is being worked on."""
        counts = ("ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible")
        until(lambda: not any(map(int, self._attributes(*counts).values())), patience)

    def _attributes(self, *names: str) -> dict[str, str]:
        found: dict[str, str] = self.sqs.get_queue_attributes(
            QueueUrl=self.stack.mail_queue, AttributeNames=list(names)
        )["Attributes"]
        return found


def listed(connection: ChatConnection, contact: str, kind: str = "message") -> list[dict[str, Any]]:
    """The first page of a tab."""
    found: list[dict[str, Any]] = connection.ask("communications", contact=contact, kind=kind)["communications"]
    return found


def titles(connection: ChatConnection, contact: str, kind: str = "message") -> list[str]:
    return [each["title"] for each in listed(connection, contact, kind)]
