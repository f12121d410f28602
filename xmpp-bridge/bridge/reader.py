"""Bytes to elements, without I/O: one XML stream of RFC 6120, bounded in every direction.

expat takes a lot that RFC 6120 §11.1 forbids: document types, entities, comments, processing instructions, other
encodings. What may stand in front of the first element is looked at before the parser sees it, because a document type
is processed before its handler is called. The rest is refused by handlers, and the parser makes nothing of a stanza
that is too large, too deep or of too many parts.

expat costs 20 KiB a stream, and most streams are idle. So there is a parser only while a stanza is on its way: the next
one begins with the same stream header again, which has the prefixes that hold in all stanzas.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from xml.etree.ElementTree import Element
from xml.parsers import expat

from bridge.errors import StreamError

MAX_EARLY_STANZA = 10 * 1024
"""Bytes of a stanza before log-in."""
MAX_STANZA = 256 * 1024
"""Bytes of a stanza after log-in; RFC 6120 §13.12 asks for 10,000 at least."""
MAX_DEPTH = 64
MAX_PARTS = 8192
"""Elements and attributes of one stanza."""
MAX_PROLOG = 512
"""Bytes in front of the stream header."""
MAX_HEADER = 4096
"""Bytes of a stream header."""
MAX_HEADER_ATTRIBUTES = 64
SHORT_HEADER = 1024
"""Bytes of a stream header that may be parsed again for each stanza; with a longer one the parser is kept."""
MAX_SCANNED = 192
"""How often the limit of a stanza may be scanned for one: the parser looks at an unfinished token again with every
piece in which it comes. In packets of 1,400 bytes it is half of that at the most."""
_KNOWN_NAMES = 2000
"""Names of elements and attributes that are remembered in ElementTree's spelling."""
_KNOWN_NAME = 200
"""Letters of one; longer ones are not remembered."""
_TEXT_BUFFER = 1024
"""Bytes of text that are gathered before a handler is called."""

_PROLOG = re.compile(
    rb"\s*(?:<\?xml(?P<declaration>[^?<>]{0,200})\?>\s*)?(?=<[^?!\x00])"
)  # NUL: UTF-16, which expat would take
_UNFINISHED_PROLOG = re.compile(rb"\s*(?:<(?:\?(?:x(?:m(?:l[^?<>]{0,200}(?:\?(?:>\s*<?)?)?)?)?)?)?)?")
_TAG = re.compile(rb"""<(?:[^"'>]|"[^"]*"|'[^']*')*>""")  # as expat has taken it
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([A-Za-z0-9._-]*)[\"']")


@dataclass(frozen=True, slots=True)
class Opened:
    """A stream header: its attributes, in ElementTree's spelling, and the name of its element."""

    tag: str
    attributes: dict[str, str]


class Closed:
    """The end of the stream."""


Event = Opened | Element | Closed


class Reader:
    """Reads one stream. After STARTTLS and SASL a new one begins (RFC 6120 §4.3.3)."""

    __slots__ = ("_events", "_fed", "_header", "_opening", "_prolog", "_scanned", "_tree", "limit")

    def __init__(self, limit: int = MAX_EARLY_STANZA) -> None:
        """``limit``: bytes of one stanza; it may be raised later."""
        self.limit = limit
        self._prolog: bytearray | None = bytearray()
        self._opening: bytearray | None = bytearray()
        """What came since the prolog, until the stream header is complete."""
        self._header = b""
        self._events: list[Event] = []
        self._tree: _Tree | None = None
        self._fed = 0
        self._scanned = 0

    def feed(self, data: bytes) -> list[Event]:
        """The events that these bytes complete.

        Raises:
            StreamError: the stream breaks a rule or a limit, and cannot go on. What was complete before is lost.
        """
        if self._prolog is not None:
            data = self._begin(data)
            if not data:
                return []
        tree = self._tree
        if tree is None:
            tree = self._tree = _Tree(self._events, stream=True, header=self._header)
            self._fed = len(self._header)
        self._fed += len(data)
        tree.parse(data)
        events, self._events[:] = self._events[:], []
        unfinished = self._fed - tree.done
        if unfinished > self.limit:
            raise StreamError("policy-violation", f"a stanza has more than {self.limit} bytes")
        self._scanned = unfinished if events else self._scanned + unfinished
        if self._scanned > MAX_SCANNED * self.limit:
            raise StreamError("policy-violation", "a stanza comes in too many pieces")
        if self._opening is not None:
            self._note_header(data, events)
        if self._header and tree.is_between(self._fed):
            self._scanned = 0
            if len(self._header) <= SHORT_HEADER:
                tree.close()
                self._tree = None
        return events

    def _note_header(self, data: bytes, events: list[Event]) -> None:
        assert self._opening is not None  # noqa: S101
        self._opening += data
        found = _TAG.match(self._opening) if events else None
        if len(found[0] if found else self._opening) > MAX_HEADER:
            raise StreamError("policy-violation", f"the stream header has more than {MAX_HEADER} bytes")
        if found:
            self._header = found[0]
            self._opening = None

    def _begin(self, data: bytes) -> bytes:
        """What is to be parsed, once the first element is there."""
        assert self._prolog is not None  # noqa: S101
        self._prolog += data
        prolog = bytes(self._prolog)
        found = _PROLOG.match(prolog)
        if found is None:
            if len(prolog) > MAX_PROLOG or not _UNFINISHED_PROLOG.fullmatch(prolog):
                raise StreamError(*_prolog_error(prolog))
            return b""
        _check_encoding(found["declaration"] or b"")
        self._prolog = None
        return prolog[found.end() :]


def read_document(text: str, limit: int) -> Element:
    """One element that is a document of its own, as WebSocket frames are (RFC 7395 §3.3).

    Raises:
        StreamError: it breaks a rule or a limit.
    """
    data = text.encode("utf-8", "surrogatepass")
    if len(data) > limit:
        raise StreamError("policy-violation", f"a stanza has {len(data)} bytes, allowed are {limit}")
    found = _PROLOG.match(data)
    if found is None:
        raise StreamError(*_prolog_error(data))
    _check_encoding(found["declaration"] or b"")
    events: list[Event] = []
    tree = _Tree(events, stream=False)
    tree.parse(data[found.end() :], final=True)
    tree.close()
    if not events or not isinstance(events[0], Element):
        raise StreamError("not-well-formed")
    return events[0]


def _prolog_error(prolog: bytes) -> tuple[str, str]:
    if prolog.startswith((b"\xff\xfe", b"\xfe\xff", b"\x00", b"\xef\xbb\xbf")) or b"\x00" in prolog[:4]:
        return "unsupported-encoding", "the encoding is UTF-8, without a byte order mark"
    if re.match(rb"\s*(?:<\?xml[^?<>]*\?>\s*)?<[?!]", prolog):
        return "restricted-xml", "only an XML declaration may stand before the stream"
    return "not-well-formed", "this is not the beginning of an XML stream"


def _check_encoding(declaration: bytes) -> None:
    encoding = _ENCODING.search(declaration)
    if encoding and encoding[1].lower() not in (b"utf-8", b"utf8"):
        raise StreamError("unsupported-encoding", "the encoding is UTF-8")


class _Tree:
    """expat's handlers: builds the elements of one level below the stream header, or one document."""

    __slots__ = ("_base", "_depth", "_events", "_last", "_open", "_parser", "_parts", "done")

    def __init__(self, events: list[Event], *, stream: bool, header: bytes = b"") -> None:
        """``header``: that of a stream which goes on; it is no event."""
        self._events = events
        self._base = 1 if stream else 0
        self._depth = 1 if header else 0
        self._open: list[Element] = []
        self._last: Element | None = None
        self._parts = 0
        self.done = len(header)
        """Bytes up to the end of the last complete stanza."""
        self._parser = parser = expat.ParserCreate("utf-8", "}")
        parser.buffer_size = _TEXT_BUFFER
        parser.buffer_text = True
        # expat 2.6 may keep a finished stanza back until more comes, so that tokens in pieces cost less. Here
        # MAX_SCANNED bounds what they cost.
        if hasattr(parser, "SetReparseDeferralEnabled"):
            parser.SetReparseDeferralEnabled(False)
        if header:
            parser.Parse(header, False)
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._text
        parser.CommentHandler = _NO_COMMENT
        parser.ProcessingInstructionHandler = _NO_INSTRUCTION
        parser.StartDoctypeDeclHandler = _NO_DOCTYPE
        parser.EntityDeclHandler = _NO_ENTITY_DECLARATION
        parser.SkippedEntityHandler = _NO_ENTITY

    def is_between(self, fed: int) -> bool:
        """Whether the parser stands between two stanzas, and has taken all of the ``fed`` bytes."""
        return self._depth == self._base and self._parser.CurrentByteIndex == fed

    def close(self) -> None:
        """Let the parser go; it would keep this, and this the parser."""
        del self._parser

    def parse(self, data: bytes, *, final: bool = False) -> None:
        try:
            self._parser.Parse(data, final)
        except expat.ExpatError as error:
            code = getattr(error, "code", 0)
            if code == expat.errors.codes[expat.errors.XML_ERROR_UNBOUND_PREFIX]:
                raise StreamError("bad-namespace-prefix") from None
            if code == expat.errors.codes[expat.errors.XML_ERROR_UNDEFINED_ENTITY]:
                raise StreamError("restricted-xml", "there are no entities but the five of XML") from None
            raise StreamError("not-well-formed", expat.ErrorString(code) or "") from None

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        if attributes:
            attributes = {_name(key): value for key, value in attributes.items()}
        if self._depth <= self._base:
            if len(attributes) > MAX_HEADER_ATTRIBUTES:
                raise StreamError("policy-violation", f"a header has more than {MAX_HEADER_ATTRIBUTES} attributes")
            self._events.append(Opened(_name(name), attributes))
            return
        self._parts += 1 + len(attributes)
        if self._parts > MAX_PARTS:
            raise StreamError("policy-violation", f"a stanza has more than {MAX_PARTS} elements and attributes")
        if self._depth - self._base > MAX_DEPTH:
            raise StreamError("policy-violation", f"a stanza is deeper than {MAX_DEPTH} levels")
        made = Element(_name(name), attributes)
        if self._open:
            self._open[-1].append(made)
        self._open.append(made)
        self._last = None

    def _end(self, _name: str) -> None:
        self._depth -= 1
        if self._depth < self._base:
            self._events.append(Closed())
            return
        self._last = self._open.pop()
        if not self._open:
            self._events.append(self._last)
            self._last = None
            self._parts = 0
            self.done = self._parser.CurrentByteIndex

    def _text(self, text: str) -> None:
        if not self._open:
            if text.strip(" \t\r\n"):
                raise StreamError("bad-format", "there is text between stanzas")
            self.done = self._parser.CurrentByteIndex  # white space that keeps a connection alive
        elif self._last is not None:
            self._last.tail = (self._last.tail or "") + text
        else:
            self._open[-1].text = (self._open[-1].text or "") + text


def _name(name: str) -> str:
    """A name in ElementTree's spelling."""
    return _short_name(name) if len(name) <= _KNOWN_NAME else _long_name(name)


def _long_name(name: str) -> str:
    return f"{{{name}" if "}" in name else name


_short_name = lru_cache(_KNOWN_NAMES)(_long_name)


def _refuse(what: str) -> Callable[..., Any]:
    def refuse(*_: object) -> None:
        raise StreamError("restricted-xml", f"{what} is not allowed")

    return refuse


_NO_COMMENT = _refuse("a comment")
_NO_INSTRUCTION = _refuse("a processing instruction")
_NO_DOCTYPE = _refuse("a document type")
_NO_ENTITY_DECLARATION = _refuse("an entity declaration")
_NO_ENTITY = _refuse("an entity")
