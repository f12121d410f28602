"""``$connect`` and ``$disconnect``: connections of users and links of bridge nodes come and go."""

from typing import Any

from chat.aws import metrics, runtime
from chat import connecting, trail
from chat import metrics as declared
from chat.addresses import Address
from chat.errors import SessionExpired, TooManyConnections

GOODBYE = 1000
"""The close code of a client that logs out (RFC 6455 §7.4.1); a closed tab or a lost network give others."""

MINUTE = 60_000
"""In ms."""

runtime.tables()


@metrics.written
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Register or take out the connection; a refused one is answered with its status.

    A client's own frame with one of these routes as its action comes here too, and is refused as an unknown action.
    """
    runtime.correlate(event, context)
    request = event["requestContext"]
    match request["eventType"]:
        case "CONNECT":
            status = _open(request["authorizer"], request["connectionId"])
        case "DISCONNECT":
            status = 200
            metrics.note(declared.CONNECTION_MINUTES, -(-(runtime.now() - request["connectedAt"]) // MINUTE))
            _close(request["authorizer"], request["connectionId"], request.get("disconnectStatusCode") == GOODBYE)
        case _:
            from chat.aws import socket  # frames, which opening a connection need not wait for

            return socket.serve()(event, context)
    if status == 200 and not request["authorizer"].get("node"):
        opened = request["eventType"] == "CONNECT"
        metrics.note(declared.CONNECTIONS_OPENED if opened else declared.CONNECTIONS_CLOSED, of=declared.WEB)
    runtime.logger.info(
        "connection", extra={"event": request["eventType"], "status": status} | _whose(request["authorizer"])
    )
    return {"statusCode": status}


def _whose(who: dict[str, str]) -> dict[str, str]:
    """How a line names whose connection it is."""
    return {"node": who["node"]} if who.get("node") else {"person": trail.person(Address.parse(who["address"]))}


def _open(who: dict[str, str], connection_id: str) -> int:
    try:
        if who.get("node"):
            connecting.open_link(runtime.tables(), who["node"], connection_id, runtime.now())
        else:
            connecting.open_web(runtime.tables(), Address.parse(who["address"]), connection_id, runtime.now())
    except (SessionExpired, TooManyConnections) as error:
        metrics.note_outcome(error.code)
        return error.status
    return 200


def _close(who: dict[str, str], connection_id: str, goodbye: bool) -> None:
    if who.get("node"):
        connecting.close_link(runtime.tables(), runtime.pusher(), who["node"], connection_id, runtime.now())
    else:
        address = Address.parse(who["address"])
        connecting.close_web(runtime.tables(), runtime.pusher(), address, connection_id, goodbye, runtime.now())
