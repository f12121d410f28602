"""slixmpp's own client: each mechanism on each port, the room, carbons, the archive, and a session resumed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Coroutine
from typing import Any

import pytest
from slixmpp import JID, ClientXMPP, Message
from slixmpp.xmlstream.stanzabase import ElementBase

from bridge.names import CLIENT
from chat import ids
from localcloud.bridge import Bridge
from tests.bridge.conftest import LogIn
from tests.company import PASSWORD, Company, now

PATIENCE = 20
PLUGINS = ("xep_0030", "xep_0085", "xep_0092", "xep_0198", "xep_0199", "xep_0280", "xep_0313", "xep_0359")
MECHANISMS = ("SCRAM-SHA-256", "SCRAM-SHA-1", "PLAIN")  # of channel bindings it knows none that we have


class Client(ClientXMPP):
    """A client that keeps what comes until it is asked for."""

    def __init__(self, jid: str, mechanism: str | None = None) -> None:
        super().__init__(jid, PASSWORD, sasl_mech=mechanism)
        for each in PLUGINS:
            self.register_plugin(each)
        self.came: dict[str, asyncio.Queue[Any]] = {}
        for name in ("session_start", "session_resumed", "message", "presence", "presence_unavailable"):
            self._keep(name)
        for name in ("carbon_received", "carbon_sent", "chatstate_composing", "failed_auth", "stanza_acked"):
            self._keep(name)

    def _keep(self, name: str) -> None:
        queue = self.came[name] = asyncio.Queue()
        self.add_event_handler(name, queue.put_nowait)

    async def enter(self, bridge: Bridge, *, direct: bool = False, present: bool = True) -> None:
        """Log in, over STARTTLS or over TLS from the start."""
        self.ca_certs = bridge.ca_file
        self.enable_direct_tls, self.enable_starttls, self.enable_plaintext = direct, not direct, False
        self.connect("127.0.0.1", bridge.ports.tls if direct else bridge.ports.starttls)
        await self.next("session_start")
        if present:
            self.send_presence()
            await self.next("presence", lambda found: found["from"] == self.boundjid)

    async def next(self, name: str, fits: Callable[[Any], bool] = lambda _: True) -> Any:
        """The next event of a name that fits; those before it are forgotten."""
        async with asyncio.timeout(PATIENCE):
            while not fits(found := await self.came[name].get()):
                pass
        return found

    async def body(self, text: str) -> Message:
        found: Message = await self.next("message", lambda found: found["body"] == text)
        return found

    def say(self, to: str | JID, text: str) -> None:
        self.send_message(JID(to), text, mtype="chat")

    async def leave(self) -> None:
        await self.disconnect(wait=PATIENCE)


def together(work: Coroutine[Any, Any, None]) -> None:
    """Run clients until the work with them is done."""
    asyncio.run(asyncio.wait_for(work, 3 * PATIENCE))


@pytest.mark.parametrize("mechanism", MECHANISMS)
def test_it_logs_in_with_each_mechanism_on_each_port(bridge: Bridge, company: Company, mechanism: str) -> None:
    async def work() -> None:
        for direct in (False, True):
            alice = Client(company.at("alice"), mechanism)
            await alice.enter(bridge, direct=direct)
            chosen: Any = alice.plugin["feature_mechanisms"].mech
            assert chosen.name == mechanism
            await alice.leave()

    together(work())


def test_it_chooses_a_mechanism_by_itself(bridge: Bridge, company: Company) -> None:
    async def work() -> None:
        alice = Client(company.at("alice"))
        await alice.enter(bridge)
        await alice.leave()

    together(work())


def test_it_has_the_room(bridge: Bridge, company: Company) -> None:
    async def work() -> None:
        alice, bob = Client(f"{company.at('alice')}/phone"), Client(f"{company.at('bob')}/desk")
        carol = await asyncio.to_thread(company.connect, "carol")
        await alice.enter(bridge)
        await bob.enter(bridge, direct=True)
        await alice.get_roster()
        roster = alice.client_roster
        assert sorted(each for each in roster if each != company.at("alice")) == [
            company.at("bob"),
            company.at("carol"),
        ]
        assert roster[company.at("bob")]["subscription"] == "both"
        assert roster[company.at("bob")]["name"] == "Bob"
        await alice.next("presence", lambda found: found["from"] == bob.boundjid)
        bob.send_presence(pshow="dnd", pstatus="writing")
        shown = await alice.next("presence", lambda found: found["from"] == bob.boundjid)
        assert (shown["show"], shown["status"]) == ("dnd", "writing")
        state = alice.make_message(company.at("bob"), mtype="chat")
        state["chat_state"] = "composing"
        state.send()
        assert (await bob.next("chatstate_composing"))["from"] == alice.boundjid
        alice.say(company.at("carol"), "by XMPP")
        event = await asyncio.to_thread(carol.event, "message")
        assert event["message"]["body"] == "by XMPP"
        await asyncio.to_thread(carol.ask, "send", id=ids.new(now()), recipient=company.at("alice"), body="by webmail")
        assert (await alice.body("by webmail"))["from"] == f"{company.at('carol')}/webmail"
        assert (await alice.plugin["xep_0092"].get_version(bob.boundjid))["software_version"]["name"] == "Slixmpp"
        assert await bob.plugin["xep_0199"].ping(JID(company.domain)) >= 0
        await bob.leave()
        await alice.next("presence_unavailable", lambda found: found["from"] == bob.boundjid)
        await alice.leave()

    together(work())


def test_it_has_carbons_and_the_archive(bridge: Bridge, company: Company) -> None:
    async def work() -> None:
        phone, desk = Client(f"{company.at('alice')}/phone"), Client(f"{company.at('alice')}/desk")
        bob = Client(company.at("bob"))
        for each in (phone, desk, bob):
            await each.enter(bridge)
        for each in (phone, desk):
            await each.plugin["xep_0280"].enable()
        bob.say(phone.boundjid, "for the phone")
        await phone.body("for the phone")
        received = await desk.next("carbon_received")
        assert received["carbon_received"]["body"] == "for the phone"
        phone.say(company.at("bob"), "from the phone")
        sent = await desk.next("carbon_sent")
        assert sent["carbon_sent"]["body"] == "from the phone"
        live = (await bob.body("from the phone"))["stanza_id"]["id"]
        found = [
            each async for each in bob.plugin["xep_0313"].iterate(with_jid=JID(company.at("alice")), rsm={"max": 1})
        ]
        results = [each["mam_result"] for each in found]
        bodies = [each["forwarded"]["stanza"]["body"] for each in results]
        assert bodies == ["for the phone", "from the phone"]
        assert results[1]["id"] == live
        for each in (phone, desk, bob):
            await each.leave()

    together(work())


def test_it_resumes_its_session_after_a_cut(bridge: Bridge, company: Company, log_in: LogIn) -> None:
    bob = log_in("bob")

    async def work() -> None:
        alice = Client(f"{company.at('alice')}/phone")
        await alice.enter(bridge)
        alice.say(company.at("bob"), "my last word")
        await asyncio.to_thread(bob.body, "my last word")
        alice.plugin["xep_0198"].request_ack()  # type: ignore[no-untyped-call]
        acknowledged: ElementBase = await alice.next("stanza_acked", lambda found: found.name == "message")
        assert acknowledged["body"] == "my last word"
        alice.abort()
        bob.message(company.at("alice"), "meanwhile")
        bob.settled()
        alice.connect("127.0.0.1", bridge.ports.starttls)
        await alice.next("session_resumed")
        await alice.body("meanwhile")
        assert alice.came["message"].empty()
        assert [each for each in bob.settled() if each.tag == f"{{{CLIENT}}}presence"] == []
        await alice.leave()

    bob.settled()
    together(work())
