"""What public playlists put together: spaces that are learned from them, and know only the tracks on them."""
