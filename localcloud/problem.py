"""What keeps the local cloud from running, in one sentence for whoever started it."""


class Problem(Exception):
    """Printed without a stack trace."""
