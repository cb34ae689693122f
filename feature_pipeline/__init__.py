"""The feature pipeline: raw data → feature groups."""
