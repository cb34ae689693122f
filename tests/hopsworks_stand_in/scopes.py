"""What a key must be good for, by what is asked."""

from __future__ import annotations

import re

NEEDED = (
    (r"^\w+ /variables", None),
    (r"^\w+ /project/\d+/featurestores", "FEATURESTORE"),
    (r"^\w+ /project/\d+/modelregistries", "MODELREGISTRY"),
    (r"^\w+ /project/\d+/kafka", "KAFKA"),
    (r"^\w+ /project/\d+/(jobs|executions)", "JOB"),
    (r"^GET /project/\d+/dataset", "DATASET_VIEW"),
    (r"^DELETE /project/\d+/dataset", "DATASET_DELETE"),
    (r"^\w+ /project/\d+/dataset", "DATASET_CREATE"),
    (r"^\w+ /project", "PROJECT"),
)


def scope_for(call: str) -> str | None:
    """Return the scope that `call`, such as ``"GET /project"``, needs; None for one that every key may make."""
    return next((scope for pattern, scope in NEEDED if re.search(pattern, call)), None)
