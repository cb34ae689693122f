"""The model registry: what is registered beside the files in ``Models/<name>/<version>``."""

from __future__ import annotations

import json
import re
import time
from typing import Any, NoReturn

from fastapi import APIRouter, Request

from hopsworks_stand_in.datasets import place, remove
from hopsworks_stand_in.projects import OWNER, check_project
from hopsworks_stand_in.state import PROJECT_ID, Cluster, Refusal, The

LONGEST_METRICS, LONGEST_DESCRIPTION = 2000, 1000
"""What the columns of the server's table hold, in characters."""

router = APIRouter(prefix="/project/{project_id}/modelregistries/{registry_id}/models")


@router.get("")
def models(  # noqa: PLR0913, PLR0917 - as many as it has
    cluster: The, project_id: int, registry_id: int, filter_by: str = "", sort_by: str = "", limit: int = 0
) -> dict[str, Any]:
    """Return the versions of one model, or of all."""
    found = list(_registered(cluster, project_id, registry_id).values())
    if filter_by.startswith("name_eq:"):
        found = [each for each in found if each["name"] == filter_by.removeprefix("name_eq:")]
    if sort_by:
        metric, _, order = sort_by.partition(":")
        found.sort(key=lambda each: each["metrics"].get(metric, 0.0), reverse=order.lower() == "desc")
    return {"count": len(found), "items": found[: limit or None]} if found else {"count": 0}


@router.get("/{model_id}")
def model(cluster: The, project_id: int, registry_id: int, model_id: str) -> dict[str, Any]:
    """Return a version."""
    found = _registered(cluster, project_id, registry_id).get(model_id)
    if found is None:
        raise Refusal(404, 360000, "No model found for provided name and version.")
    return found


@router.put("/{model_id}", status_code=201)
async def register(cluster: The, request: Request, project_id: int, registry_id: int, model_id: str) -> dict[str, Any]:
    """Register a version, once. Its files are there already."""
    known = _registered(cluster, project_id, registry_id)
    said = _parsed(await request.body())
    if not re.fullmatch("[a-zA-Z0-9_]+", said["name"]):
        raise Refusal(422, 120002, "Model name must conform to regex: [a-zA-Z0-9_]+")
    metrics = said.get("metrics") or {}
    if not all(isinstance(value, int | float) for value in metrics.values()):
        raise Refusal(400, 360002, "Could not cast provided metric to double.")
    columns = (json.dumps({"attributes": metrics}), LONGEST_METRICS), (said["description"], LONGEST_DESCRIPTION)
    if model_id in known or any(len(text) > longest for text, longest in columns):
        # What the database refuses, a key that is there and a text too long for its column, is an error of the server.
        raise Refusal(500, 120000, "A generic error occurred.")
    known[model_id] = {
        "id": model_id,
        "href": str(request.url),
        "name": said["name"],
        "version": said["version"],
        "created": int(time.time() * 1000),
        "creator": OWNER,
        "userFullName": "Test Person",
        "description": said["description"],
        "framework": said["framework"],
        "metrics": metrics,
        "projectName": cluster.project,
        "modelRegistryId": registry_id,
        "tags": {"count": 0},
    }
    return known[model_id]


@router.delete("/{model_id}", status_code=204)
def delete(cluster: The, project_id: int, registry_id: int, model_id: str) -> None:
    """Delete a version: first its folder, which must be there, then what is known of it."""
    known = _registered(cluster, project_id, registry_id)
    name, _, version = model_id.rpartition("_")
    if not any(each["name"] == name for each in known.values()):
        raise Refusal(404, 360000, "No model found for provided name and version.")
    if model_id in known:
        with cluster.lock:
            remove(place(cluster, project_id, f"Models/{name}/{version}"))
        del known[model_id]


def _registered(cluster: Cluster, project_id: int, registry_id: int) -> dict[str, dict[str, Any]]:
    check_project(project_id)
    if registry_id != PROJECT_ID:
        raise Refusal(400, 360006, "Model Registry Id was not found.")
    registered: dict[str, dict[str, Any]] = cluster.kept.setdefault("models", {})
    return registered


def _parsed(body: bytes) -> dict[str, Any]:
    def refuse(constant: str) -> NoReturn:
        raise Refusal(400, 120001, f"{constant} is not JSON")

    said: dict[str, Any] = json.loads(body, parse_constant=refuse)
    return said
