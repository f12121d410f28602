"""What property tests draw from."""

from __future__ import annotations

from string import ascii_lowercase, ascii_uppercase, digits

from hypothesis import strategies as st

LOCAL_CHARACTERS = ascii_lowercase + digits + "!#$%*+=?^_`{|}~-"
"""What RFC 5321 §4.1.2 and RFC 7622 §3.3 both allow, the dot between them aside."""

atoms = st.text(LOCAL_CHARACTERS + ascii_uppercase, min_size=1, max_size=12)
locals_ = st.lists(atoms, min_size=1, max_size=4).map(".".join)
labels = st.from_regex(r"[A-Za-z0-9]([A-Za-z0-9-]{0,10}[A-Za-z0-9])?", fullmatch=True)
domains = st.lists(labels, min_size=1, max_size=4).map(".".join)
times = st.integers(0, 253_402_300_799_999)
"""ms since the epoch, up to the year 9999."""
message_times = st.integers(1_500_000_000_000, 2_500_000_000_000)
