"""Logging in, sessions, and the page of a listener's own account."""
