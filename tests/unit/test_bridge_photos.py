"""The photos of a node: when they are fetched, how long they are kept, and whose presence is shown with which hash."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import Callable, Coroutine
from typing import Any

import pytest

from bridge import photos as module
from bridge.company import Company, Directory
from bridge.errors import StanzaError
from bridge.names import VCARD_UPDATE
from bridge.photo_fetching import NoPhoto
from bridge.photos import FRESH, RETRY, Photo, Photos
from chat.addresses import Address
from chat.entries import Alias, Profile, User

DOMAIN = "example.com"
URL = "https://photos.example/bob.png"
BOB = Address("bob", DOMAIN)
DESK = f"{BOB}/desk"


def picture(text: str) -> bytes:
    return b"\x89PNG\r\n\x1a\n" + text.encode()


def hash_of(text: str) -> str:
    return hashlib.sha1(picture(text)).hexdigest()  # noqa: S324


def x(name: str) -> str:
    return f'<x xmlns="{VCARD_UPDATE}"><photo>{name}</photo></x>'


class Node:
    """A domain with bob and carol, what hosts of photos have, and whose presence was shown again."""

    def __init__(self) -> None:
        self.company = Company(DOMAIN, "here")
        self.time = 0
        self.there: dict[str, str] = {URL: "bob"}
        self.fetched: list[str] = []
        self.shown: list[Address] = []
        self.going = asyncio.Event()
        self.going.set()
        self.photos = Photos(self.fetch, {DOMAIN: self.company}, self.shown.append, lambda: self.time)
        self.give(URL)

    def give(self, photo: str, other: str = "") -> None:
        """The directory has these photos of bob and carol."""
        users = {
            local: User(Address(local, DOMAIN), Profile(local, photo=url))
            for local, url in (("bob", photo), ("carol", other))
        }
        alias = Alias(Address("sales", DOMAIN), "Sales", ())
        changed = self.company.take_directory(Directory(self.company.directory.version + 1, users, {"sales": alias}))
        self.photos.directory_changed(self.company, changed)

    async def fetch(self, url: str) -> bytes:
        self.fetched.append(url)
        await self.going.wait()
        if url not in self.there:
            raise NoPhoto("it is not there")
        return picture(self.there[url])

    async def settle(self, url: str = URL) -> None:
        """What is being fetched comes."""
        await self.photos.fetched(url)
        self.shown.clear()


def run(work: Callable[[Node], Coroutine[Any, Any, None]]) -> None:
    async def whole() -> None:
        node = Node()
        node.shown.clear()
        await work(node)

    asyncio.run(whole())


# In presence.


def test_a_presence_goes_at_once_and_again_when_the_photo_is_there() -> None:
    async def work(node: Node) -> None:
        assert node.photos.marked(DESK, "<show>away</show>") == "<show>away</show>"
        assert node.photos.marked(f"{BOB}/phone", "") == ""
        assert node.shown == []
        await node.photos.fetched(URL)
        assert (node.fetched, node.shown) == ([URL], [BOB])
        assert node.photos.marked(DESK, "<show>away</show>") == f"<show>away</show>{x(hash_of('bob'))}"
        assert (node.fetched, node.shown) == ([URL], [BOB])

    run(work)


@pytest.mark.parametrize("said", ["/>", "><photo/></x>", "><photo>0123</photo></x>"])
def test_what_a_client_says_of_photos_does_not_count(said: str) -> None:
    async def work(node: Node) -> None:
        own = f'<x xmlns="{VCARD_UPDATE}"{said}'
        assert node.photos.marked(DESK, own) == own
        await node.settle()
        assert node.photos.marked(DESK, f"{own}<show>dnd</show>") == f"<show>dnd</show>{x(hash_of('bob'))}"
        strange = f'<x xmlns="{VCARD_UPDATE}"><photo><x/></photo></x>'
        assert node.photos.marked(DESK, strange) == strange, "only what is known is taken apart"

    run(work)


def test_what_has_no_photo_is_left_alone() -> None:
    async def work(node: Node) -> None:
        for sender in (f"carol@{DOMAIN}/desk", f"sales@{DOMAIN}/members", "eve@other.example/a", DOMAIN):
            assert node.photos.marked(sender, "<a/>") == "<a/>"
        assert node.photos.marked(DESK, None) is None
        assert node.fetched == []

    run(work)


def test_a_photo_that_cannot_be_had_is_tried_again_after_ten_minutes() -> None:
    async def work(node: Node) -> None:
        node.there.clear()
        node.photos.marked(DESK, "")
        await node.photos.fetched(URL)
        assert node.photos.marked(DESK, "") == ""
        assert (node.fetched, node.shown, node.photos.get(URL)) == ([URL], [], None)
        node.there[URL], node.time = "bob", RETRY
        node.photos.marked(DESK, "")
        await node.photos.fetched(URL)
        assert (node.fetched, node.shown) == ([URL, URL], [BOB])

    run(work)


def test_after_an_hour_it_is_fetched_again_and_shown_again_if_it_is_another() -> None:
    async def work(node: Node) -> None:
        await node.settle()
        node.time = FRESH - 1
        node.photos.marked(DESK, "")
        assert node.fetched == [URL]
        for there, shown in (("bob", []), ("bob in a hat", [BOB])):
            node.time += FRESH
            node.there[URL] = there
            assert node.photos.marked(DESK, "") == x(hash_of("bob"))
            await asyncio.sleep(0)
            assert node.shown == shown, there
        assert node.photos.marked(DESK, "") == x(hash_of("bob in a hat"))

    run(work)


def test_another_photo_in_the_directory_is_shown() -> None:
    async def work(node: Node) -> None:
        await node.settle()
        node.photos.marked(DESK, "")
        node.give(URL, other="https://photos.example/carol.png")
        assert node.shown == [Address("carol", DOMAIN)]
        node.shown.clear()
        node.give("", other="https://photos.example/carol.png")
        assert node.shown == [BOB]
        assert node.photos.marked(DESK, "") == x(""), "who has the old one is told that there is none"

    run(work)


# For who asks.


def test_who_asks_gets_the_photo_with_what_it_is() -> None:
    async def work(node: Node) -> None:
        assert node.photos.get(URL) is None
        await node.photos.fetched(URL)
        assert node.photos.get(URL) == (Photo(hash_of("bob"), "image/png", 11), picture("bob"))
        await node.photos.fetched(URL)
        assert node.fetched == [URL]

    run(work)


def test_many_who_ask_wait_for_one_fetch() -> None:
    async def work(node: Node) -> None:
        node.going.clear()
        waiting = [asyncio.create_task(node.photos.fetched(URL)) for _ in range(3)]
        await asyncio.sleep(0)
        node.going.set()
        await asyncio.gather(*waiting)
        assert node.fetched == [URL]

    run(work)


def test_nobody_waits_for_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "FETCH_SECONDS", 0.01)

    async def work(node: Node) -> None:
        node.going.clear()
        await node.photos.fetched(URL)
        assert node.photos.get(URL) is None
        node.going.set()
        await node.photos.fetched(URL)
        assert node.photos.get(URL)
        assert node.fetched == [URL]

    run(work)


def test_an_old_photo_is_given_while_it_is_fetched_again() -> None:
    async def work(node: Node) -> None:
        await node.settle()
        node.going.clear()
        node.time = FRESH
        await node.photos.fetched(URL)
        assert node.photos.get(URL)
        node.going.set()

    run(work)


def test_of_photos_beyond_the_bound_only_the_hash_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 28)

    async def work(node: Node) -> None:
        node.there |= {"https://a.example/": "a", "https://b.example/": "b", "https://c.example/": "bob"}
        await node.photos.fetched(URL)
        await node.photos.fetched("https://a.example/")
        assert node.photos.get(URL)
        await node.photos.fetched("https://b.example/")
        assert node.photos.get("https://a.example/") is None, "the one that was used longest ago"
        assert node.photos.get(URL)
        await node.photos.fetched("https://c.example/")
        assert [bool(node.photos.get(f"https://{each}.example/")) for each in "abc"] == [False, True, True]
        assert node.photos.get(URL), "equal ones are kept once"
        await node.photos.fetched("https://a.example/")
        assert node.fetched.count("https://a.example/") == 2

    run(work)


def test_an_evicted_photo_is_still_named_in_presence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_BYTES", 0)

    async def work(node: Node) -> None:
        await node.settle()
        assert node.photos.get(URL) is None
        assert node.photos.marked(DESK, "") == x(hash_of("bob"))
        assert node.fetched == [URL]

    run(work)


def test_addresses_are_forgotten_beyond_their_bound(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_KNOWN", 2)

    async def work(node: Node) -> None:
        for url in (URL, "https://a.example/", "https://b.example/"):
            await node.photos.fetched(url)
        assert node.photos.marked(DESK, "") == ""
        await node.settle()
        assert node.fetched.count(URL) == 2

    run(work)


def test_a_client_waits_for_so_many_answers_at_once_and_no_more(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ASKED", 2)

    async def work(node: Node) -> None:
        going, done = asyncio.Event(), list[str]()

        async def answer(name: str) -> None:
            await going.wait()
            done.append(name)

        for name in ("first", "second"):
            node.photos.answer(DESK, answer(name))
        with pytest.raises(StanzaError, match="2 requests are waiting"):
            node.photos.answer(DESK, answer("third"))
        node.photos.answer(f"carol@{DOMAIN}/desk", answer("another's"))
        going.set()
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        assert done == ["first", "second", "another's"]
        node.photos.answer(DESK, answer("fourth"))
        await asyncio.sleep(0)
        assert done[3:] == ["fourth"]

    run(work)
