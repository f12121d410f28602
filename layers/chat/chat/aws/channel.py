"""The push channel and the grace period as AWS offers them: ``@connections`` and a delayed queue message."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chat.addresses import Address
from chat.presence import GRACE
from chat.push import Gone

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_sqs import SQSClient


class ApiGatewayChannel:
    """Posts to API Gateway connections."""

    def __init__(self, client: Callable[[], ApiGatewayManagementApiClient]) -> None:
        self._client = client

    def post(self, connection_id: str, frame: bytes) -> bool:
        """Whether the connection took the frame; what it did not take, the client finds by ``sync``.

        Raises:
            Gone: there is no such connection.
        """
        from chat.aws.runtime import logger

        client = self._client()
        try:
            client.post_to_connection(ConnectionId=connection_id, Data=frame)
        except client.exceptions.GoneException as error:
            raise Gone(connection_id) from error
        except (ClientError, BotoCoreError):
            logger.exception("push failed", extra={"target": connection_id})
            return False
        return True


class QueuedGrace:
    """Comes back to a lost connection or bridge node by a message that the queue holds back."""

    def __init__(self, client: Callable[[], SQSClient], queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def schedule(self, address: Address, ref: str) -> None:
        """Come back to a user's connection."""
        self._send({"address": str(address), "ref": ref})

    def schedule_node(self, node: str) -> None:
        """Come back to a bridge node without links."""
        self._send({"node": node})

    def _send(self, lost: dict[str, str]) -> None:
        self._client().send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(lost), DelaySeconds=GRACE // 1000)
