"""What recordings are called and labeled with, for those who read reasons."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from segue.models.catalog import Catalog
from segue.models.catalog_rows import split_names
from segue.recordings import normalize_artists

FEATURING = r"\s*[(\[](?:feat\.|ft\.|featuring|with) [^)\]]*[)\]]"
REMASTER = r"(?i)\s+[-–—]\s+[^-–—]*\bremaster(?:ed)?\b[^-–—]*$"

Labels = dict[str, str]
"""What something is labeled with, in its order: each label by the way it is compared."""


@dataclass(frozen=True)
class Wording:
    """The words for each of many recordings, worked out once: for a few it takes nearly as long.

    Attributes
    ----------
    known : DataFrame
        Indexed by track_id, with the columns title, artists, genres, artist_genres and year.
    """

    known: pd.DataFrame

    @classmethod
    def of(cls, catalog: Catalog, recording_ids: pd.Index[str]) -> Wording:
        """Look recordings up in the catalog, which was read with `segue.models.catalog.LABELS`."""
        return cls(catalog.recordings[["title", "artists", "genres", "artist_genres", "year"]].reindex(recording_ids))

    @cached_property
    def titles(self) -> pa.Array:
        """What people call each recording: its title without guests and remasters, or its id."""
        return pa.array(self._titles.astype("object"), pa.string())

    @cached_property
    def names(self) -> pa.Array:
        """The same with the first artist: "title by artist"."""
        return pa.array(_with_artists(self.known, self._titles), pa.string())

    @cached_property
    def years(self) -> NDArray[np.float64]:
        """The year of each; NaN where it is not known."""
        return np.asarray(self.known["year"].to_numpy("float64", na_value=np.nan))

    def title(self, row: int) -> str:
        """Return the title of one recording."""
        title: str = self.titles[row].as_py()
        return title

    def artists(self, rows: NDArray[np.intp]) -> list[Labels]:
        """Return the artists of each of `rows`, by their normalized names."""
        found = []
        # One at a time: for a few that takes half as long as Arrow's `take`.
        for row in rows.tolist():
            labels: Labels = {}
            for name in filter(None, self._artists[row].as_py() or ()):
                labels.setdefault(self._spoken[name], name)
            found.append(labels)
        return found

    def genres(self, rows: NDArray[np.intp]) -> list[Labels]:
        """Return the genres of each of `rows`, and then those of its artists, by themselves."""
        both = ([lists[row].as_py() or () for lists in self._genres] for row in rows.tolist())
        return [{name: name for name in (*own, *of_artists) if name} for own, of_artists in both]

    def prepare(self) -> None:
        """Work everything out that is otherwise worked out when it is first needed."""
        _ = self.titles, self.names, self.years, self._artists, self._genres, self._spoken

    @cached_property
    def _titles(self) -> pd.Series:
        return titles_of(self.known)

    @cached_property
    def _artists(self) -> pa.ListArray:
        return split_names(self.known["artists"])

    @cached_property
    def _genres(self) -> tuple[pa.ListArray, pa.ListArray]:
        return split_names(self.known["genres"]), split_names(self.known["artist_genres"])

    @cached_property
    def _spoken(self) -> dict[str, str]:
        """How the name of each artist is compared."""
        distinct = pc.unique(pc.list_flatten(self._artists))
        return dict(zip(distinct.to_pylist(), normalize_artists(distinct).to_pylist(), strict=True))


def names_of(recordings: pd.DataFrame) -> list[str]:
    """Return what each recording is called: ``title by first artist``, or its id where it has no title."""
    return _with_artists(recordings, titles_of(recordings))


def titles_of(recordings: pd.DataFrame) -> pd.Series:
    """Return what people call each recording: its title without guests and remasters, or its id."""
    titles = recordings["title"].str.replace(FEATURING, "", regex=True).str.replace(REMASTER, "", regex=True)
    return titles.where(titles.notna(), recordings.index.to_series())


def _with_artists(recordings: pd.DataFrame, titles: pd.Series) -> list[str]:
    text = titles.str.cat(" by " + recordings["artists"].str.replace(";.*", "", regex=True), na_rep="")
    return text.where(recordings["title"].notna(), titles).to_list()
