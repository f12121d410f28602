"""``python -m localcloud``: run the backend on this machine."""

from __future__ import annotations

import argparse
from pathlib import Path

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
    arguments = parser.parse_args()
    main(arguments.folder, arguments.port, arguments.page_port, arguments.page)
