"""Logging in: versions and variables of the cluster, the project, and the certificates for Arrow Flight."""

from __future__ import annotations

import base64
from typing import Any

from fastapi import APIRouter, Request

from hopsworks_stand_in.state import PROJECT_ID, USERNAME, Refusal, The

VERSION = "5.2.1"
DOMAIN = "consul"
OWNER = {"uid": 10000, "username": USERNAME, "email": "test@example.com"}

router = APIRouter()


@router.get("/variables/versions")
def versions() -> list[dict[str, str]]:
    """Return what runs on the cluster."""
    return [{"software": "hopsworks", "version": VERSION}]


@router.get("/variables/{name}")
def variable(cluster: The, name: str) -> dict[str, str]:
    """Return a setting of the cluster."""
    known = {
        "service_discovery_domain": DOMAIN,
        "enable_flyingduck": "true",
        "enable_data_science_profile": "false",
        "loadbalancer_external_domain_feature_query": cluster.query_service or cluster.host,
    }
    if name not in known:
        raise Refusal(404, 100050, "Requested variable not found")
    return {"successMessage": known[name]}


@router.get("/project")
def projects(cluster: The) -> list[dict[str, Any]]:
    """Return the projects of the key's owner."""
    project = {"id": PROJECT_ID, "name": cluster.project, "owner": OWNER}
    return [{"projectId": PROJECT_ID, "user": OWNER, "project": project, "teamRole": "Data owner"}]


@router.get("/project/getProjectInfo/{name}")
def project_info(cluster: The, name: str) -> dict[str, Any]:
    """Return the project, which must be the one there is."""
    if name != cluster.project:
        raise Refusal(400, 150004, "Project wasn't found.")
    return {
        "projectId": PROJECT_ID,
        "projectName": name,
        "owner": USERNAME,
        "description": "",
        "created": "2026-01-01T00:00:00Z",
        "services": ["JOBS", "KAFKA", "SERVING", "FEATURESTORE"],
        "projectTeam": [],
    }


@router.get("/project/{project_id}/credentials")
def credentials(request: Request, project_id: int) -> dict[str, str]:
    """Return what Arrow Flight is entered with. The stores in Java's format are for Kafka and hold nothing here."""
    check_project(project_id)
    papers = request.app.state.papers
    empty = base64.b64encode(b"\xfe\xed\xfe\xed\x00\x00\x00\x02\x00\x00\x00\x00").decode("ascii")
    return {
        "kStore": empty,
        "tStore": empty,
        "password": "not-a-secret",
        "caChain": papers.authority,
        "clientCert": papers.client_certificate,
        "clientKey": papers.client_key,
    }


def check_project(project_id: int) -> None:
    """Refuse any project but the one there is."""
    if project_id != PROJECT_ID:
        raise Refusal(403, 150068, "Your project role does not allow to perform this action.")
