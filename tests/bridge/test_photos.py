"""Photos of the directory, fetched from a host that a node may ask: in the card, in presence, and as an avatar."""

from __future__ import annotations

import asyncio
import base64
import hashlib
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element

import pytest
from slixmpp import JID

from bridge.names import AVATAR_DATA, AVATAR_METADATA, DISCO_INFO, PUBSUB, ROSTER, VCARD, VCARD_UPDATE
from chat import directory
from chat.entries import Profile
from localcloud import certificates
from localcloud.bridge import Bridge
from localcloud.endpoints import Endpoints
from tests.bridge.client import XmppClient, condition
from tests.bridge.conftest import DOMAINS, LogIn
from tests.bridge.test_interop_slixmpp import Client, together
from tests.company import Company

PICTURES = {
    "/bob.png": b"\x89PNG\r\n\x1a\n" + b"bob" * 1000,
    "/alice.jpg": b"\xff\xd8\xff\xe0 alice",
    "/page.html": b"<html>",
}
BOB = hashlib.sha1(PICTURES["/bob.png"]).hexdigest()  # noqa: S324
ALICE = hashlib.sha1(PICTURES["/alice.jpg"]).hexdigest()  # noqa: S324


class _Pictures(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        """Give a picture, where there is one."""
        content = PICTURES.get(self.path)
        self.send_response(404 if content is None else 200)
        self.send_header("Content-Length", str(len(content or b"")))
        self.end_headers()
        self.wfile.write(content or b"")

    def log_message(self, *arguments: object) -> None:
        """Nobody reads it."""


@contextmanager
def pictures(folder: Path) -> Iterator[str]:
    """A host of pictures with a certificate of the authority there; its ``host:port``."""
    certificates.ensure(folder, ["photos"])
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(folder / "photos.crt", folder / "photos.key")
    with ThreadingHTTPServer(("127.0.0.1", 0), _Pictures) as server:
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        yield f"localhost:{server.server_port}"
        server.shutdown()
        thread.join()


@pytest.fixture(scope="module")
def photos(bridge: Bridge) -> Iterator[str]:
    with pictures(bridge.ca_file.parent.parent) as host:
        yield host


@pytest.fixture(scope="module")
def node(stack: Endpoints, bridge: Bridge, photos: str) -> Iterator[Bridge]:
    """A node that may fetch photos from there."""
    started = Bridge(
        stack, bridge.folder, DOMAINS, node="photos", BRIDGE_PHOTO_HOSTS=photos, SSL_CERT_FILE=str(bridge.ca_file)
    )
    started.start()
    yield started
    started.stop()


def give(company: Company, local: str, url: str) -> None:
    profile = Profile(local.title(), department="Test", photo=url)
    directory.update_profiles(company.tables, company.domain, [(company.address(local), profile)])


def hash_in(presence: Element) -> str | None:
    """The hash of a photo, "" where there is said to be none."""
    return presence.findtext(f"{{{VCARD_UPDATE}}}x/{{{VCARD_UPDATE}}}photo")


def shows(viewer: XmppClient, jid: str, name: str) -> None:
    """Wait for a presence with this hash."""
    viewer.wait(
        lambda found: found.get("from") == jid and found.tag.endswith("presence") and hash_in(found) == name,
        f"the hash {name} of {jid}",
    )


def test_the_hash_is_in_the_presence_of_clients_and_of_webmail(
    company: Company, log_in: LogIn, node: Bridge, photos: str
) -> None:
    give(company, "bob", f"https://{photos}/bob.png")
    page = company.connect("bob")
    alice = log_in("alice", bridge=node)
    shows(alice, f"{company.at('bob')}/webmail", BOB)
    bob = log_in("bob", "desk", bridge=node)
    shows(alice, bob.jid, BOB)
    bob.presence("<x xmlns='vcard-temp:x:update'/><show>dnd</show>")
    shown = alice.wait(lambda found: found.findtext("{jabber:client}show") == "dnd")
    assert (hash_in(shown), len(shown.findall(f"{{{VCARD_UPDATE}}}x"))) == (BOB, 1)
    assert hash_in(log_in("carol", bridge=node).shown(bob.jid)) == BOB
    page.close()


def test_a_photo_that_the_directory_changes_is_shown(
    company: Company, log_in: LogIn, node: Bridge, photos: str
) -> None:
    alice, bob = log_in("alice", bridge=node), log_in("bob", bridge=node)
    assert hash_in(alice.shown(bob.jid)) is None
    for url, name in ((f"https://{photos}/bob.png", BOB), (f"https://{photos}/alice.jpg", ALICE), ("", "")):
        give(company, "bob", url)
        shows(alice, bob.jid, name)


def test_the_card_and_the_avatar_have_the_picture(company: Company, log_in: LogIn, node: Bridge, photos: str) -> None:
    give(company, "bob", f"https://{photos}/bob.png")
    alice, bob = log_in("alice", bridge=node), log_in("bob", bridge=node)
    for client, to in ((alice, company.at("bob")), (bob, None)):
        photo = client.ask("get", f"<vCard xmlns='{VCARD}'/>", to)[0].find(f"{{{VCARD}}}PHOTO")
        assert photo is not None
        assert [each.tag for each in photo] == [f"{{{VCARD}}}TYPE", f"{{{VCARD}}}BINVAL"]
        assert (photo[0].text, base64.b64decode(photo[1].text or "")) == ("image/png", PICTURES["/bob.png"])
        info = client.ask("get", items(AVATAR_METADATA), to).find(f".//{{{AVATAR_METADATA}}}info")
        assert info is not None
        assert info.attrib == {"id": BOB, "type": "image/png", "bytes": str(len(PICTURES["/bob.png"]))}
        item = client.ask("get", items(AVATAR_DATA, BOB), to).find(f".//{{{PUBSUB}}}item")
        assert item is not None
        assert (item.get("id"), base64.b64decode(item[0].text or "")) == (BOB, PICTURES["/bob.png"])
        assert condition(client.ask("get", items(AVATAR_DATA, ALICE), to)) == "item-not-found"
    info = bob.ask("get", f"<query xmlns='{DISCO_INFO}'/>", company.at("bob"))[0]
    assert info.find(f"{{{DISCO_INFO}}}feature[@var='urn:xmpp:pep-vcard-conversion:0']") is not None


def items(node: str, *names: str) -> str:
    wanted = "".join(f"<item id='{name}'/>" for name in names)
    return f"<pubsub xmlns='{PUBSUB}'><items node='{node}'>{wanted}</items></pubsub>"


def test_what_cannot_be_fetched_is_named_by_its_address(
    company: Company, log_in: LogIn, node: Bridge, photos: str
) -> None:
    inside = node.endpoints.cloud.replace("http://", "https://")
    alice = log_in("alice", bridge=node)
    alice.ask("get", f"<query xmlns='{ROSTER}'/>")
    for url in (f"https://{photos}/gone.png", f"https://{photos}/page.html", inside, "https://127.0.0.1/bob.png"):
        give(company, "bob", url)
        alice.wait(lambda found: found.get("type") == "set" and found.tag.endswith("iq"), "the roster push")
        photo = alice.ask("get", f"<vCard xmlns='{VCARD}'/>", company.at("bob"))[0].find(f"{{{VCARD}}}PHOTO")
        assert photo is not None
        assert [(each.tag, each.text) for each in photo] == [(f"{{{VCARD}}}EXTVAL", url)]
        assert condition(alice.ask("get", items(AVATAR_METADATA), company.at("bob"))) == "item-not-found"


def test_a_client_finds_photos_both_ways(company: Company, node: Bridge, photos: str) -> None:
    """slixmpp's vCard and avatar plugins."""
    give(company, "bob", f"https://{photos}/bob.png")

    async def work() -> None:
        alice, bob = Client(f"{company.at('alice')}/desk"), Client(f"{company.at('bob')}/desk")
        for plugin in ("xep_0054", "xep_0060", "xep_0084", "xep_0153"):
            alice.register_plugin(plugin)
        updates: asyncio.Queue[str] = asyncio.Queue()
        alice.add_event_handler(
            "vcard_avatar_update", lambda found: updates.put_nowait(found["vcard_temp_update"]["photo"])
        )
        await alice.enter(node)
        await bob.enter(node)
        async with asyncio.timeout(20):
            while await updates.get() != BOB:
                pass
        address = JID(company.at("bob"))
        card = await alice.plugin["xep_0054"].get_vcard(address)
        assert card["vcard_temp"]["PHOTO"]["BINVAL"] == PICTURES["/bob.png"]
        pubsub: Any = alice.plugin["xep_0060"]
        found = await pubsub.get_items(address, AVATAR_METADATA)
        [item] = found["pubsub"]["items"]
        assert item["id"] == item.xml[0][0].get("id") == BOB
        data = await alice.plugin["xep_0084"].retrieve_avatar(address, BOB)
        [item] = data["pubsub"]["items"]
        assert item["avatar_data"]["value"] == PICTURES["/bob.png"]
        await alice.leave()
        await bob.leave()

    together(work())
