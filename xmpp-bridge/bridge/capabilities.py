"""What the server, a user's account and an alias can do (XEP-0030), and the hash of it (XEP-0115)."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Iterable
from xml.etree.ElementTree import Element

from slixmpp.plugins.xep_0030.stanza.info import DiscoInfo

from bridge.elements import element, qualified
from bridge.names import (
    AVATAR_CONVERSION,
    BLOCKING,
    CAPS,
    CARBONS,
    DATA,
    DISCO_INFO,
    DISCO_ITEMS,
    HINTS,
    IDS,
    LANG,
    MAM,
    MAM_EXTENDED,
    PING,
    PRIVATE,
    PUBSUB,
    REGISTER,
    ROSTER,
    TIME,
    UPLOAD,
    VCARD,
    VERSION,
)

NODE = "urn:company-chat"
SERVER = (
    BLOCKING,
    CARBONS,
    DISCO_INFO,
    DISCO_ITEMS,
    MAM,  # it is the account's, whose features tell of it too; profanity looks here
    PING,
    PRIVATE,
    REGISTER,
    ROSTER,
    TIME,
    VCARD,
    VERSION,
    "msgoffline",
)
"""Features of the server."""
ACCOUNT = (
    DISCO_INFO,
    MAM,
    MAM_EXTENDED,
    IDS,
    HINTS,
    VCARD,
    AVATAR_CONVERSION,
    f"{PUBSUB}#retrieve-items",
)
"""Features of a user's own address."""
CONTACT = (DISCO_INFO, VCARD)
"""Features of a user or an alias, as others see it."""
_NAME = "Company chat"
_STORE = ("store", "file", _NAME)


def information(identities: Iterable[tuple[str, str, str | None]], features: Iterable[str], *forms: Element) -> Element:
    """A disco#info result of identities (category, type, name) and features."""
    info = DiscoInfo()
    for category, kind, name in identities:
        info.add_identity(category, kind, name=name)
    for feature in features:
        info.add_feature(feature)
    found: Element = info.xml
    found.extend(forms)
    return found


def server(largest: int | None) -> Element:
    """The server's own information; ``largest``: bytes of an uploaded file, None where there are no uploads."""
    if largest is None:
        return information([("server", "im", _NAME)], SERVER)
    return information([("server", "im", _NAME), _STORE], (*SERVER, UPLOAD), _limit(largest))


def upload(largest: int) -> Element:
    """The service for uploads by its own name."""
    return information([_STORE], (DISCO_INFO, UPLOAD), _limit(largest))


def _limit(largest: int) -> Element:
    return element(
        qualified(DATA, "x"),
        _field("FORM_TYPE", UPLOAD, "hidden"),
        _field("max-file-size", str(largest)),
        type="result",
    )


def account() -> Element:
    """A user's own account."""
    return information([("account", "registered", None), ("pubsub", "pep", None)], ACCOUNT)


def contact() -> Element:
    """Somebody else's account, or an alias."""
    return information([("account", "registered", None)], CONTACT)


def caps(largest: int | None) -> Element:
    """The server's capabilities, for its stream features."""
    return element(qualified(CAPS, "c"), hash="sha-1", node=NODE, ver=version(server(largest)))


def version(info: Element) -> str:
    """The verification string of XEP-0115 §5.1."""
    identities = sorted(
        f"{each.get('category')}/{each.get('type')}/{each.get(LANG, '')}/{each.get('name', '')}<"
        for each in info.iterfind(qualified(DISCO_INFO, "identity"))
    )
    features = sorted(f"{each.get('var')}<" for each in info.iterfind(qualified(DISCO_INFO, "feature")))
    text = "".join((*identities, *features, *(_form_text(form) for form in info.iterfind(qualified(DATA, "x")))))
    return base64.b64encode(hashlib.sha1(text.encode()).digest()).decode()  # noqa: S324  # what XEP-0115 demands


def _form_text(form: Element) -> str:
    fields = {
        field.get("var", ""): sorted(value.text or "" for value in field.iterfind(qualified(DATA, "value")))
        for field in form.iterfind(qualified(DATA, "field"))
    }
    kind = fields.pop("FORM_TYPE")[0]
    rest = "".join(f"{name}<{''.join(f'{value}<' for value in fields[name])}" for name in sorted(fields))
    return f"{kind}<{rest}"


def _field(name: str, value: str, kind: str | None = None) -> Element:
    return element(qualified(DATA, "field"), element(qualified(DATA, "value"), value), var=name, type=kind)
