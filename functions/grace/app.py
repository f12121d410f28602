"""What the grace queue held back: who was lost and did not return is removed, a node that missed something is told."""

import json
from typing import Any

from chat.aws import metrics, runtime
from chat import connecting
from chat.addresses import Address

runtime.tables()


@metrics.written
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    """Take each message of the batch; taking one twice does no harm. A node that cannot be told comes again."""
    runtime.correlate(event, context)
    failed = [record["messageId"] for record in event["Records"] if not _take(json.loads(record["body"]))]
    runtime.logger.info("grace over", extra={"messages": len(event["Records"]), "failed": len(failed)})
    return {"batchItemFailures": [{"itemIdentifier": each} for each in failed]}


def _take(message: dict[str, Any]) -> bool:
    tables, now = runtime.tables(), runtime.now()
    if "missed_since" in message:
        return _tell_missed(message["node"], message["missed_since"], now)
    if "node" in message:
        connecting.remove_node(tables, message["node"], now)
    else:
        connecting.remove_lost(tables, Address.parse(message["address"]), message["ref"], now)
    return True


def _tell_missed(node: str, since: int, now: int) -> bool:
    from chat import push  # with all frames, which nothing else here needs

    try:
        push.tell_missed(runtime.channel(), runtime.tables().connections, node, since, now)
    except push.NotTaken as error:
        runtime.logger.warning("a node has missed pushes", extra={"cause": str(error)})
        return False
    return True
