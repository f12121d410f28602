"""``POST /session`` and ``POST /session/ticket``: a password or a JWT for a token, a token for a ticket."""

import os
from typing import Any

from chat.aws import http, metrics, runtime, secret
from chat import metrics as declared
from chat import sessions
from chat.addresses import Address
from chat.errors import ChatError
from chat.frames.session import SessionReply, SignOn, TicketReply, read_log_in
from chat.tokens import SESSION_LIFETIME, TICKET_LIFETIME


def log_in(event: dict[str, Any]) -> SessionReply:
    request, now = read_log_in(http.read_body(event)), runtime.now()
    tables, signer, ip = runtime.tables(), secret.signer(), event["requestContext"]["http"]["sourceIp"]
    try:
        if isinstance(request, SignOn):
            address, token = sessions.sign_on(tables, signer, request.jwt, runtime.key_sets(), ip, now)
        else:
            address = Address.parse(request.address)
            token = sessions.log_in(tables, signer, address, request.password, ip, now)
    except ChatError:
        metrics.note(declared.LOG_INS_REFUSED, of=declared.WEB)
        raise
    metrics.note(declared.LOG_INS, of=declared.WEB)
    return SessionReply(token=token, address=str(address), expires_at=now + SESSION_LIFETIME)


def issue_ticket(event: dict[str, Any]) -> TicketReply:
    ticket = sessions.issue_ticket(runtime.tables(), secret.signer(), http.bearer(event), runtime.now())
    return TicketReply(ticket=ticket, url=os.environ["WEBSOCKET_URL"], expires_in=TICKET_LIFETIME // 1000)


handler = http.serve({"POST /session": log_in, "POST /session/ticket": issue_ticket})
