"""The XMPP bridge: any XMPP client as a member of the same chat, through the same domain library and tables."""
