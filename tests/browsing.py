"""What tests in a real browser work with; the fixtures are in `browser_fixture`."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from conftest import ROOT
from playwright.sync_api import ConsoleMessage, Page, Request

from segue.sandbox.address import environment, with_environment
from segue.sandbox.people import PEOPLE
from segue.sandbox.server import Sandbox, serving
from segue.settings import Settings
from segue.store import FeatureStore, open_store

SERVE = (
    "import socket, sys; from app.server import serve_on; from segue.settings import load_settings; "
    "serve_on(load_settings(), socket.socket(fileno=int(sys.argv[1])))"
)
WCAG = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]

Browse = Callable[..., Page]


@dataclass(frozen=True)
class Site:
    """The app that is being served.

    Attributes
    ----------
    address : str
        Where, without a slash at its end.
    settings : Settings
        Those of the app.
    store : FeatureStore
        The app's store.
    sandbox : Sandbox
        The app's Spotify.
    """

    address: str
    settings: Settings
    store: FeatureStore
    sandbox: Sandbox


@contextmanager
def serving_site(var: Path, **changes: str) -> Iterator[Site]:
    """Serve the sandbox here, and the app over `var` in a process of its own, with `changes` to its environment."""
    with serving(Settings(SEGUE_VAR=var)) as sandbox, socket.create_server(("127.0.0.1", 0)) as listening:
        # Whoever calls before the app is ready waits.
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        redirect = {"SPOTIFY_REDIRECT_URI": f"{address}/auth/callback"}
        at_sandbox = {**environment(sandbox.port), **redirect, **changes}
        command = [sys.executable, "-c", SERVE, str(listening.fileno())]
        variables = {**surroundings(var), **at_sandbox, "PYTHONPATH": str(ROOT)}
        with subprocess.Popen(command, env=variables, cwd=var, pass_fds=[listening.fileno()]) as process:
            settings = with_environment(sandbox.settings, at_sandbox)
            yield Site(address, settings, open_store(settings.store_url), sandbox)
            process.terminate()


def log_in(page: Page, listener: str = "juniper") -> None:
    """Go through the login as a listener of the sandbox, by the clicks of a person."""
    name = next(person.name for person in PEOPLE if person.user_id == listener)
    page.goto("/account")
    page.get_by_role("link", name="Log in with Spotify").click()
    page.get_by_role("link", name=name).click()
    page.wait_for_url("**/account")


def violations(page: Page) -> list[str]:
    """Return what axe finds on a page, a line for each element."""
    found = Axe().run(page, options={"runOnly": WCAG}).response["violations"]
    return [
        f"{rule['id']}: {node['html'][:200]} ({node['failureSummary']})" for rule in found for node in rule["nodes"]
    ]


def watch(page: Page, address: str, trouble: list[str]) -> None:
    """Note what no page at `address` may do: complain at the console, fail, or ask another host for something."""

    def said(message: ConsoleMessage) -> None:
        # Browsers report what the content-security policy keeps from happening as an error, too. The sandbox's own
        # pages are not looked at.
        if message.type == "error" and page.url.startswith(address):
            trouble.append(f"{page.url}: {message.text}")

    def asked(request: Request) -> None:
        host = urlsplit(request.url).hostname
        if host not in {"127.0.0.1", None}:
            trouble.append(f"{page.url} asked {host} for {request.url}")

    page.on("console", said)
    page.on("pageerror", lambda error: trouble.append(f"{page.url}: {error}"))
    page.on("request", asked)


def surroundings(var: Path) -> dict[str, str]:
    """Return the environment without any settings of the developer's."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SEGUE_", "SPOTIFY_", "SPACE_"))}
    return {**kept, "SEGUE_VAR": str(var)}
