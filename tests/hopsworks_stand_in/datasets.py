"""Files of the project: to look at, list, make folders, upload in chunks, download and delete."""

from __future__ import annotations

import shutil
from pathlib import Path, PurePosixPath
from typing import Annotated, Any

from fastapi import APIRouter, Form, Response, UploadFile
from fastapi.responses import FileResponse

from hopsworks_stand_in.projects import check_project
from hopsworks_stand_in.state import USERNAME, Cluster, Refusal, The

DATASETS = ("Models", "Resources")
"""What every project has."""

router = APIRouter(prefix="/project/{project_id}/dataset")


@router.get("/download/with_auth/{path:path}")
def download(cluster: The, project_id: int, path: str) -> Response:
    """Return a file."""
    found = existing(cluster, project_id, path)
    if found.is_dir():
        raise Refusal(400, 110020, "Requested path is a directory")
    return FileResponse(found, media_type="application/octet-stream")


@router.post("/upload/{path:path}")
def upload(  # noqa: PLR0913, PLR0917 - the fields that flow.js sends
    cluster: The,
    project_id: int,
    path: str,
    file: UploadFile,
    flowChunkNumber: Annotated[int, Form()],  # noqa: N803 - theirs, as are the others
    flowTotalChunks: Annotated[int, Form()],  # noqa: N803
    flowTotalSize: Annotated[int, Form()],  # noqa: N803
    flowFilename: Annotated[str, Form()] = "",  # noqa: N803
    flowIdentifier: Annotated[str, Form()] = "",  # noqa: N803
    flowRelativePath: Annotated[str, Form()] = "",  # noqa: N803
) -> dict[str, str]:
    """Take a chunk of a file; with the last one it is put together. The first one refuses a file that is there."""
    if not (flowFilename and flowIdentifier and flowRelativePath) or flowTotalSize < 0:
        raise Refusal(400, 110042, "ResumableInfo is invalid")
    destination = place(cluster, project_id, path) / flowFilename
    staging = destination.with_name(f"{flowFilename}.temp")
    with cluster.lock:
        if destination.exists() and (flowChunkNumber == 1 or not staging.exists()):
            raise Refusal(400, 110012, "Destination already exists.", f"path: {path}/{flowFilename}")
        staging.mkdir(parents=True, exist_ok=True)
        if flowChunkNumber == 1:
            destination.touch()
        (staging / str(flowChunkNumber)).write_bytes(file.file.read())
        chunks = sorted(staging.iterdir(), key=lambda chunk: int(chunk.name))
        if len(chunks) < flowTotalChunks:
            return {"successMessage": "Uploading..."}
        with destination.open("wb") as whole:
            for chunk in chunks:
                whole.write(chunk.read_bytes())
        shutil.rmtree(staging)
    return {"successMessage": f"Successfuly uploaded file to {path}"}


@router.get("/{path:path}")
def look(  # noqa: PLR0913, PLR0917 - as many as it has
    cluster: The, project_id: int, path: str, action: str = "stat", offset: int = 0, limit: int = 1000
) -> dict[str, Any]:
    """Return what is at a path, or what is in a folder."""
    # A name node answers from one state of the tree: what goes meanwhile is in the list or is not.
    with cluster.lock:
        found = existing(cluster, project_id, path)
        if action == "stat":
            kind = {"datasetType": "DATASET"} if found.parent == cluster.datasets else {}
            return {**kind, "attributes": _attributes(cluster, found)}
        if not found.is_dir():
            raise Refusal(400, 110019, "Requested path is not a directory")
        inside = sorted(found.iterdir())
        items = [{"attributes": _attributes(cluster, each)} for each in inside[offset : offset + limit]]
    return {"count": len(inside), "items": items}


@router.post("/{path:path}", status_code=201)
def make(cluster: The, project_id: int, path: str, action: str = "create") -> dict[str, Any]:
    """Make a folder: in one that is there, and none that is there already."""
    if action != "create":
        raise Refusal(404, 110000, f"the stand-in knows no action {action}")
    folder = place(cluster, project_id, path)
    with cluster.lock:
        try:
            folder.mkdir()
        except FileExistsError:
            said = "A sub-directory with the same name already exists."
            raise Refusal(400, 110047, said, f"path: {path}") from None
        except FileNotFoundError:
            said = "An argument was not provided or it was malformed."
            raise Refusal(422, 120002, said, f"no parent: {path}") from None
        return {"attributes": _attributes(cluster, folder)}


@router.delete("/{path:path}", status_code=204)
def delete(cluster: The, project_id: int, path: str) -> None:
    """Delete a file, or a folder with all that is in it."""
    with cluster.lock:
        remove(place(cluster, project_id, path))


def remove(found: Path) -> None:
    """Delete a file, or a folder with all that is in it; one that is not there cannot be deleted."""
    if found.is_dir():
        shutil.rmtree(found)
    elif found.exists():
        found.unlink()
    else:
        raise Refusal(500, 110007, "File/Dir could not be deleted.", f"path: {found.name}")


def place(cluster: Cluster, project_id: int, path: str) -> Path:
    """Return where the file or folder is on this disk that the client calls ``/Projects/<project>/<path>`` or `path`.

    Raises
    ------
    Refusal
        If it is in no dataset of the project.
    """
    check_project(project_id)
    for name in DATASETS:
        (cluster.datasets / name).mkdir(parents=True, exist_ok=True)
    parts = [part for part in PurePosixPath(path).parts if part != "/"]
    if parts[:1] == ["Projects"]:
        parts = parts[2:] if parts[1:2] == [cluster.project] else []
    if not parts or ".." in parts or not (cluster.datasets / parts[0]).is_dir():
        raise Refusal(400, 110011, "DataSet not found.", f"path: {path}")
    return cluster.datasets.joinpath(*parts)


def existing(cluster: Cluster, project_id: int, path: str) -> Path:
    """Return `place`, which must be there."""
    found = place(cluster, project_id, path)
    if not found.exists():
        raise Refusal(400, 110018, "Path not found")
    return found


def _attributes(cluster: Cluster, found: Path) -> dict[str, Any]:
    status = found.stat()
    return {
        "name": found.name,
        "path": f"/Projects/{cluster.project}/{found.relative_to(cluster.datasets).as_posix()}",
        "dir": found.is_dir(),
        "size": status.st_size if found.is_file() else 0,
        "modificationTime": int(status.st_mtime * 1000),
        "owner": USERNAME,
        "permission": "rwxrwx---",
        "underConstruction": False,
    }
