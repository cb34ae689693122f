"""Song to songs: the nearest songs of a song, in each space."""
