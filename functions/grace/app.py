"""The end of a lost connection's grace period: it did not come back, so it is removed."""

import json
from typing import Any

from chat import connecting
from chat.addresses import Address
from chat.aws import runtime

runtime.tables()


def handler(event: dict[str, Any], context: object) -> None:
    """Remove each lost connection of the batch; removing one twice does nothing."""
    for record in event["Records"]:
        lost = json.loads(record["body"])
        connecting.remove_lost(runtime.tables(), Address.parse(lost["address"]), lost["ref"], runtime.now())
    runtime.logger.info("grace over", extra={"connections": len(event["Records"])})
