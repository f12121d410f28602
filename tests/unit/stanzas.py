"""Elements for tests: any that XML allows, and whether two are the same."""

from __future__ import annotations

from xml.etree.ElementTree import Element, XMLParser

from hypothesis import strategies as st

from bridge.names import CHAT_STATES, CLIENT, STREAM, XML

_NAMES = st.from_regex(r"[a-zA-Z_ä][a-zA-Z0-9_.-]{0,8}", fullmatch=True)
_NAMESPACES = st.sampled_from(("", CLIENT, CHAT_STATES, STREAM, "urn:x", "a'b\"c&d<e", "urn:ä"))
texts = st.text(st.characters(exclude_categories=("Cs", "Cc"), exclude_characters="\ufffe\uffff"), max_size=20)
"""Text that XML can carry, without control characters."""
_VALUES = st.one_of(texts, st.sampled_from(("\t", "\n", "\r", "a\r\nb", "'\"&<>")))
_ATTRIBUTES = st.dictionaries(
    st.one_of(
        _NAMES.filter(lambda name: name != "xmlns"),
        st.builds("{{{}}}{}".format, st.sampled_from(("urn:y", "urn:z&'", XML)), _NAMES),
    ),
    _VALUES,
    max_size=3,
)
# White space alone at the ends of text is kept like any other, but "\r" is what XML makes "\n" of.
_CONTENT = st.one_of(st.none(), texts.filter(bool), st.sampled_from(("]]>", "\n\t", "&amp;", "<a>")))


@st.composite
def _branch(draw: st.DrawFn, children: st.SearchStrategy[list[Element]]) -> Element:
    namespace, name = draw(_NAMESPACES), draw(_NAMES)
    made = Element(f"{{{namespace}}}{name}" if namespace else name, draw(_ATTRIBUTES))
    made.text = draw(_CONTENT)
    for child in draw(children):
        child.tail = draw(_CONTENT)
        made.append(child)
    return made


elements = st.recursive(_branch(st.just([])), lambda inner: _branch(st.lists(inner, max_size=3)), max_leaves=10)
"""Any element."""


def parse(text: str) -> Element:
    """The element that any parser reads in this text."""
    parser = XMLParser()  # noqa: S314  # the text is our own
    parser.feed(text)
    found: Element = parser.close()
    return found


def same(one: Element, other: Element) -> bool:
    """Whether two elements have the same names, attributes, text and children. What follows them does not count."""
    return (
        (one.tag, one.attrib, one.text or "") == (other.tag, other.attrib, other.text or "")
        and len(one) == len(other)
        and all(same(mine, its) and (mine.tail or "") == (its.tail or "") for mine, its in zip(one, other, strict=True))
    )
