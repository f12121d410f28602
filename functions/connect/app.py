"""``$connect`` and ``$disconnect``: connections of users and links of bridge nodes come and go."""

from typing import Any

from chat import connecting
from chat.addresses import Address
from chat.aws import runtime
from chat.errors import SessionExpired, TooManyConnections

GOODBYE = 1000
"""The close code of a client that logs out (RFC 6455 §7.4.1); a closed tab or a lost network give others."""

runtime.tables()
runtime.pusher()


def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Register or take out the connection; a refused one is answered with its status."""
    request = event["requestContext"]
    who, connection_id = request["authorizer"], request["connectionId"]
    opened = request["eventType"] == "CONNECT"
    status = 200
    if who.get("node"):
        if opened:
            connecting.open_link(runtime.tables(), who["node"], connection_id, runtime.now())
        else:
            connecting.close_link(runtime.tables(), who["node"], connection_id)
    else:
        status = _user(Address.parse(who["address"]), connection_id, request, opened)
    runtime.logger.info(
        "connection", extra={"event": request["eventType"], "connection": connection_id, "status": status}
    )
    return {"statusCode": status}


def _user(address: Address, connection_id: str, request: dict[str, Any], opened: bool) -> int:
    if opened:
        try:
            connecting.open_web(runtime.tables(), address, connection_id, runtime.now())
        except (SessionExpired, TooManyConnections) as error:
            return error.status
    else:
        goodbye = request.get("disconnectStatusCode") == GOODBYE
        connecting.close_web(runtime.tables(), runtime.pusher(), address, connection_id, goodbye, runtime.now())
    return 200
