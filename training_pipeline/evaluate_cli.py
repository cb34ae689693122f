"""The command `segue evaluate`. Heavy modules are imported inside, so that `--help` answers at once."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from segue.console import JsonFlag, note, print_json


def evaluate(  # noqa: PLR0913, PLR0917 - a command has as many options as it has
    playlists: Annotated[
        list[str] | None,
        typer.Option(
            metavar="FILE",
            help="Playlists to test on: a file, or a dataset in the store; may be repeated. Default: all.",
        ),
    ] = None,
    setting: Annotated[
        str, typer.Option(metavar="NAME", help="How to test: warm, cold, transfer, none (no playlists), or all.")
    ] = "all",
    model: Annotated[str, typer.Option(metavar="NAME", help="The space to compare with the baselines.")] = "hybrid",
    most: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Test on a random sample of at most N playlists of each set.")
    ] = None,
    folds: Annotated[
        int, typer.Option(min=1, max=5, help="Folds of each collection that are tested; 5 tests on every playlist.")
    ] = 1,
    least: Annotated[int, typer.Option(min=1, metavar="N", help="Refuse to test on fewer than N playlists.")] = 10,
    plot: Annotated[Path | None, typer.Option(metavar="FILE", help="Draw the recall of all methods, as SVG.")] = None,
    as_json: JsonFlag = False,
) -> None:
    """Measure a model beside simpler methods, on unseen playlists.

    Half of each playlist is known, the other half is to be found. What each setting and column means: docs/quality.md.

    \b
    Example:
      segue evaluate --setting warm --most 200
    """
    from segue.settings import load_settings
    from segue.store import open_store
    from training_pipeline.evaluation.evaluate import Request, evaluate_methods
    from training_pipeline.evaluation.report import as_document, check_picture, picture, print_comparisons

    drawn = check_picture(plot) if plot is not None else None
    request = Request(tuple(playlists or ()), setting, model, most, folds, least)
    comparisons = evaluate_methods(open_store(load_settings().store_url), request)
    if as_json:
        print_json(as_document(comparisons, model))
    else:
        print_comparisons(comparisons, model)
    if drawn is not None:
        drawn.write_text(picture(comparisons, model), encoding="utf-8")
        note(f"drawn: {drawn}")
