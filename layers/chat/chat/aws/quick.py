"""A session of botocore whose clients are made in 10 ms instead of 70.

Before it makes the first client, botocore lists its 420 services twice and parses 1.8 MB of JSON, most of it the
endpoints of all services, which their rule sets have replaced, and it registers 120 handlers of which 10 concern us.
This rests on parts of botocore that are not its interface: ``chat.aws.clients`` does without where they have changed.
"""

from __future__ import annotations

import gzip
import os
from functools import cache
from typing import Any

from botocore.handlers import BUILTIN_HANDLERS, REGISTER_FIRST, REGISTER_LAST
from botocore.loaders import JSONFileLoader, Loader
from botocore.session import Session
from pydantic_core import from_json

SERVICES = ["apigatewaymanagementapi", "dynamodb", "s3", "secrets-manager", "secretsmanager", "sqs"]
"""The services that functions call, by the names of their models and of their events."""


class _Files(JSONFileLoader):
    """Reads botocore's data files with the parser that pydantic brings."""

    def load_file(self, file_path: str) -> Any:
        """What is in ``file_path``, which comes without its ending; None where there is no such file."""
        if os.path.isfile(f"{file_path}.json"):
            with open(f"{file_path}.json", "rb") as file:
                return from_json(file.read())
        if os.path.isfile(f"{file_path}.json.gz"):
            with gzip.open(f"{file_path}.json.gz", "rb") as packed:
                return from_json(packed.read())
        return None


class _Models(Loader):
    """Knows which services there are without looking at all of them, and no endpoint that a rule set gives anyway."""

    def list_available_services(self, type_name: str) -> list[str]:  # noqa: ARG002  # all of them have every type
        return SERVICES

    def load_data_with_path(self, name: str) -> tuple[Any, str]:
        """The data file ``name`` and where it is; of ``endpoints`` only what partitions share."""
        data, path = super().load_data_with_path("partitions" if name == "endpoints" else name)
        return (_endpoints(data), path) if name == "endpoints" else (data, path)


def _endpoints(partitions: Any) -> dict[str, Any]:
    """The file of endpoints as it would be without any service's own."""
    return {
        "version": 3,
        "partitions": [
            {
                "partition": each["id"],
                "dnsSuffix": each["outputs"]["dnsSuffix"],
                "regionRegex": each["regionRegex"],
                "regions": {},
                "services": {},
                "defaults": {"hostname": "{service}.{region}.{dnsSuffix}", "protocols": ["https"]},
            }
            for each in partitions["partitions"]
        ],
    }


@cache
def session() -> Session:
    """The session, for the services above alone."""
    made = Session(include_builtin_handlers=False)
    events = made.get_component("event_emitter")
    register = {REGISTER_FIRST: events.register_first, REGISTER_LAST: events.register_last}
    for name, handler, *place in BUILTIN_HANDLERS:
        if _concerns_us(name):
            register.get(place[0] if place else None, events.register)(name, handler)
    made.register_component("data_loader", _Models(file_loader=_Files()))
    return made


def _concerns_us(event: str) -> bool:
    """Whether botocore's handler of an event, ``<event>.<service>.<operation>``, is for a service that we call."""
    name, _, rest = event.partition(".")
    return name != "docs" and rest.partition(".")[0] in ("", "*", *SERVICES)
