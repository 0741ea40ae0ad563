"""SQL about the vectors in PostgreSQL: one table for each encoder."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from pgvector.sqlalchemy import HALFVEC
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import ProgrammingError
from sqlalchemy.orm import Session

Halves = NDArray[np.float16]
Numbers = NDArray[np.int64]
Table = sa.Table

EXTENSION = "vector"
LEAST_VERSION = (0, 7)
"""Of the extension: the first that keeps vectors in half floats."""
LOCK = 7316
KEPT_FOR = timedelta(days=1)
"""How long vectors that no index holds stay: for workers that are behind, and for drafts."""
SURE_FOR = KEPT_FOR / 2
"""What is older may be gone before it is read; it counts as missing, and comes back when it is made."""
HEADER = 4
"""Bytes before the half floats of a vector as it is sent."""
_NUMBERS = postgresql.ARRAY(sa.BigInteger)


class NotPermittedError(Exception):
    """The database's role may not install the extension; the text is the database's own."""


def name_of(encoder: str) -> str:
    return "faq_vectors_" + hashlib.sha256(encoder.encode()).hexdigest()[:12]


def table_of(encoder: str, width: int) -> Table:
    """`encoder` tells two encoders' vectors apart, of `width` components."""
    return sa.Table(
        name_of(encoder),
        sa.MetaData(),
        sa.Column("number", sa.BigInteger, sa.Identity(always=True), primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False, unique=True),
        sa.Column("vector", HALFVEC(width), nullable=False),
        sa.Column("unused_since", sa.DateTime(timezone=True)),
    )


def installed(session: Session) -> str | None:
    """The extension's version in this database."""
    return _version(session, "extversion FROM pg_extension WHERE extname")


def available(session: Session) -> str | None:
    """The version that the server could bring."""
    return _version(session, "default_version FROM pg_available_extensions WHERE name")


def _version(session: Session, where: str) -> str | None:
    found = session.scalar(sa.text(f"SELECT {where} = '{EXTENSION}'"))
    return None if found is None else str(found)


def install(session: Session) -> None:
    """For the database's owner on most servers; a superuser's right on some."""
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))  # workers start at once
    try:
        session.execute(sa.text(f"CREATE EXTENSION IF NOT EXISTS {EXTENSION}"))
    except ProgrammingError as error:
        raise NotPermittedError(str(error.orig).splitlines()[0].rpartition(": ")[2]) from error


def create(session: Session, table: Table) -> None:
    # Not by a migration: that runs once, perhaps long before the extension is there, and knows
    # neither the encoder nor its width; and all of it can be made again. So there is no index for
    # searching either: see `app.faq.shared_vectors`.
    session.execute(sa.select(sa.func.pg_advisory_xact_lock(LOCK)))
    table.metadata.create_all(session.connection())


def find(session: Session, table: Table, keys: Sequence[bytes]) -> dict[bytes, int]:
    sure = sa.or_(table.c.unused_since.is_(None), table.c.unused_since > sa.func.now() - SURE_FOR)
    found = session.execute(
        sa.select(table.c.key, table.c.number).where(
            table.c.key
            == sa.any_(sa.bindparam("keys", list(keys), postgresql.ARRAY(sa.LargeBinary))),
            sure,
        )
    )
    return {row.key: row.number for row in found}


def add(session: Session, table: Table, made: Mapping[bytes, Halves]) -> None:
    insert = postgresql.insert(table)
    revived = insert.on_conflict_do_update(index_elements=["key"], set_={"unused_since": None})
    rows = [{"key": key, "vector": row} for key, row in sorted(made.items())]  # no deadlock
    session.execute(revived, rows)


def rows(session: Session, table: Table, numbers: Numbers) -> tuple[Numbers, bytes]:
    """Those that are there, and their vectors as they are sent, one after the other."""
    sent = sa.func.halfvec_send(table.c.vector, type_=sa.LargeBinary)
    by_number = sa.func.array_agg(postgresql.aggregate_order_by(table.c.number, table.c.number))
    nothing = postgresql.aggregate_order_by(sa.literal(b"", sa.LargeBinary), table.c.number)
    joined = sa.func.string_agg(sent, nothing)
    found, vectors = _there(session, sa.select(by_number, joined), table, numbers)
    return np.asarray(found or [], dtype=np.int64), vectors or b""


def products(
    session: Session, table: Table, asked: Halves, numbers: Numbers
) -> tuple[Numbers, NDArray[np.float32]]:
    """Of those that are there, each with `asked`."""
    product = -table.c.vector.max_inner_product(asked)
    products = sa.select(sa.func.array_agg(table.c.number), sa.func.array_agg(product))
    found, near = _there(session, products, table, numbers)
    return np.asarray(found or [], dtype=np.int64), np.asarray(near or [], dtype=np.float32)


def keep(session: Session, table: Table, numbers: Numbers) -> None:
    """Those are in use; the others are not, and go when that has been so for long."""
    given = sa.bindparam("numbers", numbers.tolist(), _NUMBERS)
    used = sa.func.unnest(given).column_valued("used")
    is_used = sa.exists().where(used == table.c.number)
    since = table.c.unused_since
    session.execute(
        table.update().where(since.is_(None), ~is_used).values(unused_since=sa.func.now())
    )
    session.execute(table.update().where(since.is_not(None), is_used).values(unused_since=None))
    session.execute(table.delete().where(since < sa.func.now() - KEPT_FOR))


def count(session: Session, encoder: str) -> int:
    name = name_of(encoder)
    if not sa.inspect(session.connection()).has_table(name):
        return 0
    return session.scalar(sa.select(sa.func.count()).select_from(sa.table(name))) or 0


def _there(
    session: Session, query: sa.Select[Any], table: Table, numbers: Numbers
) -> tuple[Any, Any]:
    """What `query` aggregates of those rows; nothing where somebody has dropped the table."""
    asked = sa.bindparam("numbers", numbers.tolist(), _NUMBERS)
    try:
        numbers_there, values = session.execute(query.where(table.c.number == sa.any_(asked))).one()
    except ProgrammingError:
        return None, None
    return numbers_there, values
