"""What the functions and the bridge share: from Lambda events and the environment to the domain, and back.

Importing it prepares the process for a short cold start, so a function imports it before all else of ours (the order
of imports in ``pyproject.toml``). The bridge takes its metrics and clients from here too.
"""

import gc
import os

gc.set_threshold(100_000)  # a start makes some 80,000 objects that stay: looking for garbage takes a tenth of the time
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for plugins reads every package's metadata
