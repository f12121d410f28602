"""The fan-out on the streams of the Connections and Directory tables: what changed goes to those who watch."""

from typing import Any

from chat.aws import metrics, runtime
from chat import fanout
from chat import metrics as declared
from chat.activity import ActiveDomains
from chat.fanout import Change
from chat.tables.connections import active_today, presence_change
from chat.tables.directory import changed_domain

runtime.pusher()
active_domains = ActiveDomains(runtime.tables().connections)


@metrics.written
def handler(event: dict[str, Any], context: object) -> None:
    """Announce each user's change once, however many records of the batch it took."""
    runtime.correlate(event, context)
    tables, pusher, now = runtime.tables(), runtime.pusher(), runtime.now()
    records = [record["dynamodb"] for record in event["Records"]]
    images = [(each["Keys"], each.get("OldImage"), each.get("NewImage")) for each in records]
    changes = fanout.merge(Change(*change) for each in images if (change := presence_change(*each)))
    pushes = sum(fanout.announce(tables, pusher, change, now) for change in changes)
    domains = {domain for each in records if (domain := changed_domain(each["Keys"]))}
    pushes += sum(fanout.announce_directory(tables, pusher, domain, now) for domain in domains)
    active = [user for each in images if (user := active_today(*each))]
    metrics.note(declared.ACTIVE_DOMAINS, active_domains.count((each.domain for each in active), now))
    metrics.note(declared.ACTIVE_USERS, len(active))
    metrics.note(declared.PRESENCE_CHANGES, sum(each.is_seen(now) for each in changes))
    runtime.logger.info("fan-out", extra={"records": len(records), "users": len(changes), "pushes": pushes})
