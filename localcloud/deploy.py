"""Deploys ``template.yaml`` to the local cloud through CloudFormation, as on AWS.

Two things differ from AWS, both because of the emulator: resources of types that ministack refuses are taken out, and
code and layers are built for this machine instead of Lambda's.
"""

from __future__ import annotations

import hashlib
import json
import time
from pathlib import Path
from typing import Any

from samtranslator.yaml_helper import yaml_parse

from localcloud import package
from localcloud.cloud import REGION, Cloud
from localcloud.endpoints import ROOT, Endpoints
from localcloud.problem import Problem

BUCKET = "company-chat-deploy"
STACK = "company-chat"
DEPLOY_SECONDS = 120
REFUSED = {
    "AWS::ApplicationAutoScaling::ScalableTarget",
    "AWS::ApplicationAutoScaling::ScalingPolicy",
    "AWS::ApiGatewayV2::RouteResponse",  # its WebSocket APIs do reply
    "AWS::CloudWatch::CompositeAlarm",
    "AWS::Logs::QueryDefinition",
    "AWS::SES::ReceiptRule",
    "AWS::SES::ReceiptRuleSet",
}
"""Types of resources that ministack does not take; nor does it take alarms that calculate."""


_LOCAL = {"DeletionProtection": "false", "MessagesPerSecond": "10000", "ServePage": "false"}
TEMPLATE = ROOT / "template.yaml"


def deploy(cloud: Cloud, stack: str = STACK, template: Path = TEMPLATE, **parameters: str) -> Endpoints:
    """Create the stack, or update it where code, template or parameters changed.

    ``parameters`` goes before what the local cloud has for its own. The paths of code are those of this repository,
    wherever the template is.

    Raises:
        Problem: CloudFormation refused it; the reason is in the message.
    """
    s3 = cloud.client("s3")
    if BUCKET not in [bucket["Name"] for bucket in s3.list_buckets()["Buckets"]]:
        s3.create_bucket(Bucket=BUCKET)
    cloudformation = cloud.client("cloudformation")
    request: dict[str, Any] = {
        "StackName": stack,
        "TemplateURL": _packaged(cloud, template),
        "Capabilities": ["CAPABILITY_IAM", "CAPABILITY_AUTO_EXPAND"],
        "Parameters": _parameters(template, _LOCAL | {"LocalHost": cloud.host} | parameters),
    }
    mark = {"Key": "deployed", "Value": _digest(json.dumps(request).encode())}
    existing = _describe(cloudformation, stack)
    done = {"CREATE_COMPLETE", "UPDATE_COMPLETE"}
    if existing is None:
        cloudformation.create_stack(**request, Tags=[mark])
    elif mark not in existing.get("Tags", []):
        cloudformation.update_stack(**request, Tags=[mark])
    else:
        done.add("UPDATE_ROLLBACK_COMPLETE")  # back to what is asked for
    outputs = _wait(cloudformation, stack, done)
    return Endpoints(
        cloud=cloud.url,
        region=REGION,
        stack=stack,
        http_url=outputs["HttpUrl"],
        websocket_url=outputs["WebSocketUrl"],
        connections_endpoint=outputs["ConnectionsEndpoint"],
        directory_table=outputs["DirectoryTable"],
        connections_table=outputs["ConnectionsTable"],
        history_table=outputs["HistoryTable"],
        signing_secret=outputs["SigningSecret"],
        grace_queue=outputs["GraceQueue"],
        upload_bucket=outputs["UploadBucket"],
        mail_bucket=outputs["MailBucket"],
        mail_queue=outputs["MailQueue"],
        mail_dead_letters=outputs["MailDeadLetters"],
        bridge_role=outputs["BridgeRole"],
    )


def _packaged(cloud: Cloud, path: Path) -> str:
    """The URL of a template that is uploaded with its code and nested templates, without what ministack refuses."""
    template: dict[str, Any] = yaml_parse(path.read_text())
    resources: dict[str, Any] = template["Resources"]
    for name in [name for name, each in resources.items() if _is_refused(each)]:
        del resources[name]
    for resource in resources.values():
        properties = resource.get("Properties", {})
        if resource["Type"] == "AWS::Serverless::Function":
            code = package.zipped(package.function(properties["CodeUri"]))
            properties["CodeUri"] = f"s3://{BUCKET}/{_upload(cloud, f'code-{_digest(code)}.zip', code)}"
        elif resource["Type"] == "AWS::Serverless::LayerVersion":
            code = package.zipped(package.layer(properties["ContentUri"]))
            properties["ContentUri"] = f"s3://{BUCKET}/{_upload(cloud, f'layer-{_digest(code)}.zip', code)}"
        elif resource["Type"] == "AWS::CloudFormation::Stack":
            properties["TemplateURL"] = _packaged(cloud, path.parent / properties["TemplateURL"])
    body = json.dumps(template, sort_keys=True).encode()
    return f"{cloud.url}/{BUCKET}/{_upload(cloud, f'template-{_digest(body)}.json', body)}"


def _is_refused(resource: dict[str, Any]) -> bool:
    calculates = resource["Type"] == "AWS::CloudWatch::Alarm" and "Metrics" in resource["Properties"]
    return calculates or resource["Type"] in REFUSED


def _parameters(template: Path, values: dict[str, str]) -> list[dict[str, str]]:
    """What CloudFormation is told: an older template does not have all parameters."""
    known = yaml_parse(template.read_text())["Parameters"]
    return [{"ParameterKey": name, "ParameterValue": value} for name, value in values.items() if name in known]


def _upload(cloud: Cloud, key: str, content: bytes) -> str:
    cloud.client("s3").put_object(Bucket=BUCKET, Key=key, Body=content)
    return key


def _describe(cloudformation: Any, stack: str) -> dict[str, Any] | None:
    try:
        found: dict[str, Any] = cloudformation.describe_stacks(StackName=stack)["Stacks"][0]
    except cloudformation.exceptions.ClientError:
        return None
    return None if found["StackStatus"] == "DELETE_COMPLETE" else found


def _wait(cloudformation: Any, stack: str, done: set[str]) -> dict[str, str]:
    deadline = time.monotonic() + DEPLOY_SECONDS
    while time.monotonic() < deadline:
        found = _describe(cloudformation, stack)
        status = found["StackStatus"] if found else "GONE"
        if found and status in done:
            return {each["OutputKey"]: each["OutputValue"] for each in found["Outputs"]}
        if not status.endswith("IN_PROGRESS"):
            raise Problem(f"The stack could not be deployed ({status}): {_reason(cloudformation, stack)}")
        time.sleep(0.2)
    raise Problem(f"The stack was not deployed within {DEPLOY_SECONDS} s.")


def _reason(cloudformation: Any, stack: str) -> str:
    events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
    failed = [each for each in events if each["ResourceStatus"].endswith("FAILED")]
    return "; ".join(f"{each['LogicalResourceId']}: {each.get('ResourceStatusReason', '')}" for each in failed[-3:])


def _digest(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]
