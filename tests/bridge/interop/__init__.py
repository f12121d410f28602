"""Other people's XMPP clients, driven from tests."""
