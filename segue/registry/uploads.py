"""From a folder of files to a registered version on Hopsworks.

The client's own `Model.save` deletes the files of a version whose registration was answered too late, and waits five
seconds in any case. So the same calls are made here one by one: a version's number is claimed, its files are uploaded,
and what makes it a version, its registration, comes last.
"""

from __future__ import annotations

import json
import math
import re
import shutil
import time
from collections.abc import Iterable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from itertools import count
from pathlib import Path
from typing import Any

from segue.hopsworks.certainty import TRIES, exists, is_unclear, make_sure
from segue.hopsworks.failures import code_of
from segue.hopsworks.session import quiet
from segue.registry.card import INPUT_EXAMPLE

SCHEMA = "model_schema.json"
INPUT = ({"name": "track_id", "type": "string"}, {"name": "preference", "type": "double"})
OUTPUT = ({"name": "track_id", "type": "string"}, {"name": "score", "type": "double"})
TAKEN = 110047
ABANDONED_SECONDS = 24 * 3600
LONGEST_METRICS = 1900
"""Characters of JSON: the server's table has room for 2,000, with what it adds itself."""


@dataclass(frozen=True)
class Project:
    """Where models are registered.

    Attributes
    ----------
    name : str
    dataset, registry
        The client's `DatasetApi` and `ModelRegistry` of the project.
    patience : float
        As in `make_sure`.
    """

    name: str
    dataset: Any
    registry: Any
    patience: float

    def upload(self, name: str, folder: Path, metrics: Mapping[str, float]) -> Any:
        """Register the files in `folder` as a new version of model `name`; return the client's `Model` of it."""
        number = self._claim(name)
        home = f"Models/{name}/{number}"
        try:
            self._copy(folder, f"{home}/Files")
            self._describe(folder, home)
        except BaseException:
            with suppress(Exception):
                self.dataset.remove(home)
            raise
        return self._register(name, number, metrics)

    def _claim(self, name: str) -> int:
        """Take the next number: it belongs to whoever makes the folder ``Files`` in it, which only one can."""
        home = f"Models/{name}"
        if not exists(self.dataset, home):
            self._make(home)
        registered = {model.version for model in self.registry.get_models(name)}
        present = {int(path.rpartition("/")[2]) for path in self.dataset.list(home) if re.search("/[0-9]{1,9}$", path)}
        self._sweep(home, present - registered)
        lost = 0
        for number in count(max(registered | present, default=0) + 1):
            self._make(f"{home}/{number}")
            try:
                self.dataset.mkdir(f"{home}/{number}/Files")
            except Exception as error:
                if code_of(error) == TAKEN:
                    continue
                lost += 1
                if not is_unclear(error) or lost == TRIES:
                    raise
            else:
                return number
        raise AssertionError  # there is no last number

    def _make(self, folder: str) -> None:
        make_sure(lambda: self.dataset.mkdir(folder), lambda: exists(self.dataset, folder), self.patience)

    def _sweep(self, home: str, unregistered: Iterable[int]) -> None:
        """Delete what runs that were killed have left: nobody uploads for a day."""
        for number in unregistered:
            with suppress(Exception):
                changed = _seconds(self.dataset.get(f"{home}/{number}")["attributes"]["modificationTime"])
                if changed < time.time() - ABANDONED_SECONDS:
                    self.dataset.remove(f"{home}/{number}")

    def _copy(self, folder: Path, to: str) -> None:
        for path in sorted(folder.rglob("*")):
            there = f"{to}/{path.relative_to(folder).as_posix()}"
            if path.is_dir():
                self._make(there)
            else:
                self._put(path, there)

    def _put(self, path: Path, there: str) -> None:
        size, attempts = path.stat().st_size, count()

        def upload() -> None:
            if next(attempts) and exists(self.dataset, there):
                self.dataset.remove(there)
            with quiet():
                self.dataset.upload(str(path), there.rpartition("/")[0])

        def is_whole() -> bool:
            return exists(self.dataset, there) and int(self.dataset.get(there)["attributes"]["size"]) == size

        make_sure(upload, is_whole, self.patience)

    def _describe(self, folder: Path, home: str) -> None:
        """Put beside the files what Hopsworks shows of a model: what goes in, what comes out, and an example."""
        schema = {
            "input_schema": {"columnar_schema": INPUT},
            "output_schema": {"columnar_schema": OUTPUT},
        }
        aside = folder.with_name(f"{folder.name}-shown")
        aside.mkdir()
        try:
            (aside / SCHEMA).write_text(json.dumps(schema, indent=2), encoding="utf-8")
            if (folder / INPUT_EXAMPLE).exists():
                shutil.copy(folder / INPUT_EXAMPLE, aside / INPUT_EXAMPLE)
            self._copy(aside, home)
        finally:
            shutil.rmtree(aside, ignore_errors=True)

    def _register(self, name: str, number: int, metrics: Mapping[str, float]) -> Any:
        from hsml.core.model_api import ModelApi

        entry = self.registry.python.create_model(
            name,
            version=number,
            metrics=headline(metrics),
            description=f"Segue's model {name}. What it is, and all that was measured, is in README.md and model.json.",
        )
        entry._project_name = self.name  # noqa: SLF001 - as the client does before it registers
        try:
            make_sure(
                lambda: ModelApi()._put(entry, {}),  # noqa: SLF001 - the one call of `save` that registers
                lambda: self.registry.get_model(name, number) is not None,
                self.patience,
            )
        except Exception as error:
            # An unclear end keeps the files: what may still become a version must not become one without them.
            if not is_unclear(error):
                with suppress(Exception):
                    self.dataset.remove(f"Models/{name}/{number}")
            raise
        return self.registry.get_model(name, number)


def headline(metrics: Mapping[str, float]) -> dict[str, float]:
    """Return what Hopsworks has room for: no intervals, six digits, the first that fit; letters, digits, underscores.

    As Python's own numbers: others pass the client's check and fail when everything is uploaded.
    """
    shown: dict[str, float] = {}
    for key, value in metrics.items():
        if key.endswith("_interval") or not math.isfinite(value):
            continue
        longer = shown | {re.sub(r"\W+", "_", key): float(f"{value:.6g}")}
        if len(json.dumps(longer)) > LONGEST_METRICS:
            break
        shown = longer
    return shown


def _seconds(time_of_change: str | float) -> float:
    """Return seconds since 1970; Hopsworks says it as ISO text or in milliseconds."""
    if isinstance(time_of_change, str):
        return datetime.fromisoformat(time_of_change.replace("Z", "+00:00")).timestamp()
    return time_of_change / 1000
