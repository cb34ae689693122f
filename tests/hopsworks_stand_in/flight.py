"""Reading: Arrow Flight on port 5005, entered with the certificate that the login hands out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Thread
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from deltalake import DeltaTable
from deltalake.exceptions import TableNotFoundError
from pyarrow import flight

from hopsworks_stand_in.papers import Papers
from hopsworks_stand_in.query import sign, table_of
from hopsworks_stand_in.state import Call, Cluster

PORT = 5005
HEADERS = "headers"


class Headers(flight.ServerMiddleware):
    """The headers that a call came with."""

    def __init__(self, headers: dict[str, list[Any]]) -> None:
        self.headers = headers


class KeepsHeaders(flight.ServerMiddlewareFactory):
    """Hands each call its headers."""

    def start_call(self, info: Any, headers: dict[str, list[Any]]) -> Headers:  # noqa: ARG002
        """Return the headers of one call."""
        return Headers(headers)


class QueryService(flight.FlightServerBase):
    """Answers signed orders from the tables of a cluster."""

    def __init__(self, cluster: Cluster, papers: Papers) -> None:
        self.cluster = cluster
        super().__init__(
            f"grpc+tls://{cluster.host}:{PORT}",
            tls_certificates=[papers.server],
            verify_client=True,
            root_certificates=papers.authority.encode("ascii"),
            middleware={HEADERS: KeepsHeaders()},
        )

    def list_actions(self, context: flight.ServerCallContext) -> list[tuple[str, str]]:  # noqa: ARG002
        """Return what it can do beside reading."""
        return [("healthcheck", "whether it is there"), ("get-version", "its version")]

    def do_action(self, context: flight.ServerCallContext, action: flight.Action) -> Iterator[bytes]:  # noqa: ARG002
        """Say that it is there, or which version it is."""
        self._record(action.type)
        yield {"healthcheck": b"ok", "get-version": b"1.0.0"}[action.type]

    def get_flight_info(self, context: flight.ServerCallContext, order: flight.FlightDescriptor) -> flight.FlightInfo:  # noqa: ARG002
        """Return where the answer to an order is: here."""
        endpoint = flight.FlightEndpoint(order.command, [])
        return flight.FlightInfo(pa.schema([]), order, [endpoint], -1, -1)

    def do_get(self, context: flight.ServerCallContext, ticket: flight.Ticket) -> flight.RecordBatchStream:
        """Return the rows that an order asks for, if its signature is right."""
        text = ticket.ticket.decode("utf-8")
        order = json.loads(text)
        signature = context.get_middleware(HEADERS).headers.get("hopsworks-signature", [""])[0]
        if signature != sign(text):
            raise flight.FlightUnauthenticatedError("the signature does not fit")
        self._record(order["group"], text)
        try:
            table = DeltaTable(table_of(self.cluster, order))
        except TableNotFoundError:
            raise flight.FlightServerError(f"No delta logs found for {order['group']}. Details: none") from None
        rows = table.to_pyarrow_dataset().to_table(order["columns"], _condition(table, order["where"]))
        return flight.RecordBatchStream(rows)

    def _record(self, what: str, order: str = "") -> None:
        fault = self.cluster.next_fault(f"FLIGHT {what}")
        self.cluster.calls.append(Call("FLIGHT", what, order, 503 if fault else 200))
        if fault is not None:
            raise flight.FlightServerError(fault.refusal.message if fault.refusal else "Internal error")


@contextmanager
def reading(cluster: Cluster, papers: Papers) -> Iterator[None]:
    """Serve reads beside the REST API."""
    service = QueryService(cluster, papers)
    thread = Thread(target=service.serve)
    thread.start()
    try:
        yield
    finally:
        service.shutdown()
        thread.join()


def _condition(table: DeltaTable, where: list[dict[str, Any]]) -> pc.Expression | None:
    schema = pa.schema(table.schema().to_arrow())
    found = None
    for each in where:
        column = each["column"]
        # Values come as text, whatever the column is: a real cluster puts them into SQL.
        values = pa.array([str(value) for value in each["values"]], pa.string()).cast(schema.field(column).type)
        condition = pc.field(column).isin(values)
        found = condition if found is None else found & condition
    return found
