"""What a run of `segue playlists` shows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from inference_pipeline.chain import total
from inference_pipeline.recommend import Served
from segue.console import print_json, print_table

HEADINGS = ("listener", "playlist", "tracks", "new today", "artists", "status")


def print_served(served: Sequence[Served], model: str, as_json: bool) -> None:
    """Print what came of each playlist, and how many candidates each filter removed altogether."""
    removed = total([one.removed for one in served])
    if as_json:
        failed = sum(one.failed for one in served)
        print_json({"model": model, "failed": failed, "removed": removed, "playlists": [asdict(one) for one in served]})
        return
    print_table(f"Playlists ({model})", HEADINGS, map(_cells, served))
    if removed:
        counts = sorted(removed.items(), key=lambda item: -item[1])
        print_table("Candidates removed", ("by", "count"), [item for item in counts if item[1]], numeric=True)


def _cells(one: Served) -> tuple[object, ...]:
    widened = f", widened by {', '.join(one.widened)}" if one.widened else ""
    artists = int(one.variety.get("artists", 0))
    return one.listener, one.playlist, one.tracks, one.new, artists, one.status + widened
