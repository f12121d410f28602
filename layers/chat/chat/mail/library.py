"""What indexing needs of the place that keeps texts and files; ``chat.aws.mail`` has it in a bucket."""

from __future__ import annotations

from typing import Protocol

from chat.mail.documents import Document
from chat.mail.model import File


class Library(Protocol):
    """Keeps what is too large for the tables, by domain."""

    def put_text(self, domain: str, mail_id: str, document: Document) -> str:
        """Keep what the reading view shows of a message; returns the digest under which it is kept."""

    def delete_texts(self, domain: str, mail_id: str) -> None:
        """Delete all that is kept under a mail's id."""

    def put_file(self, domain: str, file: File) -> None:
        """Keep a file's content, unless it is there."""

    def delete_file(self, domain: str, digest: str) -> None:
        """Delete a file's content, by its SHA-256 in hexadecimal."""
