"""The archive (XEP-0313, ``urn:xmpp:mam:2``): pages of the user's history, in the words of MAM."""

from __future__ import annotations

from datetime import UTC, datetime
from xml.etree.ElementTree import Element

from bridge import envelopes
from bridge.elements import element, qualified, write
from bridge.errors import StanzaError
from bridge.names import CLIENT, DATA, DELAY, FORWARD, MAM, MESSAGE, RSM, VALIDATE
from bridge.session import Session
from chat import archive, ids
from chat.addresses import Address
from chat.archive import Page, Paging, Query
from chat.errors import BadAddress
from chat.sync import OVERLAP
from chat.tables.history import Message

_SET = qualified(RSM, "set")
_FIELDS = {
    "with": "jid-single",
    "start": "text-single",
    "end": "text-single",
    "before-id": "text-single",
    "after-id": "text-single",
    "ids": "list-multi",
}
"""The form's fields and their types (XEP-0313 §4.1.5, §4.1.6); of ids, which come last, any may be given."""


async def form(session: Session, _stanza: Element, _query: Element, owner: Address | None) -> Element:
    """The fields that a query may have."""
    _check_own(session, owner)
    fields = [_field("FORM_TYPE", "hidden", MAM), *(_field(name, kind) for name, kind in _FIELDS.items())]
    fields[-1].append(
        element(qualified(VALIDATE, "validate"), element(qualified(VALIDATE, "open")), datatype="xs:string")
    )
    return element(qualified(MAM, "query"), element(qualified(DATA, "x"), *fields, type="form"))


async def query(session: Session, _stanza: Element, found: Element, owner: Address | None) -> Element:
    """A page of the archive: its messages first, then the result of the IQ, which says where to go on. What its client
    takes of it is not delivered again as offline messages.

    Raises:
        StanzaError: the query cannot be served.
    """
    _check_own(session, owner)
    node = session.node
    wanted = _read_query(found, session.address.domain)
    paging = _read_paging(found.find(_SET))
    flip = found.find(qualified(MAM, "flip-page")) is not None
    session.archive_until = ids.lowest(node.now() - OVERLAP)
    page = await node.call(archive.page, node.tables, session.address, wanted, paging)
    company = node.companies[session.address.domain]
    for message in reversed(page.messages) if flip else page.messages:
        if not await session.outbox.room():
            break  # nobody is there any more whom the rest would reach
        to_alias = message.recipient.local in company.directory.aliases
        session.deliver(_result(session, message, to_alias, found.get("queryid")), message.id)
    return element(qualified(MAM, "fin"), _described(page), complete="true" if page.complete else None, stable="true")


async def metadata(session: Session, _stanza: Element, _query: Element, owner: Address | None) -> Element:
    """The first and the last message (XEP-0313 §4.1.7)."""
    _check_own(session, owner)
    ends = await session.node.call(archive.bounds, session.node.tables, session.address)
    names = ("start", "end")
    found = [
        element(qualified(MAM, name), id=message.id, timestamp=message.sent_at)
        for name, message in zip(names, ends, strict=True)
        if message is not None
    ]
    return element(qualified(MAM, "metadata"), *found)


async def preferences(session: Session, _stanza: Element, _query: Element, owner: Address | None) -> Element:
    """Everything is always kept (XEP-0441)."""
    _check_own(session, owner)
    return element(
        qualified(MAM, "prefs"), element(qualified(MAM, "always")), element(qualified(MAM, "never")), default="always"
    )


async def set_preferences(session: Session, stanza: Element, found: Element, owner: Address | None) -> Element:
    """Asking for what is the case is answered; anything else is refused: history cannot be turned off."""
    never = found.find(qualified(MAM, "never"))
    if found.get("default") != "always" or (never is not None and len(never)):
        raise StanzaError("not-allowed", "every message is kept; that cannot be turned off")
    return await preferences(session, stanza, found, owner)


def _result(session: Session, message: Message, to_alias: bool, query_id: str | None) -> str:
    """A message of the archive, as text."""
    inner = envelopes.of(message, to_alias).copy(session.address)
    opening = write(element(MESSAGE, from_=session.bare, to=session.jid), CLIENT).removesuffix("/>")
    attributes = write(element("result", queryid=query_id, id=message.id), "").removesuffix("/>")[len("<result") :]
    delay = f'<delay xmlns="{DELAY}" stamp="{message.sent_at}"/>'
    return (
        f'{opening}><result xmlns="{MAM}"{attributes}><forwarded xmlns="{FORWARD}">{delay}{inner}</forwarded>'
        "</result></message>"
    )


def _described(page: Page) -> Element:
    """Where the page is in the whole (XEP-0059 §2.1); flipping changes the order of sending alone."""
    first, last = page.first, page.last
    index = str(page.index) if page.index is not None else None
    return element(
        _SET,
        element(qualified(RSM, "first"), first, index=index) if first else None,
        element(qualified(RSM, "last"), last) if last else None,
        element(qualified(RSM, "count"), str(page.count)) if page.count is not None else None,
    )


def _read_query(found: Element, domain: str) -> Query:
    form = found.find(qualified(DATA, "x"))
    values: dict[str, list[str]] = {}
    for field in form.iterfind(qualified(DATA, "field")) if form is not None else ():
        name = field.get("var", "")
        values[name] = [value.text or "" for value in field.iterfind(qualified(DATA, "value"))]
    kind = values.pop("FORM_TYPE", [MAM])
    if kind != [MAM]:
        raise StanzaError("bad-request", "the form is of another type")
    unknown = values.keys() - _FIELDS.keys()
    if unknown:
        raise StanzaError("feature-not-implemented", f"the archive cannot be searched by {min(unknown)[:40]!a}")

    def one(name: str) -> str | None:
        return (values.get(name) or [None])[0] or None  # type: ignore[list-item]

    for name in ("before-id", "after-id", "ids"):
        for value in values.get(name, ()):
            if value and not ids.is_id(value):
                raise StanzaError("item-not-found", f"{value[:40]!a} is not an id of this archive")
    return Query(
        peer=_peer(one("with"), domain),
        start=_time(one("start")),
        end=_time(one("end")),
        after_id=one("after-id"),
        before_id=one("before-id"),
        ids=tuple(values.get("ids", ())),
    )


def _peer(text: str | None, domain: str) -> Address | None:
    if text is None:
        return None
    try:
        return Address.parse(text.partition("/")[0])
    except BadAddress:
        return Address("nobody", f"not-{domain}")  # nothing was ever exchanged with what is no address


def _time(text: str | None) -> int | None:
    """A time of XEP-0082 in ms."""
    if text is None:
        return None
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise StanzaError("bad-request", f"{text[:40]!a} is not a time of XEP-0082") from error
    if found.tzinfo is None:
        raise StanzaError("bad-request", f"{text[:40]!a} has no time zone")
    try:
        return int(found.astimezone(UTC).timestamp() * 1000)
    except OverflowError as error:
        raise StanzaError("bad-request", f"{text[:40]!a} is out of range") from error


def _read_paging(found: Element | None) -> Paging:
    if found is None:
        return Paging()
    if found.find(qualified(RSM, "index")) is not None:
        raise StanzaError("feature-not-implemented", "pages are asked for by ids, not by index")
    text = found.findtext(qualified(RSM, "max"))
    if text is not None and not (text.isascii() and text.isdigit() and len(text) < 10):
        raise StanzaError("bad-request", "max is a number")
    before = found.find(qualified(RSM, "before"))
    after = found.findtext(qualified(RSM, "after")) or None
    for value in (after, before.text if before is not None else None):
        if value and not ids.is_id(value):
            raise StanzaError("item-not-found", f"{value[:40]!a} is not an id of this archive")
    return Paging(
        after=after,
        before=(before.text or "") if before is not None else None,
        max=min(int(text), archive.MAX_PAGE) if text is not None else archive.PAGE,
    )


def _field(name: str, kind: str, value: str | None = None) -> Element:
    return element(
        qualified(DATA, "field"), element(qualified(DATA, "value"), value) if value else None, type=kind, var=name
    )


def _check_own(session: Session, owner: Address | None) -> None:
    if owner != session.address:
        raise StanzaError("forbidden", "an archive is its owner's alone")
