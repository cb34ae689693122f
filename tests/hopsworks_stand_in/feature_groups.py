"""The feature store and its feature groups: what is registered, and where its table is."""

from __future__ import annotations

import re
import shutil
from itertools import count
from typing import Any

from fastapi import APIRouter

from hopsworks_stand_in.projects import check_project
from hopsworks_stand_in.state import PROJECT_ID, STORE_ID, Cluster, Refusal, The

STORE = f"/project/{PROJECT_ID}/featurestores/{STORE_ID}"
NAME = re.compile(r"[a-z][a-z0-9_]{0,62}")
LONGEST_DESCRIPTION = 256
TYPES = {"string", "bigint", "int", "float", "double", "boolean", "timestamp", "date"}

router = APIRouter()
numbers = count(1001)


@router.get("/project/{project_id}/featurestores/{name}")
def feature_store(cluster: The, project_id: int, name: str) -> dict[str, Any]:
    """Return the project's feature store."""
    check_project(project_id)
    if name != f"{cluster.project}_featurestore":
        raise Refusal(404, 270008, "Featurestore wasn't found.")
    return {
        "featurestoreId": STORE_ID,
        "featurestoreName": name,
        "created": "2026-01-01T00:00:00Z",
        "projectName": cluster.project,
        "projectId": PROJECT_ID,
        "offlineFeaturestoreName": name,
        "onlineEnabled": True,
    }


@router.get(STORE + "/featuregroups/{name}")
def find(cluster: The, name: str, version: int | None = None) -> list[dict[str, Any]]:
    """Return the versions of a group, or one of them."""
    found = [group for group in cluster.groups if group["name"] == name and version in {None, group["version"]}]
    if not found:
        raise Refusal(404, 270009, "Featuregroup wasn't found.")
    return found


@router.post(STORE + "/featuregroups", status_code=201)
def create(cluster: The, group: dict[str, Any]) -> dict[str, Any]:
    """Register a group; its table is made by whoever writes first."""
    _check(group)
    with cluster.lock:
        if any((each["name"], each["version"]) == (group["name"], group["version"]) for each in cluster.groups):
            raise Refusal(400, 270089, "The feature group you are trying to create does already exist.")
        number = next(numbers)
        table = cluster.tables / f"{group['name']}_{group['version']}"
        created = group | {
            "id": number,
            "featurestoreId": STORE_ID,
            "featurestoreName": f"{cluster.project}_featurestore",
            "created": "2026-01-01T00:00:00Z",
            "location": str(table),
            "dataSource": {"storageConnector": _disk(cluster)},
            "href": f"https://{cluster.host}{STORE}/featuregroups/{number}",
        }
        cluster.groups.append(created)
    return created


@router.get(STORE + "/featuregroups/{number}/expectationsuite")
def expectations(cluster: The, number: int) -> None:
    """Return the expectations of a group: none has any."""
    group_of(cluster, number)


@router.post(STORE + "/featuregroups/{number}/commits")
def commit(cluster: The, number: int, details: dict[str, Any]) -> dict[str, Any]:
    """Take note that the table of a group has changed."""
    group = group_of(cluster, number)
    if not (cluster.tables / f"{group['name']}_{group['version']}" / "_delta_log").is_dir():
        raise Refusal(404, 270227, "No commit was found for the feature group.")
    return details | {"commitID": details["commitTime"], "href": group["href"] + "/commits"}


@router.post(STORE + "/featuregroups/{number}/clear")
def clear(cluster: The, number: int) -> None:
    """Drop the table of a group."""
    group = group_of(cluster, number)
    shutil.rmtree(cluster.tables / f"{group['name']}_{group['version']}", ignore_errors=True)


@router.delete(STORE + "/featuregroups/{number}")
def delete(cluster: The, number: int) -> None:
    """Drop a group with its table."""
    clear(cluster, number)
    cluster.groups.remove(group_of(cluster, number))


def group_of(cluster: Cluster, number: int) -> dict[str, Any]:
    """Return the group with this id."""
    for group in cluster.groups:
        if group["id"] == number:
            return group
    raise Refusal(404, 270009, "Featuregroup wasn't found.")


def _check(group: dict[str, Any]) -> None:
    features = group["features"]
    for name in (group["name"], *(feature["name"] for feature in features)):
        if not NAME.fullmatch(name):
            raise Refusal(
                400, 270091, "Illegal feature store entity name", f"{name}: lower case, at most 63 characters"
            )
    for feature in features:
        if len(feature.get("description") or "") > LONGEST_DESCRIPTION:
            raise Refusal(400, 270092, "Illegal featurestore entity description", feature["name"])
        if feature.get("type") not in TYPES:
            raise Refusal(400, 270212, "Feature offline type cannot be null or empty.", feature["name"])
    if not any(feature.get("primary") for feature in features):
        raise Refusal(400, 270121, "Primary key is required when using Hudi time travel format")


def _disk(cluster: Cluster) -> dict[str, Any]:
    """Return the connector that makes the client write to local disk, where a real cluster has HopsFS."""
    return {
        "id": 1,
        "name": "local_disk",
        "featurestoreId": STORE_ID,
        "storageConnectorType": "S3",
        "type": "featurestoreS3ConnectorDTO",
        "path": str(cluster.tables),
        "bucket": "",
    }
