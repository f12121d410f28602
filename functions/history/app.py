"""The routes ``conversations``, ``history`` and ``sync``: what was said."""

from collections.abc import Sequence

from chat.aws import runtime
from chat.aws.socket import Call, route, serve
from chat import conversations as runs
from chat import cursors, ids, threads, trail
from chat import sync as syncing
from chat.frames.base import MessageFrame
from chat.frames.history import (
    ConversationFrame,
    Conversations,
    ConversationsReply,
    History,
    HistoryReply,
    Sync,
    SyncReply,
    ThreadFrame,
)
from chat.frames.paging import fit
from chat.tables.history import Message
from chat.trail import Step

runtime.tables()


@route(Conversations)
def conversations(call: Call, request: Conversations) -> ConversationsReply:
    caller = call.caller
    contact = caller.colleague(request.contact)
    binding = (str(caller.address), "conversations", str(contact))
    position = cursors.decode_id(request.cursor, *binding)
    seen = threads.view(call.tables, caller, contact)
    listed, rest = runs.page(call.tables.history, seen.thread, seen.floor, position)
    if not listed and not position:
        threads.check_known(seen)
    return ConversationsReply(
        conversations=[_conversation(each) for each in listed],
        cursor=cursors.encode(rest, *binding) if rest else None,
    )


@route(History)
def history(call: Call, request: History) -> HistoryReply:
    caller = call.caller
    contact = caller.colleague(request.contact)
    binding = (str(caller.address), "history", str(contact), request.conversation or "")
    position = cursors.decode_id(request.cursor, *binding)
    seen = threads.view(call.tables, caller, contact)
    if request.conversation:
        batch = threads.conversation(call.tables, seen, request.conversation, position, _fitting)
    else:
        batch = threads.earlier(call.tables, seen, position, _fitting)
    read = None if seen.is_alias else call.tables.history.read_marker(contact, caller.address)
    return HistoryReply(
        messages=[MessageFrame.model_validate(each) for each in batch.messages],
        read=read,
        cursor=cursors.encode(batch.next, *binding) if batch.next else None,
    )


@route(Sync)
def sync(call: Call, request: Sync) -> SyncReply:
    caller = call.caller
    caller.online_connection(call.tables.connections.of(caller.address), call.now)
    binding = (str(caller.address), "sync", request.since or "")
    position = cursors.decode(request.cursor, *binding)
    step = syncing.page(call.tables, caller.address, request.since, position, _fitting)
    if step.messages:
        found = [each.id for each in step.messages]
        trail.note(Step.FOUND, *found, to=[trail.connection(caller.address, caller.ref)])
    return SyncReply(
        threads=[ThreadFrame.model_validate(each) for each in step.threads],
        messages=[MessageFrame.model_validate(each) for each in step.messages],
        until=ids.lowest(call.now),
        cursor=cursors.encode(step.position, *binding) if step.position else None,
    )


def _fitting(messages: Sequence[Message]) -> int:
    return fit([MessageFrame.model_validate(each) for each in messages])


def _conversation(conversation: runs.Conversation) -> ConversationFrame:
    return ConversationFrame(
        id=conversation.id,
        started_at=conversation.started_at,
        ended_at=conversation.ended_at,
        count=conversation.count,
        complete=conversation.complete,
        preview=conversation.preview,
        participants=[str(address) for address in conversation.participants],
        doors=list(conversation.doors),
    )


handler = serve(conversations, history, sync)
