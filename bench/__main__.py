"""``python -m bench``: measure, print a table, and write it to ``.local/bench.json``.

It measures and judges nothing but by a word: its exit code is 0 also where a figure is SHORT.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Iterator

from bench import (
    artifacts,
    cold_starts,
    delivery,
    imports,
    mail,
    mail_units,
    page_list,
    page_memory,
    page_size,
    prosody,
    pushes,
    store_units,
    xmpp,
)
from bench.figures import Figure, heading, save
from bench.stack import Stack, running, say
from localcloud.endpoints import LOCAL
from localcloud.problem import Problem
from scripts import chromium

FAMILIES: dict[str, Callable[[Stack], Iterator[Figure]]] = {
    "cold-starts": cold_starts.measure,
    "imports": imports.measure,
    "delivery": delivery.measure,
    "mail": mail.measure,
    "artifacts": artifacts.measure,
    "page-size": page_size.measure,
    "page-memory": page_memory.measure,
    "page-list": page_list.measure,
    "pushes": pushes.measure,
    "xmpp": xmpp.measure,
    "store-units": store_units.measure,
    "mail-units": mail_units.measure,
}
"""In this order: what is timed comes first, while the tables are small and the fan-out runs. The last three of them
stop it."""

NOTES = [
    "Store figures: ours and the reference at the largest size; flat means the same cost from 1,000 users to 10,000, "
    "and from 10 messages in the thread to 100,000. Read units are computed from item sizes by AWS's rules, because "
    "the local store does not report them; write units are as reported.",
    "Cold starts: medians in ms of a fresh interpreter, from its first line to the first answer; the reference "
    "imports boto3 and pydantic and does nothing. The log-in hashes a password besides, slow on purpose.",
    "Imports: medians in ms, and what the three slowest packages take of it; a function makes its clients of AWS while "
    "it is imported. Counting slows both down.",
    "Artifacts: KiB, and the three largest parts unzipped; the reference is what Lambda takes, of an upload and of a "
    "function with its layers. Without a Python of Lambda's version there is no bytecode in them. The bridge's image "
    "is counted without its base and without bytecode.",
    "Delivery: over WebSockets through the local cloud; the reference is a function that only stores and posts. Its "
    "limit of 3 × is our own.",
    "Page: its size stands beside the target itself, as no other widget is installed to compare with. The list stands "
    "beside a page that fetches the same contacts as one file and shows them as plain list items in the same browser; "
    "all of a first visit's contacts are told and not judged, since the local store takes most of that time. Memory is "
    "heaps after a collection; the reference keeps the same frames as texts. Limits marked own are our own.",
    "XMPP: the reference is Debian's Prosody with mod_mam in SQLite. Over the stub, a store that answers after 5 ms, "
    "the bridge itself is measured and judged; over the local cloud, a Python program on the same cores, for which "
    "1,000 users are too many, it is told. A message counts when its recipient has it; one that has not come after "
    "30 s is lost, unless it is in the recipient's archive. The store's CPU time counts for Prosody alone, whose "
    "SQLite is in its process. A log-in is TLS, SCRAM-SHA-1 and a bound resource. Memory is what a connection with "
    "stream management adds to the process.",
    "Mail: the demo's. The reference parses it with the standard library's email (policy.default), its addresses, date "
    "and parts, and keeps nothing. CPU is that of one process which does what the indexer's does, its calls with it. "
    "Mails a second go through bucket, queue, function and tables of the local cloud, all on the same cores: told. The "
    "store's reference keeps a row for each word of a mail, and reads a tab's list whole.",
]


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench", description="Measure the project beside its references.")
    parser.add_argument("--only", choices=sorted(FAMILIES), help="measure one family of figures")
    only = parser.parse_args().only
    path = LOCAL / "bench.json"
    figures: list[Figure] = []
    print(heading(), flush=True)
    try:
        with running() as stack:
            for name, measure in FAMILIES.items():
                if name.startswith("page-") and chromium.find() is None:
                    say(f"{name} is left out. {chromium.ADVICE}")
                elif name == "xmpp" and not prosody.is_installed():
                    say(f"{name} is left out. {prosody.ADVICE}")
                elif only in (None, name):
                    for figure in measure(stack):
                        figures.append(figure)
                        print(figure.line(), flush=True)
    except Problem as problem:
        sys.exit(str(problem))
    for note in NOTES:
        print(f"\n{note}")
    save(figures, NOTES, path)
    say(f"written to {path}")


if __name__ == "__main__":
    main()
