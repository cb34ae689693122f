"""What a Hugging Face Space runs: the app, where Hugging Face looks for it, with what the Space knows of itself."""

from __future__ import annotations

import os

from segue.console import run

PORT = 7860
PROXIES = "10.0.0.0/8"
"""Where the servers of Hugging Face are that stand in front of a Space, and that alone can reach it."""


def main() -> None:
    """Serve the app."""
    os.environ.setdefault("SEGUE_TRUSTED_PROXIES", PROXIES)
    if host := os.environ.get("SPACE_HOST"):
        # Login works on the Space's own address, not in the frame.
        os.environ.setdefault("SPOTIFY_REDIRECT_URI", f"https://{host}/auth/callback")

    from app.server import serve
    from segue.settings import load_settings

    serve(load_settings(), "0.0.0.0", PORT)  # noqa: S104 - Hugging Face reaches it from outside of its container


if __name__ == "__main__":
    run(main)
