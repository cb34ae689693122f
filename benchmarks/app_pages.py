"""How soon a page of the app is seen, and can be used, in a cold browser: ``python -m benchmarks.app_pages ADDRESS``.

The app must be running there. Every page is opened several times, each time in a browser that has seen nothing; the
medians are printed. A page can be used when its heading is there and the network has been quiet for half a second,
which is not counted.
"""

from __future__ import annotations

import shutil
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

import httpx
from playwright.sync_api import sync_playwright

from segue.console import print_table, run

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = ("/", "/playlists", "/songs", "/status")
TIMES = 5
PEOPLE = 50
QUIET = 0.5
PAINT = "performance.getEntriesByName('first-contentful-paint')[0].startTime"


def seen_and_usable(browser: Browser, address: str) -> tuple[float, float]:
    """Return the seconds until something is seen at an address, and until it can be used."""
    context = browser.new_context()
    page = context.new_page()
    began = time.perf_counter()
    page.goto(address)
    page.get_by_role("heading", level=1).wait_for()
    page.wait_for_load_state("networkidle")
    usable = time.perf_counter() - began - QUIET
    seen = page.evaluate(PAINT) / 1000
    context.close()
    return seen, usable


def ask(address: str) -> float:
    """Search a song and ask for what goes with it, as a program does; return the seconds that both took."""
    began = time.perf_counter()
    with httpx.Client(base_url=f"{address}/api/v1", timeout=60) as client:
        found = client.get("/search", params={"q": "love", "limit": 5}).raise_for_status().json()["songs"]
        seeds = [song["track_id"] for song in found]
        client.post("/recommendations", json={"seeds": seeds}).raise_for_status()
    return time.perf_counter() - began


def main() -> None:
    """Measure every page, and many people at once."""
    address = sys.argv[1].rstrip("/")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
        rows = []
        for path in PAGES:
            measured = [seen_and_usable(browser, address + path) for _ in range(TIMES)]
            seen, usable = (statistics.median(column) for column in zip(*measured, strict=True))
            rows.append((path, f"{seen:.2f} s", f"{usable:.2f} s"))
        browser.close()
    print_table(f"Pages in a cold browser, medians of {TIMES}", ("page", "seen after", "usable after"), rows)
    alone = statistics.median(ask(address) for _ in range(TIMES))
    with ThreadPoolExecutor(PEOPLE) as pool:
        took = sorted(pool.map(ask, [address] * PEOPLE))
    print_table(
        f"{PEOPLE} people search and ask for recommendations at once; none of them got an error",
        ("one person", "of fifty the median", "the slowest", "slowest / one person"),
        [(*(f"{each:.2f} s" for each in (alone, took[PEOPLE // 2], took[-1])), f"{took[-1] / alone:.1f}")],
    )


if __name__ == "__main__":
    run(main)
