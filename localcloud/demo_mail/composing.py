"""From what somebody writes to the raw message (RFC 5322, RFC 2045), as a mail server hands it over."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.policy import SMTP
from email.utils import format_datetime
from html import escape
from pathlib import PurePosixPath

from chat.mail.model import Envelope
from localcloud.demo_mail import files
from localcloud.demo_mail.people import OUTSIDE, Writer

LOGO = "logo"
REMOTE_IMAGE = "https://images.example.net/harbour-news/header.png"


@dataclass(frozen=True, slots=True)
class Calendar:
    """A calendar part (RFC 6047 §2.4): among the texts, or as a file."""

    text: str
    method: str
    as_file: bool = False


@dataclass(frozen=True, slots=True)
class Draft:
    """What somebody writes."""

    id: str
    """Message-ID without angle brackets."""
    at: int
    """When it is sent, in ms since the epoch; whole seconds."""
    sender: Writer
    to: tuple[Writer, ...]
    subject: str
    text: str
    cc: tuple[Writer, ...] = ()
    bcc: tuple[Writer, ...] = ()
    files: tuple[str, ...] = ()
    """Their names; types and content follow from them."""
    answers: Draft | None = None
    html: bool = False
    """Whether it is sent as HTML too, with a logo below."""
    remote: bool = False
    """Whether that HTML shows a picture of another server."""
    charset: str = "utf-8"
    calendar: Calendar | None = None

    @property
    def envelope(self) -> Envelope:
        recipients = (each.address for each in (*self.to, *self.cc, *self.bcc))
        return Envelope(self.sender.address, tuple(recipients))


def compose(draft: Draft) -> bytes:
    """The raw message of a draft; the same for the same."""
    message = EmailMessage(SMTP)
    _add_headers(message, draft)
    message.set_content(_plain(draft), charset=draft.charset)
    if draft.html:
        message.add_alternative(_html(draft), subtype="html")
        if not draft.remote:
            _, shown = message.iter_parts()
            shown.add_related(files.png(LOGO), "image", "png", cid=f"<{LOGO}@{draft.sender.domain}>")
    calendar = draft.calendar
    if calendar and not calendar.as_file:
        message.add_alternative(calendar.text, subtype="calendar", params={"method": calendar.method})
    for name in draft.files:
        maintype, subtype = files.TYPES[PurePosixPath(name).suffix].split("/")
        message.add_attachment(files.make(name, draft.text), maintype, subtype, filename=name)
    if calendar and calendar.as_file:
        message.add_attachment(calendar.text.encode(), "text", "calendar", filename="invite.ics")
    _set_boundaries(message, draft.id)
    return message.as_bytes()


def _add_headers(message: EmailMessage, draft: Draft) -> None:
    if draft.sender.domain == OUTSIDE:
        message["Return-Path"] = f"<{draft.sender.address}>"
        message["Received"] = (
            f"from mail.{OUTSIDE} (mail.{OUTSIDE} [192.0.2.25]) by mail.{draft.to[0].domain} with ESMTPS "
            f"for <{draft.to[0].address}>; {_date(draft)}"
        )
    message["Message-ID"] = f"<{draft.id}>"
    message["Date"] = _date(draft)
    message["From"] = _mailbox(draft.sender)
    message["To"] = [_mailbox(each) for each in draft.to]
    if draft.cc:
        message["Cc"] = [_mailbox(each) for each in draft.cc]
    message["Subject"] = draft.subject
    if draft.answers:
        message["In-Reply-To"] = f"<{draft.answers.id}>"
        message["References"] = " ".join(f"<{each}>" for each in _before(draft))


def _before(draft: Draft) -> list[str]:
    """The ids of the messages that led to this one, the first one first (RFC 5322 §3.6.4)."""
    found, earlier = [], draft.answers
    while earlier:
        found.append(earlier.id)
        earlier = earlier.answers
    return found[::-1]


def _mailbox(writer: Writer) -> Address:
    return Address(writer.name, addr_spec=writer.address)


def _date(draft: Draft) -> str:
    return format_datetime(_sent(draft))


def _sent(draft: Draft) -> datetime:
    return datetime.fromtimestamp(draft.at / 1000, draft.sender.clock)


def _plain(draft: Draft) -> str:
    text = f"{draft.text.strip()}\n\n-- \n{draft.sender.signature}\n"
    if earlier := draft.answers:
        quoted = "\n".join(f"> {line}".rstrip() for line in earlier.text.strip().splitlines())
        text += f"\n{_quotes(earlier)}\n{quoted}\n"
    return text


def _html(draft: Draft) -> str:
    picture = f'<p><img src="{REMOTE_IMAGE}" width="600" height="80" alt=""></p>' if draft.remote else ""
    signature = "<br>".join(map(escape, draft.sender.signature.splitlines()))
    logo = "" if draft.remote else f'<img src="cid:{LOGO}@{draft.sender.domain}" width="80" height="45" alt="">'
    quoted = ""
    if earlier := draft.answers:
        quoted = f"<p>{escape(_quotes(earlier))}</p><blockquote>{_paragraphs(earlier.text)}</blockquote>"
    style = "<style>body { font-family: sans-serif } .signature { color: #666 }</style>"
    head = f"<head><title>{escape(draft.subject)}</title>{style}</head>"
    return (
        f"<!doctype html><html>{head}<body>{picture}{_paragraphs(draft.text)}"
        f'<p class="signature">{signature}</p>{logo}{quoted}</body></html>\n'
    )


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{escape(each).replace(chr(10), '<br>')}</p>" for each in text.strip().split("\n\n"))


def _quotes(earlier: Draft) -> str:
    return f"On {_sent(earlier):%Y-%m-%d at %H:%M}, {earlier.sender.name} wrote:"


def _set_boundaries(message: EmailMessage, id_: str) -> None:
    """Boundaries that follow from the id, where the library would draw them by lot."""
    multiparts: Iterable[EmailMessage] = (part for part in message.walk() if part.is_multipart())
    for number, part in enumerate(multiparts):
        part.set_boundary(f"=_{number}_{id_.partition('@')[0]}")
