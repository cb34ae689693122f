"""The SQL that every relational home understands; only names out of the schemas stand in it, values are bound."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from segue.errors import StoreError
from segue.groups import FeatureGroup, Kind
from segue.store.base import Where


def table_name(group: FeatureGroup) -> str:
    """Return the name of a group's table: another version of the group has a table of its own."""
    return f"{group.name}_{group.version}"


def create(group: FeatureGroup, types: Mapping[Kind, str], options: str) -> str:
    """Return the statement that makes a group's table, with columns of these SQL types."""
    columns = [
        f'"{name}" {types[column.kind]}{"" if column.nullable else " NOT NULL"}'
        for name, column in group.columns.items()
    ]
    keys = f"PRIMARY KEY ({_list(group.primary_key)})"
    return f"CREATE TABLE {_table(group)} ({', '.join([*columns, keys])}){options}"


def upsert(group: FeatureGroup) -> str:
    """Return the statement that brings a row, its values bound in the order of the columns, into a group's table."""
    return _upsert(group, f"VALUES ({', '.join(f'${number + 1}' for number in range(len(group.columns)))})")


def upsert_staged(group: FeatureGroup) -> str:
    """Return the statement that brings the rows of the temporary table `staging` into a group's table."""
    return _upsert(group, f"SELECT {_list(group.columns)} FROM staging ORDER BY {_list(group.primary_key)}")


def _upsert(group: FeatureGroup, rows: str) -> str:
    updates = ", ".join(f'"{name}" = excluded."{name}"' for name in group.columns if name not in group.primary_key)
    return (
        f"INSERT INTO {_table(group)} ({_list(group.columns)}) {rows} "
        f"ON CONFLICT ({_list(group.primary_key)}) DO UPDATE SET {updates}"
    )


def select(group: FeatureGroup, names: Sequence[str], condition: str) -> str:
    """Return the statement that reads columns, ordered by primary key."""
    return f"SELECT {_list(names)} FROM {_table(group)}{condition} ORDER BY {_list(group.primary_key)}"


def update(group: FeatureGroup, names: Iterable[str], condition: str) -> str:
    """Return the statement that sets columns to the first parameters."""
    terms = ", ".join(f'"{name}" = ${number}' for number, name in enumerate(names, 1))
    return f"UPDATE {_table(group)} SET {terms}{condition}"


def delete(group: FeatureGroup, condition: str) -> str:
    """Return the statement that deletes rows."""
    return f"DELETE FROM {_table(group)}{condition}"


def where_clause(group: FeatureGroup, where: Where | None, first: int = 1) -> tuple[str, list[tuple[Kind, list[Any]]]]:
    """Return the clause for `where` (empty for None), and what to bind: the values for each column with its kind.

    Parameters
    ----------
    first : int
        Number of the first parameter.

    Raises
    ------
    StoreError
        If a column is not one of the group's.
    """
    if where is None:
        return "", []
    terms: list[str] = []
    bound: list[tuple[Kind, list[Any]]] = []
    for name, wanted in where.items():
        if name not in group.columns:
            raise StoreError(f"feature group {group.name!r} has no column {name!r}")
        accepted: list[str | int | datetime] = [wanted] if isinstance(wanted, str | int) else list(wanted)
        numbers = range(first, first + len(accepted))
        # Nothing is IN an empty list, which PostgreSQL does not parse.
        terms.append(f'"{name}" IN ({", ".join(f"${number}" for number in numbers)})' if accepted else "false")
        bound.append((group.columns[name].kind, accepted))
        first += len(accepted)
    return f" WHERE {' AND '.join(terms)}", bound


def _table(group: FeatureGroup) -> str:
    return f'"{table_name(group)}"'


def _list(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)
