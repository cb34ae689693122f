"""From a query of the client to a signed order for Arrow Flight."""

from __future__ import annotations

import hashlib
import hmac
import json
from typing import Any

from fastapi import APIRouter

from hopsworks_stand_in.feature_groups import group_of
from hopsworks_stand_in.state import PROJECT_ID, Cluster, Refusal, The

SECRET = b"known to the two servers only"
CONDITIONS = {"EQUALS", "IN"}

router = APIRouter()


@router.put(f"/project/{PROJECT_ID}/featurestores/query")
def construct(cluster: The, query: dict[str, Any]) -> dict[str, Any]:
    """Return the order, as text, and its signature."""
    group = group_of(cluster, query["leftFeatureGroup"]["id"])
    names = {feature["name"] for feature in group["features"]}
    wanted = [feature["name"] for feature in query["leftFeatures"]]
    conditions = [_read(each) for each in _flat(query.get("filter"))]
    for name in (*wanted, *(each["column"] for each in conditions)):
        if name not in names:
            raise Refusal(400, 270082, "Feature does not exist", name)
    order = json.dumps({"group": f"{group['name']}_{group['version']}", "columns": wanted, "where": conditions})
    return {
        "query": "as in the payload",
        "onDemandFeatureGroups": [],
        "hudiCachedFeatureGroups": [],
        "hqsPayload": order,
        "hqsPayloadSignature": sign(order),
    }


def sign(order: str) -> str:
    """Return the signature that Arrow Flight asks for."""
    return hmac.new(SECRET, order.encode("utf-8"), hashlib.sha256).hexdigest()


def table_of(cluster: Cluster, order: dict[str, Any]) -> str:
    """Return where the table of an order is."""
    return str(cluster.tables / order["group"])


def _flat(logic: dict[str, Any] | None) -> list[dict[str, Any]]:
    """Return the conditions of a filter, all of which must hold; others than those the server here does not know."""
    if logic is None:
        return []
    if "condition" in logic:
        return [logic]
    if logic["type"] not in {"AND", "SINGLE"}:
        raise Refusal(400, 270139, "Malformed filter conditions for Query", logic["type"])
    parts = (logic[part] for part in ("leftFilter", "rightFilter", "leftLogic", "rightLogic"))
    return [condition for part in parts if part for condition in _flat(part)]


def _read(condition: dict[str, Any]) -> dict[str, Any]:
    if condition["condition"] not in CONDITIONS:
        raise Refusal(400, 270139, "Malformed filter conditions for Query", condition["condition"])
    value = condition["value"]
    values = json.loads(value) if condition["condition"] == "IN" else [value]
    return {"column": condition["feature"]["name"], "values": values}
