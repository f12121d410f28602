"""The push channel and the grace period as AWS offers them: ``@connections`` and delayed queue messages."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from chat.aws import metrics
from chat import metrics as declared
from chat.addresses import Address
from chat.presence import GRACE
from chat.push import CATCH_UP, Gone

if TYPE_CHECKING:
    from mypy_boto3_apigatewaymanagementapi import ApiGatewayManagementApiClient
    from mypy_boto3_sqs import SQSClient


_MESSAGE = b'{"event":"message",'
"""How the frame of a message begins that webmail is pushed; a bridge node's has the event inside ``event``."""


class ApiGatewayChannel:
    """Posts to API Gateway connections."""

    def __init__(self, client: Callable[[], ApiGatewayManagementApiClient]) -> None:
        self._client = client

    def post(self, connection_id: str, frame: bytes) -> bool:
        """Whether the connection took the frame, after the client's own tries.

        Raises:
            Gone: there is no such connection.
        """
        from chat.aws.runtime import logger

        client = self._client()
        try:
            client.post_to_connection(ConnectionId=connection_id, Data=frame)
        except client.exceptions.GoneException as error:
            metrics.note(declared.GONE_CONNECTIONS)
            raise Gone(connection_id) from error
        except (ClientError, BotoCoreError):
            metrics.note(declared.PUSHES_FAILED)
            logger.exception("push failed", extra={"target": connection_id})
            return False
        metrics.note(declared.FRAMES_PUSHED)
        if frame.startswith(_MESSAGE):
            metrics.note(declared.DELIVERIES, of=declared.WEB)
        return True


class QueuedGrace:
    """Comes back to a lost connection or bridge node by a message that the queue holds back."""

    def __init__(self, client: Callable[[], SQSClient], queue_url: str) -> None:
        self._client = client
        self._queue_url = queue_url

    def schedule(self, address: Address, ref: str) -> None:
        """Come back to a user's connection."""
        self._send({"address": str(address), "ref": ref}, GRACE)

    def schedule_node(self, node: str) -> None:
        """Come back to a bridge node without links."""
        self._send({"node": node}, GRACE)

    def schedule_catch_up(self, node: str, since: int) -> None:
        """Come back to a bridge node that did not take a push, to tell it."""
        self._send({"node": node, "missed_since": since}, CATCH_UP)

    def _send(self, body: dict[str, str | int], delay: int) -> None:
        self._client().send_message(QueueUrl=self._queue_url, MessageBody=json.dumps(body), DelaySeconds=delay // 1000)
