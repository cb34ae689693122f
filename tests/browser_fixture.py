"""The app in a process of its own over a finished `var`, and people who visit it in real browsers.

A test module asks for these with ``pytest_plugins = ("browser_fixture",)``. No two test modules have one name, in
whatever folder they are. The helpers, `log_in` and `violations` among them, are in `browsing`.

`site` : the app being served, with the sandbox for its Spotify; one for each test module.
`browse` : opens a browser of its own for a new visitor, and returns its page: ``browse("dark", 390)``.
`trouble` : what browsers complained about; a test fails at its end where something is in it. One that provokes a
complaint looks at it and clears the list.
"""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Literal

import pytest
from browsing import Browse, Site, serving_site, surroundings, watch
from filelock import FileLock
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

SEGUE = [sys.executable, "-m", "segue"]
NOWHERE = "http://127.0.0.1:9"
OFFLINE = {"HF_ENDPOINT": NOWHERE, "HTTPS_PROXY": NOWHERE, "https_proxy": NOWHERE}
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
QUIET += ["--disable-component-update", "--disable-sync"]
HEIGHT = 900
# Milliseconds after which something will never come: other tests need the processors, too.
PATIENCE = 60_000
expect.set_options(timeout=PATIENCE)


@pytest.fixture(scope="session")
def finished_var(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """Return a `var` of the made-up catalog, as the first night leaves it: built once, by whichever worker is first."""
    base = tmp_path_factory.getbasetemp()
    # Beside the folders of all workers of this run.
    folder = (base if worker_id == "master" else base.parent) / "finished"
    with FileLock(folder.with_suffix(".lock")):
        if not folder.exists():
            aside = folder.with_suffix(".unfinished")
            aside.mkdir()
            command = [*SEGUE, "sandbox", "--", *SEGUE, "nightly"]
            variables = {**surroundings(aside / "var"), **OFFLINE}
            subprocess.run(command, check=True, capture_output=True, cwd=aside, env=variables, timeout=900)
            aside.rename(folder)
    return folder / "var"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, finished_var: Path) -> Iterator[Site]:
    """Serve the app over a copy of its own of the finished `var`."""
    var = tmp_path_factory.mktemp("site") / "var"
    shutil.copytree(finished_var, var)
    with serving_site(var) as served:
        yield served


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Start the Chromium that belongs to Playwright, or else Debian's, or whatever else of its kind is there."""
    # No longer than for a module: while Playwright runs, nothing else in this process can have an event loop.
    with sync_playwright() as playwright:
        installed = map(
            shutil.which, (playwright.chromium.executable_path, "chromium", "chromium-browser", "google-chrome")
        )
        found = next(filter(None, installed), None)
        if found is None:
            pytest.skip("no Chromium is installed: apt-get install chromium")
        started = playwright.chromium.launch(executable_path=found, args=QUIET)
        yield started
        started.close()


@pytest.fixture
def trouble() -> Iterator[list[str]]:
    """Return the list of what browsers complained about; it must be empty at the end of a test."""
    complaints: list[str] = []
    yield complaints
    assert complaints == []


@pytest.fixture
def browse(browser: Browser, site: Site, trouble: list[str], request: pytest.FixtureRequest) -> Iterator[Browse]:
    """Return what opens a browser for a new visitor: no cookie of anybody else is in it."""
    contexts: list[BrowserContext] = []

    def open_browser(scheme: Literal["light", "dark"] = "light", width: int = 1280) -> Page:
        context = browser.new_context(
            base_url=site.address, color_scheme=scheme, viewport={"width": width, "height": HEIGHT}
        )
        context.set_default_timeout(PATIENCE)
        contexts.append(context)
        page = context.new_page()
        watch(page, site.address, trouble)
        return page

    yield open_browser
    folder: Path | None = request.config.getoption("--screenshots")
    for number, context in enumerate(contexts):
        if folder is not None:
            name = re.sub(r"[^\w-]+", "-", f"{request.node.name}-{number}").strip("-")
            context.pages[0].screenshot(path=request.config.rootpath / folder / f"{name}.png", full_page=True)
        context.close()
