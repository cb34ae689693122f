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
from typing import TYPE_CHECKING

from playwright.sync_api import sync_playwright

from segue.console import print_table, run

if TYPE_CHECKING:
    from playwright.sync_api import Browser

PAGES = ("/", "/playlists", "/songs", "/status")
TIMES = 5
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


def main() -> None:
    """Measure every page."""
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


if __name__ == "__main__":
    run(main)
