"""Commands of the inference pipeline. Heavy modules are imported inside, so that `--help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from segue.console import JsonFlag, note, print_json, print_table
from segue.links import track_link

if TYPE_CHECKING:
    import pandas as pd

program = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)
SHOWN = ("track_id", "title", "artists", "year", "genres", "source")


@program.command()
def recommend(
    seeds: Annotated[
        Path, typer.Option(metavar="FILE", help="CSV or Parquet: query_id, track_id[, preference from -1 to 1].")
    ],
    out: Annotated[Path, typer.Option(metavar="FILE", help="File to write, .csv or .parquet.")],
    k: Annotated[int, typer.Option(min=1, help="Tracks for each query.")] = 100,
    model: Annotated[
        str, typer.Option("--model", "--space", metavar="NAME", help="A registered model: name, or name@version.")
    ] = "hybrid",
    as_json: JsonFlag = False,
) -> None:
    """Recommend tracks for a file of seeds, each with a reason.

    The columns of the result: query_id, rank, track_id, title, artists (joined by ;), score, reason. A score is for
    order only, higher is better: the logarithm of a probability. Only scores of the same query and model can be
    compared.

    \b
    Example:
      segue recommend --seeds seeds.csv --out recommendations.csv --k 100
    """
    from inference_pipeline.batch import CATALOG_COLUMNS, recommend_batch, unknown_name
    from inference_pipeline.library import Library
    from inference_pipeline.models import load_model
    from inference_pipeline.output import check_output, write_output
    from inference_pipeline.seeds import read_seeds
    from segue.models.catalog import read_catalog
    from segue.settings import load_settings
    from segue.store import open_store

    settings = load_settings()
    check_output(out, seeds)
    asked = read_seeds(seeds)
    loaded = load_model(settings, model)
    catalog = read_catalog(open_store(settings.store_url), CATALOG_COLUMNS)
    batch = recommend_batch(Library(loaded.blend, catalog), asked, k)
    write_output(batch.table, out)
    if batch.unknown_tracks:
        first = unknown_name(batch.unknown_tracks[0])
        note(f"track ids that the model does not know: {len(batch.unknown_tracks):,}, first {first}")
    if batch.unanswered:
        note(f"queries without any known and liked seed: {len(batch.unanswered):,}, first {batch.unanswered[0]!r}")
    if as_json:
        report = {"unknown_tracks": batch.unknown_tracks, "unanswered": batch.unanswered, "out": out}
        print_json({"model": loaded.label, "queries": batch.n_queries, "rows": batch.table.num_rows, **report})
    else:
        title = f"Model {loaded.label} → {out}"
        figures = [("queries", batch.n_queries), ("answered", batch.n_queries - len(batch.unanswered))]
        figures += [("recommendations", batch.table.num_rows), ("unknown track ids", len(batch.unknown_tracks))]
        print_table(title, ("", "count"), figures, numeric=True)


@program.command()
def similar(
    song: Annotated[str, typer.Argument(help="Title, title and artist, Spotify URL, URI or id.")],
    space: Annotated[
        str,
        typer.Option(
            metavar="NAME", help="A registered model: hybrid, audio, genre, tags, artist, colisten, autoencoder."
        ),
    ] = "hybrid",
    k: Annotated[int, typer.Option(min=1, help="How many.")] = 10,
    per_artist: Annotated[int, typer.Option(min=1, metavar="N", help="At most so many by the same artist.")] = 2,
    as_json: JsonFlag = False,
) -> None:
    """Show songs like a song.

    Where several songs have that title, the most popular one is meant; a note names the others. A song that came after
    the model was trained is compared by its sound alone, and a note says so.

    \b
    Example:
      segue similar "Holocene - Bon Iver" --k 20
    """
    from inference_pipeline.library import Library
    from inference_pipeline.lookup import find_recordings, who_else
    from inference_pipeline.models import load_model
    from inference_pipeline.newcomers import BY_SOUND, is_newcomer
    from inference_pipeline.reasons import labels
    from inference_pipeline.resemblance import with_resemblance
    from inference_pipeline.similar import similar_recordings
    from segue.models.catalog import LABELS, read_catalog
    from segue.models.spaces.audio import FEATURES
    from segue.settings import load_settings
    from segue.store import open_store

    settings = load_settings()
    loaded = load_model(settings, space)
    catalog = read_catalog(open_store(settings.store_url), (*LABELS, "source", *FEATURES))
    library = Library(loaded.blend, catalog)
    asked, *others = find_recordings(catalog, song)
    found = similar_recordings(library, asked, k, per_artist)
    found = with_resemblance(loaded.blend, catalog, library.audible, asked, found)
    rows = _presentable(found)
    if others:
        note(f"{song.strip()!r} is also by {who_else(catalog, others)}: add the artist to mean another one")
    if is_newcomer(loaded.blend, asked):
        note(f"{song.strip()!r} {BY_SOUND}")
    if as_json:
        (meant,) = _presentable(catalog.recordings.loc[[asked]])
        print_json({"model": loaded.label, "song": meant, "similar": rows})
        return
    heading, *songs = labels(catalog, [asked, *found.index])
    cells = [
        (
            rank,
            name,
            str(row["year"]),
            f"{row['similarity']:.2f}",
            "; ".join(filter(None, [row["genre"], row["sound"]])),
        )
        for rank, (name, row) in enumerate(zip(songs, rows, strict=True), start=1)
    ]
    print_table(f"Like {heading} ({loaded.label})", ("", "song", "year", "near", "genre; sound"), cells)


def _presentable(recordings: pd.DataFrame) -> list[dict[Any, Any]]:
    """Return one dict for each recording, its lists of names spelled out, with a link where Spotify has it.

    A track without a title goes by its id.
    """
    named = recordings.assign(title=recordings["title"].fillna(recordings.index.to_series())).reset_index()
    shown = named[[*SHOWN, *recordings.columns.intersection(["similarity", "genre", "sound"])]]
    rows: list[dict[Any, Any]] = shown.astype(object).where(shown.notna(), "").to_dict("records")
    for row in rows:
        row["artists"], row["genres"] = row["artists"].replace(";", ", "), row["genres"].replace(";", ", ")
        row["url"] = track_link(row["track_id"], row.pop("source"))
    return rows


@program.command()
def playlists(
    kind: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", help="Make only this one, for everybody; may be repeated."),
    ] = None,
    bring_back: Annotated[
        str | None,
        typer.Option("--bring-back", metavar="NAME", help="Before it, make one again that a listener has removed."),
    ] = None,
    listener: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|ID",
            envvar="SEGUE_LISTENER",
            show_envvar=False,
            help="Serve only this one, and bring back only theirs.",
        ),
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Publish nothing and store nothing.")] = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Go on with today's last run, if it was stopped or has left anybody out."),
    ] = False,
    backend: Annotated[
        Literal["processes", "dask"] | None,
        typer.Option(help="Serve buckets of listeners in processes here, or on a cluster; only counts are shown."),
    ] = None,
    scheduler: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Of the cluster's scheduler: tcp://HOST:PORT.")
    ] = None,
    workers: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Processes here; without it, one for each core.")
    ] = None,
    bucket_size: Annotated[int, typer.Option(min=1, metavar="N", help="Most listeners in a bucket.")] = 50,
    timeout: Annotated[
        float, typer.Option(min=0.01, metavar="MINUTES", help="Give up when no bucket ends for so long.")
    ] = 30,
    as_json: JsonFlag = False,
) -> None:
    """Recommend for every listener, and refresh their playlists.

    Each listener keeps some of: familiar, discover (these two by default), focus, calm, happy, melancholy, workout,
    party. An artist has at most 5 tracks on familiar, 2 on discover, 3 on the others. "New" are tracks that were not
    on the playlist of an earlier day; running again on the same day ends in the same playlist, and says the same.

    What a listener deletes from a playlist is a dislike. A playlist that they remove is not made again. Where the calls
    of the day (SEGUE_DAILY_CALLS) are not enough for everybody, those whose playlists are oldest come first.

    \b
    Example:
      segue sandbox -- segue playlists --kind discover --kind calm
    """
    from inference_pipeline.account import Rehearsal, SpotifyAccount
    from inference_pipeline.backends import opened_pool
    from inference_pipeline.night import Night
    from inference_pipeline.playlist_kinds import kinds_named
    from inference_pipeline.playlists_command import serve_in_buckets, serve_one_by_one
    from segue.settings import load_settings
    from segue.spotify.listeners import find_connected
    from segue.spotify.setup import spotify_settings
    from segue.store import open_store

    if (scheduler is not None) != (backend == "dask"):
        raise typer.BadParameter("--backend dask and --scheduler ADDRESS go together")
    if scheduler is not None and "://" not in scheduler:
        raise typer.BadParameter(f"--scheduler {scheduler} is no address: give one such as tcp://10.0.0.7:8786")
    if workers is not None and backend != "processes":
        raise typer.BadParameter("--workers counts the processes of --backend processes: leave it out")
    if dry_run and bring_back is not None:
        raise typer.BadParameter("--dry-run brings nothing back: leave out --bring-back")
    kinds = kinds_named(kind or [])
    settings = spotify_settings(load_settings())
    store = open_store(settings.store_url)
    only = None if listener is None else find_connected(store, settings, listener)
    account = Rehearsal if dry_run else SpotifyAccount
    night = Night(store, settings, kinds, only, account, resume, bring_back)
    if backend is None:
        well = serve_one_by_one(night, as_json)
    else:
        with opened_pool(settings, scheduler, workers or -1, 60 * timeout) as pool:
            well = serve_in_buckets(night, pool, bucket_size, as_json)
    if not well:
        raise typer.Exit(1)
