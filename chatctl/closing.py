"""Closes the open WebSocket connections of users who may no longer chat."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from botocore.exceptions import ClientError

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient


def close_connections(management: ApiGatewayManagementApiClient, connection_ids: Iterable[str]) -> int:
    """Close API connections; how many were still open.

    Raises:
        ClientError: one could not be closed; all others have been.
    """
    closed, refused = 0, None
    for connection_id in connection_ids:
        try:
            management.delete_connection(ConnectionId=connection_id)
            closed += 1
        except management.exceptions.GoneException:
            continue  # its client was faster
        except ClientError as error:
            refused = error
    if refused:
        raise refused
    return closed
