"""``python -m localcloud``: run the backend on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

from localcloud.bridge import Ports
from localcloud.endpoints import LOCAL
from localcloud.page import PORT as PAGE_PORT
from localcloud.run import PORT, main
from localcloud.site import DIST

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="localcloud", description="Run the whole backend on this machine.")
    parser.add_argument("--port", type=int, default=PORT, help=f"port of the local cloud on 127.0.0.1 ({PORT})")
    parser.add_argument("--page-port", type=int, default=PAGE_PORT, help=f"port of the page on 127.0.0.1 ({PAGE_PORT})")
    parser.add_argument("--page", type=Path, default=DIST, help="where the built page is (web/dist)")
    parser.add_argument("--folder", type=Path, default=LOCAL, help="where state and build results are kept (.local)")
    parser.add_argument("--demo-mail", action="store_true", help="put the demo mailbox in meanwhile, where it is not")
    usual = Ports()
    bridge = parser.add_argument_group("XMPP bridge")
    bridge.add_argument("--xmpp", action="store_true", help="run the XMPP bridge too, on these ports of 127.0.0.1")
    bridge.add_argument("--xmpp-port", type=int, default=usual.starttls, help=f"STARTTLS ({usual.starttls})")
    bridge.add_argument("--xmpps-port", type=int, default=usual.tls, help=f"TLS ({usual.tls})")
    bridge.add_argument(
        "--xmpp-websocket-port", type=int, default=usual.websocket, help=f"WebSocket ({usual.websocket})"
    )
    arguments = parser.parse_args()
    ports = Ports(arguments.xmpp_port, arguments.xmpps_port, arguments.xmpp_websocket_port)
    main(
        arguments.folder,
        arguments.port,
        arguments.page_port,
        arguments.page,
        ports if arguments.xmpp else None,
        demo_mail=arguments.demo_mail,
    )
