"""Lists of songs in the formats that other programs read: pure functions from songs to text."""
