"""Commands of the inference pipeline. Heavy modules are imported inside, so that `--help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segue.console import JsonFlag, note, print_json, print_table

program = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@program.command()
def recommend(
    seeds: Annotated[Path, typer.Option(help="CSV or Parquet file: query_id, track_id[, preference from -1 to 1].")],
    out: Annotated[Path, typer.Option(help="File to write, .csv or .parquet.")],
    k: Annotated[int, typer.Option(min=1, help="Tracks for each query.")] = 100,
    model: Annotated[str, typer.Option(help="A registered model: name, or name@version.")] = "audio",
    as_json: JsonFlag = False,
) -> None:
    """Recommend tracks for each query of a seeds file, with a reason for every track.

    \b
    Example:
      segue recommend --seeds seeds.csv --out recommendations.csv --k 100
    """
    from inference_pipeline.batch import recommend_batch
    from inference_pipeline.models import load_model
    from inference_pipeline.output import check_output, write_output
    from inference_pipeline.seeds import read_seeds
    from segue.models.catalog import read_catalog
    from segue.settings import load_settings
    from segue.store import open_store

    settings = load_settings()
    check_output(out)
    asked = read_seeds(seeds)
    loaded = load_model(settings, model)
    batch = recommend_batch(loaded.space_model, read_catalog(open_store(settings.store_url)), asked, k)
    write_output(batch.table, out)
    if batch.unknown_tracks:
        note(f"{len(batch.unknown_tracks):,} track ids are unknown, first {batch.unknown_tracks[0]!r}")
    if batch.unanswered:
        note(f"{len(batch.unanswered):,} queries have no known seed and no answer, first {batch.unanswered[0]!r}")
    if as_json:
        report = {"unknown_tracks": batch.unknown_tracks, "unanswered": batch.unanswered, "out": out}
        print_json({"model": loaded.label, "queries": batch.n_queries, "rows": batch.table.num_rows, **report})
    else:
        title = f"Model {loaded.label} → {out}"
        figures = [("queries", batch.n_queries), ("answered", batch.n_queries - len(batch.unanswered))]
        figures += [("recommendations", batch.table.num_rows), ("unknown track ids", len(batch.unknown_tracks))]
        print_table(title, ("", "count"), figures, numeric=True)
