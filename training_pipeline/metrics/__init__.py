"""Ranking metrics, one per module. Each compares a ranked list with the recordings that were hidden."""
