"""The trail of a message: a line in the log for each step on its way from its sender to every receiver.

Lines name a message by its id, and people and their connections by what nobody is known by who only sees the log: never
by an address, and no text is in them. One query finds them all, by the id (docs/operating.md, "Follow one message").
"""

from __future__ import annotations

import hashlib
import logging
import re
from collections.abc import Callable, Iterable
from enum import StrEnum

from chat.addresses import Address
from chat.presence import WEB

_logger = logging.getLogger(__name__)
Noted = dict[str, str]
"""What a line says, by name."""
_ID = re.compile(r"[\w.:+/=~-]{1,64}", re.ASCII)


class Step(StrEnum):
    """What happens to a message. Of each there is one line at most for a message, or one for each try."""

    STORED = "stored"
    """It is in the archive; ``sender`` is the connection that it came over."""
    REFUSED = "refused"
    """The store did not take it for so long that a bridge node has told its sender so."""
    PUSHED = "pushed"
    """Connections of webmail took it; for XMPP resources their node did, over its link."""
    GONE = "gone"
    """There are no such connections any more."""
    FAILED = "failed"
    """Connections that exist did not take it: pages find it by ``sync``, a node is told that it missed something."""
    WAITS = "waits"
    """Users who have no connection that receives."""
    GIVEN = "given"
    """A bridge node sent it to XMPP resources."""
    COPIED = "copied"
    """A bridge node sent it to further resources of sender or recipient, as carbons (XEP-0280)."""
    LATE = "late"
    """A bridge node sent it to a resource that was not there before (XEP-0160), or that a push did not reach."""
    TAKEN = "taken"
    """An XMPP client acknowledged it (XEP-0198)."""
    FOUND = "found"
    """A page that asked for what is new was given it (``sync``)."""
    READ = "read"
    """A user has read this far."""


def note(step: Step, *message_ids: str, to: Iterable[str] | None = None, sender: str = "", origin: str = "") -> None:
    """Log a step of one message, or of several that took it at once.

    ``to``: whom it is about, as ``person`` and ``connection`` name them; where there is nobody, nothing is logged.
    ``origin``: the sender's own id of the message, where it is another one; what does not look like one is left out.
    """
    noted: Noted = {"step": str(step), "message_id": " ".join(message_ids)}
    if to is not None:
        noted["to"] = " ".join(to)
        if not noted["to"]:
            return
    if sender:
        noted["sender"] = sender
    if _ID.fullmatch(origin):
        noted["origin"] = origin
    _write(noted)


def write_with(write: Callable[[Noted], None]) -> None:
    """Have lines written by something else than the logger, for a process that writes many."""
    global _write
    _write = write


def _log(noted: Noted) -> None:
    _logger.info("message", extra=noted)


_write = _log


def person(address: Address) -> str:
    """How a line names a user: the first 8 hex digits of the SHA-256 of the address."""
    return _short(str(address))


def connection(address: Address, ref: str) -> str:
    """How a line names a connection: ``<person>/web:<connection id>`` or ``<person>/xmpp:<node>:<resource>``.

    A client chooses the name of its resource, so that is the first 8 hex digits of its SHA-256, too.
    """
    if ref.startswith(WEB):
        return f"{person(address)}/{ref}"
    door, node, resource = ref.split(":", 2)
    return f"{person(address)}/{door}:{node}:{_short(resource)}"


def _short(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()[:8]
