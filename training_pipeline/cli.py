"""Commands of the training pipeline. Heavy modules are imported inside, so that `--help` answers at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Any

import typer

from segue.console import JsonFlag, note, print_json

if TYPE_CHECKING:
    from training_pipeline.train import Trained

SPACES_HELP = "What places tracks: hybrid, audio, genre, tags, era, artist, popularity, colisten, autoencoder."
program = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@program.callback()
def options() -> None:
    """Feature groups → a registered model."""


@program.command()
def train(
    space: Annotated[str, typer.Option(help=SPACES_HELP)] = "hybrid",
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help="Do nothing if neither the catalog nor the playlists have changed.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Train a model on the catalog, and register it.

    \b
    Example:
      segue train
      segue train --space audio
    """
    from segue.locks import alone
    from segue.registry import open_registry
    from segue.settings import load_settings
    from segue.store import open_store
    from training_pipeline.train import train_model

    settings = load_settings()
    learn_from = settings.spotify_service if settings.learn_from_listeners else None
    store, registry = open_store(settings.store_url), open_registry(settings)
    with alone(settings, "train", "training"):
        trained = train_model(store, registry, space, if_changed=if_changed, learn_from=learn_from)
    model = trained.model
    if not trained.is_new and trained.verdict is None:
        note(f"nothing has changed since {model.label} was trained")
    if as_json:
        print_json(_document(trained))
    else:
        _print(trained)


def _document(trained: Trained) -> dict[str, Any]:
    model, verdict = trained.model, trained.verdict
    judged = {} if verdict is None else {"promoted": verdict.promoted, "reasons": verdict.reasons}
    return {"model": model.label, "is_new": trained.is_new, **judged, "metrics": model.metrics, **model.schema}


def _print(trained: Trained) -> None:
    from training_pipeline.evaluation.report import print_sets

    model, verdict = trained.model, trained.verdict
    # One that stood already may be on another machine: to say where its card is, it would have to be downloaded.
    card = f"; its card is {model.path / 'README.md'}" if trained.is_new else ""
    note(f"{model.label}: {model.schema['n_recordings']:,} recordings{card}")
    if model.metrics:
        print_sets(f"Model {model.label}", model.metrics)
    else:
        note("too few public playlists hold 10 tracks of the catalog, so nothing was measured: see `segue features`")
    if verdict is not None:
        note(f"{model.label} is {'now the best version' if verdict.promoted else 'not the best version'}:")
        for reason in verdict.reasons:
            note(f"  {reason}")
        if not verdict.promoted:
            note(f"if you know better, `segue promote {model.label}` makes it the best nevertheless")
