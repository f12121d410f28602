"""The health check, and what a node does all the time."""

from __future__ import annotations

import asyncio
import urllib.error
import urllib.request

import pytest

from bridge import running
from bridge.health import Health, main, url_of
from bridge.tls import BadCertificates, Certificates


def status(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:  # noqa: S310
            found: int = answer.status
            return found
    except urllib.error.HTTPError as error:
        return error.code


def test_it_says_whether_the_node_is_well() -> None:
    async def test() -> None:
        well = True
        health = Health("127.0.0.1", 0, lambda: well)
        await health.open()
        url = f"http://127.0.0.1:{health.port}/"
        assert await asyncio.to_thread(status, url) == 200
        well = False
        assert await asyncio.to_thread(status, url) == 503
        health.close()

    asyncio.run(test())


@pytest.mark.parametrize("bind", ["127.0.0.1", "0.0.0.0"])  # noqa: S104
def test_the_container_asks_where_it_answers(bind: str, monkeypatch: pytest.MonkeyPatch) -> None:
    async def test() -> None:
        health = Health(bind, 0, lambda: True)
        await health.open()
        monkeypatch.setenv("BRIDGE_HEALTH_BIND", bind)
        monkeypatch.setenv("BRIDGE_HEALTH_PORT", str(health.port))
        assert await asyncio.to_thread(main) == 0
        health.close()

    asyncio.run(test())


def test_an_address_of_ipv6_is_asked_in_brackets() -> None:
    assert url_of("::1", 8081) == "http://[::1]:8081/"
    with pytest.raises(ValueError, match="localhost"):
        url_of("localhost", 8081)


@pytest.mark.parametrize(("name", "value"), [("PORT", "none"), ("BIND", "nowhere"), ("PORT", "1")])
def test_without_an_answer_it_is_not_well(name: str, value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"BRIDGE_HEALTH_{name}", value)
    assert main() == 1


def test_certificates_are_read_again_after_every_failure() -> None:
    failures = [BadCertificates("none"), OSError("the secret cannot be read"), ValueError("nor now")]
    loads, read = list[int](), asyncio.Event()

    def source() -> dict[str, object]:
        loads.append(1)
        read.set()
        raise failures.pop() if failures else BadCertificates("none")

    async def test() -> None:
        at_once = asyncio.Event()
        reading = asyncio.create_task(running._reload(Certificates(source), at_once))  # type: ignore[arg-type]
        for _ in range(4):
            read.clear()
            at_once.set()
            await asyncio.wait_for(asyncio.shield(read.wait()), 10)
        assert (len(loads), reading.done()) == (4, False)
        reading.cancel()

    asyncio.run(test())
