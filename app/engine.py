"""What recommends: models and catalog, opened when they are first asked for, and anew when a run made others."""

from __future__ import annotations

import logging
from contextlib import suppress
from dataclasses import dataclass, field, replace
from threading import Lock
from typing import TYPE_CHECKING

from app.pictures.atlas import Atlas
from app.search import Search
from app.start.offers import Offers
from inference_pipeline.candidates import COLUMNS
from inference_pipeline.libraries import Opened
from inference_pipeline.library import Library
from inference_pipeline.models import load_model
from segue.errors import SegueError
from segue.groups import RUNS
from segue.models.catalog import read_catalog
from segue.registry import open_registry

if TYPE_CHECKING:
    from segue.models.catalog import Catalog
    from segue.settings import Settings
    from segue.store import FeatureStore


@dataclass(frozen=True)
class Mapped(Opened):
    """A model that is open, with its map.

    Attributes
    ----------
    atlas : Atlas, optional
        A model from before there were maps has none.
    """

    atlas: Atlas | None = None


@dataclass(frozen=True)
class Stock:
    """What is open at one time; it fits together.

    Attributes
    ----------
    features_run : str
        The id of the run that made the catalog.
    catalog : Catalog
    search : Search
        Over the catalog.
    offers : Offers
        Of the catalog.
    models : dict of str to Mapped
        By name.
    """

    features_run: str
    catalog: Catalog
    search: Search
    offers: Offers
    models: dict[str, Mapped] = field(default_factory=dict)


@dataclass
class Engine:
    """The catalog and the best version of each model, shared by all visitors: nothing of theirs is in it.

    Parameters
    ----------
    settings : Settings
    store : FeatureStore
    """

    settings: Settings
    store: FeatureStore
    _stock: Stock | None = None
    _opening: Lock = field(default_factory=Lock)

    def open(self, name: str = "hybrid") -> Mapped:
        """Return a model with the catalog; whoever asks first waits for some seconds.

        Raises
        ------
        SegueError
            If there is no catalog or no such model yet; the message says what to run.
        """
        stock = self._current()
        if name not in stock.models:
            with self._opening:
                if name not in stock.models:
                    stock.models[name] = self._load(name, stock.catalog)
        return stock.models[name]

    def catalog(self) -> Catalog:
        """Return the catalog.

        Raises
        ------
        InputError
            If there is none yet.
        """
        return self._current().catalog

    def search(self) -> Search:
        """Return the index over the catalog.

        Raises
        ------
        InputError
            If there is no catalog yet.
        """
        return self._current().search

    def warm_up(self) -> None:
        """Open beforehand what the first visitor would wait for."""
        # Whoever asks for what is not there yet is told what to run.
        with suppress(SegueError):
            self.open()

    def offers(self) -> Offers:
        """Return what the catalog has to offer.

        Raises
        ------
        InputError
            If there is no catalog yet.
        """
        return self._current().offers

    def renew(self) -> None:
        """Open what runs have made since; visitors are served from what was open before until the new is ready.

        What cannot be opened leaves everything as it is, and is logged.
        """
        stock = self._stock
        if stock is None:
            return
        try:
            fresh = stock if stock.features_run == self._features_run() else self._read()
            registry = open_registry(self.settings)
            models = {
                name: opened
                if fresh is stock and registry.find(name).label == opened.label
                else self._load(name, fresh.catalog)
                for name, opened in list(stock.models.items())
            }
        except SegueError as error:
            logging.getLogger(__name__).warning("still serving what was open: %s", error)
            return
        with self._opening:
            # A model that somebody opened meanwhile is opened again when it is asked for.
            self._stock = replace(fresh, models=models)

    def _current(self) -> Stock:
        stock = self._stock
        if stock is None:
            with self._opening:
                stock = self._stock = self._first()
        return stock

    def _first(self) -> Stock:
        # Somebody may have been faster.
        return self._stock or self._read()

    def _read(self) -> Stock:
        features_run = self._features_run()
        catalog = read_catalog(self.store, (*COLUMNS, "source"))
        return Stock(features_run, catalog, Search(catalog), Offers(catalog))

    def _load(self, name: str, catalog: Catalog) -> Mapped:
        loaded = load_model(self.settings, name)
        library = Library(loaded.blend, catalog)
        # What is worked out on first use is worked out before anybody waits for it.
        library.described.prepare()
        library.wording.prepare()
        _ = library.sound, library.audible, library.mood_ranges
        atlas = None if loaded.map is None else Atlas(library, loaded.map)
        if atlas is not None:
            _ = atlas.labels, atlas.image
        return Mapped(loaded.label, library, atlas)

    def _features_run(self) -> str:
        runs = self.store.read(RUNS, ["run_id", "started_at"], {"pipeline": "features", "status": "done"})
        return "" if runs.empty else str(runs.sort_values("started_at")["run_id"].iloc[-1])
