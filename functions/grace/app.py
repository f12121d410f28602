"""The end of a grace period: a lost connection or bridge node did not come back, so it is removed."""

import json
from typing import Any

from chat import connecting
from chat.addresses import Address
from chat.aws import runtime

runtime.tables()


def handler(event: dict[str, Any], context: object) -> None:
    """Remove each lost connection and node of the batch; removing one twice does nothing."""
    for record in event["Records"]:
        lost = json.loads(record["body"])
        if "node" in lost:
            connecting.remove_node(runtime.tables(), lost["node"], runtime.now())
        else:
            connecting.remove_lost(runtime.tables(), Address.parse(lost["address"]), lost["ref"], runtime.now())
    runtime.logger.info("grace over", extra={"lost": len(event["Records"])})
