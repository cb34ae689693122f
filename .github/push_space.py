"""Make a Space hold exactly what a folder holds: `HF_TOKEN=… python push_space.py FOLDER OWNER/SPACE TITLE`.

In one commit, whole or not at all: `hf upload` makes several of so many files, and the Space would be built from each.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from huggingface_hub import CommitOperationAdd, CommitOperationDelete, HfApi
from huggingface_hub.errors import HfHubHTTPError

KEPT = {".gitattributes"}
"""Made by Hugging Face: it says how its own storage keeps large files."""


def push(folder: Path, space: str, title: str) -> str:
    """Push a folder, and return the address of the commit; the Space is made if it is not there."""
    api = HfApi(token=os.environ["HF_TOKEN"])
    api.create_repo(space, repo_type="space", space_sdk="gradio", exist_ok=True)
    files = {path.relative_to(folder).as_posix(): path for path in sorted(folder.rglob("*")) if path.is_file()}
    gone = set(api.list_repo_files(space, repo_type="space")) - files.keys() - KEPT
    operations = [
        *(CommitOperationAdd(name, path) for name, path in files.items()),
        *(CommitOperationDelete(name) for name in sorted(gone)),
    ]
    return str(api.create_commit(space, operations, commit_message=title, repo_type="space").commit_url)


if __name__ == "__main__":
    try:
        print(push(Path(sys.argv[1]), *sys.argv[2:4]))
    except HfHubHTTPError as error:
        # The first line says what was refused; nothing of it is secret.
        sys.exit(f"error: Hugging Face refused it: {str(error).splitlines()[0]}; may HF_TOKEN write to {sys.argv[2]}?")
