"""An application served over HTTP, beside the test."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import uvicorn
from fastapi import FastAPI


@contextmanager
def serving(make: Callable[[str], FastAPI], **options: Any) -> Iterator[str]:
    """Serve what `make` returns for the address that it is given, and return that address.

    Parameters
    ----------
    make : callable
    **options
        Of uvicorn, beside those that keep it quiet.
    """
    with socket.create_server(("127.0.0.1", 0)) as listening:
        address = f"http://127.0.0.1:{listening.getsockname()[1]}"
        config = uvicorn.Config(make(address), log_config=None, ws="none", lifespan="off", **options)
        server = uvicorn.Server(config)
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            yield address
        finally:
            server.should_exit = True
            thread.join()
