"""Telling by its columns which dataset a file is. Its name is never looked at."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from feature_pipeline.columns import SPELLINGS
from feature_pipeline.sources.generic import FEATURES_FILE, OF_ANYBODY
from feature_pipeline.sources.source import FEATURES, TrackSource
from feature_pipeline.sources.tracks import TRACK_SOURCES
from feature_pipeline.tables import column_names
from segue.errors import InputError

SUFFIXES = (".csv", ".csv.gz", ".parquet")
_SURELY_TRACKS = 8
"""A file with so many of the audio features, and ids, is meant to be a dataset of tracks."""


@dataclass(frozen=True)
class Recognition:
    """Which dataset took each file.

    Attributes
    ----------
    taken : list of (TrackSource, tuple of Path)
        The datasets found, each with all its files.
    refused : dict
        File → why no dataset took it.
    """

    taken: list[tuple[TrackSource, tuple[Path, ...]]] = field(default_factory=list)
    refused: dict[Path, str] = field(default_factory=dict)


def recognize(paths: Sequence[Path]) -> Recognition:
    """Return which dataset of tracks each file belongs to.

    Raises
    ------
    InputError
        If a file cannot be read, or is a dataset of tracks that lacks a column.
    """
    found = Recognition()
    claims: dict[TrackSource, dict[Path, list[str]]] = {}
    for path in sorted(set(paths)):
        if not path.name.lower().endswith(SUFFIXES):
            found.refused[path] = f"neither CSV nor Parquet: its name ends in none of {', '.join(SUFFIXES)}"
            continue
        names = column_names(path)
        source = next((source for source in TRACK_SOURCES if source.part_of(names)), None)
        if source is None or source in OF_ANYBODY:
            _insist_on_features(path, names)
        if source is None:
            found.refused[path] = _why_refused(names)
        else:
            claims.setdefault(source, {})[path] = names
    for source, files in claims.items():
        if any(source.part_of(names) is source.parts[0] for names in files.values()):
            found.taken.extend(_datasets(source, tuple(files)))
        else:
            needed = ", ".join(sorted(source.parts[0].marks or source.parts[0].columns.values()))
            reason = f"{source.title}: needs beside it the file with columns {needed}"
            found.refused.update(dict.fromkeys(files, reason))
    return found


def _datasets(source: TrackSource, files: tuple[Path, ...]) -> Iterator[tuple[TrackSource, tuple[Path, ...]]]:
    if source not in OF_ANYBODY:
        yield source, files
        return
    for path in files:
        yield replace(source, name=path.name.split(".")[0]), (path,)


def _insist_on_features(path: Path, names: list[str]) -> None:
    """Raise if a file of features lacks one: under another name, it would go unnoticed."""
    lacking = FEATURES_FILE.lacking(names)
    if lacking and "track_id" not in lacking and len(FEATURES.keys() & set(names)) >= _SURELY_TRACKS:
        message = f"a dataset of tracks needs this column; the file has {', '.join(names[:30])}"
        raise InputError(message, file=path, column=lacking[0])


def _why_refused(names: list[str]) -> str:
    if "track_id" in FEATURES_FILE.lacking(names):
        return f"no column of Spotify track ids ({', '.join(SPELLINGS['track_id'])})"
    return "neither tracks' titles nor audio features"
