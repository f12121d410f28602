"""HTML of mails as plain text: what one would read of it, and nothing that runs, loads or hides.

It follows the Living Standard's tokenization (HTML §13.2.5) as far as it decides what is text. The standard library's
parser is not used because malformed input can make it take time that grows with the square of its size.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from html import unescape

_TAG = re.compile(
    r"""<(/?)([A-Za-z][^\s/>]*+)((?:[^>=]++|=\s*+(?:"[^"]*+"|'[^']*+')?)*+)>""",
)
_TAG_BEGINS = re.compile("</?[A-Za-z]")
_ATTRIBUTE = re.compile(
    r"""(?<![^\s/"'])([^\s=/>"']++)\s*+=\s*+(?:"([^"]*+)"|'([^']*+)'|([^\s>]++))""",
)
_HUGE_REFERENCE = re.compile(r"&#(?:[xX][0-9a-fA-F]{9,}|[0-9]{9,});?")
_SPACE = re.compile(r"[\s\u00a0\u2007]+")
_FILLERS = re.compile("[\u00ad\u034f\u200b\ufeff]+|(?<!\u200c)\u200c++(?=\\s|$)|(?<=\\s)\u200c++")
"""Invisible characters, which newsletters use to push the text out of what lists show of it."""
_NOT_SHOWN = re.compile(
    r"(?<![\w-])(?:display\s*:\s*none|visibility\s*:\s*hidden"
    r"|(?:max-height|opacity)\s*:\s*0+(?:\.0*)?(?:px|pt|em|%)?\s*(?:[;!]|$))",
    re.IGNORECASE,
)
_FONT_SIZE = re.compile(r"font-size\s*:\s*([\d.]+)", re.IGNORECASE)
_LINE_END = re.compile("\r\n|[\r\n]")
_SCHEME = re.compile(r"https?://|mailto:|tel:", re.IGNORECASE)

_RAW = {
    name: re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE)
    for name in ("iframe", "noembed", "noframes", "script", "style", "textarea", "title", "xmp")
}
"""Elements in which no other begins; their content is not shown."""
_UNSEEN = {"audio", "canvas", "datalist", "math", "select", "svg", "template", "video"}
_FOREIGN = ("math", "svg")
_ENDS_FOREIGN = {
    *("b", "big", "blockquote", "body", "br", "center", "code", "dd", "div", "dl", "dt", "em", "embed"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "head", "hr", "i", "img", "li", "listing", "menu", "meta"),
    *("nobr", "ol", "p", "pre", "ruby", "s", "small", "span", "strong", "strike", "sub", "sup", "table"),
    *("tt", "u", "ul", "var"),
}
"""What ends foreign elements that are open (HTML standard, "the rules for parsing tokens in foreign content")."""
_HTML_INSIDE = ("annotation-xml", "desc", "foreignobject", "mi", "mn", "mo", "ms", "mtext")
"""Foreign elements in which HTML may stand, which ends nothing there."""
_VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}
_BREAKS = {
    **dict.fromkeys(("address", "article", "aside", "blockquote", "center", "dl", "fieldset", "figure", "footer"), 2),
    **dict.fromkeys(("form", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "main", "nav", "ol", "p"), 2),
    **dict.fromkeys(("pre", "section", "table", "ul"), 2),
    **dict.fromkeys(("body", "caption", "dd", "details", "div", "dt", "figcaption", "legend", "li", "summary"), 1),
    **dict.fromkeys(("tbody", "tfoot", "thead", "tr"), 1),
}
"""Line ends before and after an element."""
_CLOSES_ITSELF = {"dd", "dt", "li", "option", "p", "td", "th", "tr"}
_MAX_OPEN = 1000
_MAX_QUOTES = 5
_MAX_LINK = 2000


@dataclass(slots=True)
class _Element:
    """An open element, with what it hands on to those inside."""

    name: str
    is_hidden: bool = False
    is_tiny: bool = False
    is_pre: bool = False
    quotes: int = 0
    items: int | None = None
    """How many items an ordered list has so far."""
    lists: int = 0


def to_text(html: str, limit: int) -> tuple[str, bool]:
    """What ``html`` says, as plain text of at most ``limit`` characters, and whether it says more.

    Links keep where they lead, in angle brackets where that is not the text itself; pictures leave their alternative
    text; quotes begin with ``>``. Takes time in proportion to the length.
    """
    page = _Page(limit)
    page.read(html)
    return page.text()


class _Page:
    """A page that is being read."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._open = [_Element("")]
        self._counts: dict[str, int] = {}
        """How many elements of a name are open."""
        self._lines = _Lines()
        self._link: tuple[str, list[str]] | None = None
        """Where the open link leads, and its text so far."""

    def read(self, html: str) -> None:
        at = 0
        while at < len(html) and self._lines.size <= self._limit:
            opening = html.find("<", at)
            if opening != at:
                end = opening if opening >= 0 else len(html)
                self._characters(_plain(html[at:end]))
                at = end
            else:
                at = self._markup(html, at)

    def text(self) -> tuple[str, bool]:
        self._end_link()
        text = self._lines.text()
        return text[: self._limit], len(text) > self._limit

    def _markup(self, html: str, at: int) -> int:
        """Read what begins with the ``<`` at ``at``; tells where it ends."""
        if html.startswith("<!--", at):
            return _behind(html, "-->", at + 2)
        tag = _TAG.match(html, at)
        if tag and tag[1]:
            name = tag[2].lower()
            if name in ("br", "p"):
                self._end_foreign()
            self._close(name)
            return tag.end()
        if tag:
            name = tag[2].lower()
            self._start(name, tag[3])
            return self._behind_raw(html, name, tag.end()) if name in _RAW else tag.end()
        if _TAG_BEGINS.match(html, at):  # and never ends
            return len(html)
        if html[at + 1 : at + 2] in ("!", "?", "/"):
            return _behind(html, ">", at)
        self._characters("<")
        return at + 1

    def _behind_raw(self, html: str, name: str, at: int) -> int:
        self._close(name)
        end = _RAW[name].search(html, at)
        return end.start() if end else len(html)

    def _start(self, name: str, attributes: str) -> None:
        if name in _CLOSES_ITSELF and self._open[-1].name == name:
            self._close(name)
        given = _attributes(attributes) if "=" in attributes else {}
        if name in _ENDS_FOREIGN or (name == "font" and not given.keys().isdisjoint(("color", "face", "size"))):
            self._end_foreign()
        above = self._open[-1]
        if name not in _VOID and len(self._open) < _MAX_OPEN:
            self._open.append(_inside(above, name, given, " hidden" in f" {attributes.lower()}".split("=")[0]))
            self._counts[name] = self._counts.get(name, 0) + 1
        if self._open[-1].is_hidden:
            return
        self._end_line(name, above)
        if name == "br":
            self._lines.wrap()
        elif name in ("td", "th"):
            self._lines.cell()
        elif name == "li":
            self._lines.mark = _mark(self._open)
        elif name == "img":
            self._characters(f" {given.get('alt', '')} ")
        elif name == "a":
            self._end_link()
            href = "".join(given.get("href", "").split())
            self._link = (href, []) if _SCHEME.match(href) and len(href) <= _MAX_LINK else None

    def _end_foreign(self) -> None:
        if not any(map(self._counts.get, _HTML_INSIDE)):
            for each in _FOREIGN:
                while self._counts.get(each):
                    self._close(each)

    def _close(self, name: str) -> None:
        """Close the innermost element of that name, and all inside it."""
        while self._counts.get(name):
            closed = self._open.pop()
            self._counts[closed.name] -= 1
            if not closed.is_hidden:
                if closed.name == "a":
                    self._end_link()
                self._end_line(closed.name, self._open[-1])
            if closed.name == name:
                return

    def _end_line(self, name: str, around: _Element) -> None:
        count = _BREAKS.get(name, 0)
        if count:
            self._lines.end(1 if name in ("ol", "ul") and around.lists else count)

    def _end_link(self) -> None:
        if self._link is None:
            return
        href, pieces = self._link
        self._link = None
        text = "".join("".join(pieces).split())
        if text and _without_scheme(text) != _without_scheme(href):
            self._characters(f" <{href}>")

    def _characters(self, text: str) -> None:
        inside = self._open[-1]
        if inside.is_hidden or inside.is_tiny:
            return
        if self._link:
            self._link[1].append(text)
        if inside.is_pre:
            for number, line in enumerate(_LINE_END.split(text)):
                if number:
                    self._lines.wrap()
                self._lines.add(line, inside.quotes)
        else:
            self._lines.add_folded(_SPACE.sub(" ", text), inside.quotes)


class _Lines:
    """The text that is made, line by line."""

    def __init__(self) -> None:
        self.mark = ""
        """What stands before the next line: an item's bullet or number."""
        self.size = 0
        """Characters so far."""
        self._done: list[str] = []
        self._line: list[str] = []
        self._before = ""
        self._breaks = 0

    def add(self, text: str, quotes: int) -> None:
        """Text of the line that is open, inside so many quotes."""
        if not text:
            return
        if not self._line:
            self._before = "> " * min(quotes, _MAX_QUOTES)
        self._line.append(text)
        self.size += len(text)

    def add_folded(self, text: str, quotes: int) -> None:
        """Text whose white space does not count at the line's beginning, and but once."""
        self.add(text.lstrip(" ") if not self._line or self._line[-1][-1] in " \t" else text, quotes)

    def cell(self) -> None:
        """Begin a table's cell."""
        if self._line:
            self._line.append("\t")

    def wrap(self) -> None:
        """End the line, or have an empty one."""
        if not self._flush():
            self._breaks = min(self._breaks + 1, 2)

    def end(self, breaks: int) -> None:
        """End the line, and have so many line ends at least before the next."""
        self._flush()
        self._breaks = max(self._breaks, breaks)

    def text(self) -> str:
        self._flush()
        return "".join(self._done).strip("\n")

    def _flush(self) -> bool:
        line = "".join(self._line).rstrip()
        self._line = []
        if line:
            self._done.append("\n" * self._breaks + self._before + self.mark + line)
            self.mark = ""
            self._breaks = 1
        return bool(line)


def _attributes(text: str) -> dict[str, str]:
    """The attributes by name in lower case; of two of a name the first counts."""
    given: dict[str, str] = {}
    for found in _ATTRIBUTE.finditer(text):
        given.setdefault(found[1].lower(), _plain(found[2] or found[3] or found[4] or ""))
    return given


def _inside(above: _Element, name: str, given: dict[str, str], is_marked_hidden: bool) -> _Element:
    """An element that begins inside ``above``."""
    style = given.get("style", "")
    size = _FONT_SIZE.search(style)
    return _Element(
        name,
        above.is_hidden or is_marked_hidden or name in _UNSEEN or _NOT_SHOWN.search(style) is not None,
        not size[1].strip("0.") if size else above.is_tiny,
        above.is_pre or name == "pre",
        above.quotes + (name == "blockquote"),
        0 if name == "ol" else None,
        above.lists + (name in ("ol", "ul")),
    )


def _mark(opened: list[_Element]) -> str:
    """What an item of the innermost list begins with; the item itself is the last that is open."""
    around = next((each for each in opened[-2:-5:-1] if each.name in ("ol", "ul")), None)
    indent = "  " * min(opened[-1].lists - 1, _MAX_QUOTES)
    if around is None or around.items is None:
        return indent + "• "
    around.items += 1
    return f"{indent}{around.items}. "


def _plain(text: str) -> str:
    """Text with its character references resolved and without fillers."""
    return _FILLERS.sub("", unescape(_HUGE_REFERENCE.sub("\ufffd", text)))


def _behind(html: str, end: str, at: int) -> int:
    found = html.find(end, at)
    return found + len(end) if found >= 0 else len(html)


def _without_scheme(text: str) -> str:
    return _SCHEME.sub("", text).rstrip("/").casefold()
