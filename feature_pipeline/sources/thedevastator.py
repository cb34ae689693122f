"""The same data as maharshipandya's, on Kaggle."""

from __future__ import annotations

from dataclasses import replace

from feature_pipeline.sources.hub import Hub
from feature_pipeline.sources.maharshipandya import MAHARSHIPANDYA

THEDEVASTATOR = replace(
    MAHARSHIPANDYA,
    name="thedevastator",
    title="Spotify Tracks Genre Dataset (Kaggle thedevastator)",
    hub=Hub("kaggle", "thedevastator/spotify-tracks-genre-dataset", ("train.csv",)),
)
