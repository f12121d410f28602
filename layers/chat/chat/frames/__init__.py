"""Every frame of the WebSocket API and every body of the HTTP API, as pydantic models.

One module for each function, so that its start makes no others; ``base`` has what all share, ``events`` what is pushed.
``docs/protocol.md`` and the JSON Schemas are generated from them.
"""
