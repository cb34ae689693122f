"""The same work on ever larger catalogs and for ever more listeners: how much more time and memory it takes."""
