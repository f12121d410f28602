"""The demo mailbox: what the demo's people have written to each other in the last 90 days, and how it is put in.

The mails are made here, so that nobody's are copied: threads, German, French, Arabic and Japanese ones among them,
tickets to the support alias, weekly mails, invitations with answers, updates and cancellations, and files of many
types. The same start gives the same mails. Of each mail at least two of a domain take part, or one of its aliases, for
else it would show nowhere.
"""
