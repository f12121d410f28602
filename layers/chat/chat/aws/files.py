"""The upload bucket: URLs that S3 takes one file at, and gives one back from."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from botocore.exceptions import ClientError

from chat.files import UPLOAD_LIFETIME, File, Slot, UnknownFile, disposition, served_type

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

DOWNLOAD_SECONDS = 60
"""How long a download may take to begin; whoever has our link gets a new URL whenever he asks."""
_OPERATIONS = {"GET": "get_object", "HEAD": "head_object"}
_NOT_THERE = {"403", "404", "NoSuchKey", "AccessDenied"}
"""S3 answers 403 for a key that is not there to who may not list the bucket."""


class UploadSigner:
    """Signs uploads. S3 checks size and type of what arrives, because they are part of what is signed."""

    def __init__(self, client: Callable[[], S3Client], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def put_url(self, slot: Slot) -> str:
        """Where the file of a slot is to be PUT, within 5 minutes."""
        request: dict[str, Any] = {"Bucket": self._bucket, "Key": slot.key, "ContentLength": slot.size}
        if slot.content_type:
            request["ContentType"] = slot.content_type
        url: str = self._client().generate_presigned_url(
            "put_object", Params=request, ExpiresIn=UPLOAD_LIFETIME // 1000
        )
        return url


class Downloads:
    """Finds uploaded files."""

    def __init__(self, client: Callable[[], S3Client], bucket: str) -> None:
        self._client = client
        self._bucket = bucket

    def url(self, file: File, method: str) -> str:
        """Where a file can be fetched for a minute by ``GET`` or ``HEAD``, always as a file to save.

        Raises:
            UnknownFile: it was not uploaded, or has expired.
        """
        client = self._client()
        where = {"Bucket": self._bucket, "Key": file.key}
        try:
            stored = client.head_object(**where)  # type: ignore[arg-type]
        except ClientError as error:
            if error.response["Error"]["Code"] in _NOT_THERE:
                raise UnknownFile("no file is under this link") from error
            raise
        request = where | {
            "ResponseContentDisposition": disposition(file.name),
            "ResponseContentType": served_type(stored.get("ContentType", "")),
        }
        url: str = client.generate_presigned_url(_OPERATIONS[method], Params=request, ExpiresIn=DOWNLOAD_SECONDS)
        return url
