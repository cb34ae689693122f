"""How recommendations are judged: collections of playlists, settings, baselines, tables."""
