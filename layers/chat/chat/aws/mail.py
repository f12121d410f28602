"""The mail bucket: raw messages that come, and what is kept of them beside the tables.

| prefix                        | holds                                                                              |
|-------------------------------|------------------------------------------------------------------------------------|
| ``incoming/``                 | raw messages; ``envelope-from`` and ``envelope-to`` in their metadata              |
| ``unreadable/``               | those that cannot be indexed, under the same names; ``reason`` in their metadata   |
| ``texts/<domain>/<mail id>/<digest>.json`` | what the reading view shows (``chat.mail.documents``)                 |
| ``files/<domain>/<sha256>``   | the content of attachments                                                         |
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chat.files import disposition, served_type
from chat.mail.documents import Document
from chat.mail.model import MAX_MAIL, Envelope, File, Unreadable

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

INCOMING = "incoming/"
BY_SES = f"{INCOMING}ses/"
"""Where the template's receipt rule puts what Amazon SES takes."""
UNREADABLE = "unreadable/"
_FROM, _TO = "envelope-from", "envelope-to"
"""Names of metadata that mail servers write, too (docs/mail.md)."""
DOWNLOAD_SECONDS = 60
"""How long a download may take to begin."""
MAX_REASON = 500
"""Characters of a reason; S3 keeps 2 KB of metadata."""

_GONE = {"404", "NoSuchKey"}
_NOT_THERE = _GONE | {"403", "AccessDenied"}
"""S3 answers 403 for a key that is not there to who may not list the bucket."""


@dataclass(frozen=True, slots=True)
class RawMail:
    """A raw message, and what came with it."""

    content: bytes = field(repr=False)
    received: int
    """When it was put into the bucket, in ms since the epoch."""
    envelope: Envelope


def metadata_of(envelope: Envelope) -> dict[str, str]:
    """The metadata of a raw message that carry its envelope, as far as that is known."""
    found = {_FROM: envelope.sender, _TO: ",".join(envelope.recipients)}
    return {name: value for name, value in found.items() if value}


def _envelope(key: str, metadata: Mapping[str, str]) -> Envelope:
    recipients = (each.strip() for each in metadata.get(_TO, "").split(","))
    return Envelope(metadata.get(_FROM, ""), tuple(each for each in recipients if each), key.startswith(BY_SES))


class MailLibrary:
    """Reads and writes the bucket."""

    def __init__(self, client: Callable[[], S3Client], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def fetch(self, key: str) -> RawMail | None:
        """A raw message, or None where it is not there any more.

        Raises:
            Unreadable: it is too large to be read at all.
        """
        try:
            found = self._client().get_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return None
            raise
        size, metadata = found["ContentLength"], found["Metadata"]
        if size > MAX_MAIL:
            found["Body"].close()
            raise Unreadable(f"it has {size:,} bytes, allowed are {MAX_MAIL:,}")
        received = round(found["LastModified"].timestamp() * 1000)
        return RawMail(found["Body"].read(), received, _envelope(key, metadata))

    def set_aside(self, key: str, reason: str) -> None:
        """Move a raw message to the unreadable ones, with the reason. Doing so twice does no harm."""
        client = self._client()
        try:
            metadata = client.head_object(Bucket=self._bucket, Key=key)["Metadata"]
        except ClientError as error:
            if error.response["Error"]["Code"] in _GONE:
                return
            raise
        client.copy_object(
            Bucket=self._bucket,
            Key=UNREADABLE + key.removeprefix(INCOMING),
            CopySource={"Bucket": self._bucket, "Key": key},
            MetadataDirective="REPLACE",
            Metadata=metadata | {"reason": _ascii(reason)},
        )
        client.delete_object(Bucket=self._bucket, Key=key)

    def put_text(self, domain: str, mail_id: str, document: Document) -> str:
        """Keep what the reading view shows of a message; returns the digest under which it is kept."""
        content = document.encode()
        digest = sha256(content).hexdigest()
        where: Any = {"Bucket": self._bucket, "Key": _text_key(domain, mail_id, digest)}
        self._client().put_object(**where, Body=content, ContentType="application/json")
        return digest

    def get_text(self, domain: str, mail_id: str, digest: str) -> Document | None:
        """What the reading view shows of a message, or None where it is not there."""
        try:
            found = self._client().get_object(Bucket=self._bucket, Key=_text_key(domain, mail_id, digest))
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                return None
            raise
        return Document.parse(found["Body"].read())

    def delete_texts(self, domain: str, mail_id: str) -> None:
        """Delete all that is kept under a mail's id; needs the right to list the bucket."""
        client = self._client()
        found = client.list_objects_v2(Bucket=self._bucket, Prefix=f"texts/{domain}/{mail_id}/")
        for each in found.get("Contents", []):
            client.delete_object(Bucket=self._bucket, Key=each["Key"])

    def put_file(self, domain: str, file: File) -> None:
        """Keep a file's content, unless it is there."""
        client, key = self._client(), _file_key(domain, file.sha256)
        try:
            client.head_object(Bucket=self._bucket, Key=key)
        except ClientError as error:
            if error.response["Error"]["Code"] not in _GONE:
                raise
            client.put_object(Bucket=self._bucket, Key=key, Body=file.content)

    def delete_file(self, domain: str, digest: str) -> None:
        self._client().delete_object(Bucket=self._bucket, Key=_file_key(domain, digest))

    def file_url(self, domain: str, digest: str, name: str, content_type: str) -> str | None:
        """Where a file's content can be fetched for a minute, always as a file to save; None where it is not there."""
        client = self._client()
        where: Any = {"Bucket": self._bucket, "Key": _file_key(domain, digest)}
        try:
            client.head_object(**where)
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                return None
            raise
        shown = {"ResponseContentDisposition": disposition(name), "ResponseContentType": served_type(content_type)}
        url: str = client.generate_presigned_url("get_object", Params=where | shown, ExpiresIn=DOWNLOAD_SECONDS)
        return url


def _text_key(domain: str, mail_id: str, digest: str) -> str:
    return f"texts/{domain}/{mail_id}/{digest}.json"


def _file_key(domain: str, digest: str) -> str:
    return f"files/{domain}/{digest}"


def _ascii(reason: str) -> str:
    """A reason as metadata may be: printable ASCII on one line."""
    return " ".join(ascii(reason)[1:-1].split())[:MAX_REASON]
