"""Clients of AWS, made for a short cold start: botocore alone, and in the quickest way.

boto3's clients are botocore's. What boto3 adds, resources and S3 transfers, takes 20 ms to import and nothing here uses
it. Lambda may bring a newer botocore without a deployment; where the quick way fails with it, clients are made in
botocore's own way, which takes 60 ms more.
"""

from __future__ import annotations

from functools import cache
from threading import Lock
from typing import Any

from botocore.config import Config
from botocore.session import Session

_CONFIG = Config(
    connect_timeout=1,
    read_timeout=2,
    max_pool_connections=25,
    retries={"mode": "standard", "total_max_attempts": 3},
)
"""A function has 10 s to answer: three tries of 2 s, and up to 3 s between them, leave one to say that it failed."""

_S3 = _CONFIG.merge(
    Config(
        signature_version="s3v4",
        s3={"addressing_style": "virtual", "us_east_1_regional_endpoint": "regional"},
        request_checksum_calculation="when_required",
    )
)
"""S3's URLs are signed for others to use: for the region's own endpoint, which does not redirect, and without the
checksum of a body that the signer does not know."""

_making = Lock()


def client(service: str, endpoint_url: str | None = None) -> Any:
    """The client of one of ``quick.SERVICES``, made when it is first asked for; safe to ask for in several threads."""
    with _making:
        return _client(service, endpoint_url)


@cache
def _client(service: str, endpoint_url: str | None) -> Any:
    config = _S3 if service == "s3" else _CONFIG
    try:
        from chat.aws import quick  # its imports may fail as well

        return quick.session().create_client(service, endpoint_url=endpoint_url, config=config)
    except Exception:  # whatever a changed botocore raises
        return _plain_session().create_client(service, endpoint_url=endpoint_url, config=config)


@cache
def _plain_session() -> Session:
    from chat.aws.runtime import logger  # which imports this module

    logger.warning("the quick way to make clients fails with this botocore", exc_info=True)
    return Session()
