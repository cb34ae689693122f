"""The sizes at which things are measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from segue.errors import SettingsError
from segue.settings import Settings

if TYPE_CHECKING:
    from feature_pipeline.inputs import Request


@dataclass(frozen=True)
class CatalogSize:
    """A part of the datasets in SEGUE_DATA_DIR; all of their playlists belong to each.

    Attributes
    ----------
    about : str
        What the catalog is made of.
    only : str, optional
        Name of the one dataset whose tracks are taken; all by default.
    include_unnamed : bool
        Whether tracks without a title are recordings, too. Otherwise they only enrich others.
    """

    about: str
    only: str | None = None
    include_unnamed: bool = False

    def request(self, settings: Settings) -> Request:
        """Return what `segue features` is asked for.

        Raises
        ------
        SettingsError
            If SEGUE_DATA_DIR is not set.
        """
        from feature_pipeline.inputs import Request, gather

        if settings.data_dir is None:
            raise SettingsError("SEGUE_DATA_DIR is not set: growth is measured on the datasets in that folder")
        found = gather(Request(data_dir=settings.data_dir), settings)
        taken = [paths for source, paths in found.tracks if self.only in {None, source.name}]
        return Request(
            tracks=tuple(path for paths in taken for path in paths),
            playlists=tuple(path for _, path in found.playlists),
            include_unnamed=self.include_unnamed,
        )


CATALOGS = {
    "one": CatalogSize("one dataset of those that are downloaded by default", only="maharshipandya"),
    "named": CatalogSize("all datasets; tracks without a title only enrich others"),
    "all": CatalogSize("all datasets, tracks without a title included", include_unnamed=True),
}
LISTENERS = {"1k": 1_000, "10k": 10_000, "100k": 100_000}
AMONG = "named"
"""The catalog that all these listeners play from."""
