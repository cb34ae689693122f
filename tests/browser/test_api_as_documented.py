"""What docs/api.md tells people to type, at an app over the made-up catalog."""

from __future__ import annotations

import re

import httpx
from browsing import Site
from conftest import ROOT

pytest_plugins = ("browser_fixture",)
EXAMPLE = re.compile(r"curl -s localhost:7860(?P<path>\S+) -H '(?P<header>[^']+)' -d '(?P<body>[^']+)'")


def test_the_example_recommends(site: Site) -> None:
    """Whatever catalog there is: what is not in it is said to be unknown."""
    example = EXAMPLE.search((ROOT / "docs" / "api.md").read_text(encoding="utf-8"))
    assert example is not None
    headers = dict([example["header"].split(": ")])
    found = httpx.post(site.address + example["path"], content=example["body"], headers=headers, timeout=60).json()
    assert len(found["tracks"]) == 20
    assert (found["matched"], len(found["unknown"])) == (1, 2)
    assert all(track["reason"] for track in found["tracks"])
