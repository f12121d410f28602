"""HTTP upload (XEP-0363): a slot in the bucket, and a link that lasts until the file expires."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge.elements import element, qualified
from bridge.errors import StanzaError, of_chat_error
from bridge.names import UPLOAD
from bridge.session import Session
from chat import files
from chat.addresses import Address
from chat.errors import ChatError


def host(session: Session) -> str:
    """The name of the service, for clients that look for one below the server. Its requests are the server's."""
    return f"upload.{session.address.domain}"


async def request(session: Session, _stanza: Element, query: Element, owner: Address | None) -> Element:
    """A slot for one file.

    Raises:
        StanzaError: there are no uploads here, or the file's name, size or type is refused.
    """
    node = session.node
    if node.uploads is None or owner is not None:
        raise StanzaError("service-unavailable")
    size = query.get("size", "")
    if not (size.isascii() and size.isdigit() and len(size) < 16):
        raise StanzaError("bad-request", "size is a number of bytes")
    name, kind = query.get("filename", ""), query.get("content-type", "")
    try:
        slot = files.slot(session.address, name, int(size), kind, node.now())
    except files.FileTooLarge as error:
        limit = element(qualified(UPLOAD, "max-file-size"), str(files.MAX_FILE))
        raise StanzaError(
            "not-acceptable", error.message, more=element(qualified(UPLOAD, "file-too-large"), limit)
        ) from error
    except ChatError as error:
        raise of_chat_error(error) from error
    url = await node.call(node.uploads.put_url, slot)
    return element(
        qualified(UPLOAD, "slot"),
        element(qualified(UPLOAD, "put"), url=url),
        element(qualified(UPLOAD, "get"), url=f"{node.settings.http_url}{slot.path}"),
    )
