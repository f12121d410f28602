"""``python -m localcloud``: run the backend on this machine."""

from __future__ import annotations

import argparse

from localcloud.run import PORT, main

if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="localcloud", description="Run the whole backend on this machine.")
    parser.add_argument("--port", type=int, default=PORT, help=f"port of the local cloud on 127.0.0.1 ({PORT})")
    main(parser.parse_args().port)
