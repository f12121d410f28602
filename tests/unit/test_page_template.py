"""templates/page.yaml sends what web/headers.json says, and caches as the page server does."""

from __future__ import annotations

from fnmatch import fnmatch
from typing import Any

import pytest
from samtranslator.yaml_helper import yaml_parse

from localcloud.endpoints import ROOT
from localcloud.site import DIST, headers, is_embeddable

RESOURCES: dict[str, Any] = yaml_parse((ROOT / "templates" / "page.yaml").read_text())["Resources"]
DISTRIBUTION = RESOURCES["Distribution"]["Properties"]["DistributionConfig"]
POLICIES = {"page": "PageHeaders", "embeddable": "EmbeddableHeaders"}


def sent(policy: str) -> dict[str, str]:
    """The headers of a policy, for APIs at api.example and ws.example."""
    config = RESOURCES[policy]["Properties"]["ResponseHeadersPolicyConfig"]
    security = config["SecurityHeadersConfig"]
    content, _ = security["ContentSecurityPolicy"]["ContentSecurityPolicy"]["Fn::Sub"]
    found = {
        "Content-Security-Policy": content.replace("${Api}", "api.example").replace("${WebSocket}", "ws.example"),
        "Referrer-Policy": security["ReferrerPolicy"]["ReferrerPolicy"],
        "Strict-Transport-Security": f"max-age={security['StrictTransportSecurity']['AccessControlMaxAgeSec']}",
    }
    if security["ContentTypeOptions"]["Override"]:
        found["X-Content-Type-Options"] = "nosniff"
    if "CorsConfig" in config:
        found["Access-Control-Allow-Origin"] = config["CorsConfig"]["AccessControlAllowOrigins"]["Items"][0]
    return found | {each["Header"]: each["Value"] for each in config["CustomHeadersConfig"]["Items"]}


@pytest.mark.parametrize("kind", sorted(POLICIES))
def test_headers_are_those_of_the_page_server(kind: str) -> None:
    expected = headers("https://api.example/", "wss://ws.example/chat")
    assert sent(POLICIES[kind]) == expected["all"] | expected[kind]


def test_each_file_gets_the_headers_of_its_kind() -> None:
    paths = [path.relative_to(DIST).as_posix() for path in DIST.rglob("*") if path.is_file()]
    for path in [*paths, "config.json", "index.html", "assets/ar-C5yUm4iR.js", "icons/chat.svg", "worker.js"]:
        behaviours = (each for each in DISTRIBUTION["CacheBehaviors"] if fnmatch(path, each["PathPattern"]))
        chosen = next(behaviours, DISTRIBUTION["DefaultCacheBehavior"])["ResponseHeadersPolicyId"]["Ref"]
        assert chosen == POLICIES["embeddable" if is_embeddable(f"/{path}") else "page"], path


def test_the_bucket_is_closed_but_to_its_distribution_and_over_tls() -> None:
    assert set(RESOURCES["Bucket"]["Properties"]["PublicAccessBlockConfiguration"].values()) == {True}
    statements = RESOURCES["BucketPolicy"]["Properties"]["PolicyDocument"]["Statement"]
    allowed = [each for each in statements if each["Effect"] == "Allow"]
    assert all("aws:SourceArn" in each["Condition"]["StringEquals"] for each in allowed)
    denied = [each for each in statements if each["Effect"] == "Deny"]
    assert [each["Condition"] for each in denied] == [{"Bool": {"aws:SecureTransport": "false"}}]


def test_every_behaviour_compresses_and_goes_to_https() -> None:
    for each in [DISTRIBUTION["DefaultCacheBehavior"], *DISTRIBUTION["CacheBehaviors"]]:
        assert each["Compress"]
        assert each["ViewerProtocolPolicy"] == "redirect-to-https"
    assert DISTRIBUTION["HttpVersion"] == "http2and3"
