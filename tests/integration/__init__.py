"""Tests through the real doors: HTTP and WebSockets on the deployed template, with IAM enforced."""
