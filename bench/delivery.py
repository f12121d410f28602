"""From sending a message to its delivery, and to the reply, over real WebSockets on the local cloud.

The reference is a WebSocket API with one bare function, deployed beside ours, that stores the message and posts it to
one connection: no rules, no inboxes, no presence. Ours and the reference take turns, message by message.
"""

from __future__ import annotations

import io
import json
import statistics
import time
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from websockets.sync.client import ClientConnection, connect

from bench.figures import Figure
from bench.stack import Stack, now, say
from chat import ids
from chat.addresses import Address
from chatctl import client
from localcloud.seed import PASSWORD, seed

MESSAGES = 300
WARM_UP = 20
LIMIT = 3
"""Times the reference; the design sets none."""
BODY = "Could you look at the Harbour offer before noon? The dates on page two are still last year's."

BARE = """
import json, os, uuid
import boto3

table = boto3.client("dynamodb")
api = boto3.client("apigatewaymanagementapi", endpoint_url=os.environ["CONNECTIONS_ENDPOINT"])

def handler(event, context):
    me = event["requestContext"]["connectionId"]
    if event["requestContext"]["eventType"] != "MESSAGE":
        return {"statusCode": 200}
    frame = json.loads(event["body"])
    if frame["action"] == "send":
        item = {"pk": {"S": "BARE"}, "sk": {"S": str(uuid.uuid4())}, "body": {"S": frame["body"]}}
        table.put_item(TableName=os.environ["TABLE"], Item=item)
        api.post_to_connection(ConnectionId=frame["to"], Data=event["body"].encode())
    print(frame["action"])
    return {"statusCode": 200, "body": json.dumps({"me": me})}
"""
"""The reference function. Prints a line, as ours does: the local cloud waits for one."""


@dataclass
class Bare:
    """Two connections to the reference: one sends, one receives."""

    sender: ClientConnection
    receiver: ClientConnection
    to: str

    def send(self) -> tuple[float, float]:
        """Seconds until a message is delivered, and until it is replied to."""
        started = time.perf_counter()
        self.sender.send(json.dumps({"action": "send", "to": self.to, "body": BODY}))
        self.receiver.recv(client.PATIENCE)
        delivered = time.perf_counter()
        self.sender.recv(client.PATIENCE)
        return delivered - started, time.perf_counter() - started


@dataclass
class Ours:
    """Two users over the deployed API: one sends, one receives."""

    sender: client.ChatConnection
    receiver: client.ChatConnection
    to: Address
    count: int = 0

    def send(self) -> tuple[float, float]:
        """Seconds until a message is delivered, and until it is replied to."""
        self.count += 1
        message_id, request_id = ids.new(now()), f"bench-{self.count}"
        frame = {"action": "send", "request_id": request_id, "id": message_id, "recipient": str(self.to), "body": BODY}
        started = time.perf_counter()
        self.sender.send(frame)
        event = self.receiver.event("message")
        delivered = time.perf_counter()
        self.sender.reply(request_id)
        replied = time.perf_counter()
        assert event["message"]["id"] == message_id
        return delivered - started, replied - started


def measure(stack: Stack) -> Iterator[Figure]:
    """Median and 99th percentile of both times."""
    seed(stack.tables, now())
    say("delivery: deploying the reference and connecting")
    ours, bare = _ours(stack), _bare(stack)
    for _ in range(WARM_UP):
        ours.send()
        bare.send()
    say(f"delivery: {MESSAGES} messages each")
    pairs = [(ours.send(), bare.send()) for _ in range(MESSAGES)]
    for connection in (ours.sender, ours.receiver, bare.sender, bare.receiver):
        connection.close()
    for number, name in enumerate(("delivered", "reply")):
        taken = [mine[number] * 1000 for mine, _ in pairs]
        plain = [other[number] * 1000 for _, other in pairs]
        for rank, pick in RANKS.items():
            held = pick(taken) <= LIMIT * pick(plain)
            yield Figure(f"send → {name}, {rank}", "ms", pick(taken), pick(plain), f"≤ {LIMIT} × (own)", held)


RANKS: dict[str, Callable[[list[float]], float]] = {
    "p50": statistics.median,
    "p99": lambda times: statistics.quantiles(times, n=100)[98],
}


def _ours(stack: Stack) -> Ours:
    url = stack.endpoints.http_url
    alice, bob = Address("alice", "example.com"), Address("bob", "example.com")
    sender, receiver = (client.open_connection(url, client.log_in(url, str(each), PASSWORD)) for each in (alice, bob))
    return Ours(sender, receiver, bob)


def _bare(stack: Stack) -> Bare:
    """Deploy the reference with the plain APIs of API Gateway and Lambda, and connect twice."""
    gateway, functions = stack.cloud.client("apigatewayv2"), stack.cloud.client("lambda")
    api = gateway.create_api(Name="bare", ProtocolType="WEBSOCKET", RouteSelectionExpression="$request.body.action")
    path = f"{stack.cloud.host}/_aws/execute-api/{api['ApiId']}/bare"
    function = functions.create_function(
        FunctionName="bare",
        Runtime="python3.13",
        Handler="app.handler",
        Role=_role(stack),
        Code={"ZipFile": _zipped(BARE)},
        MemorySize=512,
        Environment={
            "Variables": {"TABLE": stack.endpoints.history_table, "CONNECTIONS_ENDPOINT": f"http://{path}"},
        },
    )
    functions.add_permission(
        FunctionName="bare", StatementId="api", Action="lambda:InvokeFunction", Principal="apigateway.amazonaws.com"
    )
    integration = gateway.create_integration(
        ApiId=api["ApiId"], IntegrationType="AWS_PROXY", IntegrationUri=function["FunctionArn"]
    )
    for key in ("$connect", "$disconnect", "$default"):
        response = {"RouteResponseSelectionExpression": "$default"} if key == "$default" else {}
        target = f"integrations/{integration['IntegrationId']}"
        gateway.create_route(ApiId=api["ApiId"], RouteKey=key, Target=target, **response)
    gateway.create_stage(ApiId=api["ApiId"], StageName="bare", AutoDeploy=True)
    sender, receiver = (connect(f"ws://{path}", open_timeout=client.PATIENCE) for _ in range(2))
    receiver.send(json.dumps({"action": "me"}))
    return Bare(sender, receiver, json.loads(receiver.recv(client.PATIENCE))["me"])


def _role(stack: Stack) -> str:
    """A role that may do everything the reference does."""
    iam: Any = stack.cloud.client("iam")
    service = {"Service": "lambda.amazonaws.com"}
    trust = {
        "Version": "2012-10-17",
        "Statement": [{"Effect": "Allow", "Principal": service, "Action": "sts:AssumeRole"}],
    }
    actions = ["dynamodb:PutItem", "execute-api:ManageConnections", "logs:*"]
    policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": actions, "Resource": "*"}]}
    role = iam.create_role(RoleName="bare", AssumeRolePolicyDocument=json.dumps(trust))
    iam.put_role_policy(RoleName="bare", PolicyName="bare", PolicyDocument=json.dumps(policy))
    return str(role["Role"]["Arn"])


def _zipped(code: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("app.py", code)
    return buffer.getvalue()
