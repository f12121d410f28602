"""``python -m bridge``: run one node until SIGTERM or SIGINT, as the environment says (``bridge.settings``).

SIGHUP has it read its certificates again at once, without dropping a stream.
"""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import sys

from bridge import log
from bridge.settings import BadSettings, Settings, read
from bridge.tls import BadCertificates


def main() -> None:
    """Run, and end with one sentence for each mistake in the configuration."""
    try:
        settings = read(os.environ)
    except BadSettings as error:
        sys.exit(str(error))
    log.start(os.environ.get("BRIDGE_LOG_LEVEL", "INFO"))
    try:
        asyncio.run(_run(settings))
    except BadCertificates as error:
        sys.exit(str(error))
    except OSError as error:
        sys.exit(f"A port cannot be used ({error}).")


async def _run(settings: Settings) -> None:
    from bridge.running import running  # after the settings are known to be right: it takes a second

    stop, reload = asyncio.Event(), asyncio.Event()
    for number, event in ((signal.SIGTERM, stop), (signal.SIGINT, stop), (signal.SIGHUP, reload)):
        asyncio.get_running_loop().add_signal_handler(number, event.set)
    async with running(settings, dict(os.environ), reload) as started:
        logging.getLogger("bridge").info(
            "clients can come",
            extra={
                "node": started.node.name,
                "domains": sorted(started.node.domains),
                "starttls": started.starttls_port,
                "tls": started.tls_port,
                "websocket": started.websocket_port,
            },
        )
        await stop.wait()


if __name__ == "__main__":
    main()
