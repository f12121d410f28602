"""What the documents about XMPP say is there."""

from __future__ import annotations

import re

from localcloud.endpoints import ROOT

CLIENTS = (ROOT / "docs" / "xmpp-clients.md").read_text()
DOAP = ROOT / "docs" / "company-chat.doap"


def test_every_test_that_the_table_of_extensions_names_exists() -> None:
    named = set(re.findall(r"`(tests/[a-z/_]+\.py)`", CLIENTS))
    assert len(named) > 10
    assert [name for name in sorted(named) if not (ROOT / name).exists()] == []


def test_the_doap_file_lists_the_same_extensions_as_the_table() -> None:
    listed = set(re.findall(r"^\| \[(\d{4})\]", CLIENTS, re.MULTILINE))
    assert set(re.findall(r'<xmpp:xep rdf:resource="[^"]*/xep-(\d{4})\.html"/>', DOAP.read_text())) == listed
