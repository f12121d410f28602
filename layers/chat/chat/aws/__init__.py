"""What the functions share: from Lambda events and the environment to the domain, and back.

Importing it prepares the process for a short cold start; nothing but a function imports it.
"""

import gc
import os

gc.set_threshold(50_000)  # a start makes some 200,000 objects and no garbage: looking for it takes a tenth of the time
os.environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")  # looking for plugins reads every package's metadata
