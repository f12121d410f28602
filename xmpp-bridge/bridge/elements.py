"""Elements and their text: made in one expression, written with namespaces declared where they change.

slixmpp's ``tostring`` is not used on the way of foreign XML: it drops attributes of namespaces that it does not know,
and recurses with depth. This one recurses too, but the reader lets no stanza in that is deeper than 64 levels.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from xml.etree.ElementTree import Element

from bridge.names import CLIENT, STREAM, XML

_TEXT = re.compile("[&<>]")
_VALUE = re.compile("[&<>\"'\t\n\r]")
_ESCAPES = {
    "&": "&amp;",
    "<": "&lt;",
    ">": "&gt;",
    '"': "&quot;",
    "'": "&apos;",
    "\t": "&#9;",
    "\n": "&#10;",
    "\r": "&#13;",
}


def element(tag: str, *children: Element | str | None, **attributes: str | None) -> Element:
    """An element ``{namespace}local`` with children and text; what is None is left out.

    A trailing underscore of an attribute's name is dropped: ``from_``.
    """
    made = Element(tag, {name.rstrip("_"): value for name, value in attributes.items() if value is not None})
    for child in children:
        if isinstance(child, str):
            made.text = (made.text or "") + child
        elif child is not None:
            made.append(child)
    return made


def qualified(namespace: str, local: str) -> str:
    """``{namespace}local``."""
    return f"{{{namespace}}}{local}"


def namespace_of(found: Element) -> str:
    """The namespace of an element, "" where it has none."""
    return found.tag[1:].partition("}")[0] if found.tag[0] == "{" else ""


def local_name(found: Element) -> str:
    """The name of an element without its namespace."""
    return found.tag.rpartition("}")[2]


def write(found: Element, namespace: str = CLIENT) -> str:
    """The element as text, where ``namespace`` is the default namespace around it."""
    parts: list[str] = []
    _write(found, namespace, parts.append)
    return "".join(parts)


def write_all(elements: Iterable[Element], namespace: str = CLIENT) -> str:
    """Several elements as text, one behind the other."""
    return "".join(write(each, namespace) for each in elements)


def _write(found: Element, around: str, put: Callable[[str], None]) -> None:
    tag = found.tag
    if tag[0] == "{":
        namespace, _, name = tag[1:].partition("}")
    else:
        namespace, name = "", tag
    if namespace == STREAM:
        # Declared each time: a message may have an extension of this namespace, and nothing declares it in the archive.
        put(f'<stream:{name} xmlns:stream="{STREAM}"')
        name, inner = f"stream:{name}", around
    elif namespace != around:
        put(f'<{name} xmlns="{_VALUE.sub(_escape, namespace)}"')
        inner = namespace
    else:
        put(f"<{name}")
        inner = around
    if found.attrib:
        _write_attributes(found.attrib, put)
    text = found.text
    if not text and not len(found):
        put("/>")
        return
    put(">")
    if text:
        put(_TEXT.sub(_escape, text) if _TEXT.search(text) else text)
    for child in found:
        _write(child, inner, put)
        if child.tail:
            put(_TEXT.sub(_escape, child.tail))
    put(f"</{name}>")


def _write_attributes(attributes: dict[str, str], put: Callable[[str], None]) -> None:
    for number, (key, value) in enumerate(attributes.items()):
        if _VALUE.search(value):
            value = _VALUE.sub(_escape, value)
        if key[0] != "{":
            put(f' {key}="{value}"')
            continue
        namespace, _, name = key[1:].partition("}")
        if namespace == XML:
            put(f' xml:{name}="{value}"')
        else:
            put(f' xmlns:a{number}="{_VALUE.sub(_escape, namespace)}" a{number}:{name}="{value}"')


def _escape(match: re.Match[str]) -> str:
    return _ESCAPES[match[0]]
