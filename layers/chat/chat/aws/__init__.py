"""What the functions share: from Lambda events and the environment to the domain, and back."""
