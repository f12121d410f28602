"""The routes ``send``, ``typing`` and ``read``: what happens in a chat window."""

import os

from chat.aws import metrics, runtime
from chat.aws.socket import Call, route, serve
from chat import messages, notices
from chat import metrics as declared
from chat.addresses import Address
from chat.frames.send import Read, ReadReply, Send, SendReply, Typing, TypingReply

HTTP_URL = os.environ["HTTP_URL"]

runtime.tables()
runtime.pusher()


@route(Send)
def send(call: Call, request: Send) -> SendReply:
    runtime.logger.append_keys(message_id=request.id)
    recipient = Address.parse(request.recipient)
    sent = messages.send(
        call.tables, call.pusher, call.caller, request.id, recipient, request.body, call.now, http_url=HTTP_URL
    )
    metrics.note(declared.MESSAGES, of=declared.WEB)
    return SendReply(id=sent.message.id, sent_at=sent.message.sent_at, reached=sent.reached)


@route(Typing)
def typing(call: Call, request: Typing) -> TypingReply:
    caller = call.caller
    notices.typing(call.tables, call.pusher, caller, caller.colleague(request.contact), request.active, call.now)
    return TypingReply()


@route(Read)
def read(call: Call, request: Read) -> ReadReply:
    runtime.logger.append_keys(message_id=request.id)
    caller = call.caller
    contact = caller.colleague(request.contact)
    return ReadReply(moved=notices.mark_read(call.tables, call.pusher, caller, contact, request.id, call.now))


handler = serve(send, typing, read)
