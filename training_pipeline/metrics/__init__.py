"""Metrics, one per module: how much of what was hidden a ranked list finds, and what kind of list it is."""
