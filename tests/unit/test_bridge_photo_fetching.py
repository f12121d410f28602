"""Fetching photos: what is refused before anything is asked, and what is refused of what comes."""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from bridge.photo_fetching import FETCHES, MAX_PHOTO, Fetcher, NoPhoto, is_public, kind_of
from localcloud import certificates

PNG = b"\x89PNG\r\n\x1a\n and so on"
PUBLIC = "93.184.215.14"
HOST = "photos.example"
URL = f"https://{HOST}/bob.png"


def answer(content: bytes = PNG, status: str = "200 OK", *headers: str, length: int | None = None) -> bytes:
    """An answer of a host; ``length``: what it says of its length, if it is not the truth."""
    lines = (f"HTTP/1.1 {status}", f"Content-Length: {len(content) if length is None else length}", *headers, "", "")
    return "\r\n".join(lines).encode() + content


def moved(to: str) -> bytes:
    return answer(b"", "302 Found", f"Location: {to}")


@dataclass
class Host:
    """A host that answers each connection with the next of ``answers``."""

    answers: list[bytes]
    addresses: dict[str, list[str]] = field(default_factory=lambda: {HOST: [PUBLIC]})
    asked: list[bytes] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)
    connected: list[tuple[str, int, str]] = field(default_factory=list)
    stays: bool = False
    """Whether it leaves the connection open without another byte."""

    def resolve(self, host: str, _port: int) -> list[str]:
        self.resolved.append(host)
        found = self.addresses.get(host)
        if found is None:
            raise OSError(f"{host} is not known")
        return found

    async def connect(
        self, address: str, port: int, *, ssl: ssl.SSLContext, server_hostname: str
    ) -> tuple[asyncio.StreamReader, Any]:
        assert ssl.check_hostname
        self.connected.append((address, port, server_hostname))
        if not self.answers:
            raise ConnectionRefusedError("nobody is there")
        reader = asyncio.StreamReader()
        reader.feed_data(self.answers.pop(0))
        if not self.stays:
            reader.feed_eof()
        return reader, _Writer(self.asked.append)


class _Writer:
    def __init__(self, write: Callable[[bytes], None]) -> None:
        self.write = write
        self.transport = self

    def abort(self) -> None:
        """The connection ends."""


def fetch(host: Host, url: str = URL, *hosts: str, seconds: float = 20) -> bytes:
    async def work() -> bytes:
        return await Fetcher(frozenset(hosts), host.resolve, host.connect)(url, seconds)

    return asyncio.run(work())


def refusal(host: Host, url: str = URL, *hosts: str, seconds: float = 20) -> str:
    with pytest.raises(NoPhoto) as caught:
        fetch(host, url, *hosts, seconds=seconds)
    return str(caught.value)


def test_a_photo_is_asked_for_by_its_hosts_name_at_the_address_that_was_checked() -> None:
    host = Host([answer()])
    assert fetch(host, f"https://{HOST}/a b/ä.png?size=2&x=\r\nEvil: 1#top") == PNG
    assert host.connected == [(PUBLIC, 443, HOST)]
    lines = host.asked[0].decode().split("\r\n")
    assert lines[:2] == ["GET /a%20b/%C3%A4.png?size=2&x=Evil:%201 HTTP/1.1", f"Host: {HOST}"]
    assert "Connection: close" in lines


def test_a_name_is_resolved_once() -> None:
    """Or another answer could lead to what was not checked."""
    host = Host([answer()])
    fetch(host)
    assert host.resolved == [HOST]


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.8.8",
        "0.0.0.0",  # noqa: S104
        "10.0.0.1",
        "172.16.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::127.0.0.1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::127.0.0.1",
        "2002:7f00:1::",
        "2001:0:7f00:1::",
        "fc00::1",
        "fd00:ec2::254",
        "fe80::1",
        "fe80::1%eth0",
        "fec0::1",
        "ff02::1",
        "not an address",
    ],
)
def test_a_name_that_leads_inside_is_refused(address: str) -> None:
    assert not is_public(address)
    for addresses in ([address], [PUBLIC, address]):
        host = Host([answer()], {HOST: addresses})
        assert refusal(host) == f"{HOST} has the address {address}, which is not public"
        assert host.connected == []


@pytest.mark.parametrize("address", [PUBLIC, "::ffff:93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c"])
def test_public_addresses_are_asked(address: str) -> None:
    assert fetch(Host([answer()], {HOST: [address]})) == PNG


@pytest.mark.parametrize("host", ["127.0.0.1", "2130706433", "0x7f000001", "[::1]", "localhost"])
def test_an_address_in_place_of_a_name_is_checked_as_well(host: str) -> None:
    reached = Host([answer()])

    async def work() -> None:
        await Fetcher(frozenset(), connect=reached.connect)(f"https://{host}/")

    with pytest.raises(NoPhoto, match="not public"):
        asyncio.run(work())
    assert reached.connected == []


@pytest.mark.parametrize(
    "url",
    [
        f"http://{HOST}/bob.png",
        f"ftp://{HOST}/bob.png",
        "file:///etc/passwd",
        "https:///bob.png",
        "https://",
        "https://[::1/",
        f"https://{HOST}:99999/",
        f"https://{HOST}:port/",
        f"https://me:secret@{HOST}/",
        f"https://{HOST} evil/",
        f"https://{'x' * 64}.example/",
        "https://[fe80::1%25eth0]/",
    ],
)
def test_only_https_addresses_are_looked_at(url: str) -> None:
    host = Host([answer()])
    refusal(host, url)
    assert (host.resolved, host.connected) == ([], [])


def test_another_port_is_not_asked() -> None:
    for port in (0, 22, 8443):
        assert refusal(Host([answer()]), f"https://{HOST}:{port}/") == f"port {port} is not asked"


def test_a_host_that_is_named_may_be_private_at_the_named_port() -> None:
    inside = {HOST: ["10.0.0.7"]}
    assert fetch(Host([answer()], inside), f"https://{HOST}:8443/", f"{HOST}:8443") == PNG
    assert fetch(Host([answer()], inside), f"https://{HOST.upper()}/", f"{HOST}:443") == PNG
    assert refusal(Host([answer()], inside), URL, f"{HOST}:8443").endswith("not public")


def test_the_port_is_in_the_host_header_where_it_is_not_the_usual_one() -> None:
    host = Host([answer()])
    fetch(host, f"https://{HOST}:8443/", f"{HOST}:8443")
    assert f"Host: {HOST}:8443".encode() in host.asked[0].split(b"\r\n")


def test_one_redirection_is_followed() -> None:
    host = Host([moved("/new.png"), answer()])
    assert fetch(host) == PNG
    assert [each.split(b"\r\n")[0] for each in host.asked] == [b"GET /bob.png HTTP/1.1", b"GET /new.png HTTP/1.1"]
    assert refusal(Host([moved("/a.png"), moved("/b.png"), answer()])) == "it was moved twice"


@pytest.mark.parametrize(
    ("to", "why"),
    [
        (f"http://{HOST}/bob.png", "it is not an https address"),
        ("https://inside.example/", "inside.example has the address 169.254.169.254, which is not public"),
        (f"https://{HOST}:8443/", "port 8443 is not asked"),
        ("https://[", "Invalid IPv6 URL"),
    ],
)
def test_a_redirection_is_checked_like_the_first_address(to: str, why: str) -> None:
    host = Host([moved(to), answer()], {HOST: [PUBLIC], "inside.example": ["169.254.169.254"]})
    assert refusal(host) == why
    assert len(host.connected) == 1


def test_what_is_too_large_is_refused_whatever_its_length_says() -> None:
    largest = PNG + bytes(MAX_PHOTO - len(PNG))
    assert fetch(Host([answer(largest)])) == largest
    endless = largest + bytes(10 * MAX_PHOTO)
    for too_large in (answer(largest + b"x"), answer(endless), answer(endless, length=10)):
        assert refusal(Host([too_large])) == f"it has more than {MAX_PHOTO} bytes"


def test_what_is_no_picture_is_refused() -> None:
    for content in (b"", b"<svg/>", b"<html>", b"\x89PNG", zlib.compress(PNG), b"BM" + bytes(30), b"RIFF1234WAVE"):
        assert kind_of(content) is None
        assert refusal(Host([answer(content)])) == "it is no PNG, JPEG, GIF or WebP"


def test_pictures_are_told_by_their_first_bytes() -> None:
    known = (PNG, b"\xff\xd8\xff\xe0", b"GIF87a", b"GIF89a", b"RIFF\n\r\n\rWEBPVP8 ")
    kinds = [kind_of(each) for each in known]
    assert kinds == ["image/png", "image/jpeg", "image/gif", "image/gif", "image/webp"]


def test_chunks_are_put_together() -> None:
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    whole = head + b"%x\r\n%s\r\n4\r\nmore\r\n0\r\n\r\n" % (len(PNG), PNG)
    assert fetch(Host([whole])) == PNG + b"more"
    assert "IncompleteRead" in refusal(Host([whole[:-14]]))


def test_half_a_photo_is_none() -> None:
    assert "IncompleteRead" in refusal(Host([answer(length=len(PNG) + 1)]))
    assert "length" in refusal(Host([b"HTTP/1.1 200 OK\r\n\r\n" + PNG]))
    assert refusal(Host([b""]))
    assert refusal(Host([b"SSH-2.0-OpenSSH\r\n"]))


def test_other_answers_are_none() -> None:
    for status in ("404 Not Found", "403 Forbidden", "500 Oh", "204 No Content", "206 Partial Content"):
        assert refusal(Host([answer(status=status)])) == f"the host answered {status[:3]}"


def test_a_host_that_cannot_be_reached_is_none() -> None:
    assert refusal(Host([])) == "nobody is there"
    assert refusal(Host([answer()], {})) == f"{HOST} is not known"
    assert refusal(Host([answer()], {HOST: []})) == f"{HOST} has no address"


def test_the_next_address_is_tried_where_one_does_not_answer() -> None:
    host = Host([answer()], {HOST: ["2606:2800:21f:cb07::1", PUBLIC]})
    connect = host.connect

    async def first_refuses(address: str, port: int, **rest: Any) -> Any:
        if ":" in address:
            raise OSError("no route")
        return await connect(address, port, **rest)

    host.connect = first_refuses  # type: ignore[method-assign]
    assert fetch(host) == PNG


def test_a_host_that_never_ends_is_given_up() -> None:
    assert refusal(Host([answer(length=1000)], stays=True), seconds=0.01) == "it took too long"


def test_four_are_fetched_at_once() -> None:
    async def work() -> None:
        host, going = Host([answer() for _ in range(FETCHES + 2)]), asyncio.Event()
        connect, begun = host.connect, asyncio.Semaphore(0)

        async def wait(*arguments: Any, **rest: Any) -> Any:
            begun.release()
            await going.wait()
            return await connect(*arguments, **rest)

        fetcher = Fetcher(frozenset(), host.resolve, wait)
        tasks = [asyncio.create_task(fetcher(URL)) for _ in range(FETCHES + 2)]
        for _ in range(FETCHES):
            await begun.acquire()
        assert begun.locked()
        going.set()
        assert await asyncio.gather(*tasks) == [PNG] * (FETCHES + 2)

    asyncio.run(work())


def test_the_hosts_certificate_is_checked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Through a real socket: a host that nobody vouches for, one whose name is another, and the right one."""
    authority = certificates.ensure(tmp_path, ["company.example"])

    async def work() -> None:
        async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
            await reader.readuntil(b"\r\n\r\n")
            writer.write(answer())
            await writer.drain()
            writer.close()

        context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        context.load_cert_chain(tmp_path / "company.example.crt", tmp_path / "company.example.key")
        server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
        port = server.sockets[0].getsockname()[1]

        async def get(host: str) -> bytes:
            fetcher = Fetcher(frozenset({f"{host}:{port}"}), lambda *_: ["127.0.0.1"])
            return await fetcher(f"https://{host}:{port}/")

        async with server:
            with pytest.raises(NoPhoto, match="CERTIFICATE_VERIFY_FAILED"):
                await get("company.example")
            monkeypatch.setenv("SSL_CERT_FILE", str(authority))
            with pytest.raises(NoPhoto, match="CERTIFICATE_VERIFY_FAILED"):
                await get("other.example")
            assert await get("company.example") == await get("localhost") == PNG

    asyncio.run(work())
