"""The route ``ping``, and ``$default``: what to say to a frame that no route takes. Needs no permission at all."""

from chat.aws.socket import Call, route, serve
from chat.frames.ping import Ping, PingReply


@route(Ping)
def ping(call: Call, request: Ping) -> PingReply:
    return PingReply(time=call.now)


handler = serve(ping)
