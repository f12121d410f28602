"""The routes ``presence`` and ``watch``: the status menu, and whose presence a client shows."""

from chat.aws import runtime
from chat.aws.socket import Call, route, serve
from chat import statuses, watching
from chat.errors import BadField
from chat.frames.presence import Presence, PresenceFrame, PresenceReply, Watch, WatchReply
from chat.presence import Status

runtime.tables()
runtime.pusher()


@route(Presence)
def presence(call: Call, request: Presence) -> PresenceReply:
    status = Status(request.status)
    if not request.automatic:
        choice = statuses.choose(call.tables, call.pusher, call.caller, status, call.now)
    elif status in (Status.AVAILABLE, Status.AWAY):
        choice = statuses.idle(call.tables, call.caller, status is Status.AWAY, call.now)
    else:
        raise BadField("automatic goes with the status available or away", field="status")
    return PresenceReply(status=choice.status, chosen=choice.chosen)


@route(Watch)
def watch(call: Call, request: Watch) -> WatchReply:
    caller = call.caller
    contacts = list(dict.fromkeys(caller.colleague(text) for text in request.contacts))
    seen = watching.watch(call.tables, caller, contacts, call.now)
    return WatchReply(presence=[PresenceFrame.model_validate(each) for each in seen])


handler = serve(presence, watch)
