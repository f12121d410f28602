"""Queries of the archive (XEP-0313), as tests put them."""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree.ElementTree import Element

from bridge.names import CLIENT, DATA, FORWARD, MAM, RSM
from tests.bridge.client import XmppClient, condition

RESULT = f"{{{MAM}}}result"
SET = f"{{{RSM}}}set"


@dataclass(frozen=True, slots=True)
class Found:
    """A page of an archive, or the condition with which it was refused."""

    ids: list[str | None]
    messages: list[Element]
    stamps: list[str | None]
    fin: Element | None
    error: str = ""

    def told(self, name: str) -> str | None:
        """What the page tells of itself: first, last or count."""
        return self.fin.findtext(f"{SET}/{{{RSM}}}{name}") if self.fin is not None else None

    @property
    def index(self) -> str | None:
        first = self.fin.find(f"{SET}/{{{RSM}}}first") if self.fin is not None else None
        return first.get("index") if first is not None else None

    @property
    def complete(self) -> bool:
        return self.fin is not None and self.fin.get("complete") == "true"


def query(
    client: XmppClient, paging: str = "", *, flip: bool = False, to: str | None = None, **fields: object
) -> Found:
    """The answer to a query; fields are the form's, ``with_`` and ``after_id`` for ``with`` and ``after-id``, and
    ``paging`` is what the set of XEP-0059 holds."""
    spelled = "".join(_field(name.rstrip("_").replace("_", "-"), value) for name, value in fields.items())
    form = f"<x xmlns='{DATA}' type='submit'>{_field('FORM_TYPE', MAM)}{spelled}</x>" if fields else ""
    pages = f"<set xmlns='{RSM}'>{paging}</set>" if paging else ""
    flipped = "<flip-page/>" if flip else ""
    answer = client.ask("set", f"<query xmlns='{MAM}' queryid='q1'>{form}{pages}{flipped}</query>", to)
    results: list[Element] = []
    for each in list(client.received):
        if (result := each.find(RESULT)) is not None:
            client.received.remove(each)
            assert (each.get("from"), each.get("to")) == (client.jid.partition("/")[0], client.jid)
            assert result.get("queryid") == "q1"
            results.append(result)
    inside = [each.find(f"{{{FORWARD}}}forwarded/{{{CLIENT}}}message") for each in results]
    stamps = [each.find(f"{{{FORWARD}}}forwarded/{{urn:xmpp:delay}}delay") for each in results]
    return Found(
        [each.get("id") for each in results],
        [each for each in inside if each is not None],
        [each.get("stamp") for each in stamps if each is not None],
        answer.find(f"{{{MAM}}}fin"),
        condition(answer),
    )


def _field(name: str, value: object) -> str:
    values = value if isinstance(value, list) else [value]
    return f"<field var='{name}'>{''.join(f'<value>{each}</value>' for each in values)}</field>"
