"""The status in words, for whoever is curious and for whoever runs Segue."""

from __future__ import annotations

from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from fastapi.responses import Response

from app.about.status import Status, read_status
from app.layout.plain_page import heading, plain_page, table
from segue.errors import SegueError
from segue.runs import Run
from segue.web_page import paragraph

if TYPE_CHECKING:
    from app.context import Context
    from segue.registry.model import Model

WORDS = {
    "features": "Reading the datasets",
    "train": "Learning",
    "listens": "Reading what listeners play",
    "playlists": "Making playlists",
}
SETTINGS = {
    "warm": "People like those it learned from",
    "transfer": "People unlike those it learned from",
    "cold": "Songs that were on no playlist yet",
    "none": "Knowing no playlists at all",
}
"""What each setting of docs/quality.md stands for, the nearest to a visitor first."""

QUALITY = (
    "Half of the songs of somebody's playlist are shown to the model, and it names 100 others: how many of the hidden "
    "half are among them? And how many of ten recommendations would one look through before the first hidden song?"
)


def status_routes(context: Context) -> APIRouter:
    """Return the route ``/status``."""
    router = APIRouter()

    @router.get("/status")
    def show(request: Request) -> Response:
        try:
            parts = status_parts(read_status(context.store, context.settings))
        except SegueError as error:
            parts = [paragraph(f"The status cannot be read now: {error}.")]
        return plain_page(context, request, "Status", *parts)

    return router


def status_parts(status: Status) -> list[str]:
    """Return the page, as HTML."""
    return [
        heading("Last runs"),
        _runs(status),
        heading("The catalog"),
        _catalog(status),
        heading("The model"),
        *_models(status),
        heading("Calls of Spotify today"),
        _calls(status),
    ]


def _runs(status: Status) -> str:
    if not status.runs:
        return paragraph("Nothing has run yet: segue nightly runs everything.")
    rows = [(WORDS[run.pipeline], _when(run), _took(run.seconds), _outcome(run)) for run in status.runs]
    return table("The last run of each step; times are UTC", ("Step", "Began", "Took", "Outcome"), rows)


def _when(run: Run) -> str:
    return f"{run.started_at:%d %b %Y, %H:%M}"


def _took(seconds: float) -> str:
    return f"{seconds:.0f}\u00a0s" if seconds < 100 else f"{seconds / 60:.0f}\u00a0min"  # noqa: PLR2004 - as a person would say


def _outcome(run: Run) -> str:
    if run.status != "done":
        return "did not end well, or is under way"
    report = run.report
    counts = {
        "features": report.get("written", {}),
        "train": {"recordings": report.get("n_recordings")},
        "listens": {name: report.get(name) for name in ("listeners", "tracks")},
        "playlists": {name: report.get(name) for name in ("listeners", "playlists", "tracks")},
    }[run.pipeline]
    said = [f"{count:,} {name.replace('_', ' ')}" for name, count in counts.items() if isinstance(count, int)]
    failed = [f"{report['failed']} failed"] if report.get("failed") else []
    return ", ".join([*said, *failed]) or "done"


def _catalog(status: Status) -> str:
    if not status.sources:
        return paragraph("It is empty: segue features fills it.")
    caption = f"{sum(status.sources.values()):,} tracks, by the dataset that each is from"
    return table(caption, ("Dataset", "Tracks"), list(status.sources.items()), (1,))


def _models(status: Status) -> list[str]:
    if not status.models:
        return [paragraph("There is none yet: segue train makes one.")]
    return [paragraph(QUALITY), *(_model(model) for model in status.models)]


def _model(model: Model) -> str:
    caption = f"{model.name}, version {model.version}, of {model.registered_at:%d %B %Y}"
    rows = [row for setting in SETTINGS for row in _measured(model, setting)]
    if not rows:
        return paragraph(f"{caption}. It was not measured: there were too few public playlists.")
    return table(caption, ("For", "Found in 100", "Looks of ten"), rows, (1, 2))


def _measured(model: Model, setting: str) -> list[tuple[str, str, str]]:
    """Return a row for each collection of playlists that a model was measured on in a setting."""
    collections = [
        key.split("/")[1] for key in model.metrics if key.startswith(f"{setting}/") and key.endswith("/playlists")
    ]
    rows = []
    for collection in collections:
        of = {
            name: model.metrics.get(f"{setting}/{collection}/{name}", float("nan"))
            for name in ("playlists", "recall_at_100", "recall_at_100_interval", "clicks")
        }
        found = f"{of['recall_at_100']:.0%} ± {100 * of['recall_at_100_interval']:.0f}"
        on = f"{of['playlists']:.0f} playlists of {collection.replace('→', ' → ')}"
        rows.append((f"{SETTINGS[setting]}: {on}", found, f"{of['clicks']:.1f}"))
    return rows


def _calls(status: Status) -> str:
    used = min(status.calls, status.daily_calls)
    return (
        f'<p><meter min="0" max="{status.daily_calls}" value="{used}" aria-label="Calls used today"></meter> '
        f"{status.calls:,} of {status.daily_calls:,} used or set aside. Spotify counts an app's calls; this is what "
        "Segue allows itself in a day (UTC).</p>"
    )
