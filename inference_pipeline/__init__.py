"""The inference pipeline: model + listeners → recommendations → playlists."""
