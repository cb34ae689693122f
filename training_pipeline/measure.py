"""How well a model finds the hidden halves of playlists."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from segue.models.ranking import Query, rank
from segue.models.space_model import SpaceModel
from training_pipeline.holdout import Holdout
from training_pipeline.metrics.ndcg import ndcg
from training_pipeline.metrics.r_precision import r_precision
from training_pipeline.metrics.recall import recall

LONGEST = 500
NORMAL_95 = 1.96


def measure(model: SpaceModel, holdouts: Sequence[Holdout]) -> dict[str, float]:
    """Return the mean of each metric over `holdouts`, and the half width of its 95 % interval as ``…_interval``."""
    queries = [Query(holdout.seeds, np.ones(len(holdout.seeds), np.float32)) for holdout in holdouts]
    rankings = rank(model, queries, LONGEST)
    measured = [
        {
            "recall_at_100": recall(ranking.rows, holdout.hidden, at=100),
            "r_precision": r_precision(ranking.rows, holdout.hidden),
            "ndcg_at_500": ndcg(ranking.rows, holdout.hidden, at=LONGEST),
        }
        for ranking, holdout in zip(rankings, holdouts, strict=True)
    ]
    if not measured:
        return {}
    summary = {"playlists": float(len(measured))}
    for name in measured[0]:
        values = np.array([row[name] for row in measured])
        summary[name] = float(values.mean())
        summary[f"{name}_interval"] = NORMAL_95 * float(values.std()) / np.sqrt(len(values))
    return summary
