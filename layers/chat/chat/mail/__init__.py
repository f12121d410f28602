"""Mail: read, taken apart, and indexed for those of a domain who take part in it."""
