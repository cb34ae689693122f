"""Commands of the training pipeline. Heavy modules are imported inside, so that `--help` answers at once."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated

import typer

from segue.console import JsonFlag, note, print_json, print_table

program = typer.Typer(no_args_is_help=True, add_completion=False, rich_markup_mode=None)


@program.callback()
def options() -> None:
    """Feature groups → a registered model."""


@program.command()
def train(
    space: Annotated[str, typer.Option(help="How tracks are placed: audio.")] = "audio",
    if_changed: Annotated[
        bool, typer.Option("--if-changed", help="Do nothing if the catalog has not changed since the last time.")
    ] = False,
    as_json: JsonFlag = False,
) -> None:
    """Train a model on the catalog, and register it.

    \b
    Example:
      segue train --space audio
    """
    from segue.registry import FolderRegistry
    from segue.settings import load_settings
    from segue.store import open_store
    from training_pipeline.train import train_model

    settings = load_settings()
    trained = train_model(
        open_store(settings.store_url), FolderRegistry(settings.models_dir), space, if_changed=if_changed
    )
    model = trained.model
    if not trained.is_new:
        note(f"nothing has changed since {model.label} was trained")
    if as_json:
        print_json({"model": model.label, "is_new": trained.is_new, "metrics": model.metrics, **model.schema})
    else:
        _print(model.label, model.schema["n_recordings"], model.metrics)


def _print(label: str, n_recordings: int, metrics: Mapping[str, float]) -> None:
    rows = [("recordings", f"{n_recordings:,}", "")]
    if metrics:
        rows.append(("playlists measured on", f"{metrics['playlists']:,.0f}", ""))
    else:
        note("no public playlist has 10 tracks of the catalog, so nothing could be measured: see `segue features`")
    rows += [
        (name.replace("_", " "), f"{metrics[name]:.4f}", f"{metrics[f'{name}_interval']:.4f}")
        for name in metrics
        if f"{name}_interval" in metrics
    ]
    print_table(f"Model {label}", ("", "value", "± (95 %)"), rows, numeric=True)
