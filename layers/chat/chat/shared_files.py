"""Files that are shared in the chat by a link of ours: both sides have them among their attachments, as those of mail.

Which those are is told by the link alone, so messages without one cost nothing. Whether the file is still there is not
looked up; it is asked for when somebody fetches it.
"""

from __future__ import annotations

import re
from itertools import islice
from typing import TYPE_CHECKING
from urllib.parse import unquote

from chat import files, ids
from chat.tables.history import Message

if TYPE_CHECKING:
    from chat.entries import Alias
    from chat.mail.indexing import Indexed
    from chat.tables import Tables

MAX_LINKS = 10
"""Links of one message that are listed."""

_BEHIND_URL = re.compile(r"/files/([\w.-]+)/([\w.~%-]+)", re.ASCII)
"""What follows the URL of the HTTP API in a link; file names are quoted in it (RFC 3986 §2.3)."""


def keep(tables: Tables, message: Message, alias: Alias | None, http_url: str) -> list[Indexed]:
    """List the files that a message shares, and return the entries; safe to repeat.

    ``alias``: whom it went to, where that is no user. ``http_url``: the URL of our HTTP API, or "" where no files are
    shared. Costs two write units for each file.
    """
    found = entries(message, alias, http_url)
    for each in found:
        tables.communications.add(each.correspondence, each.communication)
    return found


def entries(message: Message, alias: Alias | None, http_url: str) -> list[Indexed]:
    """What both sides have of the files that a message shares."""
    links = _links(message, http_url)
    if not links:
        return []
    from chat.mail.indexing import Indexed  # no other message needs it
    from chat.tables.communications import Communication

    found: list[Indexed] = []
    time = ids.time_of(message.id)
    for url, name in links.items():
        item_id = ids.derived(time, f"chat {message.id} {url}")
        sent = Communication(item_id, "attachment", name, time, "sent", url=url)
        received = Communication(item_id, "attachment", name, time, "received", url=url)
        contact = message.recipient if alias else message.sender
        found.append(Indexed(message.recipient, alias, contact, received))
        if alias or message.sender != message.recipient:
            found.append(Indexed(message.sender, None, message.recipient, sent))
    return found


def _links(message: Message, http_url: str) -> dict[str, str]:
    """The links in a message to files of its sender's domain, and the files' names."""
    texts = [each for each in (message.body, *message.extensions) if http_url and f"{http_url}/files/" in each]
    urls = (re.finditer(re.escape(http_url) + _BEHIND_URL.pattern, each, re.ASCII) for each in texts)
    found: dict[str, str] = {}
    for match in islice((each for found in urls for each in found), MAX_LINKS):
        url = match[0].rstrip(".")  # a sentence may end with it
        try:
            file = files.locate(match[1], unquote(match[2].rstrip(".")))
        except files.UnknownFile:
            continue
        if file.key.startswith(f"{message.sender.domain}/"):
            found[url] = file.name
    return found
