"""What browsers complain of while a test runs: errors on the console, uncaught ones, violated policies."""

from __future__ import annotations

import re

from playwright.sync_api import BrowserContext, ConsoleMessage, WebError

# The console says that something was refused, but not always which directive did.
_TELL_VIOLATIONS = """
addEventListener("securitypolicyviolation", (event) => {
  console.error(`securitypolicyviolation: ${event.effectiveDirective} ${event.blockedURI} ${event.sample}`);
});
"""


class Complaints:
    """Collects complaints; a test that provokes some allows them."""

    def __init__(self) -> None:
        self._heard: list[str] = []
        self._allowed: list[str] = []

    def watch(self, context: BrowserContext) -> None:
        """Listen to all pages of a context, from before their first script on."""
        context.add_init_script(_TELL_VIOLATIONS)
        context.on("console", self._hear_message)
        context.on("weberror", self._hear_uncaught)

    def allow(self, *patterns: str) -> None:
        """Let complaints pass in which one of these regular expressions is found, earlier ones too."""
        self._allowed += patterns

    @property
    def unexpected(self) -> list[str]:
        """What was complained of and not allowed."""
        return [each for each in self._heard if not any(re.search(pattern, each) for pattern in self._allowed)]

    def hear(self, text: str) -> None:
        """Note a complaint."""
        self._heard.append(text)

    def _hear_message(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "assert"):
            self.hear(f"{message.text} ({message.location['url']})")

    def _hear_uncaught(self, error: WebError) -> None:
        self.hear(f"uncaught: {error.error}")
