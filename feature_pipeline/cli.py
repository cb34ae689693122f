"""Commands of the feature pipeline. Heavy modules are imported inside, so that `--help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segue.console import JsonFlag

program = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@program.command()
def features(
    data_dir: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Take every file there that a source recognizes.")
    ] = None,
    tracks: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A file of tracks; may be repeated.")
    ] = None,
    playlists: Annotated[
        list[Path] | None, typer.Option(metavar="FILE", help="A file of playlists; may be repeated.")
    ] = None,
    no_playlists: Annotated[
        bool, typer.Option("--no-playlists", help="Take no playlists but those named by --playlists.")
    ] = False,
    include_unnamed: Annotated[
        bool, typer.Option("--include-unnamed", help="Recommend tracks without a title too (for scale tests).")
    ] = False,
    source: Annotated[
        list[str] | None, typer.Option(metavar="NAME", help="A dataset to download, by name; may be repeated.")
    ] = None,
    if_changed: Annotated[bool, typer.Option("--if-changed", help="Do nothing if no input has changed.")] = False,
    as_json: JsonFlag = False,
) -> None:
    """Build the catalog and the public playlists from datasets.

    Without options: from SEGUE_DATA_DIR where it is set, otherwise from Hugging Face and TidyTuesday.

    \b
    Example:
      segue features --data-dir ~/datasets
    """
    from feature_pipeline.features import build_features
    from feature_pipeline.inputs import Request
    from feature_pipeline.printing import print_features
    from segue.console import print_json
    from segue.settings import load_settings
    from segue.store import open_store

    settings = load_settings()
    request = Request(
        data_dir, tuple(tracks or ()), tuple(playlists or ()), tuple(source or ()), no_playlists, include_unnamed
    )
    report = build_features(open_store(settings.store_url), settings, request, if_changed)
    if as_json:
        print_json(report)
    else:
        print_features(report)


@program.command()
def listens(
    listener: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|ID", envvar="SEGUE_LISTENER", show_envvar=False, help="Fetch what only this one plays."
        ),
    ] = None,
    as_json: JsonFlag = False,
) -> None:
    """Fetch what listeners play, and match it to the catalog.

    Four calls of Spotify each, as far as the day's calls go (SEGUE_DAILY_CALLS): those whose playlists are oldest come
    first, the others are deferred to a later run.

    \b
    Example:
      segue sandbox -- segue listens
    """
    from feature_pipeline.listens import fetch_listens
    from segue.console import note, print_json, print_table
    from segue.settings import load_settings
    from segue.spotify.listeners import find_connected
    from segue.spotify.setup import spotify_settings
    from segue.spotify.turns import note_turns
    from segue.store import open_store

    settings = spotify_settings(load_settings())
    store = open_store(settings.store_url)
    only = None if listener is None else find_connected(store, settings, listener)
    report = fetch_listens(store, settings, only)
    if as_json:
        print_json(report)
    elif report["listeners"]:
        ways = ("id", "isrc", "title", "artist", "none")
        counts = ("calls", "tracks")
        rows = [
            [of["listener"], *(of[count] for count in counts), *(f"{of[way]:.0%}" for way in ways)]
            for of in report["listeners"]
        ]
        title = "Tracks played, and the share of them matched to the catalog by"
        print_table(title, ["listener", *counts, *ways], rows, numeric=True)
    elif not (report["failed"] or report["deferred"] or report["must_log_in"]):
        note("no listeners are connected: try `segue sandbox -- segue nightly`, with made-up ones")
    for name in report["must_log_in"]:
        note(f"{name}: must log in again")
    for warning in report["consent"]:
        note(warning["message"])
    for of in report["failed"]:
        note(f"{of['listener']}: {of['error']}")
    note_turns(report)
    if report["failed"] or report["stopped"]:
        raise typer.Exit(1)
