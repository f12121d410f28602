"""The text of a mail's parts, as plain text."""

from __future__ import annotations

import re

from chat.mail import charsets, html
from chat.mail.model import MAX_TEXT
from chat.mail.parts import Part

MAX_HTML = 512 * 1024
"""Bytes of HTML that are read of one mail; what says more than 64 Ki characters in that is rare."""

_META_CHARSET = re.compile(rb"""<meta[^>]{0,200}?charset\s*=\s*["']?\s*([\w.:-]{1,60})""", re.IGNORECASE)
_DEPTH = re.compile(">*+")
_MAX_QUOTES = 50


class Texts:
    """Reads the text of one mail's parts: never more of them than the mail shows, and so much HTML at most."""

    def __init__(self) -> None:
        self.is_cut = False
        """Whether there was more."""
        self._html_left = MAX_HTML

    def of(self, part: Part) -> str:
        """What a part says that is text, at most a little over 64 Ki characters."""
        return self._of_html(part) if part.type.value == "text/html" else self._of_plain(part)

    def _of_plain(self, part: Part) -> str:
        content, is_cut = part.beginning(MAX_TEXT * 4)
        self.is_cut |= is_cut
        text = charsets.visible(charsets.decode(content, part.type.parameters.get("charset", "")))
        if part.type.parameters.get("format", "").lower() == "flowed":
            text = unflow(text, delete_space=part.type.parameters.get("delsp", "").lower() == "yes")
        return text.strip("\n").rstrip()

    def _of_html(self, part: Part) -> str:
        content, is_cut = part.beginning(self._html_left) if self._html_left else (b"", part.start < part.end)
        self._html_left -= len(content)
        meta = _META_CHARSET.search(content[:2048])
        charset = part.type.parameters.get("charset") or (meta[1].decode("ascii") if meta else "")
        text, has_more = html.to_text(charsets.decode(content, charset), MAX_TEXT)
        self.is_cut |= is_cut or has_more
        return charsets.visible(text)


def unflow(text: str, *, delete_space: bool = False) -> str:
    """Text of ``format=flowed`` (RFC 3676 §4) with its paragraphs in one line each. ``delete_space`` is DelSp."""
    lines: list[str] = []
    paragraph: list[str] = []
    quotes = 0
    for line in text.split("\n"):
        depth = len(_DEPTH.match(line)[0])  # type: ignore[index]  # it matches anything
        content = line[depth:].removeprefix(" ")
        if paragraph and depth != quotes:
            lines.append(_quoted(paragraph, quotes))
            paragraph = []
        quotes = depth
        is_signature = content == "-- "
        if paragraph and is_signature:
            lines.append(_quoted(paragraph, quotes))
            paragraph = []
        flows = content.endswith(" ") and not is_signature
        paragraph.append(content[:-1] if flows and delete_space else content)
        if not flows:
            lines.append(_quoted(paragraph, quotes))
            paragraph = []
    if paragraph:
        lines.append(_quoted(paragraph, quotes))
    return "\n".join(lines)


def _quoted(paragraph: list[str], quotes: int) -> str:
    mark = ">" * min(quotes, _MAX_QUOTES)
    return f"{mark} {''.join(paragraph)}" if quotes else "".join(paragraph)
