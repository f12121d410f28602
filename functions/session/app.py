"""``POST /session`` and ``POST /session/ticket``: a password for a token, a token for a ticket."""

import os
from typing import Any

from chat import sessions
from chat.addresses import Address
from chat.aws import http, runtime, secret
from chat.frames.parsing import read_frame
from chat.frames.session import LogIn, SessionReply, TicketReply
from chat.tokens import SESSION_LIFETIME, TICKET_LIFETIME


def log_in(event: dict[str, Any]) -> SessionReply:
    request = read_frame(LogIn, http.read_body(event))
    address, now = Address.parse(request.address), runtime.now()
    ip = event["requestContext"]["http"]["sourceIp"]
    token = sessions.log_in(runtime.tables(), secret.signer(), address, request.password, ip, now)
    return SessionReply(token=token, address=str(address), expires_at=now + SESSION_LIFETIME)


def issue_ticket(event: dict[str, Any]) -> TicketReply:
    ticket = sessions.issue_ticket(runtime.tables(), secret.signer(), http.bearer(event), runtime.now())
    return TicketReply(ticket=ticket, url=os.environ["WEBSOCKET_URL"], expires_in=TICKET_LIFETIME // 1000)


handler = http.serve({"POST /session": log_in, "POST /session/ticket": issue_ticket})
