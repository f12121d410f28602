"""The command line of company chat, and the client that it talks through."""
