"""The plain page that the list is set beside: it fetches the same contacts as one file, and shows each as an ``<li>``.

No service, no sections, no presence, no search, and nothing is kept but what the browser's HTTP cache keeps.
"""

from __future__ import annotations

import json
from pathlib import Path

from bench.stack import Stack
from chat.entries import User

HTML = """<!doctype html>
<html lang="en">
<meta charset="utf-8"><title>Plain</title><link rel="icon" href="data:,">
<ul></ul>
<script src="plain.js"></script>
</html>
"""
SCRIPT = """
globalThis.usable = fetch("contacts.json").then((answer) => answer.json()).then((contacts) => {
  const rows = document.createDocumentFragment();
  for (const { name, title, department } of contacts) {
    const row = document.createElement("li");
    row.textContent = `${name}, ${title}, ${department}`;
    rows.append(row);
  }
  document.querySelector("ul").append(rows);
  return new Promise((resolve) => {
    const shown = () => resolve({ rows: performance.now(), usable: performance.now() });
    requestAnimationFrame(() => requestAnimationFrame(shown));
  });
});
"""


def write(folder: Path, stack: Stack, domain: str) -> None:
    """Write the page into a folder, with all people of a domain as the API lists them."""
    folder.mkdir()
    (folder / "index.html").write_text(HTML)
    (folder / "plain.js").write_text(SCRIPT)
    (folder / "contacts.json").write_text(
        json.dumps([_listed(each) for each in stack.tables.directory.all_users(domain)])
    )


def _listed(user: User) -> dict[str, str]:
    profile = user.profile
    fields = {"name": profile.name, "title": profile.title, "department": profile.department}
    return {"address": str(user.address), "kind": "user"} | fields
