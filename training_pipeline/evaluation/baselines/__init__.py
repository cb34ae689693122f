"""What a recommender has to beat, one small module each."""
