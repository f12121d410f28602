"""The benchmark: what the design promises, measured beside a reference in the same run (``make bench``)."""
