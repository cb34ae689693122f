"""What a catalog alone says of its recordings: the spaces that need no playlists."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from segue.models.catalog_rows import CatalogRows
from segue.models.spaces.artist import ArtistSpace
from segue.models.spaces.audio import AudioSpace
from segue.models.spaces.colisten.familiarity import KindInputs
from segue.models.spaces.era import EraSpace
from segue.models.spaces.genre import GenreSpace
from segue.models.spaces.popularity import PopularitySpace
from segue.models.spaces.space import Space
from segue.models.spaces.tags import TagSpace
from segue.models.vectors import Vectors, unit_rows

ERA_WIDTH = 2.0


@dataclass(frozen=True)
class Content:
    """Recordings, placed by what the catalog says of them."""

    recordings: CatalogRows
    genre: GenreSpace
    tags: TagSpace
    audio: AudioSpace
    era: EraSpace
    artist: ArtistSpace
    popularity: PopularitySpace

    @property
    def spaces(self) -> dict[str, Space]:
        """The spaces by name."""
        return {name: getattr(self, name) for name in ("genre", "tags", "audio", "era", "artist", "popularity")}

    @cached_property
    def vectors(self) -> Vectors:
        """What predictions from content start from, shape (n, d): tags, era, sound, popularity and a constant."""
        n_bins, places = self.era.n_bins, self.era.places_
        distances = np.subtract.outer(np.arange(n_bins), np.arange(n_bins))
        # One row for each bin, and one of zeros where it is not known: made anew for each recording, these would take
        # more memory than all else.
        eras = np.vstack([unit_rows(np.exp(-0.5 * (distances / ERA_WIDTH) ** 2)), np.zeros((1, n_bins), np.float32)])
        parts = [self.tags.vectors_, eras[places], 0.5 * self.audio.vectors_]
        parts += [
            self.popularity.percentiles_[:, None] - 0.5,
            (places < n_bins)[:, None] - 0.5,
            np.ones((len(places), 1)),
        ]
        return np.concatenate(parts, axis=1, dtype=np.float32)

    @cached_property
    def kinds(self) -> KindInputs:
        """What `KindSpace` starts from, whatever the playlists."""
        return KindInputs.of(self.vectors, self.popularity)


def place_by_content(frame: pd.DataFrame) -> Content:
    """Fit every content space to the recordings of a catalog, indexed by track_id."""
    recordings = CatalogRows(frame)
    return Content(
        recordings,
        GenreSpace().fit(recordings),
        TagSpace().fit(recordings),
        AudioSpace().fit(recordings),
        EraSpace().fit(recordings),
        ArtistSpace().fit(recordings),
        PopularitySpace().fit(recordings),
    )
