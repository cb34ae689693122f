"""The spaces: each places recordings, and says how near a recording is to what a listener likes."""
