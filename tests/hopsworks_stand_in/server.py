"""The stand-in as a running server: HTTPS, keys and scopes, faults, and the record of every call."""

from __future__ import annotations

import errno
import socket
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from random import randint
from threading import Thread

import pytest
import uvicorn
from fastapi import FastAPI, Request, Response
from fastapi.concurrency import run_in_threadpool
from fastapi.responses import JSONResponse

from hopsworks_stand_in import datasets, feature_groups, models, projects, query
from hopsworks_stand_in.flight import reading
from hopsworks_stand_in.papers import Papers
from hopsworks_stand_in.scopes import scope_for
from hopsworks_stand_in.state import Call, Cluster, Refusal

ROOT = "/hopsworks-api/api"
ROUTERS = (projects.router, query.router, feature_groups.router, models.router, datasets.router)


def application(cluster: Cluster, papers: Papers) -> FastAPI:
    """Return the REST API of `cluster`."""
    app = FastAPI(openapi_url=None)
    app.state.cluster, app.state.papers = cluster, papers
    for router in ROUTERS:
        app.include_router(router, prefix=ROOT)

    @app.exception_handler(Refusal)
    async def refuse(_: Request, refusal: Refusal) -> Response:
        return _answer(refusal)

    @app.middleware("http")
    async def guard(request: Request, proceed: Callable[[Request], Awaitable[Response]]) -> Response:
        path = request.url.path.removeprefix(ROOT)
        call = f"{request.method} {path}"
        fault = cluster.next_fault(call)
        if fault is not None:
            await run_in_threadpool(time.sleep, fault.delay)
        lost = fault.refusal if fault is not None else None
        refusal = _stopped(cluster, request, call) or (lost if fault is not None and not fault.after else None)
        response = _answer(refusal) if refusal else await proceed(request)
        if lost is not None:
            response = _answer(lost)
        cluster.calls.append(Call(request.method, path, request.url.query, response.status_code))
        # One that a client kept would hold up the end of the server for the half minute that TLS allows it.
        response.headers["connection"] = "close"
        return response

    return app


@contextmanager
def serving(folder: Path) -> Iterator[Cluster]:
    """Serve a new cluster that keeps its data in `folder`; ``folder/ca.pem`` is whom its clients must trust."""
    host = loopback_address()
    with listen(host) as listening:
        # Otherwise every answer waits for an acknowledgment of its head, which takes 40 ms.
        listening.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        cluster = Cluster(folder, host, listening.getsockname()[1])
        papers = Papers(host)
        papers.write(folder)
        server = uvicorn.Server(
            uvicorn.Config(
                application(cluster, papers),
                log_config=None,
                ws="none",
                lifespan="off",
                ssl_certfile=str(folder / "server.pem"),
            )
        )
        thread = Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        try:
            with reading(cluster, papers):
                yield cluster
        finally:
            server.should_exit = True
            thread.join()


def loopback_address() -> str:
    """Return one at random: Arrow Flight is on port 5005 everywhere, so that each cluster needs one of its own."""
    return "127." + ".".join(str(randint(1, 254)) for _ in range(3))


def listen(host: str) -> socket.socket:
    """Return a socket that listens at a free port of `host`; where this machine has no such address, skip the test."""
    try:
        return socket.create_server((host, 0))
    except OSError as error:
        if error.errno != errno.EADDRNOTAVAIL:
            raise
        pytest.skip(f"the stand-in for Hopsworks needs all of 127.0.0.0/8, which macOS lacks: no address {host} here")


def _stopped(cluster: Cluster, request: Request, call: str) -> Refusal | None:
    if request.headers.get("authorization") != f"ApiKey {cluster.key}":
        return Refusal(401, 320013, "API key not found in the database")
    scope = scope_for(call)
    if scope is not None and scope not in cluster.scopes:
        return Refusal(403, 320004, "No valid scope found for this invocation")
    return None


def _answer(refusal: Refusal) -> Response:
    content = {"errorCode": refusal.code, "errorMsg": refusal.message, "usrMsg": refusal.details}
    return JSONResponse(content, refusal.status)
