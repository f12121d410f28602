"""``make publish-page``: the built page goes into the stack's bucket, and CloudFront is told.

    python -m scripts.publish_page [--env staging]

A browser that has the page of before still finds the parts of it: nothing is deleted, and what names other files comes
after them.
"""

from __future__ import annotations

import argparse
import json
import sys
import uuid
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from localcloud.page import check_page
from localcloud.problem import Problem
from localcloud.site import CONFIG, DIST, cache_control, content_type
from scripts.deploy import target


def publish(s3: Any, bucket: str, api: str, folder: Path = DIST) -> list[str]:
    """Put every file of a built page into a bucket, and ``config.json`` with the API's address; their keys in order.

    Raises:
        Problem: no page is built.
    """
    check_page(folder)
    files = {f"/{path.relative_to(folder).as_posix()}": path.read_bytes() for path in _files(folder)}
    files |= {CONFIG: json.dumps({"api": api}).encode()}
    for path in (order := sorted(files, key=_rank)):
        s3.put_object(
            Bucket=bucket,
            Key=path[1:],
            Body=files[path],
            ContentType=content_type(path),
            CacheControl=cache_control(path),
        )
    return [path[1:] for path in order]


def _files(folder: Path) -> Iterator[Path]:
    return (path for path in folder.rglob("*") if path.is_file() and not path.name.startswith("."))


def _rank(path: str) -> tuple[int, str]:
    """What is named by others first, and the page itself last."""
    return (2 if path.endswith(".html") else 0 if "immutable" in cache_control(path) else 1, path)


def main() -> None:
    arguments = argparse.ArgumentParser(prog="publish_page", description="Publish what make web has built.")
    arguments.add_argument("--env", default="default", help="the environment of samconfig.toml")
    place = target(arguments.parse_args().env)
    session = boto3.Session(profile_name=place.profile, region_name=place.region)
    found = session.client("cloudformation").describe_stacks(StackName=place.stack)["Stacks"][0]
    outputs = {each["OutputKey"]: each["OutputValue"] for each in found.get("Outputs", [])}
    if "PageBucket" not in outputs:
        raise Problem(f"The stack {place.stack} serves no page; deploy it with ServePage=true.")
    keys = publish(session.client("s3"), outputs["PageBucket"], outputs["HttpUrl"])
    session.client("cloudfront").create_invalidation(
        DistributionId=outputs["PageDistribution"],
        InvalidationBatch={"Paths": {"Quantity": 1, "Items": ["/*"]}, "CallerReference": uuid.uuid4().hex},
    )
    print(f"{len(keys)} files are published at {outputs['PageUrl']}; within a minute or two all see them.")


if __name__ == "__main__":
    try:
        main()
    except (Problem, BotoCoreError, ClientError) as problem:
        sys.exit(str(problem))
