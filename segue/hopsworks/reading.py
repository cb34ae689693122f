"""Reading feature groups through Arrow Flight, with as much of the conditions as the server can take over."""

from __future__ import annotations

import re
import socket
from collections.abc import Sequence
from functools import reduce
from operator import and_
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc

from segue.errors import StoreError
from segue.groups import FeatureGroup
from segue.hopsworks.groups import STORED, empty
from segue.store.arrow import encode_values
from segue.store.base import Where

FLIGHT_PORT = 5005
CONNECTING = 10.0
"""Seconds to wait for Arrow Flight; the client itself tries for half a minute."""

PLAIN = re.compile(r"[\w.:-]{1,200}", re.ASCII)
MOST_VALUES = 500
NOTHING_YET = ("No delta logs found", "No commits found", "No data found")
"""What the server says of a group that was registered by somebody who was killed before their first row."""


def check_query_service() -> None:
    """Raise a StoreError if reading cannot work: the server has no Arrow Flight, or the network is closed for it."""
    from hopsworks_common.core.variable_api import VariableApi

    variables = VariableApi()
    host = variables._get_loadbalancer_external_domain("feature_query")  # noqa: SLF001 - there is no other way to ask
    try:
        socket.create_connection((host, FLIGHT_PORT), CONNECTING).close()
    except OSError as error:
        raise StoreError(
            f"cannot read from Hopsworks: its query service at {host}:{FLIGHT_PORT} cannot be reached ({error});"
            " let this machine make connections to that port"
        ) from error


def read_rows(group: FeatureGroup, there: Any, names: Sequence[str], where: Where) -> pa.Table:
    """Return columns of the rows that meet `where`, in no order.

    Parameters
    ----------
    group : FeatureGroup
    there : hsfs.feature_group.FeatureGroup
        The same on the server; its id is None if it is not there yet.
    names : sequence of str
    where : mapping
    """
    from hsfs.client.exceptions import FeatureStoreException

    needed = list(dict.fromkeys([*names, *where]))
    if there.id is None or not all(values_of(wanted) for wanted in where.values()):
        return empty(group, names)
    query = there.select(needed)
    conditions = [
        there[column].isin(values) if len(values) > 1 else there[column] == values[0]
        for column, values in ((column, values_of(wanted)) for column, wanted in where.items())
        if _server_can_check(values)
    ]
    if conditions:
        query = query.filter(reduce(and_, conditions))
    try:
        with query.read_batches() as batches:
            found = list(batches)
    except FeatureStoreException as error:
        if str(error).startswith(NOTHING_YET):
            return empty(group, names)
        raise
    except AttributeError as error:
        # The client misses a field that it sets when its first connection succeeds.
        raise StoreError(
            f"cannot read from Hopsworks: its query service, port {FLIGHT_PORT}, does not answer as it should;"
            " run this again later"
        ) from error
    rows = pa.Table.from_batches(found) if found else empty(group, needed)
    return _those_that_meet(group, rows, where).select(list(names))


def values_of(wanted: Any) -> list[Any]:
    """Return the values that a condition accepts."""
    return [wanted] if isinstance(wanted, str | int) else list(wanted)


def _server_can_check(values: Sequence[Any]) -> bool:
    """Return whether the server surely understands a condition as it is meant.

    It makes SQL of it, and texts of times to the second: so ids and numbers only, and not too many.
    """
    if len(values) > MOST_VALUES:
        return False
    return all(isinstance(value, str) and PLAIN.fullmatch(value) for value in values) or all(
        isinstance(value, int) and not isinstance(value, bool) for value in values
    )


def _those_that_meet(group: FeatureGroup, rows: pa.Table, where: Where) -> pa.Table:
    for column, wanted in where.items():
        kind = group.columns[column].kind
        accepted = encode_values(kind, values_of(wanted), STORED)
        rows = rows.filter(pc.is_in(rows[column].cast(STORED[kind]), accepted))
    return rows
