"""The models: spaces that place tracks, the neighbor graph over a space, and the KNN regressor."""
