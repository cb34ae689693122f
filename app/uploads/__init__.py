"""The files that visitors bring: read within bounds, deleted at once, matched to the catalog."""
