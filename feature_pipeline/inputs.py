"""Which files the catalog is built from: those named, those in a folder, those downloaded."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from feature_pipeline.downloads import download
from feature_pipeline.endings import OPEN, ends_open
from feature_pipeline.playlists import recognize_playlists
from feature_pipeline.recognition import recognize
from feature_pipeline.sources.hub import Hub
from feature_pipeline.sources.playlists import PLAYLIST_SOURCES, PlaylistSource
from feature_pipeline.sources.source import TrackSource
from feature_pipeline.sources.tracks import TRACK_SOURCES
from segue import __version__
from segue.console import note
from segue.errors import InputError, SourceUnavailableError
from segue.settings import Settings

DEFAULT_SOURCES = ("maharshipandya", "tidytuesday")
_CHUNK = 1 << 20


@dataclass(frozen=True)
class Request:
    """What was asked for on the command line.

    Attributes
    ----------
    data_dir : Path, optional
        Take every file there that a source recognizes.
    tracks, playlists : tuple of Path
        Files of which only the tracks, or only the playlists, are taken.
    sources : tuple of str
        Datasets to download.
    no_playlists : bool
        Take no playlists but those of `playlists`.
    include_unnamed : bool
        Let tracks without a title into the catalog.
    """

    data_dir: Path | None = None
    tracks: tuple[Path, ...] = ()
    playlists: tuple[Path, ...] = ()
    sources: tuple[str, ...] = ()
    no_playlists: bool = False
    include_unnamed: bool = False


@dataclass(frozen=True)
class Inputs:
    """The files that were found, each with the source that took it.

    Attributes
    ----------
    tracks, playlists
        Source and files, as `recognize` and `recognize_playlists` return them.
    verdicts : dict of Path to str
        For each file which source took it, or why none did.
    """

    tracks: list[tuple[TrackSource, tuple[Path, ...]]]
    playlists: list[tuple[PlaylistSource, Path]]
    verdicts: dict[Path, str] = field(default_factory=dict)


def gather(request: Request, settings: Settings) -> Inputs:
    """Return the files to build from. What is named on the command line goes before ``SEGUE_DATA_DIR``.

    Raises
    ------
    InputError
        If a named file is no dataset, or no file holds tracks; the message says why.
    SourceUnavailableError
        If nothing was named and no default dataset can be had, or a dataset asked for cannot.
    """
    folder = request.data_dir or (None if request.tracks or request.sources else settings.data_dir)
    shared = [*_files(folder)] if folder else []
    if request.sources:
        shared += [path for name in request.sources for path in download(_hub(name), settings.downloads_dir)]
    elif not folder and not request.tracks:
        shared += _download_defaults(settings.downloads_dir)
    # A folder that only the environment names does not add its playlists to those named by hand.
    by_hand = bool(request.playlists) and folder is not None and request.data_dir is None
    shared_playlists = [] if request.no_playlists or by_hand else shared
    try:
        inputs = _recognize((*request.tracks, *shared), (*request.playlists, *shared_playlists))
    except InputError as error:
        if folder is None or error.file in request.tracks:
            raise
        raise InputError(f"{error}; if it is no dataset, move it out of the folder") from error
    _insist(inputs, request, folder)
    return inputs


def fingerprint(inputs: Inputs, request: Request) -> str:
    """Return a hash of everything that decides what is built: Segue's version, the options, and the files' contents."""
    parts = [__version__, str(request.include_unnamed)]
    parts += sorted(f"tracks {source.name} {_digest(paths)}" for source, paths in inputs.tracks)
    parts += sorted(f"playlists {source.name_of(path)} {_digest([path])}" for source, path in inputs.playlists)
    return hashlib.blake2b("\n".join(parts).encode(), digest_size=16).hexdigest()


def _digest(paths: Iterable[Path]) -> str:
    digest = hashlib.blake2b(digest_size=16)
    for path in paths:
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                digest.update(chunk)
    return digest.hexdigest()


def _files(folder: Path) -> tuple[Path, ...]:
    try:
        return tuple(sorted(path for path in folder.iterdir() if path.is_file() and not path.name.startswith(".")))
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror}): check SEGUE_DATA_DIR or --data-dir", file=folder
        ) from None


def _download_defaults(cache: Path) -> list[Path]:
    found: list[Path] = []
    troubles = []
    for name in DEFAULT_SOURCES:
        try:
            found += download(_hub(name), cache)
        except SourceUnavailableError as error:
            troubles.append(str(error))
    if not found:
        raise SourceUnavailableError(troubles[0])
    for trouble in troubles:
        note(trouble)
    return found


def _hub(name: str) -> Hub:
    hubs = {source.name: source.hub for source in TRACK_SOURCES if source.hub}
    hubs |= {source.name: source.hub for source in PLAYLIST_SOURCES if source.name and source.hub}
    if name not in hubs:
        raise InputError(f"there is no dataset {name!r} to download, but {', '.join(sorted(hubs))}")
    return hubs[name]


def _recognize(track_files: Sequence[Path], playlist_files: Sequence[Path]) -> Inputs:
    tracks = recognize(track_files)
    playlists = recognize_playlists(sorted(set(playlist_files)))
    taken: dict[Path, list[str]] = {}
    for source, paths in tracks.taken:
        for path in paths:
            taken.setdefault(path, []).append(f"tracks: {source.title}")
    for playlist_source, path in playlists.taken:
        taken.setdefault(path, []).append(f"playlists: {playlist_source.name_of(path)}")
    refused: dict[Path, list[str]] = {}
    for path, reason in (*tracks.refused.items(), *playlists.refused.items()):
        refused.setdefault(path, []).append(reason)
    anybodys = {path for source, paths in tracks.taken if source.ending == "any" for path in paths}
    anybodys |= {path for playlist_source, path in playlists.taken if playlist_source.name is None}
    for path in filter(ends_open, anybodys):
        taken[path].append(OPEN)
    verdicts = {path: "; ".join(taken.get(path) or refused[path]) for path in sorted({*taken, *refused})}
    return Inputs(tracks.taken, playlists.taken, verdicts)


def _insist(inputs: Inputs, request: Request, folder: Path | None) -> None:
    """Raise for a file that was named and not taken as what it was named for."""
    used_tracks = {path for _, paths in inputs.tracks for path in paths}
    used_playlists = {path for _, path in inputs.playlists}
    for named, used in ((request.tracks, used_tracks), (request.playlists, used_playlists)):
        for path in named:
            if path not in used:
                raise InputError(inputs.verdicts[path], file=path)
    if not inputs.tracks:
        seen = "; ".join(f"{path.name}: {verdict}" for path, verdict in inputs.verdicts.items()) or "no files at all"
        raise InputError(f"no dataset of tracks is here ({seen})", file=folder)
