"""Segue beside what a user would pick instead, on the same data in the same run: ratios, not seconds."""
