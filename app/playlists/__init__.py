"""The page of a listener's playlists: reasons, opinions, steering, refreshing."""
