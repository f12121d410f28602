"""Metrics of AWS that dashboards draw and alarms watch: each is one that its service has, under these dimensions."""

from __future__ import annotations

import pytest

from tests.drawn import Series, series

Known = dict[tuple[str, ...], set[str]]

BY_TABLE: Known = {
    ("TableName",): {
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ReadThrottleEvents",
        "WriteThrottleEvents",
    },
    ("TableName", "GlobalSecondaryIndexName"): {
        "ConsumedReadCapacityUnits",
        "ConsumedWriteCapacityUnits",
        "ReadThrottleEvents",
        "WriteThrottleEvents",
    },
}
"""https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/metrics-dimensions.html"""
BY_FUNCTION: Known = {
    (): {"ConcurrentExecutions", "Duration", "Errors", "Invocations", "Throttles"},
    ("FunctionName",): {"ConcurrentExecutions", "Duration", "Errors", "Invocations", "IteratorAge", "Throttles"},
}
"""https://docs.aws.amazon.com/lambda/latest/dg/monitoring-metrics-types.html; of all functions without a dimension."""
BY_API: Known = {
    ("ApiId",): {
        "ClientError",
        "ConnectCount",
        "ExecutionError",
        "IntegrationError",
        "IntegrationLatency",
        "MessageCount",
    }
    | {"4xx", "5xx", "Count", "DataProcessed", "Latency"}
}
"""https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-websocket-api-logging.html and
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-metrics.html"""
BY_QUEUE: Known = {("QueueName",): {"ApproximateAgeOfOldestMessage", "ApproximateNumberOfMessagesVisible"}}
"""https://docs.aws.amazon.com/AWSSimpleQueueService/latest/SQSDeveloperGuide/sqs-available-cloudwatch-metrics.html"""
BY_SERVICE: Known = {("ClusterName", "ServiceName"): {"CPUUtilization", "MemoryUtilization"}}
"""https://docs.aws.amazon.com/AmazonECS/latest/developerguide/available-metrics.html"""
BY_BALANCER: Known = {
    ("LoadBalancer",): {"ActiveFlowCount", "NewFlowCount", "TCP_Target_Reset_Count"},
    ("TargetGroup", "LoadBalancer"): {"HealthyHostCount", "UnHealthyHostCount"},
}
"""https://docs.aws.amazon.com/elasticloadbalancing/latest/network/load-balancer-cloudwatch-metrics.html"""

OF_AWS = {
    "AWS/ApiGateway": BY_API,
    "AWS/DynamoDB": BY_TABLE,
    "AWS/ECS": BY_SERVICE,
    "AWS/Lambda": BY_FUNCTION,
    "AWS/NetworkELB": BY_BALANCER,
    "AWS/SQS": BY_QUEUE,
}
"""Names of metrics by dimensions, by namespace."""


@pytest.mark.parametrize("found", [each for each in series() if not each.is_own], ids=str)
def test_a_metric_of_aws_is_one_that_its_service_has(found: Series) -> None:
    known = OF_AWS[found.namespace]
    assert found.name in known[tuple(name for name, _ in found.dimensions)]
