"""A server that answers as Spotify does, with made-up listeners whose taste comes from the catalog."""

DEFAULT_PORT = 8765
"""Where `segue sandbox` serves, and where the other commands look for it."""
