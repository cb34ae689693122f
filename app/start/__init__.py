"""The first page, for whoever has no login: from songs to what goes with them."""
