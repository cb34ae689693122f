"""A server that answers as Spotify does, with made-up listeners whose taste comes from the catalog."""
