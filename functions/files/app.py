"""``GET`` and ``HEAD /files/{id}/{name}``: a shared file, by sending the client on to S3."""

import os
import time
from functools import partial
from typing import Any

from chat.aws import clients, metrics, runtime
from chat.aws.socket import as_chat_error, describe
from chat import files
from chat import metrics as declared
from chat.aws.files import Downloads

downloads = Downloads(partial(clients.client, "s3"), os.environ["UPLOAD_BUCKET"])
HEADERS = {"cache-control": "no-store", "x-content-type-options": "nosniff"}


@metrics.written
def handler(event: dict[str, Any], context: object) -> dict[str, Any]:
    runtime.correlate(event, context)
    route, code, started = event["routeKey"], "ok", time.perf_counter()
    try:
        file = files.locate(event["pathParameters"]["id"], event["pathParameters"]["name"])
        answer = {"statusCode": 302, "headers": HEADERS | {"location": downloads.url(file, route.partition(" ")[0])}}
    except Exception as error:  # the boundary: a client gets a code, the log the stack
        known = as_chat_error(error)
        code = known.code
        body = f'{{"error":{describe(known).model_dump_json(exclude_none=True)}}}'
        headers = HEADERS | {"content-type": "application/json"}
        answer = {"statusCode": known.status, "headers": headers, "body": body}
    metrics.note(declared.LATENCY, round((time.perf_counter() - started) * 1000, 1), route)
    metrics.note_outcome(code)
    runtime.logger.info("request", extra={"route": route, "code": code})
    return answer
