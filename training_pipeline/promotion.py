"""The promotion gate: a new version is registered always, and becomes the best only if it is no worse."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from segue.errors import RegistryError
from segue.registry import FolderRegistry, Model
from training_pipeline.evaluation.standard import LEAST
from training_pipeline.floors import missed
from training_pipeline.measure import Measured, mean_and_interval
from training_pipeline.model_card import write_card

RESULTS = "results.parquet"
JUDGED = {"recall_at_100": 1, "ndcg_at_500": 1, "clicks": -1}
"""The metrics that decide, and whether more is better (1) or less (-1)."""


@dataclass(frozen=True)
class Verdict:
    """Whether a version becomes the best.

    Attributes
    ----------
    promoted : bool
    reasons : tuple of str
        Why not; or, where it is promoted, what it was compared with.
    """

    promoted: bool
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class Registered:
    """A registered version and what the gate said.

    Attributes
    ----------
    model : Model
    verdict : Verdict
    """

    model: Model
    verdict: Verdict


def register(
    registry: FolderRegistry,
    name: str,
    write: Callable[[Path], None],
    sets: Mapping[str, Measured],
    schema: Mapping[str, Any],
) -> Registered:
    """Register a version with its measurements and its card, and promote it if it passes the gate.

    Parameters
    ----------
    registry : FolderRegistry
    name : str
        Of the model.
    write : callable
        Writes the model's files into the folder that it is given.
    sets : mapping of str to Measured
        What was measured, as `measure_sets` returns it.
    schema : mapping
        What the model was fitted on and with.

    Raises
    ------
    RegistryError
        If it cannot be written; nothing is half-registered, and the present best stays.
    """
    verdict = judge(name, sets, _present_best(registry, name))

    def write_all(folder: Path) -> None:
        write(folder)
        results_of(sets).to_parquet(folder / RESULTS, index=False)
        write_card(folder, name, sets, schema, verdict.promoted, verdict.reasons)

    model = registry.save(name, write_all, flat_metrics(sets), schema)
    if verdict.promoted:
        registry.promote(model)
    return Registered(model, verdict)


def judge(name: str, sets: Mapping[str, Measured], present: Model | None) -> Verdict:
    """Decide whether a version with the measurements `sets` becomes the best instead of `present`."""
    faults = missed(name, sets)
    if present is None:
        return Verdict(not faults, tuple(faults) or ("there was no best version before",))
    before = read_results(present)
    new = results_of(sets)
    faults += [
        f"{line}, beyond noise, than {present.label}"
        for key in sets
        for line in _worse(key, new[new["set"] == key], before[before["set"] == key])
    ]
    return Verdict(not faults, tuple(faults) or (f"on no set worse than {present.label} beyond noise",))


def results_of(sets: Mapping[str, Measured]) -> pd.DataFrame:
    """Return the results of every playlist of every set in one frame, with the columns set and playlist_id."""
    parts = [measured.results.reset_index().assign(set=key) for key, measured in sets.items()]
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame({"set": [], "playlist_id": []})


def read_results(model: Model) -> pd.DataFrame:
    """Return the results that were stored with `model`; none if it was registered without.

    Raises
    ------
    RegistryError
        If they cannot be read.
    """
    path = model.path / RESULTS
    if not path.exists():
        return results_of({})
    try:
        return pd.read_parquet(path)
    except (OSError, ValueError) as error:
        raise RegistryError(f"{path}: unreadable ({error}); delete the version, or its file best") from error


def flat_metrics(sets: Mapping[str, Measured]) -> dict[str, float]:
    """Return the means and intervals as ``<set>/<metric>``."""
    return {f"{key}/{name}": value for key, measured in sets.items() for name, value in measured.summary().items()}


def _worse(key: str, new: pd.DataFrame, before: pd.DataFrame) -> list[str]:
    """Return a line for each metric that is worse on the playlists that both versions were tested on."""
    both = new.merge(before, on="playlist_id", suffixes=("", "_before"))
    lines = []
    for metric, sign in JUDGED.items():
        if len(both) < LEAST or f"{metric}_before" not in both:
            continue
        difference, interval = mean_and_interval((both[metric] - both[f"{metric}_before"]).to_numpy())
        if sign * difference + interval < 0:
            lines.append(f"{key}: {metric} is {abs(difference):.4f} ±{interval:.4f} worse on {len(both)} playlists")
    return lines


def _present_best(registry: FolderRegistry, name: str) -> Model | None:
    version = registry.best(name)
    return None if version is None else registry.load(name, version)
