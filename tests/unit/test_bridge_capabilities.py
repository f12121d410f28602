"""What the server tells of itself, and its hash (XEP-0115)."""

from __future__ import annotations

from xml.etree.ElementTree import Element

from bridge import capabilities
from bridge.capabilities import information, version
from bridge.elements import element, qualified
from bridge.names import CAPS, DATA, DISCO_INFO, LANG, MUC, UPLOAD

BASE = (CAPS, DISCO_INFO, "http://jabber.org/protocol/disco#items", MUC)


def fields(*found: tuple[str, tuple[str, ...]]) -> list[Element]:
    return [
        element(qualified(DATA, "field"), *(element(qualified(DATA, "value"), each) for each in values), var=name)
        for name, values in found
    ]


def features(info: Element) -> set[str | None]:
    return {each.get("var") for each in info.iterfind(qualified(DISCO_INFO, "feature"))}


def test_the_simple_example() -> None:
    """XEP-0115 §5.2."""
    assert version(information([("client", "pc", "Exodus 0.9.1")], reversed(BASE))) == "QgayPKawpkPSDYmwT/WM94uAlu0="


def test_the_complex_example() -> None:
    """XEP-0115 §5.3: two languages, and a form."""
    form = element(
        qualified(DATA, "x"),
        *fields(
            ("FORM_TYPE", ("urn:xmpp:dataforms:softwareinfo",)),
            ("ip_version", ("ipv6", "ipv4")),
            ("os", ("Mac",)),
            ("os_version", ("10.5.1",)),
            ("software", ("Psi",)),
            ("software_version", ("0.11",)),
        ),
        type="result",
    )
    info = information([], BASE, form)
    for language, name in (("en", "Psi 0.11"), ("el", "Ψ 0.11")):
        identity = Element(qualified(DISCO_INFO, "identity"), {"category": "client", "type": "pc", "name": name})
        identity.set(LANG, language)
        info.append(identity)
    assert version(info) == "q07IKJEyjvHSyhy//CH0CxmKi8w="


def test_the_order_of_features_means_nothing() -> None:
    assert version(information([], BASE)) == version(information([], reversed(BASE)))


def test_the_stream_features_carry_the_hash_of_what_is_told() -> None:
    for largest in (None, 1000):
        caps = capabilities.caps(largest)
        assert caps.get("ver") == version(capabilities.server(largest))
        assert (caps.get("hash"), caps.get("node")) == ("sha-1", capabilities.NODE)
    assert capabilities.caps(None).get("ver") != capabilities.caps(1000).get("ver")


def test_uploads_are_told_with_their_limit() -> None:
    info = capabilities.server(1000)
    assert UPLOAD in features(info)
    assert [value.text for value in info.iter(qualified(DATA, "value"))] == [UPLOAD, "1000"]
    assert UPLOAD not in features(capabilities.server(None))


def test_the_archive_is_the_users_own() -> None:
    assert "urn:xmpp:mam:2" in features(capabilities.account())
    assert "urn:xmpp:mam:2" not in features(capabilities.contact())
