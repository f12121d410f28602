"""Every frame of the WebSocket API and every body of the HTTP API, as pydantic models.

``docs/protocol.md`` and the JSON Schemas are generated from them.
"""
